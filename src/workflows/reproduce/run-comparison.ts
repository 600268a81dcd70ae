// Compares a run with the run that trained it again: every recorded value of the training, the evaluations, the figures at
// the end, and the bytes of the weights.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { hashFile } from '../../foundation/core/index.ts';
import type { Metrics, RunEvent } from '../../foundation/records/index.ts';
import type { Point, RunStore } from '../../keeping/runs/index.ts';

/** Two values of one figure. */
export interface ValueDifference {
  /** Steps done; null: after the last step. */
  readonly step: number | null;
  /** Name of the metric, such as train_loss; of a figure after training with its place, such as `test accuracy`. */
  readonly metric: string;
  readonly then: number;
  /** null: the run that trained again has no such value. */
  readonly now: number | null;
}

export interface RunComparison {
  /** Names of the metrics that were compared. */
  readonly metrics: readonly string[];
  /** How many recorded values were compared. */
  readonly values: number;
  readonly different: number;
  /** By step; null: every value is the same to the last bit. */
  readonly first: ValueDifference | null;
  /** The largest difference, as a multiple of what is tolerated; 0: none. */
  readonly worst: { readonly difference: ValueDifference; readonly toleranceShare: number } | null;
  /** sha256 of model.safetensors of both runs; null: the run has no model, or its files were deleted. */
  readonly weights: { readonly then: string; readonly now: string | null } | null;
  readonly isIdentical: boolean;
  readonly isWithinTolerance: boolean;
}

/**
 * What is tolerated between machines of different kinds: their kernels sum in another order, so that the last bits of the
 * first step differ, and training makes the differences grow. docs/lab-notes.md has the measurement behind the numbers.
 * A value is within the tolerance if it differs by at most `absolute + relative * |value|`.
 */
export const TOLERANCE = {
  /** Losses and the norm of the gradient. */
  loss: { absolute: 0.01, relative: 0.02 },
  /** Shares such as accuracy; about what other bits change in the predictions near the threshold. */
  share: { absolute: 0.02, relative: 0 },
  /** What follows from the plan alone: rate and tokens. */
  plan: { absolute: 0, relative: 1e-12 },
} as const;

/** Figures of time and of the machine, which no two trainings share. */
const OF_THE_MACHINE = /^system_|_ms$|_bytes$|_percent$|_per_second$/;

/** Compares all visible points of `thenId` up to its end with those of `nowId`. */
export async function compareRuns(runs: RunStore, thenId: string, nowId: string): Promise<RunComparison> {
  const names = (await runs.listMetrics(thenId))
    .map(({ name }) => name)
    .filter((name) => !OF_THE_MACHINE.test(name))
    .sort(compareMetrics);
  const differences: ValueDifference[] = [];
  let values = 0;
  for (const metric of names) {
    const now = new Map(
      (await runs.loadPoints(nowId, metric)).map((point: Point) => [point.step, point.value]),
    );
    for (const { step, value } of await runs.loadPoints(thenId, metric)) {
      values++;
      const other = now.get(step) ?? null;
      if (!Object.is(other, value)) differences.push({ step, metric, then: value, now: other });
    }
  }
  differences.sort((a, b) => (a.step ?? 0) - (b.step ?? 0));
  const after = await compareEnds(runs, thenId, nowId);
  differences.push(...after.differences);
  const weights = await compareWeights(runs, thenId, nowId);
  const hasSameWeights = weights === null || weights.then === weights.now;
  const shares = differences.map((difference) => ({
    difference,
    toleranceShare: shareOfTolerance(difference),
  }));
  const worst = shares.reduce<RunComparison['worst']>(
    (most, share) => (most === null || share.toleranceShare > most.toleranceShare ? share : most),
    null,
  );
  return {
    metrics: names,
    values: values + after.values,
    different: differences.length,
    first: differences[0] ?? null,
    worst,
    weights,
    isIdentical: differences.length === 0 && hasSameWeights,
    isWithinTolerance: (worst?.toleranceShare ?? 0) <= 1 && (weights === null || weights.now !== null),
  };
}

/** The figures at the end (calibrated, as served) and the reports on collections that both runs have. */
async function compareEnds(
  runs: RunStore,
  thenId: string,
  nowId: string,
): Promise<{ readonly differences: ValueDifference[]; readonly values: number }> {
  const finish = async (id: string) =>
    (await runs.loadEvents(id)).findLast(
      (event): event is Extract<RunEvent, { type: 'finished' }> => event.type === 'finished',
    );
  const differences: ValueDifference[] = [];
  let values = 0;
  const compare = (place: string, then: Metrics, now: Metrics | undefined): void => {
    for (const [key, value] of Object.entries(then)) {
      if (value === null) continue;
      values++;
      const other = now?.[key as keyof Metrics] ?? null;
      if (!Object.is(other, value))
        differences.push({ step: null, metric: `${place} ${key}`, then: value, now: other });
    }
  };
  const [then, now] = [await finish(thenId), await finish(nowId)];
  if (then !== undefined) {
    compare('validation', then.metrics.validation, now?.metrics.validation);
    compare('test', then.metrics.test, now?.metrics.test);
  }
  const reports = await runs.loadEvaluations(nowId);
  const [, ...others] = await runs.loadEvaluations(thenId); // the first is that of the test split
  for (const { collection, metrics } of others) {
    const other = reports.find((report) => report.collection === collection);
    if (other !== undefined) compare(collection, metrics, other.metrics);
  }
  return { differences, values };
}

async function compareWeights(
  runs: RunStore,
  thenId: string,
  nowId: string,
): Promise<RunComparison['weights']> {
  const then = await digestWeights(runs, thenId);
  return then === null ? null : { then, now: await digestWeights(runs, nowId) };
}

async function digestWeights(runs: RunStore, id: string): Promise<string | null> {
  const path = join((await runs.files(id)).model, 'model.safetensors');
  if (existsSync(path)) return hashFile(path);
  const artifact = (await runs.listArtifacts(id)).find(({ name }) => name === 'model/model.safetensors');
  return artifact?.digest.replace(/^sha256:/, '') ?? null;
}

function shareOfTolerance({ metric, then, now }: ValueDifference): number {
  if (now === null || !Number.isFinite(then) || !Number.isFinite(now)) return Number.POSITIVE_INFINITY;
  const { absolute, relative } = toleranceOf(metric);
  return Math.abs(then - now) / (absolute + relative * Math.abs(then));
}

function toleranceOf(metric: string): { readonly absolute: number; readonly relative: number } {
  if (/loss$|gradient_norm$/.test(metric)) return TOLERANCE.loss;
  return metric === 'learning_rate' || metric === 'train_tokens' ? TOLERANCE.plan : TOLERANCE.share;
}

/** The loss first, so that a difference that many metrics show at one step is told by its name. */
function compareMetrics(a: string, b: string): number {
  const rank = (name: string): number => ['train_loss', 'gradient_norm', 'val_loss'].indexOf(name) >>> 0;
  return rank(a) - rank(b) || (a < b ? -1 : 1);
}
