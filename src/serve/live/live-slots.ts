// Who answers: the live version, and beside it a canary for its share of the clients. Routes see one classifier. A
// request that a canary fails on is answered by the live version, so that trying a version out costs nobody an answer.

import type { Clock } from '../../core/clock.ts';
import { isAppError } from '../../core/errors.ts';
import type { Judgement } from '../../predict/judgement.ts';
import type { ArticleText } from '../../records/article.ts';
import type { ModelFolder } from '../../records/model-folder.ts';
import type { ServingClassifier } from '../app-context.ts';
import type { JudgeOptions } from '../judging/judge-options.ts';
import { createJudging, type Judging, type JudgingOptions } from '../judging/judging.ts';
import { isCanaryClient } from './canary-rules.ts';
import { createLatencyWindow, type LatencyWindow } from './latency-window.ts';
import type { LiveMetrics } from './live-metrics.ts';
import type { LivePool } from './version-loading.ts';

/** A canary while it answers. */
export interface CanaryLane {
  readonly pool: LivePool;
  readonly judging: Judging;
  readonly window: LatencyWindow;
}

export interface LiveSlots {
  readonly classifier: ServingClassifier & {
    readonly findInfo: (modelVersion: string) => ModelFolder | undefined;
  };
  readonly judging: Judging;
  /** Requests that the live version answered, since there is a canary to compare it with. */
  readonly window: LatencyWindow;
  /** Gives what waits, and whatever comes, to another version. */
  switchTo(pool: LivePool): void;
  /** null: there is none any more; what waits for it goes to the live version. */
  setCanary(pool: LivePool | null, share: number): void;
  canary(): CanaryLane | null;
}

export interface LiveSlotsOptions {
  readonly first: LivePool;
  readonly judging: Omit<JudgingOptions, 'current'>;
  readonly metrics: LiveMetrics;
  readonly clock: Clock;
  readonly windowMs: number;
  /** After each request that the canary was given. */
  readonly onCanaryRequest: (lane: CanaryLane) => void;
}

/** Versions whose facts are kept for answers that still name them. */
const MAX_KNOWN = 64;

const MAX_ENDED = 4;

export function createLiveSlots(options: LiveSlotsOptions): LiveSlots {
  const { metrics, clock, windowMs } = options;
  let live = options.first;
  let canary: (CanaryLane & { readonly share: number }) | null = null;
  let window = createLatencyWindow(windowMs, clock);
  /** Queues of canaries that are gone: what waited there goes to the live version, whichever that is by then. */
  const ended: Judging[] = [];
  const known = new Map<string, ModelFolder>();
  const know = ({ modelVersion, info }: LivePool): void => {
    if (known.size >= MAX_KNOWN) known.delete(known.keys().next().value!);
    known.set(modelVersion, info);
  };
  know(live);
  const judging = createJudging({ ...options.judging, current: () => live });

  /** Articles of one request are answered by one version, also when another takes over between two of them. */
  const judgeAsOne = async (
    lane: Judging,
    articles: readonly ArticleText[],
    judgeOptions: JudgeOptions,
  ): Promise<Judgement[]> => {
    let judgements = await lane.judge(articles, judgeOptions);
    for (;;) {
      const version = lane.modelVersion;
      const others = judgements.filter(({ prediction }) => prediction.modelVersion !== version).length;
      const isOne = judgements.every(
        ({ prediction }) => prediction.modelVersion === judgements[0]!.prediction.modelVersion,
      );
      if (isOne || others === 0) return judgements;
      const rows = [...judgements.keys()].filter(
        (row) => judgements[row]!.prediction.modelVersion !== version,
      );
      const again = await lane.judge(
        rows.map((row) => articles[row]!),
        judgeOptions,
      );
      judgements = judgements.map((judgement, row) => again[rows.indexOf(row)] ?? judgement);
    }
  };

  const askCanary = async (
    lane: CanaryLane,
    articles: readonly ArticleText[],
    judgeOptions: JudgeOptions,
  ): Promise<Judgement[] | 'failed' | 'full'> => {
    const startMs = clock.monotonicMs();
    try {
      const judgements = await judgeAsOne(lane.judging, articles, judgeOptions);
      lane.window.add(clock.monotonicMs() - startMs);
      metrics.countCanary('answered');
      metrics.countAnswers(judgements[0]!.prediction.modelVersion, 'canary', articles.length);
      options.onCanaryRequest(lane);
      return judgements;
    } catch (error) {
      if (isAppError(error) && error.code === 'CLIENT_GONE') throw error;
      if (isAppError(error) && error.code === 'QUEUE_FULL') return 'full';
      countFailed(lane);
      return 'failed';
    }
  };

  const countFailed = (lane: CanaryLane): void => {
    lane.window.add(null);
    metrics.countCanary('failed');
    options.onCanaryRequest(lane);
  };

  const judge = async (
    articles: readonly ArticleText[],
    judgeOptions: JudgeOptions = {},
  ): Promise<Judgement[]> => {
    const { client, priority = 'request' } = judgeOptions;
    const isRequest = priority === 'request' && articles.length > 0;
    const isChosen =
      isRequest &&
      canary !== null &&
      client !== undefined &&
      isCanaryClient(client, canary.pool.modelVersion, canary.share);
    const lane = isChosen ? canary : null;
    const answer = lane === null ? 'failed' : await askCanary(lane, articles, judgeOptions);
    if (typeof answer === 'object') return answer;
    const startMs = clock.monotonicMs();
    const judgements = await judgeAsOne(judging, articles, judgeOptions);
    // where the live version is full, too, too much is asked: that is not the canary's fault
    if (lane !== null && answer === 'full') countFailed(lane);
    if (isRequest && canary !== null) window.add(clock.monotonicMs() - startMs);
    if (articles.length > 0)
      metrics.countAnswers(judgements[0]!.prediction.modelVersion, 'live', articles.length);
    return judgements;
  };

  return {
    judging,
    get window() {
      return window;
    },
    classifier: {
      get info() {
        return live.info;
      },
      get modelVersion() {
        return live.modelVersion;
      },
      findInfo: (modelVersion) => known.get(modelVersion),
      judge,
    },
    switchTo: (pool) => {
      live = pool;
      know(pool);
      for (const queue of [judging, ...ended]) queue.refresh();
    },
    setCanary: (pool, share) => {
      const before = canary;
      if (pool === null) canary = null;
      else {
        know(pool);
        let lane: CanaryLane | null = null;
        const isRunning = (): boolean => canary !== null && canary === lane;
        // it brings no metrics of its own: the gauges of the live queue would tell of either
        const { metrics: _, ...settings } = options.judging;
        const current = (): LivePool => (lane === null || isRunning() ? pool : live);
        window = createLatencyWindow(windowMs, clock);
        canary = {
          pool,
          share,
          judging: createJudging({ ...settings, current }),
          window: createLatencyWindow(windowMs, clock),
        };
        lane = canary;
      }
      if (before === null) return;
      before.judging.refresh();
      ended.unshift(before.judging);
      ended.length = Math.min(ended.length, MAX_ENDED);
    },
    canary: () => canary,
  };
}
