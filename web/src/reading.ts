// Decides how to present a probability: which word describes it, and what the model's own test says about such a number.
import type { ModelFacts, PredictResponse } from './api.ts';

export type Strength = 'almost certain' | 'very likely' | 'likely' | 'leaning';

/** The word for a calibrated probability of the predicted class. */
export function chooseStrength(probability: number): Strength {
  if (probability >= 0.98) return 'almost certain';
  if (probability >= 0.9) return 'very likely';
  if (probability >= 0.75) return 'likely';
  return 'leaning';
}

/** Test articles whose probability lies in the same bin of the reliability diagram. */
export interface TestBin {
  /** The bin's range of probabilities. */
  readonly low: number;
  readonly high: number;
  readonly n: number;
  /** All test articles. */
  readonly of: number;
}

/**
 * What is known about how often the model is right when it is this sure.
 * measured: its own bin has enough test articles; few: it has not; unlike: a warning says that the article is unlike those
 * that the model learned from, so the test says nothing about it; unchecked: the model was not tested.
 */
export type Trust =
  | ({
      readonly kind: 'measured';
      readonly right: number;
      /** 95% interval of the share of right predictions. */
      readonly interval: readonly [number, number];
      /** The mean probability in the bin, if the share of right predictions clearly differs from it; else null. */
      readonly claimed: number | null;
    } & TestBin)
  | ({ readonly kind: 'few' } & TestBin)
  | { readonly kind: 'unlike' | 'unchecked' };

/** With fewer test articles the 95% interval of a share is about 40 points wide. */
const MIN_IN_BIN = 20;

/** Warnings of an article that the test articles do not stand for. */
const UNLIKE: ReadonlySet<string> = new Set([
  'OUT_OF_DISTRIBUTION_LETTERS',
  'OUT_OF_DISTRIBUTION_DISTANCE',
  'ARTICLE_SHORT',
  'TEXT_ONLY_ADDRESS',
]);

export function assessTrust(
  { inSource }: Pick<ModelFacts, 'inSource'>,
  { probability, warningFacts = [] }: Pick<PredictResponse, 'probability' | 'warningFacts'>,
): Trust {
  if (warningFacts.some(({ code }) => UNLIKE.has(code))) return { kind: 'unlike' };
  if (inSource === null || inSource.n === 0 || inSource.reliability.length === 0)
    return { kind: 'unchecked' };
  const bin = inSource.reliability.find(({ low, high }) => probability >= low && probability <= high);
  if (bin === undefined) return { kind: 'unchecked' };
  const { low, high, n, accuracy, confidence } = bin;
  const place = { low, high, n, of: inSource.n };
  if (n < MIN_IN_BIN) return { kind: 'few', ...place };
  const right = Math.round(accuracy * n);
  const interval = computeWilsonInterval(right, n);
  const agrees = confidence >= interval[0] && confidence <= interval[1];
  return { kind: 'measured', ...place, right, interval, claimed: agrees ? null : confidence };
}

/** 95% interval of a share: Wilson 1927, without continuity correction. */
export function computeWilsonInterval(successes: number, n: number): [number, number] {
  const z = 1.96;
  const share = successes / n;
  const middle = (share + (z * z) / (2 * n)) / (1 + (z * z) / n);
  const half = (z / (1 + (z * z) / n)) * Math.sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n));
  return [Math.max(0, middle - half), Math.min(1, middle + half)];
}
