// One probe of a search for the highest rate: a short load test at one rate, given up once it cannot meet its limits.
import type { ArticleBodies } from './article-bodies.ts';
import type { Probe, TriedRate } from './found-rate.ts';
import type { LiveFigures } from './load-record.ts';
import { type LoadPlan, runLoad } from './run-load.ts';
import { createSender as createHttpSender, type Sender, type SenderOptions } from './sender.ts';
import { checkThresholds, percentileOf, type Threshold } from './threshold.ts';

const WARM_UP_SECONDS = 1;
/** A rate counts as kept from this share of it on. */
const KEPT_SHARE = 0.95;
const MAX_IN_FLIGHT = 10_000;
const CALM_FACTOR = 3;
const LONGEST_SETTLING_MS = 30_000;
const SETTLING_PAUSE_MS = 200;

export interface FindRateOptions {
  readonly limits: readonly Threshold[];
  /** null: open loop. A number: so many users, each of whom sends once in users/rate seconds. */
  readonly users: number | null;
  /** First rate; null: half the rate of one user alone. */
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

export async function runProbe(
  asked: number | null,
  purpose: Probe['purpose'],
  options: FindRateOptions,
): Promise<TriedRate> {
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

/** More requests are over the limit already than all requests together may have. */
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
export async function measureUnloadedMs(options: FindRateOptions): Promise<number> {
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

/** Waits until the server has finished the requests of the last probe, so that a single request is quick again. */
export async function settle(options: FindRateOptions, unloadedMs: number): Promise<void> {
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
