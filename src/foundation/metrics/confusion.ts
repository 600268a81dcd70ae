// The confusion matrix, and precision, recall and F1 from it. As in scikit-learn, a division by zero gives 0, and macro
// means cover the classes that occur among the labels or the predictions.

/** confusion[actual][predicted] */
export type Confusion = readonly (readonly number[])[];

export interface ClassFigures {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  /** The number of articles of the class. */
  readonly support: number;
}

export function computeConfusion(labels: Int32Array, predictions: Int32Array, classes: number): number[][] {
  const confusion = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (let row = 0; row < labels.length; row++) confusion[labels[row]!]![predictions[row]!]!++;
  return confusion;
}

export function computeAccuracy(confusion: Confusion): number {
  let right = 0;
  let all = 0;
  confusion.forEach((row, actual) => {
    right += row[actual]!;
    for (const count of row) all += count;
  });
  return right / all;
}

/** Precision, recall, F1 and support of each class, in class order. */
export function computeClassFigures(confusion: Confusion): ClassFigures[] {
  return confusion.map((row, index) => {
    const right = row[index]!;
    const support = row.reduce((sum, count) => sum + count, 0);
    const predicted = confusion.reduce((sum, other) => sum + other[index]!, 0);
    return {
      precision: predicted === 0 ? 0 : right / predicted,
      recall: support === 0 ? 0 : right / support,
      f1: support + predicted === 0 ? 0 : (2 * right) / (support + predicted),
      support,
    };
  });
}

export function computeMacro(confusion: Confusion): { precision: number; recall: number; f1: number } {
  const occurring = computeClassFigures(confusion).filter(
    (figures, index) => figures.support > 0 || confusion.some((row) => row[index]! > 0),
  );
  const mean = (key: 'precision' | 'recall' | 'f1'): number =>
    occurring.reduce((sum, figures) => sum + figures[key], 0) / occurring.length;
  return { precision: mean('precision'), recall: mean('recall'), f1: mean('f1') };
}
