// Scores of single articles: loss, squared error and calibration bin. The figures and every bootstrap resample are
// weighted sums over these, so that both use the same definition.
import {
  assertLabelledLogits,
  computePredictions,
  computeProbabilities,
  type LabelledLogits,
} from './probabilities.ts';

/** Equal-width bins of the predicted class's probability, (low, high]; 15 as in Guo et al. 2017, arXiv 1706.04599. */
export const RELIABILITY_BINS = 15;

export interface ArticleScores {
  readonly n: number;
  readonly classes: number;
  readonly labels: Int32Array; // [N]
  readonly predictions: Int32Array; // [N]
  readonly probabilities: Float64Array; // [N, C]
  /** Probability of the predicted class. */
  readonly confidence: Float64Array; // [N]
  /** Cross-entropy in nats. */
  readonly loss: Float64Array; // [N]
  /** Squared distance to the one-hot label, halved for two classes. */
  readonly brier: Float64Array; // [N]
  readonly bin: Uint8Array; // [N]
}

/** @throws EVALUATION_EMPTY, LOGITS_NOT_FINITE */
export function computeArticleScores(data: LabelledLogits, temperature = 1): ArticleScores {
  const n = assertLabelledLogits(data);
  const { logits, labels, classes } = data;
  const probabilities = computeProbabilities(logits, classes, temperature);
  const predictions = computePredictions(logits, classes);
  const confidence = new Float64Array(n);
  const loss = new Float64Array(n);
  const brier = new Float64Array(n);
  const bin = new Uint8Array(n);
  for (let row = 0; row < n; row++) {
    const start = row * classes;
    const label = labels[row]!;
    const winner = probabilities[start + predictions[row]!]!;
    confidence[row] = winner;
    bin[row] = binOf(winner);
    // -log p from differences of logits stays finite where p itself underflows to 0.
    const highest = logits[start + predictions[row]!]!;
    loss[row] = (highest - logits[start + label]!) / temperature - Math.log(winner);
    let squared = 0;
    for (let c = 0; c < classes; c++) squared += (probabilities[start + c]! - (c === label ? 1 : 0)) ** 2;
    brier[row] = classes === 2 ? squared / 2 : squared;
  }
  return { n, classes, labels, predictions, probabilities, confidence, loss, brier, bin };
}

function binOf(probability: number): number {
  const index = Math.min(RELIABILITY_BINS - 1, Math.max(0, Math.ceil(probability * RELIABILITY_BINS) - 1));
  return probability <= index / RELIABILITY_BINS && index > 0 ? index - 1 : index;
}

export interface ReliabilityBin {
  readonly low: number;
  readonly high: number;
  readonly n: number;
  /** Mean probability of the predicted class in the bin; 0 if the bin is empty. */
  readonly confidence: number;
  /** Share of right predictions in the bin; 0 if the bin is empty. */
  readonly accuracy: number;
}

/** Confidence against accuracy in all 15 bins, empty ones included. */
export function computeReliability(scores: ArticleScores): ReliabilityBin[] {
  const bins = Array.from({ length: RELIABILITY_BINS }, () => ({ n: 0, confidence: 0, right: 0 }));
  for (let row = 0; row < scores.n; row++) {
    const bin = bins[scores.bin[row]!]!;
    bin.n++;
    bin.confidence += scores.confidence[row]!;
    if (scores.predictions[row] === scores.labels[row]) bin.right++;
  }
  return bins.map(({ n, confidence, right }, index) => ({
    low: index / RELIABILITY_BINS,
    high: (index + 1) / RELIABILITY_BINS,
    n,
    confidence: n === 0 ? 0 : confidence / n,
    accuracy: n === 0 ? 0 : right / n,
  }));
}

/** Expected calibration error: the bins' |accuracy - confidence|, weighted by their share of the articles. */
export function computeCalibrationError(bins: readonly ReliabilityBin[]): number {
  const n = bins.reduce((sum, bin) => sum + bin.n, 0);
  return bins.reduce((sum, bin) => sum + (bin.n / n) * Math.abs(bin.accuracy - bin.confidence), 0);
}
