// The highest rate at which a server still meets limits: doubled until it fails, then halved in between, then tried
// again and again, for one lucky probe proves little. How sure the answer is follows from all requests at that rate.
import type { ArticleBodies } from './article-bodies.ts';
import type { LiveFigures } from './load-record.ts';
import { type LoadPlan, type LoadResult, runLoad } from './run-load.ts';
import { createSender as createHttpSender, type Sender, type SenderOptions } from './sender.ts';
import {
  checkThresholds,
  isLatency,
  percentileOf,
  type Threshold,
  type ThresholdResult,
} from './threshold.ts';

const WARM_UP_SECONDS = 1;
/** A rate counts as kept from this share of it on. */
const KEPT_SHARE = 0.95;
const CONFIRMATIONS = 3;
/** The search ends when the rates that are met and missed are this close. */
const PRECISION = 1.06;
const MOST_PROBES = 40;
const LOWEST_RATE = 0.05;
const MAX_IN_FLIGHT = 10_000;
/** Requests that a p99 needs to say anything. */
const FEW_REQUESTS = 200;
const CALM_FACTOR = 3;
const LONGEST_SETTLING_MS = 30_000;
const SETTLING_PAUSE_MS = 200;

export interface Probe {
  /** Requests a second that were asked for; null: as fast as the users can. */
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
  /** Answers a second that the server keeps up; null: it met the limits at no rate that was tried. */
  readonly rate: number | null;
  /** Requests a second that were asked for then; null: as fast as the users can. */
  readonly asked: number | null;
  /** Probes at that rate, and how many met the limits. */
  readonly confirmed: { readonly met: number; readonly of: number };
  /** The lowest rate that was missed; null: none was. */
  readonly missedAt: number | null;
  /** Of the requests at that rate, those over the percentile's limit; null where the limits name no percentile. */
  readonly over: {
    readonly requests: number;
    readonly count: number;
    /** 95% interval of their share (Wilson). */
    readonly interval: readonly [number, number];
    readonly allowed: number;
  } | null;
  readonly sureness: string;
  readonly probes: readonly Probe[];
  readonly complete: boolean;
}

export interface FindRateOptions {
  readonly limits: readonly Threshold[];
  /** null: open loop. A number: that many users, each due once in users/rate seconds. */
  readonly users: number | null;
  /** First rate; null: half of what one user alone gets answered. */
  readonly firstRate: number | null;
  readonly probeSeconds: number;
  readonly arrivals: 'steady' | 'random';
  readonly target: SenderOptions;
  readonly bodies: ArticleBodies;
  readonly signal: AbortSignal;
  /** Default: over HTTP. */
  readonly createSender?: (target: SenderOptions) => Sender;
  readonly onProbe?: (probe: Probe) => void;
  readonly onTick?: (asked: number | null, live: LiveFigures) => void;
}

export interface RateSearch {
  readonly found: FoundRate;
  /** The last probe that met the limits at the found rate; null where none did. */
  readonly result: LoadResult | null;
  readonly plan: LoadPlan | null;
}

interface Tried {
  readonly probe: Probe;
  readonly result: LoadResult;
  readonly plan: LoadPlan;
}

/** Searches; an aborted signal ends it with what is known so far. */
export async function findRate(options: FindRateOptions): Promise<RateSearch> {
  const { signal, users } = options;
  const tried: Tried[] = [];
  const unloadedMs = await measureAlone(options);
  const attempt = async (asked: number | null, purpose: Probe['purpose']): Promise<boolean> => {
    await settle(options, unloadedMs);
    if (signal.aborted) return false;
    const one = await runProbe(asked, purpose, options);
    if (signal.aborted) return false;
    tried.push(one);
    options.onProbe?.(one.probe);
    return one.probe.met;
  };
  /** A miss counts once it was seen twice: a neighbour's burst is no limit of the server. */
  const isMet = async (asked: number | null, purpose: Probe['purpose']): Promise<boolean> =>
    (await attempt(asked, purpose)) || (!signal.aborted && (await attempt(asked, purpose)));
  const mayGoOn = (): boolean => !signal.aborted && tried.length < MOST_PROBES;

  // As fast as the users can is the most there is: where that is met, there is nothing to search.
  if (users !== null && (await isMet(null, 'bracket'))) return confirm(null, null);
  // Who asks as fast as he can gets the most answers there are, and that was too much.
  const fastest = tried.filter(({ probe }) => probe.asked === null).at(-1)?.probe.answeredPerSecond ?? 0;
  let [met, missed]: [number | null, number | null] = [null, fastest > 0 ? fastest : null];
  let rate = firstRate();
  while (mayGoOn() && (met === null || missed === null) && rate >= LOWEST_RATE) {
    if (await isMet(rate, 'bracket')) {
      met = rate;
      rate *= 2;
    } else {
      missed = rate;
      rate /= 2;
    }
  }
  while (mayGoOn() && met !== null && missed !== null && missed / met > PRECISION) {
    const middle = Math.sqrt(met * missed);
    if (await isMet(middle, 'bisect')) met = middle;
    else missed = middle;
  }
  return confirm(met, missed);

  /** Where the users got that many answers a second at their fastest, a little below it. */
  function firstRate(): number {
    return options.firstRate ?? (fastest > 0 ? fastest * 0.7 : Math.max(LOWEST_RATE * 2, 500 / unloadedMs));
  }

  /** Tries the rate until it was met often enough; a rate that fails more than once gives way to a lower one. */
  async function confirm(from: number | null, firstMissed: number | null): Promise<RateSearch> {
    let [at, lowestMissed] = [from, firstMissed];
    const isNone = from === null && !tried.some(({ probe }) => probe.asked === null && probe.met);
    while (!isNone && mayGoOn()) {
      const before = tried.length;
      while (mayGoOn() && tried.length - before < CONFIRMATIONS) await attempt(at, 'confirm');
      const missedNow = tried.slice(before).filter(({ probe }) => !probe.met).length;
      if (missedNow <= 1 || at === null || at / PRECISION < LOWEST_RATE) break;
      lowestMissed = at;
      at /= PRECISION;
    }
    return summarise(isNone ? undefined : at, lowestMissed, tried, options);
  }
}

async function runProbe(
  asked: number | null,
  purpose: Probe['purpose'],
  options: FindRateOptions,
): Promise<Tried> {
  const { limits, probeSeconds, target, bodies, signal, createSender = createHttpSender, onTick } = options;
  const plan = planProbe(asked, options);
  const planned = (asked ?? Number.POSITIVE_INFINITY) * probeSeconds;
  const result = await runLoad({
    plan,
    target,
    bodies,
    signal,
    createSender,
    onTick: (live) => {
      onTick?.(asked, live);
      return isHopeless(limits, live, planned) ? 'stop' : undefined;
    },
  });
  const checks = checkThresholds(limits, result);
  const kept = asked === null || result.answeredPerSecond >= asked * KEPT_SHARE;
  const probe: Probe = {
    asked,
    answeredPerSecond: result.answeredPerSecond,
    met: result.complete && kept && checks.every(({ met }) => met),
    checks,
    complete: result.complete,
    purpose,
    requests: result.counts.due,
  };
  return { probe, result, plan };
}

function planProbe(
  asked: number | null,
  { users, probeSeconds, arrivals }: Pick<FindRateOptions, 'users' | 'probeSeconds' | 'arrivals'>,
): LoadPlan {
  const stage = (level: number) => ({ from: level, to: level, seconds: probeSeconds + WARM_UP_SECONDS });
  const warmUpSeconds = WARM_UP_SECONDS;
  if (users === null)
    return { loop: 'open', stages: [stage(asked!)], warmUpSeconds, arrivals, maxInFlight: MAX_IN_FLIGHT };
  return {
    loop: 'closed',
    stages: [stage(users)],
    warmUpSeconds,
    thinkSeconds: { low: 0, high: 0 },
    paceSeconds: asked === null ? null : users / asked,
  };
}

/** More over the limit already than all requests together may have. */
function isHopeless(
  limits: readonly Threshold[],
  { latency, counts }: LiveFigures,
  planned: number,
): boolean {
  return limits.some(({ measure, limit }) => {
    const percentile = percentileOf(measure);
    if (percentile !== null) return latency.countAbove(limit) > (1 - percentile) * planned + 1;
    if (measure === 'errors') return counts.failed > limit * planned + 1;
    return measure === 'rejected' && counts.rejected > limit * planned + 1;
  });
}

/** Median milliseconds of a few requests, one at a time. */
async function measureAlone(options: FindRateOptions): Promise<number> {
  const { target, bodies, signal, createSender = createHttpSender } = options;
  const sender = createSender(target);
  const times: number[] = [];
  try {
    for (let i = 0; i < 7 && !signal.aborted; i++) times.push(await timeOne(sender, bodies));
  } finally {
    sender.close();
  }
  return Math.max(0.1, times.sort((a, b) => a - b)[times.length >> 1] ?? 1);
}

/** Waits until the server has worked off what a probe left behind: a single request is quick again. */
async function settle(options: FindRateOptions, unloadedMs: number): Promise<void> {
  const { target, bodies, signal, createSender = createHttpSender } = options;
  const sender = createSender(target);
  const startMs = performance.now();
  try {
    while (!signal.aborted && performance.now() - startMs < LONGEST_SETTLING_MS) {
      if ((await timeOne(sender, bodies)) < unloadedMs * CALM_FACTOR + 5) return;
      await new Promise((resolve) => setTimeout(resolve, SETTLING_PAUSE_MS));
    }
  } finally {
    sender.close();
  }
}

async function timeOne(sender: Sender, bodies: ArticleBodies): Promise<number> {
  const startMs = performance.now();
  const outcome = await sender.send(bodies.next());
  return outcome.kind === 'answered' ? performance.now() - startMs : Number.POSITIVE_INFINITY;
}

/** @param at  undefined: no rate was met */
function summarise(
  at: number | null | undefined,
  missedAt: number | null,
  tried: readonly Tried[],
  { limits, signal }: FindRateOptions,
): RateSearch {
  const probes = tried.map(({ probe }) => probe);
  const same = at === undefined ? [] : tried.filter(({ probe }) => probe.asked === at);
  const good = same.filter(({ probe }) => probe.met);
  const last = good.at(-1);
  const complete = !signal.aborted && tried.length < MOST_PROBES;
  const rate = last === undefined ? null : medianOf(good.map(({ probe }) => probe.answeredPerSecond));
  const over = countOver(limits, same);
  const confirmed = { met: good.length, of: same.length };
  const found = { limits, rate, asked: at ?? null, confirmed, missedAt, over, probes, complete };
  const sureness = describeSureness(found);
  return { found: { ...found, sureness }, result: last?.result ?? null, plan: last?.plan ?? null };
}

function countOver(limits: readonly Threshold[], same: readonly Tried[]): FoundRate['over'] {
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

function describeSureness({ rate, confirmed, over, complete }: Omit<FoundRate, 'sureness'>): string {
  if (rate === null)
    return complete ? 'no rate that was tried met the limits' : 'stopped before a rate was met';
  const percent = (share: number): string => `${Number((share * 100).toPrecision(2))}%`;
  const times = `met in ${confirmed.met} of ${confirmed.of} probes`;
  if (over === null) return times;
  const [low, high] = over.interval;
  const verdict =
    over.requests < FEW_REQUESTS
      ? `too few requests to be sure: give longer probes`
      : high <= over.allowed
        ? 'sure'
        : low > over.allowed
          ? 'doubtful'
          : 'likely, but the interval reaches over what is allowed: longer probes would tell';
  return `${times}; ${over.count} of ${over.requests.toLocaleString('en')} requests took longer (95% interval of the share ${percent(low)} to ${percent(high)}, allowed ${percent(over.allowed)}): ${verdict}${complete ? '' : '; stopped early'}`;
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}
