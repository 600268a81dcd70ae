// A metric of the trials of a sweep: that of the sweep as the trial has it, any other as its run has it.
import { isAppError } from '../../foundation/core/index.ts';
import type { SweepDefinition, Trial } from '../../foundation/records/index.ts';
import { goalOfMetric, readRunField } from '../../keeping/runs/index.ts';
import type { Stores } from '../context/index.ts';

export type SweepStores = Pick<Stores, 'sweeps' | 'runs'>;

/** @returns null if there is no such metric, or the run is not there any more */
export async function readTrialMetric(
  { value, runId }: Trial,
  name: string,
  { metric }: SweepDefinition,
  { runs }: SweepStores,
): Promise<number | null> {
  if (name === metric.name) return value;
  if (runId === null) return null;
  try {
    const field = readRunField(await runs.summarize(runId), name);
    return typeof field === 'number' ? field : null;
  } catch (error) {
    if (isAppError(error)) return null; // the run was deleted, or cannot be read
    throw error;
  }
}

export function goalOfTrialMetric(name: string, { metric }: SweepDefinition): 'minimize' | 'maximize' {
  return name === metric.name ? metric.goal : goalOfMetric(name);
}
