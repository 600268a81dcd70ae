// How much each parameter of a sweep matters to a metric, and how it goes together with it.
import type { SweepDefinition } from '../../foundation/records/index.ts';
import {
  type AnalysedTrial,
  type Correlation,
  type FactorRange,
  type ImportanceReport,
  MIN_IMPORTANCE_TRIALS,
  measureCorrelations,
  measureImportance,
} from '../../judging/compare/index.ts';
import { readTrialMetric, type SweepStores } from './trial-metric.ts';
import { listProposed } from './trial-ranking.ts';

export interface TrialImportance {
  readonly metric: string;
  readonly report: ImportanceReport;
  /** How many of the trials were stopped early: they count with the value that they had reached. */
  readonly stopped: number;
  readonly correlations: readonly Correlation[];
  /** Why there is no importance; null where there is. */
  readonly reason: string | null;
}

/**
 * Reads finished trials and those that were stopped early: these are usually the worse settings, and without them a sweep
 * with early stopping has too few trials. Failed ones have no value, repeats no settings of their own.
 * @param metric  default: that of the sweep. @throws SWEEP_NOT_FOUND
 */
export async function analyseImportance(
  id: string,
  metric: string | undefined,
  stores: SweepStores,
): Promise<TrialImportance> {
  const { definition } = await stores.sweeps.load(id);
  const name = metric ?? definition.metric.name;
  const trials: AnalysedTrial[] = [];
  let stopped = 0;
  for (const trial of listProposed(await stores.sweeps.listTrials(id))) {
    if (trial.state !== 'finished' && trial.state !== 'stopped') continue;
    const value = await readTrialMetric(trial, name, definition, stores);
    if (value === null || !Number.isFinite(value)) continue;
    trials.push({ parameters: trial.parameters, value });
    if (trial.state === 'stopped') stopped++;
  }
  const ranges = rangesOf(definition);
  const report = measureImportance(trials, ranges);
  return {
    ...{ metric: name, report, stopped },
    correlations: measureCorrelations(trials, ranges),
    reason: report.status === 'measured' ? null : explainMissing(report.status, report.trials),
  };
}

function explainMissing(status: 'too-few-trials' | 'no-variation', trials: number): string {
  return status === 'too-few-trials'
    ? `Importance needs at least ${MIN_IMPORTANCE_TRIALS} trials with a value; there are ${trials}.`
    : 'All trials have the same value or the same settings: there is nothing to explain.';
}

function rangesOf({ space }: SweepDefinition): Record<string, FactorRange> {
  return Object.fromEntries(
    Object.entries(space).map(([name, parameter]): [string, FactorRange] => [
      name,
      parameter.kind === 'categorical'
        ? { kind: 'category', choices: parameter.choices }
        : { kind: 'number', low: parameter.low, high: parameter.high, log: parameter.log ?? false },
    ]),
  );
}
