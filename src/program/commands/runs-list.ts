// veracity runs list: every run with its status and best figures.
import { createRunStore, type RunSummary } from '../../keeping/runs/index.ts';
import type { Command } from './command.ts';
import { formatTable } from './table.ts';

export const runsList: Command = {
  name: 'runs list',
  summary: 'list the runs of this home, newest first',
  argumentsUsage: '',
  options: [],
  examples: ['veracity runs list', 'veracity runs list --json'],
  run: async (_input, { home, clock }) => {
    const damaged: DamagedRun[] = [];
    const runs = createRunStore(home, clock).list((id, { code, message }) =>
      damaged.push({ id, damaged: { code, message } }),
    );
    const none = runs.length + damaged.length === 0;
    return {
      json: [...runs, ...damaged],
      text: none ? `no runs in ${home.runs}; make one with: veracity train` : format(runs, damaged),
    };
  },
};

/** A run whose files cannot be read. */
interface DamagedRun {
  readonly id: string;
  readonly damaged: { readonly code: string; readonly message: string };
}

function format(runs: readonly RunSummary[], damaged: readonly DamagedRun[]): string {
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
