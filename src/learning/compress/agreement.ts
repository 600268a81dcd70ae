// Compares the predictions of a compressed model with those of its original, on the same articles.
import { appError } from '../../foundation/core/index.ts';

export interface Agreement {
  readonly articles: number;
  /** max |delta logit| */
  readonly maxLogitDifference: number;
  /** Share of the articles that both give the same label. */
  readonly agreement: number;
}

/** Rounding alone never changes one label in ten. */
const LOWEST_AGREEMENT = 0.9;
/** With fewer articles a share is too uncertain to refuse anything. */
const FEWEST_ARTICLES = 20;

/** @param before, after  [N, C] logits of the same articles */
export function compareLogits(before: Float32Array, after: Float32Array, classes: number): Agreement {
  const articles = before.length / classes;
  let maxLogitDifference = 0;
  let same = 0;
  for (let row = 0; row < articles; row++) {
    const [start, end] = [row * classes, (row + 1) * classes];
    const [original, made] = [before.subarray(start, end), after.subarray(start, end)];
    for (const [c, logit] of original.entries())
      maxLogitDifference = Math.max(maxLogitDifference, Math.abs(logit - made[c]!)); // NaN stays
    if (indexOfLargest(original) === indexOfLargest(made)) same++;
  }
  return { articles, maxLogitDifference, agreement: articles === 0 ? 1 : same / articles };
}

/**
 * For models whose weights were only rounded: a pruned one may predict otherwise.
 * @throws COMPRESSION_DISAGREES
 */
export function assertAgreement(path: string, { articles, agreement, maxLogitDifference }: Agreement): void {
  // Written so that NaN counts as disagreement.
  const isBroken = !Number.isFinite(maxLogitDifference);
  if (!isBroken && (articles < FEWEST_ARTICLES || agreement >= LOWEST_AGREEMENT)) return;
  throw appError('COMPRESSION_DISAGREES', { path, limit: LOWEST_AGREEMENT, agreement, articles });
}

function indexOfLargest(values: Float32Array): number {
  return values.indexOf(Math.max(...values));
}
