// The weight of each class in the loss, and the check that every class has articles.
import { appError } from '../../foundation/core/index.ts';

/**
 * Weights of the loss by class; null = all equal. `balanced` is N / (C * articles of the class), so that every class
 * has the same total weight and the mean weight of an article is 1 (scikit-learn's formula).
 * @param labels  [N] of the train split
 * @returns [C] or null
 * @throws CLASS_WEIGHTS_INVALID, SPLIT_EMPTY
 */
export function resolveClassWeights(
  setting: 'balanced' | readonly number[] | null,
  labels: Int32Array,
  classNames: readonly string[],
): readonly number[] | null {
  assertEveryClass('train', labels, classNames);
  if (setting === null) return null;
  if (setting === 'balanced') {
    return countClasses(labels, classNames.length).map(
      (count) => labels.length / (classNames.length * count),
    );
  }
  if (setting.length !== classNames.length) {
    throw appError('CLASS_WEIGHTS_INVALID', { expected: classNames.length, got: setting.length });
  }
  return setting;
}

/** @throws SPLIT_EMPTY when a class has no article in the split */
export function assertEveryClass(split: string, labels: Int32Array, classNames: readonly string[]): void {
  for (const [label, count] of countClasses(labels, classNames.length).entries()) {
    if (count === 0) throw appError('SPLIT_EMPTY', { split, className: classNames[label] });
  }
}

function countClasses(labels: Int32Array, classes: number): number[] {
  const counts = new Array<number>(classes).fill(0);
  for (const label of labels) counts[label] = (counts[label] ?? 0) + 1;
  return counts;
}
