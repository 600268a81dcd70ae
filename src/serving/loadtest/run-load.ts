// Runs one load test. Closed loop: users wait for their response, think, and send again, as Locust's do; a server that
// stalls gets fewer requests, so its stall hardly shows. Open loop: requests are due at planned moments, whether others
// were answered or not, and latency counts from those moments: no coordinated omission (term and remedy: Gil Tene).
import { createRandom, type Random } from '../../foundation/core/index.ts';
import type { ArticleBodies } from './article-bodies.ts';
import { type GeneratorFigures, startGeneratorWatch } from './generator-watch.ts';
import { createLoadRecorder, type LiveFigures, type LoadRecord, type LoadRecorder } from './load-record.ts';
import { type LoadStage, listArrivals, nextWanted, sumSeconds } from './load-stages.ts';
import {
  createSender as createHttpSender,
  type Sender,
  type SenderOptions,
  type SendOutcome,
} from './sender.ts';
import { createSleeper } from './sleeper.ts';

const TICK_MS = 200;
/** Pause of a user after a failure, so that a server that is down does not get thousands of requests per second. */
const AFTER_FAILURE_MS = 100;
/** A rejected user waits no longer than this, whatever Retry-After says. */
const LONGEST_RETRY_AFTER_MS = 10_000;

interface CommonPlan {
  readonly stages: readonly LoadStage[];
  /** Requests in this time are sent, but not measured. */
  readonly warmUpSeconds: number;
}

export interface OpenLoopPlan extends CommonPlan {
  readonly loop: 'open';
  /** steady: even gaps; random: gaps as between requests of independent clients. */
  readonly arrivals: 'steady' | 'random';
  /** Requests in progress at once; further ones wait, and their waiting counts. */
  readonly maxInFlight: number;
}

export interface ClosedLoopPlan extends CommonPlan {
  readonly loop: 'closed';
  /** Time between a response and the next request; evenly distributed. */
  readonly thinkSeconds: { readonly low: number; readonly high: number };
  /** Time from one request of a user to the next, in place of a think time; a late request is sent at once. null: think time. */
  readonly paceSeconds: number | null;
}

export type LoadPlan = OpenLoopPlan | ClosedLoopPlan;

export interface LoadTestOptions {
  readonly plan: LoadPlan;
  readonly target: SenderOptions;
  readonly bodies: ArticleBodies;
  readonly signal: AbortSignal;
  /** Default: over HTTP. */
  readonly createSender?: (target: SenderOptions) => Sender;
  /** Seed of random gaps and thinking times. Default 1. */
  readonly seed?: number;
  /** Called a few times a second; `stop` ends the test early. */
  readonly onTick?: (live: LiveFigures) => 'stop' | undefined;
}

export interface LoadTestResult extends LoadRecord {
  /** false: stopped before its end. */
  readonly complete: boolean;
  readonly generator: GeneratorFigures;
}

/**
 * Runs the plan, then waits for the last responses. An aborted signal ends it at once; what was counted till then is
 * returned, requests in progress are not counted.
 */
export async function runLoad(options: LoadTestOptions): Promise<LoadTestResult> {
  const { plan, signal, seed = 1, onTick } = options;
  const watch = startGeneratorWatch();
  const run = new LoadRun(options);
  const stop = (): void => run.stop();
  const ticker = setInterval(() => {
    if (onTick?.(run.recorder.live()) === 'stop') stop();
  }, TICK_MS);
  signal.addEventListener('abort', stop);
  try {
    if (signal.aborted) stop();
    else if (plan.loop === 'open') await run.runOpenLoop(plan, createRandom(seed, 'arrivals'));
    else await run.runClosedLoop(plan, seed);
    return { ...run.finish(), generator: watch.stop() };
  } finally {
    signal.removeEventListener('abort', stop);
    clearInterval(ticker);
    run.close();
  }
}

/** One run of a plan: the requests in progress, and what was counted so far. */
class LoadRun {
  readonly recorder: LoadRecorder;
  readonly #sender: Sender;
  readonly #sleeper = createSleeper();
  readonly #bodies: ArticleBodies;
  readonly #startMs: number;
  readonly #endMs: number;
  /** What was counted until the run was stopped early. */
  #stopped: LoadRecord | null = null;

  constructor({ plan, target, bodies, createSender = createHttpSender }: LoadTestOptions) {
    const totalSeconds = sumSeconds(plan.stages);
    this.#sender = createSender(target);
    this.#bodies = bodies;
    this.recorder = createLoadRecorder({ totalSeconds, warmUpSeconds: plan.warmUpSeconds, nowMs });
    this.#startMs = this.recorder.startMs;
    this.#endMs = this.#startMs + totalSeconds * 1000;
  }

  stop(): void {
    if (this.#stopped !== null) return;
    this.#stopped = this.recorder.finish();
    this.#sender.close();
    this.#sleeper.wake();
  }

  finish(): LoadRecord & Pick<LoadTestResult, 'complete'> {
    return { ...(this.#stopped ?? this.recorder.finish()), complete: this.#stopped === null };
  }

  close(): void {
    this.#sender.close();
  }

  async runOpenLoop(plan: OpenLoopPlan, random: Random): Promise<void> {
    const underWay = new Set<Promise<void>>();
    let freeSlot = (): void => {};
    void this.#sleeper.sleep(this.#endMs - nowMs()).then(() => freeSlot());
    for (const seconds of listArrivals(plan.stages, plan.arrivals === 'random' ? random : undefined)) {
      const dueMs = this.#startMs + seconds * 1000;
      await this.#sleepUntil(dueMs);
      while (this.#stopped === null && underWay.size >= plan.maxInFlight && nowMs() < this.#endMs) {
        await new Promise<void>((resolve) => {
          freeSlot = resolve;
        });
      }
      if (this.#stopped !== null) break;
      if (underWay.size >= plan.maxInFlight) {
        this.recorder.leaveOut(dueMs);
        continue;
      }
      const request = this.#send(dueMs).then(() => {
        underWay.delete(request);
        freeSlot();
      });
      underWay.add(request);
    }
    await Promise.all(underWay);
    await this.#sleepUntil(this.#endMs);
  }

  async runClosedLoop(plan: ClosedLoopPlan, seed: number): Promise<void> {
    const most = Math.ceil(Math.max(...plan.stages.flatMap(({ from, to }) => [from, to])));
    await Promise.all(
      Array.from({ length: most }, (_, user) => this.#runUser(user, plan, createRandom(seed, 'user', user))),
    );
    await this.#sleepUntil(this.#endMs);
  }

  async #runUser(user: number, plan: ClosedLoopPlan, random: Random): Promise<void> {
    const { thinkSeconds, paceSeconds } = plan;
    let dueMs = this.#startMs + (paceSeconds === null ? 0 : random.next() * paceSeconds * 1000);
    while (this.#stopped === null) {
      const wanted = nextWanted(plan.stages, user, (Math.max(dueMs, nowMs()) - this.#startMs) / 1000);
      if (wanted === null) return;
      const waitMs = this.#startMs + wanted * 1000 - nowMs();
      if (waitMs > 0) {
        await this.#sleeper.sleep(waitMs);
        continue; // timers may be early by a fraction of a millisecond, and stages may have changed
      }
      const outcome = await this.#send(nowMs());
      if (this.#stopped !== null) return;
      const thinkMs = 1000 * (thinkSeconds.low + (thinkSeconds.high - thinkSeconds.low) * random.next());
      dueMs = paceSeconds === null ? nowMs() + thinkMs : Math.max(nowMs(), dueMs + paceSeconds * 1000);
      dueMs = Math.max(dueMs, nowMs() + pauseAfter(outcome));
    }
  }

  /** Sends the next body now. @param dueMs  when it was due */
  async #send(dueMs: number): Promise<SendOutcome> {
    const sentMs = nowMs();
    this.recorder.begin();
    const outcome = await this.#sender.send(this.#bodies.next());
    if (this.#stopped === null) this.recorder.end(dueMs, sentMs, outcome);
    return outcome;
  }

  async #sleepUntil(ms: number): Promise<void> {
    while (this.#stopped === null && nowMs() < ms) await this.#sleeper.sleep(ms - nowMs());
  }
}

function nowMs(): number {
  return performance.now();
}

function pauseAfter(outcome: SendOutcome): number {
  if (outcome.kind === 'rejected') return Math.min(outcome.retryAfterSeconds * 1000, LONGEST_RETRY_AFTER_MS);
  return outcome.kind === 'failed' ? AFTER_FAILURE_MS : 0;
}
