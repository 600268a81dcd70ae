// The sweeps of a home: list them, show one with its trials.
import type { Trial } from '../../foundation/records/index.ts';
import type { SweepSummary } from '../../keeping/sweeps/index.ts';
import type { WorkflowContext } from '../context/index.ts';
import { rankTrials } from './trial-history.ts';

export interface ShownSweep {
  readonly summary: SweepSummary;
  /** By number. */
  readonly trials: readonly Trial[];
  /** null: no trial has finished. */
  readonly best: Trial | null;
}

/** Newest first. */
export function listSweeps({ stores }: WorkflowContext): Promise<SweepSummary[]> {
  return stores.sweeps.list();
}

/** @throws SWEEP_NOT_FOUND */
export async function showSweep(id: string, { stores: { sweeps } }: WorkflowContext): Promise<ShownSweep> {
  const summary = await sweeps.summarize(id);
  const trials = await sweeps.listTrials(id);
  return { summary, trials, best: rankTrials(trials, summary.sweep.definition)[0] ?? null };
}
