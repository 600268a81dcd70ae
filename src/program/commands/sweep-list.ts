// veracity sweep list: the sweeps of this home, newest first.
import { formatDuration } from '../../foundation/core/index.ts';
import { listSweeps } from '../../workflows/sweep-analysis/index.ts';
import type { Command } from './command.ts';
import { formatTable } from './table.ts';

export const sweepListCommand: Command = {
  name: 'sweep list',
  summary: 'list the sweeps of this home, newest first',
  argumentsUsage: '',
  options: [],
  examples: ['veracity sweep list', 'veracity sweep list --json'],
  run: async (_, context) => {
    const sweeps = await listSweeps(context);
    const rows = sweeps.map(({ sweep, status, counts, seconds }) => {
      const { definition } = sweep;
      const { proposed, running, finished, stopped, failed } = counts;
      return [
        sweep.id,
        status,
        definition.name,
        definition.method,
        definition.metric.name,
        `${finished} finished, ${stopped} stopped early, ${failed} failed, ${proposed + running} open`,
        formatDuration(seconds),
      ];
    });
    const text =
      rows.length === 0
        ? 'no sweeps yet; start one with: veracity sweep sweep=learning-rate model=linear'
        : formatTable(['sweep', 'status', 'name', 'method', 'metric', 'trials', 'time'], rows);
    return { json: { sweeps }, text };
  },
};
