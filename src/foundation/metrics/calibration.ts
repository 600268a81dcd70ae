// Temperature scaling (Guo et al. 2017, arXiv 1706.04599) and the threshold below which the model abstains.
// The surprising thing: targets are Platt's (1999), 1 - e for the true class with e = 1/(N + 2), so that validation
// articles that are all right give a finite temperature instead of claiming certainty.
import type { Calibration } from '../records/index.ts';
import { assertLabelledLogits, computePredictions, computeProbabilities } from './probabilities.ts';

const LOWEST_TEMPERATURE = 0.01;
const HIGHEST_TEMPERATURE = 100;
/** A threshold needs at least this many articles without abstention (or all articles, if there are fewer). */
const FEWEST_ANSWERED = 10;

export interface CalibrationOptions {
  /** Wanted accuracy on the articles without abstention; null = never abstain. */
  readonly abstainPrecision: number | null;
}

/**
 * Fits temperature and abstention threshold on validation logits. Where the wanted precision is reached at no
 * threshold, the threshold with the highest precision is taken and `abstain.reached` is false.
 * @param logits  [N, C]
 * @param labels  [N]
 * @throws EVALUATION_EMPTY, LOGITS_NOT_FINITE
 */
export function fitCalibration(
  logits: Float32Array,
  labels: Int32Array,
  classes: number,
  options: CalibrationOptions,
): Calibration {
  assertLabelledLogits({ logits, labels, classes });
  const temperature = fitTemperature(logits, labels, classes);
  if (options.abstainPrecision === null) return { temperature, abstainBelow: 0 };
  const threshold = findThreshold(logits, labels, classes, temperature, options.abstainPrecision);
  return { temperature, abstainBelow: threshold.abstainBelow, abstain: threshold.abstain };
}

/**
 * The temperature with the lowest smoothed cross-entropy. In b = 1/T that loss is convex, so its slope has at most
 * one root: Newton steps on log b, kept inside a bracket by bisection.
 */
function fitTemperature(logits: Float32Array, labels: Int32Array, classes: number): number {
  let low = Math.log(1 / HIGHEST_TEMPERATURE);
  let high = Math.log(1 / LOWEST_TEMPERATURE);
  const slopeAt = (logB: number) => slopeOfLoss(logits, labels, classes, Math.exp(logB));
  if (slopeAt(low).slope >= 0) return HIGHEST_TEMPERATURE; // no better than chance: say so by near-even probabilities
  if (slopeAt(high).slope <= 0) return LOWEST_TEMPERATURE;
  let logB = 0;
  for (let i = 0; i < 100 && high - low > 1e-12; i++) {
    const { slope, curvature } = slopeAt(logB);
    if (slope > 0) high = logB;
    else low = logB;
    // Derivatives with respect to log b: chain rule.
    const b = Math.exp(logB);
    const next = logB - (slope * b) / (curvature * b * b + slope * b);
    const inside = Number.isFinite(next) && next > low && next < high;
    const step = inside ? next : (low + high) / 2;
    if (Math.abs(step - logB) < 1e-12) return 1 / Math.exp(step);
    logB = step;
  }
  return 1 / Math.exp(logB);
}

/** d and d2 of mean(logsumexp(b z) - b (target . z)) with respect to b. */
function slopeOfLoss(
  logits: Float32Array,
  labels: Int32Array,
  classes: number,
  b: number,
): { slope: number; curvature: number } {
  const n = labels.length;
  const missed = 1 / (n + 2); // Platt's target for "not this class", shared by the C - 1 others
  const probabilities = computeProbabilities(logits, classes, 1 / b);
  let slope = 0;
  let curvature = 0;
  for (let row = 0; row < n; row++) {
    const start = row * classes;
    let mean = 0;
    let square = 0;
    let wanted = 0;
    const reference = logits[start + labels[row]!]!; // shift by the true logit: nothing cancels in large logits
    for (let c = 0; c < classes; c++) {
      const z = logits[start + c]! - reference;
      mean += probabilities[start + c]! * z;
      square += probabilities[start + c]! * z * z;
      wanted += (c === labels[row] ? 1 - missed : missed / (classes - 1)) * z;
    }
    slope += (mean - wanted) / n;
    curvature += (square - mean * mean) / n;
  }
  return { slope, curvature };
}

function findThreshold(
  logits: Float32Array,
  labels: Int32Array,
  classes: number,
  temperature: number,
  wanted: number,
): { abstainBelow: number; abstain: NonNullable<Calibration['abstain']> } {
  const n = labels.length;
  const probabilities = computeProbabilities(logits, classes, temperature);
  const predictions = computePredictions(logits, classes);
  const confidence = Float64Array.from(predictions, (winner, row) => probabilities[row * classes + winner]!);
  const rows = Uint32Array.from(confidence.keys()).sort((a, b) => confidence[b]! - confidence[a]!);
  let right = 0;
  let reached = { answered: 0, precision: 0 };
  let best = { answered: 0, precision: -1 };
  for (let taken = 1; taken <= n; taken++) {
    const row = rows[taken - 1]!;
    if (predictions[row] === labels[row]) right++;
    const cutsTie = taken < n && confidence[rows[taken]!] === confidence[row];
    if (cutsTie || taken < Math.min(FEWEST_ANSWERED, n)) continue;
    const precision = right / taken;
    if (precision >= wanted) reached = { answered: taken, precision };
    if (precision >= best.precision) best = { answered: taken, precision };
  }
  const chosen = reached.answered > 0 ? reached : best;
  // Halfway to the next lower one, so that rounding elsewhere does not make the model abstain on it.
  const abstainBelow =
    chosen.answered === n
      ? 0
      : (confidence[rows[chosen.answered - 1]!]! + confidence[rows[chosen.answered]!]!) / 2;
  return {
    abstainBelow,
    abstain: {
      wanted,
      reached: reached.answered > 0,
      precision: chosen.precision,
      answered: chosen.answered / n,
    },
  };
}
