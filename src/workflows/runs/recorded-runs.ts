// The runs of a home: list them, show one with its events, evaluations and files.
import { existsSync } from 'node:fs';
import type { EvaluationReport, Run, RunEvent } from '../../foundation/records/index.ts';
import { createRunStore, type RunPaths, type RunSummary } from '../../keeping/runs/index.ts';
import type { WorkflowContext } from '../context/index.ts';

/** A run whose files cannot be read. */
export interface DamagedRun {
  readonly id: string;
  readonly damaged: { readonly code: string; readonly message: string };
}

export interface ListedRuns {
  /** Newest first. */
  readonly runs: readonly RunSummary[];
  readonly damaged: readonly DamagedRun[];
}

export interface ShownRun {
  readonly run: Run;
  readonly summary: RunSummary;
  readonly events: readonly RunEvent[];
  readonly evaluations: readonly EvaluationReport[];
  readonly paths: RunPaths;
  /** Whether the run has exported its model. */
  readonly hasModel: boolean;
}

/** Lists all runs, also those whose files are damaged. */
export async function listRuns({ home, clock }: WorkflowContext): Promise<ListedRuns> {
  const damaged: DamagedRun[] = [];
  const runs = createRunStore(home, clock).list((id, { code, message }) =>
    damaged.push({ id, damaged: { code, message } }),
  );
  return { runs, damaged };
}

/** Loads everything that is recorded of one run. @throws RUN_NOT_FOUND, RECORD_INVALID */
export async function showRun(id: string, { home, clock }: WorkflowContext): Promise<ShownRun> {
  const store = createRunStore(home, clock);
  const summary = store.summarize(id);
  const paths = store.paths(id);
  return {
    run: store.load(id),
    summary,
    events: store.loadEvents(id),
    evaluations: store.loadEvaluations(id),
    paths,
    hasModel: existsSync(paths.model),
  };
}
