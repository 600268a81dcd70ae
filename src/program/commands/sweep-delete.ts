// veracity sweep delete: delete sweeps with their trials, and with --runs the runs of these.
import { planSweepDeletion } from '../../workflows/storage/index.ts';
import type { Command } from './command.ts';
import { carryOut, forceOption, readNames, removalOptions } from './removal-output.ts';

export const sweepDeleteCommand: Command = {
  name: 'sweep delete',
  summary: 'delete sweeps with their trials; their runs stay',
  argumentsUsage: '<sweep...>',
  options: [
    ...removalOptions,
    { flags: '--runs', description: 'also delete the runs of the trials' },
    forceOption,
  ],
  examples: [
    'veracity sweep delete sweep-20260101-000000-abcd',
    'veracity sweep delete sweep-20260101-000000-abcd --runs --yes',
  ],
  run: async (input, context) => {
    const { runs, force } = input.options;
    const names = readNames('sweep delete', input, 'sweep');
    const plan = await planSweepDeletion(names, { runs: runs === true, force: force === true }, context);
    return carryOut(plan, input, context);
  },
};
