// Plans the batches of a run: the number of optimizer steps, and the articles of each batch. The plan depends on (seed, epoch)
// only; a resumed run makes the same plan.
import { planBatches } from '../../text/tokenize/index.ts';

export interface PlanOptions {
  /** [N] tokens of each training article. */
  readonly lengths: Int32Array;
  readonly seed: number;
  /** May be a fraction: 1.5 ends in the middle of the second epoch. */
  readonly epochs: number;
  readonly maxSteps: number | null;
  /** Articles in a batch, at most. */
  readonly batchSize: number;
  /** Tokens in a batch, padding included, at most. */
  readonly maxTokens: number;
  /** Batches in a step; the last step of an epoch may have fewer, because a step never spans two epochs. */
  readonly accumulate: number;
  readonly limitTrainBatches: number | null;
}

export interface TrainingPlan {
  readonly totalSteps: number;
  /** The epoch's batches in order, as rows of the training split. */
  batchesOf(epoch: number): readonly Int32Array[];
  /** Articles that were seen when this many batches of this epoch are done. */
  countArticles(epoch: number, batches: number): number;
}

/** Short runs keep all plans; long runs plan an epoch again when it begins. */
const MOST_KEPT_ROWS = 8_000_000;

/** Plans every epoch, because epochs differ in their number of steps. */
export function planTraining(options: PlanOptions): TrainingPlan {
  const { lengths, batchSize, maxTokens, seed, limitTrainBatches } = options;
  const kept = new Map<number, readonly Int32Array[]>();
  const mostKept = Math.max(1, Math.floor(MOST_KEPT_ROWS / Math.max(1, lengths.length)));
  const batchesOf = (epoch: number): readonly Int32Array[] => {
    let batches = kept.get(epoch);
    if (batches === undefined) {
      const all = planBatches({ lengths, maxArticles: batchSize, maxTokens, seed, epoch, shuffle: true });
      batches = limitTrainBatches === null ? all : all.slice(0, limitTrainBatches);
      if (kept.size >= mostKept) kept.clear();
      kept.set(epoch, batches);
    }
    return batches;
  };
  const limit = options.maxSteps ?? Number.POSITIVE_INFINITY;
  const countOf = (batches: readonly Int32Array[]): number =>
    batches.reduce((sum, rows) => sum + rows.length, 0);
  /** Articles before each epoch. */
  const before: number[] = [0];
  let totalSteps = 0;
  for (let epoch = 0; epoch < options.epochs && totalSteps < limit; epoch++) {
    before.push(before[epoch]! + countOf(batchesOf(epoch)));
    const steps = Math.ceil(batchesOf(epoch).length / options.accumulate);
    const share = Math.min(1, options.epochs - epoch);
    totalSteps += Math.max(1, Math.round(steps * share));
  }
  return {
    totalSteps: Math.min(limit, totalSteps),
    batchesOf,
    countArticles: (epoch, batches) =>
      before[epoch]! + (batches === 0 ? 0 : countOf(batchesOf(epoch).slice(0, batches))),
  };
}
