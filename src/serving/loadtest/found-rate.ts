// The result of a search for the highest rate, with its uncertainty.
import { ENOUGH_REQUESTS, type RateSureness } from './load-warning.ts';
import type { LoadPlan, LoadTestResult } from './run-load.ts';
import { isLatency, percentileOf, type Threshold, type ThresholdResult } from './threshold.ts';

export interface Probe {
  /** Requests per second that were due; null: as fast as the users can. */
  readonly asked: number | null;
  readonly answeredPerSecond: number;
  readonly met: boolean;
  readonly checks: readonly ThresholdResult[];
  /** false: given up as soon as it could no longer be met. */
  readonly complete: boolean;
  readonly purpose: 'bracket' | 'bisect' | 'confirm';
  readonly requests: number;
}

export interface FoundRate {
  readonly limits: readonly Threshold[];
  /** Responses per second that the server sustains; null: it met the limits at no rate that was tried. */
  readonly rate: number | null;
  /** Requests per second that were due at that rate; null: as fast as the users can. */
  readonly asked: number | null;
  /** Probes at that rate, and how many met the limits. */
  readonly confirmed: { readonly met: number; readonly of: number };
  /** The lowest rate that was missed; null: none was. */
  readonly missedAt: number | null;
  /** The requests at that rate that exceeded the percentile's limit; null if the limits name no percentile. */
  readonly over: {
    readonly requests: number;
    readonly count: number;
    /** 95% interval of their share (Wilson). */
    readonly interval: readonly [number, number];
    readonly allowed: number;
  } | null;
  readonly sureness: RateSureness;
  readonly probes: readonly Probe[];
  readonly complete: boolean;
}

/** What was measured last at the found rate. */
export interface Measured {
  readonly plan: LoadPlan;
  readonly result: LoadTestResult;
}

export interface RateSearch {
  readonly found: FoundRate;
  /** Report of the last probe that met the limits at the found rate; null if none did. */
  readonly measured: Measured | null;
}

export interface TriedRate extends Measured {
  readonly probe: Probe;
}

/** The outcome of a search: which rate held, and what all probes say of it. */
export interface SearchOutcome {
  readonly limits: readonly Threshold[];
  readonly tried: readonly TriedRate[];
  /** The rate that held, null inside: as fast as the users can; null: no rate was met. */
  readonly held: { readonly asked: number | null } | null;
  readonly missedAt: number | null;
  /** false: stopped, or out of probes. */
  readonly complete: boolean;
}

export function summariseSearch({ limits, tried, held, missedAt, complete }: SearchOutcome): RateSearch {
  const probes = tried.map(({ probe }) => probe);
  const same = held === null ? [] : tried.filter(({ probe }) => probe.asked === held.asked);
  const good = same.filter(({ probe }) => probe.met);
  const last = good.at(-1);
  const rate = last === undefined ? null : medianOf(good.map(({ probe }) => probe.answeredPerSecond));
  const over = countOver(limits, same);
  const confirmed = { met: good.length, of: same.length };
  const found = { limits, rate, asked: held?.asked ?? null, confirmed, missedAt, over, probes, complete };
  const measured = last === undefined ? null : { plan: last.plan, result: last.result };
  return { found: { ...found, sureness: buildSureness(found) }, measured };
}

function countOver(limits: readonly Threshold[], same: readonly TriedRate[]): FoundRate['over'] {
  const strictest = limits.find(({ measure }) => isLatency(measure) && percentileOf(measure) !== null);
  if (strictest === undefined || same.length === 0) return null;
  let [requests, count] = [0, 0];
  for (const { result } of same) {
    for (const bucket of result.buckets) {
      requests += bucket.count;
      if (bucket.upToMs > strictest.limit) count += bucket.count;
    }
  }
  const allowed = 1 - percentileOf(strictest.measure)!;
  return { requests, count, interval: intervalOf(count, requests), allowed };
}

/** 95% interval of a share. Source: Wilson 1927. */
export function intervalOf(count: number, of: number): [number, number] {
  if (of === 0) return [0, 1];
  const z = 1.96;
  const [share, square] = [count / of, z * z];
  const centre = (share + square / (2 * of)) / (1 + square / of);
  const half = (z * Math.sqrt((share * (1 - share)) / of + square / (4 * of * of))) / (1 + square / of);
  return [count === 0 ? 0 : centre - half, count === of ? 1 : centre + half];
}

function buildSureness({ rate, confirmed, over, complete }: Omit<FoundRate, 'sureness'>): RateSureness {
  if (rate === null) return { code: complete ? 'RATE_NOT_FOUND' : 'RATE_SEARCH_STOPPED' };
  const probes = { probes: confirmed.of, met: confirmed.met, complete };
  if (over === null) return { code: 'RATE_MET', ...probes };
  const { requests, count, allowed } = over;
  const [lowestShare, highestShare] = over.interval;
  const code =
    requests < ENOUGH_REQUESTS
      ? 'RATE_REQUESTS_FEW'
      : highestShare <= allowed
        ? 'RATE_SURE'
        : lowestShare > allowed
          ? 'RATE_DOUBTFUL'
          : 'RATE_LIKELY';
  return { code, requests, over: count, lowestShare, highestShare, allowedShare: allowed, ...probes };
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}
