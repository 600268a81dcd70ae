// veracity runs gc: delete half-written files, and the checkpoints of finished runs
import { planRunCleanup } from '../../workflows/storage/index.ts';
import type { Command } from './command.ts';
import { carryOut, readKeep, removalOptions } from './removal-output.ts';

export const runsGcCommand: Command = {
  name: 'runs gc',
  summary: 'delete half-written files, and the checkpoints of finished runs',
  argumentsUsage: '',
  options: [
    ...removalOptions,
    {
      flags: '--keep <n>',
      description: 'also delete ended runs that no model comes from, except the newest n',
    },
  ],
  examples: ['veracity runs gc', 'veracity runs gc --keep 20 --yes'],
  run: async (input, context) =>
    carryOut(await planRunCleanup({ keep: readKeep('runs gc', input) }, context), input, context),
};
