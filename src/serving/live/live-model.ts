// The versions of a running server. It looks at what the registry wants, loads that beside what answers, switches in one
// step and lets the old version end what it has begun. What fails its checks changes nothing but the log, the counters
// and GET /model/. One version is loaded at a time, so that no more than one too many lies in memory.
import { type Clock, type Logger, silentLogger, systemClock } from '../../foundation/core/index.ts';
import type { EvaluationReport } from '../../foundation/records/index.ts';
import { type LiveMetrics, silentLiveMetrics } from '../metrics/index.ts';
import type { QueuedClassifier, QueuedClassifierOptions, ServingClassifier } from '../queue/index.ts';
import { type CanaryOptions, createCanaryTrial } from './canary-trial.ts';
import { buildFailureFacts } from './failure-facts.ts';
import type { LiveView } from './live-view.ts';
import { createVersionStock } from './loaded-versions.ts';
import type { DecideVersions, WantedVersions } from './registry-follower.ts';
import type { RolloutState } from './rollout-state.ts';
import { createShadowTrial } from './shadow-trial.ts';
import { createLiveSlots } from './traffic-split.ts';
import type { LivePool, LoadedVersion, PoolPower } from './version-loading.ts';

export interface LiveModelOptions {
  readonly first: LoadedVersion;
  readonly load: (reference: string, power: PoolPower) => Promise<LoadedVersion>;
  readonly decide: DecideVersions;
  /** Between two looks; 0: it looks once, for canary and shadow. */
  readonly everySeconds: number;
  readonly canary: CanaryOptions | null;
  readonly queue: Omit<QueuedClassifierOptions, 'current'>;
  readonly metrics?: LiveMetrics;
  /** Called when another version answers from now on. */
  readonly onSwitch?: (pool: LivePool) => void;
  readonly logger?: Logger;
  readonly clock?: Clock;
}

export interface LiveModel extends LiveView {
  /** What routes ask; its info and version are those of the version that answers now. */
  readonly classifier: ServingClassifier;
  readonly queued: QueuedClassifier;
  evaluations(): readonly EvaluationReport[];
  /** Begins to look. */
  start(): void;
  /** Looks now, and returns when what is wanted is there, or has failed. */
  look(): Promise<void>;
  /** Stops looking and frees every version, once it has ended what it had begun. */
  close(): Promise<void>;
}

const DEFAULT_WINDOW_MS = 60_000;

export function createLiveModel(options: LiveModelOptions): LiveModel {
  const { decide, logger = silentLogger, clock = systemClock, metrics = silentLiveMetrics } = options;
  const surroundings = { metrics, logger, clock };
  let live = options.first;
  let change: RolloutState['change'] = null;
  let warned = '';
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<void> | undefined;

  const stock = createVersionStock(options.load, surroundings);
  const canary =
    options.canary === null
      ? null
      : createCanaryTrial(options.canary, stock, { slots: () => slots, live: () => live }, surroundings);
  const shadow = createShadowTrial(stock, () => live.pool, surroundings);
  const slots = createLiveSlots({
    first: live.pool,
    queue: options.queue,
    metrics,
    clock,
    windowMs: options.canary === null ? DEFAULT_WINDOW_MS : options.canary.limits.windowSeconds * 1000,
    onCanaryRequest: (lane) => canary?.predictDetailed(lane),
  });

  const switchLive = async (reference: string): Promise<void> => {
    const startMs = clock.monotonicMs();
    const seconds = (): number => (clock.monotonicMs() - startMs) / 1000;
    change = { version: reference, outcome: 'loading', at: clock.nowIso(), code: null };
    const next = await stock.load('live', reference, 'full');
    if (next === null) return;
    if ('code' in next) {
      change = { version: reference, outcome: 'failed', at: clock.nowIso(), code: next.code };
      metrics.countChange('failed', seconds());
      return;
    }
    const old = live;
    live = next;
    slots.switchTo(next.pool);
    options.onSwitch?.(next.pool);
    if (canary?.running()?.reference === reference) canary.end();
    stock.release(old.pool);
    change = { version: reference, outcome: 'switched', at: clock.nowIso(), code: null };
    metrics.countChange('switched', seconds());
    logger.info(
      {
        modelVersion: next.pool.modelVersion,
        before: old.pool.modelVersion,
        seconds: Math.round(seconds() * 1000) / 1000,
      },
      'another version answers now',
    );
  };

  /** @returns null when the registry cannot be read, which is said once */
  const ask = (): WantedVersions | null => {
    try {
      const wanted = decide(live.reference);
      warned = '';
      stock.noteChanges(wanted.changes);
      return wanted;
    } catch (error) {
      const found = buildFailureFacts(error);
      if (found.problem !== warned) logger.error(found, 'the registry could not be read');
      warned = found.problem;
      return null;
    }
  };

  const arrange = async (): Promise<void> => {
    let wanted = ask();
    // while one version is loaded another may have been promoted
    while (
      wanted?.live &&
      wanted.live !== live.reference &&
      !stock.isUseless('live', wanted.live) &&
      !stock.isClosing()
    ) {
      await switchLive(wanted.live);
      wanted = ask();
    }
    if (wanted === null || stock.isClosing()) return;
    await canary?.arrange(wanted);
    if (!stock.isClosing()) await shadow.arrange(wanted.shadow);
  };

  const look = (): Promise<void> => {
    looking ??= arrange().finally(() => {
      looking = undefined;
    });
    return looking;
  };

  const lookAgainAndAgain = (): void => {
    look()
      .catch((error: unknown) => logger.error(buildFailureFacts(error), 'looking for versions failed'))
      .finally(() => {
        if (stock.isClosing() || options.everySeconds === 0) return;
        timer = setTimeout(lookAgainAndAgain, options.everySeconds * 1000);
        timer.unref();
      });
  };

  return {
    classifier: slots.classifier,
    queued: slots.queued,
    evaluations: () => live.evaluations,
    describe: () => ({ change, canary: canary?.state() ?? null, shadow: shadow.state() }),
    onAnswers: (articles, answers) => shadow.offer(articles, answers),
    start: lookAgainAndAgain,
    look,
    close: async () => {
      stock.beginClosing();
      clearTimeout(timer);
      await looking;
      canary?.end();
      shadow.end();
      await live.pool.dispose();
      await stock.drained();
    },
  };
}
