// veracity data gc: delete half-written files, blobs that no dataset names, and caches of deleted datasets
import { planDataCleanup } from '../../workflows/storage/index.ts';
import type { Command } from './command.ts';
import { carryOut, removalOptions } from './removal-output.ts';

export const dataGcCommand: Command = {
  name: 'data gc',
  summary: 'delete half-written files, blobs that no dataset names, and caches of deleted datasets',
  argumentsUsage: '',
  options: [
    ...removalOptions,
    { flags: '--cache', description: 'also delete the whole cache, which is built again when it is needed' },
  ],
  examples: ['veracity data gc', 'veracity data gc --cache --yes'],
  run: async (input, context) =>
    carryOut(await planDataCleanup({ cache: input.options.cache === true }, context), input, context),
};
