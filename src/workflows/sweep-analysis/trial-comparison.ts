// Compares the trials of a sweep: two metrics at once, the best with the same budget, and whether a lead is more than luck.
import { appError } from '../../foundation/core/index.ts';
import type { SweepDefinition, Trial } from '../../foundation/records/index.ts';
import {
  type AxisRanking,
  findParetoFront,
  measureSeedNoise,
  type Objective,
  type SeedNoise,
} from '../../judging/compare/index.ts';
import { rankRunsByBudget } from '../runs/index.ts';
import { goalOfTrialMetric, readTrialMetric, type SweepStores } from './trial-metric.ts';
import { rankTrials } from './trial-ranking.ts';

export interface TrialPoint {
  readonly trial: Trial;
  readonly values: readonly [number, number];
  /** True if no other finished trial is at least as good in both and better in one. */
  readonly isBest: boolean;
}

export interface TrialPareto {
  readonly objectives: readonly [Objective, Objective];
  /** Finished trials and those that were stopped early, in the order of the first metric. The latter are never the best. */
  readonly points: readonly TrialPoint[];
}

/** @param named  default: the metric of the sweep, and the seconds of the run. @throws SWEEP_NOT_FOUND */
export async function compareTrials(
  id: string,
  named: readonly [string, string] | undefined,
  stores: SweepStores,
): Promise<TrialPareto> {
  const { definition } = await stores.sweeps.load(id);
  const [first, second] = named ?? [definition.metric.name, 'seconds'];
  const objectiveOf = (name: string): Objective => ({ name, goal: goalOfTrialMetric(name, definition) });
  const objectives = [objectiveOf(first), objectiveOf(second)] as const;
  const found: { trial: Trial; values: readonly [number, number] }[] = [];
  for (const trial of await stores.sweeps.listTrials(id)) {
    if (trial.state !== 'finished' && trial.state !== 'stopped') continue;
    const a = await readTrialMetric(trial, first, definition, stores);
    const b = await readTrialMetric(trial, second, definition, stores);
    if (a === null || b === null || !Number.isFinite(a) || !Number.isFinite(b)) continue;
    found.push({ trial, values: [a, b] });
  }
  const finished = found.filter(({ trial }) => trial.state === 'finished');
  const front = findParetoFront(
    finished.map(({ trial, values }) => ({ id: `${trial.number}`, values })),
    objectives,
  );
  const best = new Set(front.flatMap(({ id: number, isOnFront }) => (isOnFront ? [number] : [])));
  const sign = objectives[0].goal === 'minimize' ? 1 : -1;
  return {
    objectives,
    points: found
      .map((point) => ({ ...point, isBest: best.has(`${point.trial.number}`) }))
      .sort((a, b) => sign * (a.values[0] - b.values[0])),
  };
}

/** @throws METRIC_NOT_FOUND if trials have ended and none has both metrics */
export function assertCompared({ objectives, points }: TrialPareto, id: string, ended: number): void {
  if (points.length > 0 || ended === 0) return;
  throw appError('METRIC_NOT_FOUND', {
    ...{ metric: objectives.map(({ name }) => name).join(' and '), runs: id },
    known: 'see veracity runs show RUN, of a run of this sweep',
  });
}

/** Compares at most so many of the best trials by budget: each needs its whole curve. */
const MAX_RANKED = 50;

/** The best trials with the same steps, epochs, seconds and articles, each by its number. Empty without a finished one. */
export async function rankTrialsByBudget(
  trials: readonly Trial[],
  { metric }: SweepDefinition,
  { runs }: Pick<SweepStores, 'runs'>,
): Promise<readonly AxisRanking[]> {
  const numbers = new Map<string, string>();
  for (const { runId, number } of rankTrials(trials, { metric }).slice(0, MAX_RANKED))
    if (runId !== null) numbers.set(runId, `${number}`);
  const known = new Set((await runs.list()).runs.map(({ id }) => id));
  const ids = [...numbers.keys()].filter((id) => known.has(id));
  const axes = await rankRunsByBudget({ ids, metric: metric.name, goal: metric.goal }, runs);
  return axes.map((axis) => ({
    ...axis,
    runs: axis.runs.map((run) => ({ ...run, id: numbers.get(run.id)! })),
  }));
}

/** Settings that were trained with several seeds, by the number of the trial that proposed them; null: none were. */
export function measureTrialNoise(
  trials: readonly Trial[],
  { metric }: Pick<SweepDefinition, 'metric'>,
): SeedNoise | null {
  const repeated = new Set(trials.flatMap(({ repeats }) => repeats ?? []));
  const groups = new Map<number, number[]>();
  for (const { number, repeats, state, value } of trials) {
    const original = repeats ?? number;
    if (state !== 'finished' || value === null || !repeated.has(original)) continue;
    groups.set(original, [...(groups.get(original) ?? []), value]);
  }
  if (![...groups.values()].some(({ length }) => length > 1)) return null;
  const settings = [...groups].map(([number, values]) => ({ id: `${number}`, values }));
  return measureSeedNoise(settings, metric.goal);
}

/** What the noise means for the winner, as one sentence. */
export function describeNoise({ settings, isClear }: SeedNoise): string {
  const [best, second] = settings;
  if (best === undefined || second === undefined || isClear === null)
    return 'Only one of the settings was repeated: there is no lead to judge.';
  return isClear
    ? `The lead of trial ${best.id} over trial ${second.id} is more than the noise of the seed.`
    : `The lead of trial ${best.id} over trial ${second.id} is within the noise of the seed.`;
}
