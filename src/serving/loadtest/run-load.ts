// One load test from start to end. Closed loop: users who wait for their answer, think, and ask again, as Locust's do; a
// server that stalls is asked less, so its stall hardly shows. Open loop: requests are due at moments of a plan, answered
// or not, and waiting counts from those moments: no coordinated omission (the term and the cure are Gil Tene's).
import { createRandom, type Random } from '../../foundation/core/index.ts';
import type { ArticleBodies } from './article-bodies.ts';
import { type GeneratorFigures, startGeneratorWatch } from './generator-watch.ts';
import { createLoadRecorder, type LiveFigures, type LoadRecord, type LoadRecorder } from './load-record.ts';
import { type LoadStage, listArrivals, nextWanted, sumSeconds } from './load-stages.ts';
import { createSender as createHttpSender, type Sender, type SenderOptions } from './sender.ts';
import { createSleeper, type Sleeper } from './sleeper.ts';

const TICK_MS = 200;
/** A user whose server is not there does not ask it thousands of times a second. */
const AFTER_FAILURE_MS = 100;
/** Nobody waits longer for being told to come back later. */
const LONGEST_RETRY_AFTER_MS = 10_000;

interface CommonPlan {
  readonly stages: readonly LoadStage[];
  /** Sent, but not measured. */
  readonly warmUpSeconds: number;
}

export interface OpenLoopPlan extends CommonPlan {
  readonly loop: 'open';
  /** steady: even gaps; random: as of independent clients. */
  readonly arrivals: 'steady' | 'random';
  /** Requests under way at once; further ones wait, and their waiting counts. */
  readonly maxInFlight: number;
}

export interface ClosedLoopPlan extends CommonPlan {
  readonly loop: 'closed';
  /** Between an answer and the next request; evenly distributed. */
  readonly thinkSeconds: { readonly low: number; readonly high: number };
  /** From request to request of a user, instead of thinking; a late one comes at once. null: think. */
  readonly paceSeconds: number | null;
}

export type LoadPlan = OpenLoopPlan | ClosedLoopPlan;

export interface LoadOptions {
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

export interface LoadResult extends LoadRecord {
  /** false: stopped before its end. */
  readonly complete: boolean;
  readonly generator: GeneratorFigures;
}

/**
 * Runs the plan, then waits for the last answers. An aborted signal ends it at once; what was counted till then is
 * returned, requests under way are not counted.
 */
export async function runLoad({
  plan,
  target,
  bodies,
  signal,
  createSender = createHttpSender,
  seed = 1,
  onTick,
}: LoadOptions): Promise<LoadResult> {
  const nowMs = (): number => performance.now();
  const totalSeconds = sumSeconds(plan.stages);
  const [sender, sleeper, watch] = [createSender(target), createSleeper(), startGeneratorWatch()];
  const recorder = createLoadRecorder({ totalSeconds, warmUpSeconds: plan.warmUpSeconds, nowMs });
  const run: Run = { sender, sleeper, recorder, bodies, startMs: nowMs(), stopped: false, nowMs };
  let result: LoadRecord | undefined;
  const stop = (): void => {
    if (run.stopped) return;
    run.stopped = true;
    result = recorder.finish();
    sender.close();
    sleeper.wake();
  };
  const ticker = setInterval(() => {
    if (onTick?.(recorder.live()) === 'stop') stop();
  }, TICK_MS);
  signal.addEventListener('abort', stop);
  try {
    if (signal.aborted) stop();
    else if (plan.loop === 'open') await runOpenLoop(plan, run, createRandom(seed, 'arrivals'));
    else await runClosedLoop(plan, run, seed);
    return { ...(result ?? recorder.finish()), complete: !run.stopped, generator: watch.stop() };
  } finally {
    signal.removeEventListener('abort', stop);
    clearInterval(ticker);
    sender.close();
  }
}

interface Run {
  readonly sender: Sender;
  readonly sleeper: Sleeper;
  readonly recorder: LoadRecorder;
  readonly bodies: ArticleBodies;
  readonly startMs: number;
  stopped: boolean;
  readonly nowMs: () => number;
}

async function runOpenLoop(plan: OpenLoopPlan, run: Run, random: Random): Promise<void> {
  const { sender, sleeper, recorder, bodies, startMs, nowMs } = run;
  const endMs = startMs + sumSeconds(plan.stages) * 1000;
  const underWay = new Set<Promise<void>>();
  let freeSlot = (): void => {};
  void sleeper.sleep(endMs - nowMs()).then(() => freeSlot());
  for (const seconds of listArrivals(plan.stages, plan.arrivals === 'random' ? random : undefined)) {
    const dueMs = startMs + seconds * 1000;
    while (!run.stopped && nowMs() < dueMs) await sleeper.sleep(dueMs - nowMs());
    while (!run.stopped && underWay.size >= plan.maxInFlight && nowMs() < endMs) {
      await new Promise<void>((resolve) => {
        freeSlot = resolve;
      });
    }
    if (run.stopped) break;
    if (underWay.size >= plan.maxInFlight) {
      recorder.leaveOut(dueMs);
      continue;
    }
    const sentMs = nowMs();
    recorder.begin();
    const request = sender.send(bodies.next()).then((outcome) => {
      if (!run.stopped) recorder.end(dueMs, sentMs, outcome);
      underWay.delete(request);
      freeSlot();
    });
    underWay.add(request);
  }
  await Promise.all(underWay);
  while (!run.stopped && nowMs() < endMs) await sleeper.sleep(endMs - nowMs());
}

async function runClosedLoop(plan: ClosedLoopPlan, run: Run, seed: number): Promise<void> {
  const most = Math.ceil(Math.max(...plan.stages.flatMap(({ from, to }) => [from, to])));
  await Promise.all(
    Array.from({ length: most }, (_, index) => runUser(index, plan, run, createRandom(seed, 'user', index))),
  );
  const endMs = run.startMs + sumSeconds(plan.stages) * 1000;
  while (!run.stopped && run.nowMs() < endMs) await run.sleeper.sleep(endMs - run.nowMs());
}

async function runUser(index: number, plan: ClosedLoopPlan, run: Run, random: Random): Promise<void> {
  const { sender, sleeper, recorder, bodies, startMs, nowMs } = run;
  const { thinkSeconds, paceSeconds } = plan;
  let dueMs = startMs + (paceSeconds === null ? 0 : random.next() * paceSeconds * 1000);
  while (!run.stopped) {
    const wanted = nextWanted(plan.stages, index, (Math.max(dueMs, nowMs()) - startMs) / 1000);
    if (wanted === null) return;
    const waitMs = startMs + wanted * 1000 - nowMs();
    if (waitMs > 0) {
      await sleeper.sleep(waitMs);
      continue; // timers may be early by a fraction of a millisecond, and stages may have changed
    }
    const sentMs = nowMs();
    recorder.begin();
    const outcome = await sender.send(bodies.next());
    if (run.stopped) return;
    recorder.end(sentMs, sentMs, outcome);
    const thinkMs = 1000 * (thinkSeconds.low + (thinkSeconds.high - thinkSeconds.low) * random.next());
    dueMs = paceSeconds === null ? nowMs() + thinkMs : Math.max(nowMs(), dueMs + paceSeconds * 1000);
    dueMs = Math.max(dueMs, nowMs() + pauseAfter(outcome));
  }
}

function pauseAfter(outcome: Awaited<ReturnType<Sender['send']>>): number {
  if (outcome.kind === 'rejected') return Math.min(outcome.retryAfterSeconds * 1000, LONGEST_RETRY_AFTER_MS);
  return outcome.kind === 'failed' ? AFTER_FAILURE_MS : 0;
}
