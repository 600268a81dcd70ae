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
  readonly before: number;
  /** null: the run that trained again has no such value. */
  readonly after: number | null;
}

export interface ValueComparison {
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
  readonly weights: { readonly before: string; readonly after: string | null } | null;
  readonly isIdentical: boolean;
  readonly isWithinTolerance: boolean;
}

/**
 * What is tolerated between other kernels or kinds of machine: they sum in another order, so that the last bits of the first
 * step differ, and training makes the differences grow. Measured (docs/lab-notes.md): 6e-8 of the value at step 1, 1e-4
 * after 120 steps; the tolerance is ten to a hundred times that.
 */
export const TOLERANCE = {
  /** Losses and the norm of the gradient: a share of the value, or of `floor` where the value is smaller, for each step. */
  loss: { perStep: 1e-5, most: 0.02, floor: 0.5 },
  /** Shares such as accuracy: what a few predictions near the threshold change in a hundred. */
  share: 0.02,
  /** What follows from the plan alone, rate and tokens: a share of the value. */
  plan: 1e-12,
} as const;

/** Figures of time and of the machine, which no two trainings share. */
const OF_THE_MACHINE = /^system_|_ms$|_bytes$|_percent$|_per_second$/;

/** Compares all visible points of `originalId` up to its end with those of `madeId`. */
export async function compareWithOriginal(
  runs: RunStore,
  originalId: string,
  madeId: string,
): Promise<ValueComparison> {
  const names = (await runs.listMetrics(originalId))
    .map(({ name }) => name)
    .filter((name) => !OF_THE_MACHINE.test(name))
    .sort(compareMetrics);
  const differences: ValueDifference[] = [];
  let values = 0;
  let lastStep = 0;
  for (const metric of names) {
    const after = new Map(
      (await runs.loadPoints(madeId, metric)).map((point: Point) => [point.step, point.value]),
    );
    for (const { step, value } of await runs.loadPoints(originalId, metric)) {
      values++;
      lastStep = Math.max(lastStep, step);
      const other = after.get(step) ?? null;
      if (!Object.is(other, value)) differences.push({ step, metric, before: value, after: other });
    }
  }
  differences.sort((a, b) => (a.step ?? 0) - (b.step ?? 0));
  const after = await compareEnds(runs, originalId, madeId);
  differences.push(...after.differences);
  const weights = await compareWeights(runs, originalId, madeId);
  const hasSameWeights = weights === null || weights.before === weights.after;
  const shares = differences.map((difference) => ({
    difference,
    toleranceShare: shareOfTolerance(difference, lastStep),
  }));
  const worst = shares.reduce<ValueComparison['worst']>(
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
    isWithinTolerance: (worst?.toleranceShare ?? 0) <= 1 && (weights === null || weights.after !== null),
  };
}

/** The figures at the end (calibrated, as served) and the reports on collections that both runs have. */
async function compareEnds(
  runs: RunStore,
  originalId: string,
  madeId: string,
): Promise<{ readonly differences: ValueDifference[]; readonly values: number }> {
  const finish = async (id: string) =>
    (await runs.loadEvents(id)).findLast(
      (event): event is Extract<RunEvent, { type: 'finished' }> => event.type === 'finished',
    );
  const differences: ValueDifference[] = [];
  let values = 0;
  const compare = (place: string, before: Metrics, after: Metrics | undefined): void => {
    for (const [key, value] of Object.entries(before)) {
      if (value === null) continue;
      values++;
      const other = after?.[key as keyof Metrics] ?? null;
      if (!Object.is(other, value))
        differences.push({ step: null, metric: `${place} ${key}`, before: value, after: other });
    }
  };
  const [before, after] = [await finish(originalId), await finish(madeId)];
  if (before !== undefined) {
    compare('validation', before.metrics.validation, after?.metrics.validation);
    compare('test', before.metrics.test, after?.metrics.test);
  }
  const reports = await runs.loadEvaluations(madeId);
  const [, ...others] = await runs.loadEvaluations(originalId); // the first is that of the test split
  for (const { collection, metrics } of others) {
    const other = reports.find((report) => report.collection === collection);
    if (other !== undefined) compare(collection, metrics, other.metrics);
  }
  return { differences, values };
}

async function compareWeights(
  runs: RunStore,
  originalId: string,
  madeId: string,
): Promise<ValueComparison['weights']> {
  const before = await digestWeights(runs, originalId);
  return before === null ? null : { before, after: await digestWeights(runs, madeId) };
}

async function digestWeights(runs: RunStore, id: string): Promise<string | null> {
  const path = join((await runs.files(id)).model, 'model.safetensors');
  if (existsSync(path)) return hashFile(path);
  const artifact = (await runs.listArtifacts(id)).find(({ name }) => name === 'model/model.safetensors');
  return artifact?.digest.replace(/^sha256:/, '') ?? null;
}

function shareOfTolerance({ step, metric, before, after }: ValueDifference, lastStep: number): number {
  if (after === null || !Number.isFinite(before) || !Number.isFinite(after)) return Number.POSITIVE_INFINITY;
  return Math.abs(before - after) / toleranceOf(metric, Math.abs(before), step ?? lastStep);
}

function toleranceOf(metric: string, value: number, step: number): number {
  const { loss, share, plan } = TOLERANCE;
  if (/loss$|gradient_norm$/.test(metric))
    return Math.min(loss.most, loss.perStep * Math.max(1, step)) * Math.max(value, loss.floor);
  return metric === 'learning_rate' || metric === 'train_tokens' ? plan * value : share;
}

/** The loss first, so that a difference that many metrics show at one step is told by its name. */
function compareMetrics(a: string, b: string): number {
  const rank = (name: string): number => ['train_loss', 'gradient_norm', 'val_loss'].indexOf(name) >>> 0;
  return rank(a) - rank(b) || (a < b ? -1 : 1);
}
