// Runs a sampler on a function, with one trial or several at once, and compares curves of the best value so far.
import { createSampler, type Observation, type SearchMethod } from '../src/learning/search/index.ts';
import type { SearchFunction } from './search-functions.ts';

export interface CurveRequest {
  readonly method: SearchMethod;
  readonly seed: number;
  readonly trials: number;
  /** That many trials are always running; the oldest one ends first. */
  readonly workers: number;
}

/** The best value after each finished trial. */
export function runCurve(
  { space, evaluate }: SearchFunction,
  { method, seed, trials, workers }: CurveRequest,
): number[] {
  const sampler = createSampler({ method, space, seed });
  const history: Observation[] = [];
  const curve: number[] = [];
  const finishOldest = (): void => {
    const at = curve.length;
    const { parameters } = history[at] as Observation;
    const value = evaluate(parameters);
    history[at] = { parameters, state: 'finished', value, reports: [] };
    curve.push(Math.min(value, curve.at(-1) ?? Number.POSITIVE_INFINITY));
  };
  while (history.length < trials) {
    const parameters = sampler.propose(history);
    if (parameters === null) break;
    history.push({ parameters, state: 'running', value: null, reports: [] });
    if (history.length - curve.length === workers) finishOldest();
  }
  while (curve.length < history.length) finishOldest();
  return curve;
}

/** Values of two samplers for the same function and seed; seeds that one of them lacks are left out. */
export class Pairs {
  readonly a: number[] = [];
  readonly b: number[] = [];

  constructor(a: readonly (number | undefined)[] = [], b: readonly (number | undefined)[] = []) {
    for (const [seed, value] of a.entries()) {
      const other = b[seed];
      if (value === undefined || other === undefined) continue;
      this.a.push(value);
      this.b.push(other);
    }
  }

  /** Adds pairs of one function, each value replaced by its rank in (0, 1] among both samplers' values. */
  addRanks({ a, b }: Pairs): void {
    this.a.push(...rankAmong(a, [...a, ...b]));
    this.b.push(...rankAmong(b, [...a, ...b]));
  }
}

/** Ranks in (0, 1]; equal values share the mean rank. */
function rankAmong(values: readonly number[], all: readonly number[]): number[] {
  return values.map((value) => {
    const below = all.filter((other) => other < value).length;
    const equal = all.filter((other) => other === value).length;
    return (below + (equal + 1) / 2) / all.length;
  });
}

/**
 * Wilcoxon's signed-rank test of pairs, one-sided: how probable such ranks are if `a` is not lower than `b`. Pairs
 * without a difference are left out; ties share their ranks; normal approximation with the correction for ties.
 * @returns the p-value, 1 where no pair differs
 */
export function testLower(a: readonly number[], b: readonly number[]): number {
  const differences = a.map((value, i) => value - (b[i] as number)).filter((difference) => difference !== 0);
  const n = differences.length;
  if (n === 0) return 1;
  differences.sort((x, y) => Math.abs(x) - Math.abs(y));
  let positive = 0;
  let ties = 0;
  for (let i = 0; i < n; ) {
    let end = i;
    while (end < n && Math.abs(differences[end] as number) === Math.abs(differences[i] as number)) end++;
    const rank = (i + 1 + end) / 2;
    ties += (end - i) ** 3 - (end - i);
    for (; i < end; i++) if ((differences[i] as number) > 0) positive += rank;
  }
  const deviation = Math.sqrt((n * (n + 1) * (2 * n + 1)) / 24 - ties / 48);
  return normalBelow((positive - (n * (n + 1)) / 4 + 0.5) / deviation);
}

/** Probability of a standard normal value below z; error under 1e-7 (Abramowitz and Stegun 26.2.17). */
function normalBelow(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const series =
    t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const tail = (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * series;
  return z > 0 ? 1 - tail : tail;
}
