// Everything that a sweep has shown, for one page or one command.
import type { Trial } from '../../foundation/records/index.ts';
import type { AxisRanking, SeedNoise } from '../../judging/compare/index.ts';
import type { SweepSummary } from '../../keeping/sweeps/index.ts';
import {
  assertCompared,
  compareTrials,
  describeNoise,
  measureTrialNoise,
  rankTrialsByBudget,
  type TrialPareto,
} from './trial-comparison.ts';
import { analyseImportance, type TrialImportance } from './trial-importance.ts';
import type { SweepStores } from './trial-metric.ts';
import { rankTrials } from './trial-ranking.ts';

export interface SweepQuestion {
  readonly id: string;
  /** The metric that the parameters explain; default: that of the sweep. */
  readonly metric?: string | undefined;
  /** A second metric, compared with that of the sweep. */
  readonly pareto?: string | undefined;
}

export interface AnalysedSweep {
  readonly summary: SweepSummary;
  /** By number. */
  readonly trials: readonly Trial[];
  /** null: no trial has finished. */
  readonly best: Trial | null;
  readonly importance: TrialImportance;
  /** By the metric of the sweep, of finished trials; `id` is the number of a trial. */
  readonly axes: readonly AxisRanking[];
  /** null: not asked for. */
  readonly pareto: TrialPareto | null;
  /** null: nothing was repeated. */
  readonly noise: (SeedNoise & { readonly says: string }) | null;
}

/** Newest first. */
export function listSweeps({ stores }: { readonly stores: SweepStores }): Promise<SweepSummary[]> {
  return stores.sweeps.list();
}

/** @throws SWEEP_NOT_FOUND; METRIC_NOT_FOUND if no trial has the metric of `pareto` */
export async function analyseSweep(
  { id, metric, pareto }: SweepQuestion,
  { stores }: { readonly stores: SweepStores },
): Promise<AnalysedSweep> {
  const summary = await stores.sweeps.summarize(id);
  const trials = await stores.sweeps.listTrials(id);
  const { definition } = summary.sweep;
  const compared =
    pareto === undefined ? null : await compareTrials(id, [definition.metric.name, pareto], stores);
  if (compared !== null) assertCompared(compared, id, summary.counts.finished + summary.counts.stopped);
  const noise = measureTrialNoise(trials, definition);
  return {
    ...{ summary, trials, best: rankTrials(trials, definition)[0] ?? null },
    importance: await analyseImportance(id, metric, stores),
    axes: await rankTrialsByBudget(trials, definition, stores),
    pareto: compared,
    noise: noise === null ? null : { ...noise, says: describeNoise(noise) },
  };
}
