// veracity runs delete: delete runs with their logs, checkpoints and exported models
import { planRunDeletion } from '../../workflows/storage/index.ts';
import type { Command } from './command.ts';
import { carryOut, forceOption, readNames, removalOptions } from './removal-output.ts';

export const runsDeleteCommand: Command = {
  name: 'runs delete',
  summary: 'delete runs with their logs, checkpoints and exported models',
  argumentsUsage: '<run...>',
  options: [...removalOptions, forceOption],
  examples: [
    'veracity runs delete run-20260101-000000-abcd',
    'veracity runs delete run-20260101-000000-abcd --yes',
  ],
  run: async (input, context) => {
    const force = input.options.force === true;
    const names = readNames('runs delete', input, 'run id');
    return carryOut(await planRunDeletion(names, { force }, context), input, context);
  },
};
