// Evaluation inside the loop: logits of a whole split, without dropout, in batches of similar length.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { countElements } from '../../engine/graph/index.ts';
import type { TokenizedSplit } from '../../text/tokenize/index.ts';
import { collateBatch, planEvaluationBatches } from '../../text/tokenize/index.ts';
import type { Learner } from './learner.ts';

export interface LogitOptions {
  readonly padId: number;
  readonly classes: number;
  readonly batchSize: number;
  readonly maxTokens: number;
  /** Checked between batches; aborting it ends the evaluation. */
  readonly signal?: AbortSignal | undefined;
  /** Called with the number of articles done. */
  readonly onProgress?: ((articles: number) => void) | undefined;
}

/**
 * Logits of every article of the split, in the split's order.
 * @returns [N, C], or null if the signal was aborted
 */
export async function computeSplitLogits(
  learner: Pick<Learner, 'computeLogits'>,
  split: TokenizedSplit,
  options: LogitOptions,
): Promise<Float32Array | null> {
  const { classes } = options;
  const logits = new Float32Array(countElements([split.labels.length, classes]));
  const { batchSize: maxArticles, maxTokens } = options;
  let done = 0;
  for (const rows of planEvaluationBatches({ lengths: lengthsOf(split), maxArticles, maxTokens })) {
    if (options.signal?.aborted) return null;
    const batch = collateBatch(split, rows, options.padId);
    const values = await learner.computeLogits(batch); // [B, C]
    for (const [i, row] of batch.rows.entries()) {
      logits.set(values.subarray(i * classes, (i + 1) * classes), row * classes);
    }
    done += batch.size;
    options.onProgress?.(done);
    await nextTurn(); // a learner that never waits would keep Ctrl-C from being heard
  }
  return logits;
}

/** [N] tokens of each article. */
export function lengthsOf(split: TokenizedSplit): Int32Array {
  return Int32Array.from(
    { length: split.labels.length },
    (_, i) => (split.offsets[i + 1] ?? 0) - (split.offsets[i] ?? 0),
  );
}
