// The differences of a repeated prediction from the recorded one, as values.
import type { ReceiptRecord } from '../../foundation/records/index.ts';
import type { DetailedPrediction } from '../../judging/predict/index.ts';

interface Change<K extends string, V> {
  readonly kind: K;
  readonly before: V;
  readonly after: V;
}

export type ReplayDifference =
  | Change<'run', string>
  | Change<'label', string>
  | Change<'tokens', number>
  /** null: the class is unknown to that model. */
  | (Change<'probability', number | null> & { readonly className: string })
  | Change<'abstained', boolean>;

/** Finds what differs; probabilities count as equal within `tolerance`. */
export function findDifferences(
  receipt: Pick<ReceiptRecord, 'label' | 'probabilities' | 'abstained' | 'measures'>,
  { prediction, measures }: Pick<DetailedPrediction, 'prediction' | 'measures'>,
  tolerance: number,
): ReplayDifference[] {
  const differences: ReplayDifference[] = [];
  if (receipt.label !== prediction.label)
    differences.push({ kind: 'label', before: receipt.label, after: prediction.label });
  const [before, after] = [receipt.measures.tokens, measures.tokens];
  if (before !== after) differences.push({ kind: 'tokens', before, after });
  const classNames = new Set([
    ...Object.keys(receipt.probabilities),
    ...Object.keys(prediction.probabilities),
  ]);
  let isNear = true;
  for (const className of classNames) {
    const before = receipt.probabilities[className] ?? null;
    const after = prediction.probabilities[className] ?? null;
    if (before !== null && after !== null && Math.abs(before - after) <= tolerance) continue;
    isNear = false;
    differences.push({ kind: 'probability', className, before, after });
  }
  // Within the tolerance, a probability may fall on either side of the threshold for abstaining.
  if (receipt.abstained !== prediction.abstained && !isNear)
    differences.push({ kind: 'abstained', before: receipt.abstained, after: prediction.abstained });
  return differences;
}
