// A quick linear model over hashed features that an article has or has not: softmax regression, trained by AdaGrad (Duchi et
// al. 2011), each class with the same weight. It measures how much a part of the articles says about the class; on held-out
// rows, so that what it memorises does not count.
import { createRandom, hash32 } from '../../../foundation/core/index.ts';

/** The features of rows, one row after the other. */
export interface FeatureRows {
  /** Where the features of each row begin; one more entry than rows. */
  readonly starts: Int32Array;
  readonly features: Int32Array;
}

export interface LabelledFeatures {
  readonly rows: FeatureRows;
  /** Class number of each row. */
  readonly labels: Uint16Array;
  readonly classes: number;
}

export interface QuickModel {
  /** Writes the probability of each class of a row to `out`. */
  predict(row: number, rows: FeatureRows, out: Float64Array): void;
}

const LEARNING_RATE = 0.3;
/** At least so many updates, so that a small set is learned too. */
const MIN_UPDATES = 4000;
const EPOCHS = 3;
const MAX_EPOCHS = 10;
/** An article that is told with less error than this teaches nothing more. */
const LEARNT = 0.02;

/** Trains on some rows. Two classes share one weight for each feature: its use for the second. */
export function trainQuickModel(
  { rows, labels, classes }: LabelledFeatures,
  training: Int32Array,
): QuickModel {
  const bits = bucketBits(training, rows);
  const mask = (1 << bits) - 1;
  const outputs = classes === 2 ? 1 : classes;
  const weights = new Float32Array(outputs << bits);
  const squares = new Float32Array(outputs << bits).fill(1e-2);
  const bias = new Float64Array(outputs);
  const weightOf = weighClasses(labels, training, classes);
  const probabilities = new Float64Array(classes);
  const predict = (row: number, of: FeatureRows, out: Float64Array): void => {
    const [from, to] = [of.starts[row] as number, of.starts[row + 1] as number];
    const scale = 1 / Math.sqrt(Math.max(1, to - from));
    const { features } = of;
    for (let o = 0; o < outputs; o++) {
      const base = o << bits;
      let sum = 0;
      for (let i = from; i < to; i++) sum += weights[base + ((features[i] as number) & mask)] as number;
      out[o] = sum * scale + (bias[o] as number);
    }
    if (outputs === 1) {
      out[1] = 1 / (1 + Math.exp(-(out[0] as number)));
      out[0] = 1 - out[1];
    } else softmax(out);
  };
  const order = training.slice();
  const wanted = Math.ceil(MIN_UPDATES / Math.max(1, training.length));
  const epochs = Math.min(MAX_EPOCHS, Math.max(EPOCHS, wanted));
  for (let epoch = 0; epoch < epochs; epoch++) {
    createRandom('quick-model', epoch).shuffle(order);
    for (const row of order) {
      predict(row, rows, probabilities);
      const label = labels[row] as number;
      const [from, to] = [rows.starts[row] as number, rows.starts[row + 1] as number];
      const scale = 1 / Math.sqrt(Math.max(1, to - from));
      const weight = weightOf[label] as number;
      for (let o = 0; o < outputs; o++) {
        const c = outputs === 1 ? 1 : o;
        const error = (probabilities[c] as number) - (c === label ? 1 : 0);
        if (Math.abs(error) < LEARNT) continue;
        bias[o] = (bias[o] as number) - 0.01 * weight * error;
        const step = weight * error * scale;
        const base = o << bits;
        for (let i = from; i < to; i++) {
          const at = base + ((rows.features[i] as number) & mask);
          const square = (squares[at] as number) + step * step;
          squares[at] = square;
          weights[at] = (weights[at] as number) - (LEARNING_RATE * step) / Math.sqrt(square);
        }
      }
    }
  }
  return { predict };
}

/** Each class has the same weight in total. */
function weighClasses(labels: Uint16Array, training: Int32Array, classes: number): Float64Array {
  const counts = new Float64Array(classes);
  for (const row of training) counts[labels[row] as number] = (counts[labels[row] as number] as number) + 1;
  const present = counts.reduce((sum, count) => sum + (count > 0 ? 1 : 0), 0);
  return counts.map((count) => (count === 0 ? 0 : training.length / (present * count)));
}

/** @returns the number of articles by [class][guess] */
export function countGuesses(
  model: QuickModel,
  { rows, labels, classes }: LabelledFeatures,
  held: Int32Array,
): number[][] {
  const confusion = Array.from({ length: classes }, () => Array.from({ length: classes }, () => 0));
  const out = new Float64Array(classes);
  for (const row of held) {
    model.predict(row, rows, out);
    const counts = confusion[labels[row] as number] as number[];
    const guess = out.indexOf(Math.max(...out));
    counts[guess] = (counts[guess] as number) + 1;
  }
  return confusion;
}

/** Divides rows into folds by their position, mixed: the same for all features of the same rows. */
export function foldOf(row: number, folds: number): number {
  return hash32(row ^ 0x5f3759df) % folds;
}

/** Calls `visit` with a model for each fold that was trained on the others, and the rows of the fold. */
export function crossValidate(
  data: LabelledFeatures,
  folds: number,
  visit: (model: QuickModel, held: Int32Array) => void,
): void {
  const all = Int32Array.from(data.labels, (_, row) => row);
  for (let fold = 0; fold < folds; fold++) {
    const training = all.filter((row) => foldOf(row, folds) !== fold);
    const held = all.filter((row) => foldOf(row, folds) === fold);
    if (training.length > 0 && held.length > 0) visit(trainQuickModel(data, training), held);
  }
}

/** Guesses for all rows, each by a model that did not learn from it. */
export function crossValidatedGuesses(data: LabelledFeatures, folds: number): number[][] {
  const { classes } = data;
  const confusion = Array.from({ length: classes }, () => Array.from({ length: classes }, () => 0));
  crossValidate(data, folds, (model, held) => {
    for (const [label, counts] of countGuesses(model, data, held).entries())
      for (const [guess, count] of counts.entries())
        (confusion[label] as number[])[guess] = ((confusion[label] as number[])[guess] as number) + count;
  });
  return confusion;
}

/** Few features need few weights; the largest table has 2^18 for each class. */
function bucketBits(training: Int32Array, { starts }: FeatureRows): number {
  let features = 0;
  for (const row of training) features += (starts[row + 1] as number) - (starts[row] as number);
  return Math.min(18, Math.max(10, Math.ceil(Math.log2(features + 1))));
}

function softmax(values: Float64Array): void {
  let max = Number.NEGATIVE_INFINITY;
  for (const value of values) if (value > max) max = value;
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    values[i] = Math.exp((values[i] as number) - max);
    sum += values[i] as number;
  }
  for (let i = 0; i < values.length; i++) values[i] = (values[i] as number) / sum;
}
