// veracity models gc: delete half-written versions
import { planModelCleanup } from '../../workflows/storage/index.ts';
import type { Command } from './command.ts';
import { carryOut, readKeep, removalOptions } from './removal-output.ts';

export const modelsGcCommand: Command = {
  name: 'models gc',
  summary: 'delete half-written versions',
  argumentsUsage: '',
  options: [
    ...removalOptions,
    {
      flags: '--keep <n>',
      description: 'also delete versions in no stage, except the newest n of each name',
    },
  ],
  examples: ['veracity models gc', 'veracity models gc --keep 3 --yes'],
  run: async (input, context) =>
    carryOut(await planModelCleanup({ keep: readKeep('models gc', input) }, context), input, context),
};
