// Who answers: the live version, and beside it a canary for its share of the clients. Routes see one classifier. A
// request that a canary fails on is answered by the live version, so that trying a version out costs nobody an answer.

import type { Clock } from '../../foundation/core/index.ts';
import { isAppError } from '../../foundation/core/index.ts';
import type { ArticleText, ModelFolder } from '../../foundation/records/index.ts';
import type { DetailedPrediction } from '../../judging/predict/index.ts';
import type { LiveMetrics } from '../metrics/index.ts';
import type { PredictOptions, ServingClassifier } from '../queue/index.ts';
import {
  createQueuedClassifier,
  type QueuedClassifier,
  type QueuedClassifierOptions,
} from '../queue/index.ts';
import { isCanaryClient } from './canary-rules.ts';
import { createLatencyWindow, type LatencyWindow } from './latency-window.ts';
import type { LivePool } from './version-loading.ts';

/** A canary while it answers. */
export interface CanaryLane {
  readonly pool: LivePool;
  readonly queued: QueuedClassifier;
  readonly window: LatencyWindow;
}

export interface LiveSlots {
  readonly classifier: ServingClassifier & {
    readonly findInfo: (modelVersion: string) => ModelFolder | undefined;
  };
  readonly queued: QueuedClassifier;
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
  readonly queue: Omit<QueuedClassifierOptions, 'current'>;
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
  const ended: QueuedClassifier[] = [];
  const known = new Map<string, ModelFolder>();
  const know = ({ modelVersion, info }: LivePool): void => {
    if (known.size >= MAX_KNOWN) known.delete(known.keys().next().value!);
    known.set(modelVersion, info);
  };
  know(live);
  const queued = createQueuedClassifier({ ...options.queue, current: () => live });

  /** Articles of one request are answered by one version, also when another takes over between two of them. */
  const predictAsOne = async (
    lane: QueuedClassifier,
    articles: readonly ArticleText[],
    predictOptions: PredictOptions,
  ): Promise<DetailedPrediction[]> => {
    let predictions = await lane.predictDetailed(articles, predictOptions);
    for (;;) {
      const version = lane.modelVersion;
      const others = predictions.filter(({ prediction }) => prediction.modelVersion !== version).length;
      const isOne = predictions.every(
        ({ prediction }) => prediction.modelVersion === predictions[0]!.prediction.modelVersion,
      );
      if (isOne || others === 0) return predictions;
      const rows = [...predictions.keys()].filter(
        (row) => predictions[row]!.prediction.modelVersion !== version,
      );
      const again = await lane.predictDetailed(
        rows.map((row) => articles[row]!),
        predictOptions,
      );
      predictions = predictions.map((detailed, row) => again[rows.indexOf(row)] ?? detailed);
    }
  };

  const askCanary = async (
    lane: CanaryLane,
    articles: readonly ArticleText[],
    predictOptions: PredictOptions,
  ): Promise<DetailedPrediction[] | 'failed' | 'full'> => {
    const startMs = clock.monotonicMs();
    try {
      const predictions = await predictAsOne(lane.queued, articles, predictOptions);
      lane.window.add(clock.monotonicMs() - startMs);
      metrics.countCanary('answered');
      metrics.countAnswers(predictions[0]!.prediction.modelVersion, 'canary', articles.length);
      options.onCanaryRequest(lane);
      return predictions;
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

  const predictDetailed = async (
    articles: readonly ArticleText[],
    predictOptions: PredictOptions = {},
  ): Promise<DetailedPrediction[]> => {
    const { client, priority = 'request' } = predictOptions;
    const isRequest = priority === 'request' && articles.length > 0;
    const isChosen =
      isRequest &&
      canary !== null &&
      client !== undefined &&
      isCanaryClient(client, canary.pool.modelVersion, canary.share);
    const lane = isChosen ? canary : null;
    const answer = lane === null ? 'failed' : await askCanary(lane, articles, predictOptions);
    if (typeof answer === 'object') return answer;
    const startMs = clock.monotonicMs();
    const predictions = await predictAsOne(queued, articles, predictOptions);
    // where the live version is full, too, too much is asked: that is not the canary's fault
    if (lane !== null && answer === 'full') countFailed(lane);
    if (isRequest && canary !== null) window.add(clock.monotonicMs() - startMs);
    if (articles.length > 0)
      metrics.countAnswers(predictions[0]!.prediction.modelVersion, 'live', articles.length);
    return predictions;
  };

  return {
    queued,
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
      predictDetailed,
    },
    switchTo: (pool) => {
      live = pool;
      know(pool);
      for (const queue of [queued, ...ended]) queue.refresh();
    },
    setCanary: (pool, share) => {
      const before = canary;
      if (pool === null) canary = null;
      else {
        know(pool);
        let lane: CanaryLane | null = null;
        const isRunning = (): boolean => canary !== null && canary === lane;
        // it brings no metrics of its own: the gauges of the live queue would tell of either
        const { metrics: _, ...settings } = options.queue;
        const current = (): LivePool => (lane === null || isRunning() ? pool : live);
        window = createLatencyWindow(windowMs, clock);
        canary = {
          pool,
          share,
          queued: createQueuedClassifier({ ...settings, current }),
          window: createLatencyWindow(windowMs, clock),
        };
        lane = canary;
      }
      if (before === null) return;
      before.queued.refresh();
      ended.unshift(before.queued);
      ended.length = Math.min(ended.length, MAX_ENDED);
    },
    canary: () => canary,
  };
}
