// The versions of a running server. It looks at what the registry wants, loads that beside what answers, switches in one
// step and lets the old version end what it has begun. What fails its checks changes nothing but the log, the counters
// and GET /model/. One version is loaded at a time, so that no more than one too many lies in memory.
import { errorCodeOf } from '../../core/atomic-file.ts';
import { type Clock, systemClock } from '../../core/clock.ts';
import { isAppError } from '../../core/errors.ts';
import { type Logger, silentLogger } from '../../core/logger.ts';
import type { EvaluationReport } from '../../records/evaluation.ts';
import type { ServingClassifier } from '../app-context.ts';
import type { Judging, JudgingOptions } from '../judging/judging.ts';
import { type CanaryLimits, findReason, type ReturnReason } from './canary-rules.ts';
import { type LiveMetrics, silentLiveMetrics } from './live-metrics.ts';
import { type CanaryLane, createLiveSlots } from './live-slots.ts';
import type { LiveView } from './live-view.ts';
import type { DecideVersions, WantedVersions } from './registry-follower.ts';
import type { RolloutState } from './rollout-state.ts';
import { createShadow, type Shadow } from './shadow.ts';
import type { LivePool, LoadedVersion, PoolPower } from './version-loading.ts';

export interface CanaryOptions {
  /** 0 to 1. */
  readonly share: number;
  readonly limits: CanaryLimits;
}

export interface LiveModelOptions {
  readonly first: LoadedVersion;
  readonly load: (reference: string, power: PoolPower) => Promise<LoadedVersion>;
  readonly decide: DecideVersions;
  /** Between two looks; 0: it looks once, for canary and shadow. */
  readonly everySeconds: number;
  readonly canary: CanaryOptions | null;
  readonly judging: Omit<JudgingOptions, 'current'>;
  readonly metrics?: LiveMetrics;
  /** Called when another version answers from now on. */
  readonly onSwitch?: (pool: LivePool) => void;
  readonly logger?: Logger;
  readonly clock?: Clock;
}

export interface LiveModel extends LiveView {
  /** What routes ask; its info and version are those of the version that answers now. */
  readonly classifier: ServingClassifier;
  readonly judging: Judging;
  evaluations(): readonly EvaluationReport[];
  /** Begins to look. */
  start(): void;
  /** Looks now, and returns when what is wanted is there, or has failed. */
  look(): Promise<void>;
  /** Stops looking and frees every version, once it has ended what it had begun. */
  close(): Promise<void>;
}

const DEFAULT_WINDOW_MS = 60_000;
/** Sorting a window costs more than a request may. */
const JUDGE_EVERY_MS = 250;

export function createLiveModel(options: LiveModelOptions): LiveModel {
  const { load, decide, canary: trial, logger = silentLogger, clock = systemClock } = options;
  const { metrics = silentLiveMetrics } = options;
  let live = options.first;
  let canary: LoadedVersion | null = null;
  let shadow: (LoadedVersion & { readonly opinion: Shadow }) | null = null;
  let change: RolloutState['change'] = null;
  let canaryState: RolloutState['canary'] = null;
  let shadowState: RolloutState['shadow'] = null;
  let changes = 0;
  let warned = '';
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<void> | undefined;
  let isClosing = false;
  const draining = new Set<Promise<void>>();
  /** What failed, or was taken back, and how many changes of stage there had been by then. */
  const tried = { live: '', canary: '', shadow: '' };
  const nameTry = (reference: string): string => `${reference} ${changes}`;

  const slots = createLiveSlots({
    first: live.pool,
    judging: options.judging,
    metrics,
    clock,
    windowMs: trial === null ? DEFAULT_WINDOW_MS : trial.limits.windowSeconds * 1000,
    onCanaryRequest: (lane) => judgeCanary(lane),
  });

  const countLoaded = (): void =>
    metrics.setLoaded(1 + Number(canary !== null) + Number(shadow !== null) + draining.size);

  const drain = (pool: LivePool): void => {
    const startMs = clock.monotonicMs();
    const ended = pool.dispose().then(
      () => {
        const drainMs = Math.round(clock.monotonicMs() - startMs);
        logger.info({ modelVersion: pool.modelVersion, drainMs }, 'a version has ended its work and is gone');
      },
      (error: unknown) =>
        logger.error({ modelVersion: pool.modelVersion, ...describe(error) }, 'a version could not be freed'),
    );
    draining.add(ended);
    ended.finally(() => {
      draining.delete(ended);
      countLoaded();
    });
    countLoaded();
  };

  /** @returns null when it failed, after it was logged */
  const tryLoad = async (
    role: keyof typeof tried,
    reference: string,
    power: PoolPower,
  ): Promise<LoadedVersion | { readonly code: string } | null> => {
    logger.info({ version: reference, role }, 'loading a version');
    try {
      const loaded = await load(reference, power);
      if (!isClosing) return loaded;
      drain(loaded.pool);
      return null;
    } catch (error) {
      tried[role] = nameTry(reference);
      logger.error(
        { version: reference, role, ...describe(error) },
        'a version failed its checks and is not used',
      );
      return { code: codeOf(error) };
    }
  };

  const switchLive = async (reference: string): Promise<void> => {
    const startMs = clock.monotonicMs();
    const seconds = (): number => (clock.monotonicMs() - startMs) / 1000;
    change = { version: reference, outcome: 'loading', at: clock.nowIso(), code: null };
    const next = await tryLoad('live', reference, 'full');
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
    if (canary?.reference === reference) endCanary();
    drain(old.pool);
    change = { version: reference, outcome: 'switched', at: clock.nowIso(), code: null };
    metrics.countChange('switched', seconds());
    logger.info(
      { modelVersion: next.pool.modelVersion, before: old.pool.modelVersion, seconds: round(seconds()) },
      'another version answers now',
    );
  };

  const endCanary = (): void => {
    if (canary === null) return;
    const { pool } = canary;
    canary = null;
    canaryState = null;
    slots.setCanary(null, 0);
    metrics.setCanaryShare(0);
    drain(pool);
  };

  const arrangeCanary = async (reference: string | null): Promise<void> => {
    if (trial === null || canary?.reference === reference) return;
    if (canary !== null) endCanary();
    if (reference === null) canaryState = null;
    if (reference === null || tried.canary === nameTry(reference)) return;
    const { share } = trial;
    const about = { version: reference, share, reason: null, code: null };
    canaryState = { ...about, state: 'loading', at: clock.nowIso() };
    const next = await tryLoad('canary', reference, 'one thread');
    if (next === null) return;
    if ('code' in next) {
      canaryState = { ...about, state: 'failed', at: clock.nowIso(), code: next.code };
      return;
    }
    if (next.pool.modelVersion === live.pool.modelVersion) {
      // an int8 copy that is served already
      tried.canary = nameTry(reference);
      canaryState = null;
      return drain(next.pool);
    }
    canary = next;
    slots.setCanary(next.pool, share);
    metrics.setCanaryShare(share);
    countLoaded();
    canaryState = { ...about, state: 'running', at: clock.nowIso() };
    logger.info({ version: reference, share }, 'a canary answers a share of the clients');
  };

  let judgedMs = Number.NEGATIVE_INFINITY;
  const judgeCanary = (lane: CanaryLane): void => {
    const nowMs = clock.monotonicMs();
    if (trial === null || lane !== slots.canary() || nowMs - judgedMs < JUDGE_EVERY_MS) return;
    judgedMs = nowMs;
    const [ours, others] = [lane.window.summarize(), slots.window.summarize()];
    const reason = findReason(ours, others, trial.limits);
    if (reason !== null) returnCanary(reason, { canary: ours, live: others });
  };

  const returnCanary = (reason: ReturnReason, figures: object): void => {
    if (canary === null || trial === null) return;
    const { reference: version } = canary;
    tried.canary = nameTry(version);
    endCanary();
    canaryState = { version, state: 'returned', share: trial.share, at: clock.nowIso(), reason, code: null };
    metrics.countReturn(reason);
    logger.warn({ version, reason, ...figures }, 'the canary was taken back: the live version answers all');
  };

  const arrangeShadow = async (reference: string | null): Promise<void> => {
    if (shadow?.reference === reference) return;
    if (shadow !== null) {
      const { pool } = shadow;
      shadow = null;
      drain(pool);
    }
    if (reference === null) shadowState = null;
    if (reference === null || tried.shadow === nameTry(reference)) return;
    const about = { version: reference, compared: 0, disagreed: 0, code: null };
    shadowState = { ...about, state: 'loading', at: clock.nowIso() };
    const next = await tryLoad('shadow', reference, 'one thread');
    if (next === null) return;
    if ('code' in next) {
      shadowState = { ...about, state: 'failed', at: clock.nowIso(), code: next.code };
      return;
    }
    const { pool } = next;
    shadow = { ...next, opinion: createShadow({ pool, live: () => live.pool, logger, metrics }) };
    shadowState = { ...about, state: 'running', at: clock.nowIso() };
    countLoaded();
    logger.info({ version: reference }, 'a shadow version answers too');
  };

  /** @returns null when the registry cannot be read, which is said once */
  const ask = (): WantedVersions | null => {
    try {
      const wanted = decide(live.reference);
      warned = '';
      changes = wanted.changes;
      return wanted;
    } catch (error) {
      const found = describe(error);
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
      tried.live !== nameTry(wanted.live) &&
      !isClosing
    ) {
      await switchLive(wanted.live);
      wanted = ask();
    }
    if (wanted === null || isClosing) return;
    await arrangeCanary(wanted.canary);
    if (!isClosing) await arrangeShadow(wanted.shadow);
  };

  const look = (): Promise<void> => {
    looking ??= arrange().finally(() => {
      looking = undefined;
    });
    return looking;
  };

  const lookAgainAndAgain = (): void => {
    look()
      .catch((error: unknown) => logger.error(describe(error), 'looking for versions failed'))
      .finally(() => {
        if (isClosing || options.everySeconds === 0) return;
        timer = setTimeout(lookAgainAndAgain, options.everySeconds * 1000);
        timer.unref();
      });
  };

  countLoaded();
  return {
    classifier: slots.classifier,
    judging: slots.judging,
    evaluations: () => live.evaluations,
    describe: () => ({
      change,
      canary: canaryState,
      shadow: shadowState === null ? null : { ...shadowState, ...shadow?.opinion.counts() },
    }),
    onAnswers: (articles, answers) => shadow?.opinion.offer(articles, answers),
    start: lookAgainAndAgain,
    look,
    close: async () => {
      isClosing = true;
      clearTimeout(timer);
      await looking;
      endCanary();
      if (shadow !== null) drain(shadow.pool);
      shadow = null;
      await live.pool.dispose();
      await Promise.all(draining);
    },
  };
}

function codeOf(error: unknown): string {
  return isAppError(error) ? error.code : 'INTERNAL_BUG';
}

/** Our own errors name files and figures, never an article; what others say is left out but for its kind. */
function describe(error: unknown): { readonly code: string; readonly problem: string } {
  if (isAppError(error)) return { code: error.code, problem: error.message };
  const kind = error instanceof Error ? error.name : 'unknown';
  return { code: codeOf(error), problem: [kind, errorCodeOf(error)].join(' ').trim() };
}

function round(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
