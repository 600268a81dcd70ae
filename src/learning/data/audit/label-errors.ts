// Finds labels that may be wrong by confident learning (Northcutt, Jiang, Chuang 2021): a model that did not learn from an
// article is more certain of another class than it is, on average, of the articles that have that class. Ranked for a person
// to review; nothing is changed.
import { crossValidate, type LabelledFeatures } from './quick-model.ts';

export interface SuspectLabel {
  /** Number of the row among those that were measured. */
  readonly row: number;
  readonly label: number;
  readonly suggested: number;
  /** Probability of the label that the row has, and of the suggested one. */
  readonly probability: number;
  readonly suggestedProbability: number;
}

const FOLDS = 5;
/** So certain is certain enough, however certain the model is of other articles: where it is nearly always right, the mean is 1. */
const CERTAIN = 0.7;

/** @returns the suspect labels, the most certain first */
export function findSuspectLabels(data: LabelledFeatures): SuspectLabel[] {
  const { classes, labels } = data;
  const probabilities = new Float32Array(labels.length * classes);
  const out = new Float64Array(classes);
  crossValidate(data, FOLDS, (model, held) => {
    for (const row of held) {
      model.predict(row, data.rows, out);
      probabilities.set(out, row * classes);
    }
  });
  const limits = meanOwnProbability(probabilities, labels, classes);
  const suspects: SuspectLabel[] = [];
  for (const [row, label] of labels.entries()) {
    const of = (c: number): number => probabilities[row * classes + c] as number;
    let suggested = -1;
    for (let c = 0; c < classes; c++)
      if (of(c) >= (limits[c] as number) && (suggested === -1 || of(c) > of(suggested))) suggested = c;
    if (suggested === -1 || suggested === label) continue;
    suspects.push({ row, label, suggested, probability: of(label), suggestedProbability: of(suggested) });
  }
  const margin = (one: SuspectLabel): number => one.suggestedProbability - one.probability;
  return suspects.sort((a, b) => margin(b) - margin(a) || a.row - b.row);
}

/** How certain the model is, on average, of the articles of each class. */
function meanOwnProbability(probabilities: Float32Array, labels: Uint16Array, classes: number): Float64Array {
  const sums = new Float64Array(classes);
  const counts = new Float64Array(classes);
  for (const [row, label] of labels.entries()) {
    sums[label] = (sums[label] as number) + (probabilities[row * classes + label] as number);
    counts[label] = (counts[label] as number) + 1;
  }
  return sums.map((sum, c) =>
    (counts[c] as number) === 0 ? Number.POSITIVE_INFINITY : Math.min(CERTAIN, sum / (counts[c] as number)),
  );
}
