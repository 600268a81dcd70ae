// veracity runs list: every run with its status and best figures.
import { type ListedRuns, listRuns } from '../../workflows/runs/index.ts';
import type { Command } from './command.ts';
import { formatTable } from './table.ts';

export const runsListCommand: Command = {
  name: 'runs list',
  summary: 'list the runs of this home, newest first',
  argumentsUsage: '',
  options: [],
  examples: ['veracity runs list', 'veracity runs list --json'],
  run: async (_input, context) => {
    const listed = await listRuns(context);
    const { runs, damaged } = listed;
    const none = runs.length + damaged.length === 0;
    return {
      json: [...runs, ...damaged],
      text: none ? `no runs in ${context.home.runs}; create one with: veracity train` : formatRuns(listed),
    };
  },
};

function formatRuns({ runs, damaged }: ListedRuns): string {
  const rows = runs.map((run) => [
    run.id,
    run.status,
    run.model,
    run.datasetVersion,
    `${run.steps}`,
    run.best === null ? '-' : run.best.calibratedLoss.toFixed(4),
    run.best === null ? '-' : run.best.metrics.accuracy.toFixed(4),
    run.test === null ? '-' : run.test.accuracy.toFixed(4),
    run.modelVersion ?? '-',
  ]);
  return formatTable(
    ['run', 'status', 'model', 'dataset', 'steps', 'best loss', 'validation', 'test', 'model version'],
    [...rows, ...damaged.map((run) => [run.id, `damaged (${run.damaged.code})`])],
  );
}
