// The last check of an export: the written file must give the logits of the trained model.

import { PROGRAM_NAMES } from '../../engine/graph/index.ts';
import { createInferenceSession } from '../../engine/runtime/session/index.ts';
import { appError } from '../../foundation/core/index.ts';
import type { Batch } from '../../text/tokenize/index.ts';
import type { ModelFiles } from './learner.ts';

/** Largest allowed difference of logits: both sum the same float32 numbers, in another order. */
const MAX_LOGIT_DIFFERENCE = 1e-4;

/**
 * Runs the ONNX file at `path` on the probe and compares its logits with `computeLogits`.
 * @throws EXPORT_MISMATCH if they differ by 1e-4 or more, or are not numbers
 */
export async function compareExport(
  path: string,
  probe: readonly Batch[],
  computeLogits: (batch: Batch) => Promise<Float32Array>,
): Promise<ModelFiles> {
  const exported = await createInferenceSession(path, { threads: 0 });
  let articles = 0;
  let largest = 0;
  try {
    for (const batch of probe) {
      const trained = await computeLogits(batch);
      const shape = [batch.size, batch.length];
      const outputs = await exported.run({
        [PROGRAM_NAMES.inputIds]: { dtype: 'int64', shape, data: BigInt64Array.from(batch.inputIds, BigInt) },
        [PROGRAM_NAMES.attentionMask]: {
          dtype: 'int64',
          shape,
          data: BigInt64Array.from(batch.attentionMask, BigInt),
        },
      });
      const found = outputs[PROGRAM_NAMES.logits]!.data as Float32Array;
      for (const [i, logit] of found.entries()) {
        const difference = Math.abs(logit - trained[i]!);
        // Written so that NaN is refused.
        if (!(difference < MAX_LOGIT_DIFFERENCE)) {
          throw appError('EXPORT_MISMATCH', { path, difference, limit: MAX_LOGIT_DIFFERENCE });
        }
        largest = Math.max(largest, difference);
      }
      articles += batch.size;
    }
  } finally {
    await exported.dispose();
  }
  return { maxLogitDifference: largest, articles };
}
