// 95% percentile bootstrap (Efron 1979): figures of resamples drawn with replacement. A resample is a count per
// article, so every figure is a weighted sum; articles are put in score order once, so no resample sorts anything
// and 1,000 of them on 10,000 articles take well under a second. Where near-duplicate groups are given, whole groups
// are drawn: near-duplicates are not independent. Where all predictions are right, or all wrong, every resample is alike;
// the interval of accuracy and macro F1 is then the exact one of Clopper and Pearson (1934).
import { createRandom } from '../core/index.ts';
import type { Metrics } from '../records/index.ts';
import { type ArticleScores, computeArticleScores, RELIABILITY_BINS } from './article-scores.ts';
import { computeAccuracy, computeMacro } from './confusion.ts';
import { computeLogOdds, type LabelledLogits } from './probabilities.ts';
import { meanOfKnown, positiveClasses, sortByScore } from './ranking.ts';

/** [low, high] */
export type Interval = [number, number];

export interface MetricIntervals {
  readonly accuracy: Interval;
  readonly macroF1: Interval;
  /** null where no resample held both classes. */
  readonly rocAuc: Interval | null;
  readonly brier: Interval;
  readonly ece: Interval;
  readonly loss: Interval;
}

export interface BootstrapOptions {
  readonly resamples: number;
  readonly seed: number;
  readonly temperature?: number;
  /** [N] name of each article's near-duplicate group; without it every article is drawn separately. */
  readonly groups?: readonly string[] | undefined;
}

/** @throws EVALUATION_EMPTY, LOGITS_NOT_FINITE */
export function computeIntervals(data: LabelledLogits, options: BootstrapOptions): MetricIntervals {
  const compute = createWeightedMetrics(data, options.temperature ?? 1);
  const drawn: Metrics[] = [];
  for (const weights of drawResamples(data.labels.length, options)) drawn.push(compute(weights));
  const interval = (key: Exclude<keyof Metrics, 'rocAuc'>): Interval =>
    percentileInterval(drawn.map((metrics) => metrics[key]));
  const { accuracy } = compute(new Uint16Array(data.labels.length).fill(1));
  const units = options.groups === undefined ? data.labels.length : new Set(options.groups).size;
  const exact = accuracy === 0 || accuracy === 1 ? unanimousInterval(accuracy, units) : null;
  const rocAucs = drawn.map((metrics) => metrics.rocAuc).filter((value) => value !== null);
  return {
    accuracy: exact ?? interval('accuracy'),
    macroF1: exact ?? interval('macroF1'),
    rocAuc: rocAucs.length === 0 ? null : percentileInterval(rocAucs),
    brier: interval('brier'),
    ece: interval('ece'),
    loss: interval('loss'),
  };
}

/** The exact 95% interval of a share of 0 or 1 in `n` independent draws. */
function unanimousInterval(share: 0 | 1, n: number): Interval {
  const low = 0.025 ** (1 / n);
  return share === 1 ? [low, 1] : [0, 1 - low];
}

/** How often each article was drawn, once per resample; the array is used again for the next. */
export function* drawResamples(
  n: number,
  { resamples, seed, groups }: BootstrapOptions,
): Generator<Uint16Array> {
  const random = createRandom(seed, 'bootstrap');
  const weights = new Uint16Array(n);
  const members = groups === undefined ? null : collectGroups(groups);
  const units = members?.length ?? n;
  for (let resample = 0; resample < resamples; resample++) {
    weights.fill(0);
    for (let draw = 0; draw < units; draw++) {
      const unit = random.integer(units);
      if (members === null) weights[unit]!++;
      else for (const row of members[unit]!) weights[row]!++;
    }
    yield weights;
  }
}

function collectGroups(groups: readonly string[]): number[][] {
  const members = new Map<string, number[]>();
  groups.forEach((group, row) => {
    const rows = members.get(group);
    if (rows) rows.push(row);
    else members.set(group, [row]);
  });
  return [...members.values()];
}

/** Prepares the metrics of weighted articles: the same figures as computeMetrics on the articles repeated that often. */
export function createWeightedMetrics(
  data: LabelledLogits,
  temperature: number,
): (weights: Uint16Array) => Metrics {
  const scores = computeArticleScores(data, temperature);
  const rankings = positiveClasses(data.classes).map((positive) =>
    prepareRanking(data, positive, temperature),
  );
  const cells = Int32Array.from(
    scores.labels,
    (label, row) => label * data.classes + scores.predictions[row]!,
  );
  return (weights) => {
    const { confusion, brier, loss, ece } = sumWeighted(scores, cells, weights);
    return {
      accuracy: computeAccuracy(confusion),
      macroF1: computeMacro(confusion).f1,
      rocAuc: meanOfKnown(rankings.map((ranking) => weightedRocAuc(ranking, weights))),
      brier,
      ece,
      loss,
    };
  };
}

function sumWeighted(
  scores: ArticleScores,
  cells: Int32Array,
  weights: Uint16Array,
): { confusion: number[][]; brier: number; loss: number; ece: number } {
  const { n, classes } = scores;
  const counts = new Float64Array(classes * classes);
  const gaps = new Float64Array(RELIABILITY_BINS); // per bin: correct predictions minus confidence
  let brier = 0;
  let loss = 0;
  let total = 0;
  for (let row = 0; row < n; row++) {
    const weight = weights[row]!;
    if (weight === 0) continue;
    total += weight;
    counts[cells[row]!]! += weight;
    brier += weight * scores.brier[row]!;
    loss += weight * scores.loss[row]!;
    const right = scores.predictions[row] === scores.labels[row] ? 1 : 0;
    gaps[scores.bin[row]!]! += weight * (right - scores.confidence[row]!);
  }
  const confusion = Array.from({ length: classes }, (_, actual) =>
    Array.from(counts.subarray(actual * classes, (actual + 1) * classes)),
  );
  const ece = gaps.reduce((sum, gap) => sum + Math.abs(gap), 0) / total;
  return { confusion, brier: brier / total, loss: loss / total, ece };
}

interface Ranking {
  /** Rows from the lowest score to the highest. */
  readonly order: Uint32Array; // [N]
  /** 1 where the row in this place has the same score as the one before it. */
  readonly tied: Uint8Array; // [N]
  readonly positive: Uint8Array; // [N], in order
}

function prepareRanking(
  { logits, labels, classes }: LabelledLogits,
  positive: number,
  temperature: number,
): Ranking {
  const scores = computeLogOdds(logits, classes, positive, temperature);
  const order = sortByScore(scores);
  const tied = new Uint8Array(order.length);
  for (let place = 1; place < order.length; place++) {
    tied[place] = scores[order[place]!] === scores[order[place - 1]!] ? 1 : 0;
  }
  return { order, tied, positive: Uint8Array.from(order, (row) => (labels[row] === positive ? 1 : 0)) };
}

function weightedRocAuc({ order, tied, positive }: Ranking, weights: Uint16Array): number | null {
  let pairs = 0;
  let positives = 0;
  let below = 0;
  let right = 0; // of the current tie
  let wrong = 0;
  for (let place = 0; place < order.length; place++) {
    if (tied[place] === 0) {
      pairs += right * (below + wrong / 2);
      positives += right;
      below += wrong;
      right = 0;
      wrong = 0;
    }
    if (positive[place] === 1) right += weights[order[place]!]!;
    else wrong += weights[order[place]!]!;
  }
  pairs += right * (below + wrong / 2);
  positives += right;
  below += wrong;
  return positives === 0 || below === 0 ? null : pairs / (positives * below);
}

/** The 2.5th and 97.5th percentile, interpolated as NumPy does. */
export function percentileInterval(values: readonly number[]): Interval {
  const sorted = Float64Array.from(values).sort();
  const at = (share: number): number => {
    const place = share * (sorted.length - 1);
    const lower = Math.floor(place);
    const upper = Math.min(sorted.length - 1, lower + 1);
    return sorted[lower]! + (place - lower) * (sorted[upper]! - sorted[lower]!);
  };
  return [at(0.025), at(0.975)];
}
