// Splits requests between the live version and a canary, which predicts for its share of the clients. Routes see one
// classifier. A request that the canary fails on is given to the live version, so a canary costs no client a prediction.
import { type Clock, isAppError } from '../../foundation/core/index.ts';
import type { ArticleText, ModelFolder } from '../../foundation/records/index.ts';
import type { DetailedClassifier, DetailedPrediction } from '../../judging/predict/index.ts';
import type { LiveMetrics } from '../metrics/index.ts';
import { type PredictOptions, QueuedClassifier, type QueuedClassifierOptions } from '../queue/index.ts';
import { isCanaryClient } from './canary-rules.ts';
import { createLatencyWindow, type LatencyWindow } from './latency-window.ts';
import type { LivePool, LoadedVersion } from './version-loading.ts';

/** What the routes need of a model. `info` and `modelVersion` may change between requests: read them when responding. */
export interface ServingClassifier extends Pick<DetailedClassifier, 'info' | 'modelVersion'> {
  /** The facts of a version that predicted lately; undefined for an unknown one. */
  findInfo?(modelVersion: string): ModelFolder | undefined;
  predictDetailed(articles: readonly ArticleText[], options?: PredictOptions): Promise<DetailedPrediction[]>;
}

/** A canary while it predicts for its share of the clients. */
export interface CanaryLane {
  readonly pool: LivePool;
  /** 0 to 1. */
  readonly share: number;
  readonly queued: QueuedClassifier;
  readonly window: LatencyWindow;
  /** Requests of the live version in the same time, for comparison. */
  readonly liveWindow: LatencyWindow;
}

export interface TrafficSplitOptions {
  readonly first: LoadedVersion;
  readonly queue: Omit<QueuedClassifierOptions, 'current'>;
  readonly metrics: LiveMetrics;
  readonly clock: Clock;
  /** Time over which requests are compared. */
  readonly windowMs: number;
}

type CanaryAttempt =
  | { readonly kind: 'predicted'; readonly predictions: DetailedPrediction[] }
  | { readonly kind: 'failed' }
  | { readonly kind: 'full' };

/** Versions whose facts are kept for predictions that still name them. */
const MAX_KNOWN = 64;
/** Queues of ended canaries that may still hold waiting articles. */
const MAX_ENDED = 4;

export class TrafficSplit implements ServingClassifier {
  /** Queue of the live version. */
  readonly queued: QueuedClassifier;
  readonly #options: TrafficSplitOptions;
  #live: LoadedVersion;
  #canary: CanaryLane | null = null;
  #onCanaryRequest: (lane: CanaryLane) => void = () => {};
  /** What waited there goes to the live version of the moment. */
  readonly #endedQueues: QueuedClassifier[] = [];
  readonly #known = new Map<string, ModelFolder>();

  constructor(options: TrafficSplitOptions) {
    this.#options = options;
    this.#live = options.first;
    this.#know(options.first.pool);
    this.queued = new QueuedClassifier({ ...options.queue, current: () => this.#live.pool });
  }

  get info(): ModelFolder {
    return this.#live.pool.info;
  }

  get modelVersion(): string {
    return this.#live.pool.modelVersion;
  }

  get live(): LoadedVersion {
    return this.#live;
  }

  get canary(): CanaryLane | null {
    return this.#canary;
  }

  findInfo(modelVersion: string): ModelFolder | undefined {
    return this.#known.get(modelVersion);
  }

  /** Calls `listener` after each request that was given to the canary. */
  watchCanary(listener: (lane: CanaryLane) => void): void {
    this.#onCanaryRequest = listener;
  }

  /** Gives waiting and new articles to another version. @returns the version before */
  switchTo(version: LoadedVersion): LoadedVersion {
    const before = this.#live;
    this.#live = version;
    this.#know(version.pool);
    for (const queued of [this.queued, ...this.#endedQueues]) queued.refresh();
    return before;
  }

  startCanary(pool: LivePool, share: number): void {
    this.endCanary();
    this.#know(pool);
    const { windowMs, clock } = this.#options;
    // without metrics of its own: it would overwrite the gauges of the live queue
    const { metrics: _, ...settings } = this.#options.queue;
    let lane: CanaryLane | null = null;
    const hasEnded = (): boolean => lane !== null && this.#canary !== lane;
    lane = {
      pool,
      share,
      queued: new QueuedClassifier({
        ...settings,
        current: () => (hasEnded() ? this.#live.pool : pool),
      }),
      window: createLatencyWindow(windowMs, clock),
      liveWindow: createLatencyWindow(windowMs, clock),
    };
    this.#canary = lane;
  }

  /** Gives what waits for the canary to the live version. */
  endCanary(): void {
    const lane = this.#canary;
    if (lane === null) return;
    this.#canary = null;
    lane.queued.refresh();
    this.#endedQueues.unshift(lane.queued);
    this.#endedQueues.length = Math.min(this.#endedQueues.length, MAX_ENDED);
  }

  async predictDetailed(
    articles: readonly ArticleText[],
    options: PredictOptions = {},
  ): Promise<DetailedPrediction[]> {
    if (articles.length === 0) return [];
    const lane = this.#chooseCanary(options);
    if (lane === null) return this.#predictLive(articles, options);
    const attempt = await this.#tryCanary(lane, articles, options);
    if (attempt.kind === 'predicted') return attempt.predictions;
    const predictions = await this.#predictLive(articles, options);
    // where the live version is full too, the load is too high: that is not the canary's fault
    if (attempt.kind === 'full') this.#countFailed(lane);
    return predictions;
  }

  #chooseCanary({ client, priority = 'request' }: PredictOptions): CanaryLane | null {
    const lane = this.#canary;
    if (lane === null || client === undefined || priority !== 'request') return null;
    return isCanaryClient(client, lane.pool.modelVersion, lane.share) ? lane : null;
  }

  async #predictLive(
    articles: readonly ArticleText[],
    options: PredictOptions,
  ): Promise<DetailedPrediction[]> {
    const { metrics, clock } = this.#options;
    const startMs = clock.monotonicMs();
    const predictions = await predictAsOne(this.queued, articles, options);
    if (options.priority !== 'background') this.#canary?.liveWindow.add(clock.monotonicMs() - startMs);
    metrics.countAnswers(predictions[0]!.prediction.modelVersion, 'live', articles.length);
    return predictions;
  }

  /** @throws CLIENT_GONE */
  async #tryCanary(
    lane: CanaryLane,
    articles: readonly ArticleText[],
    options: PredictOptions,
  ): Promise<CanaryAttempt> {
    const { metrics, clock } = this.#options;
    const startMs = clock.monotonicMs();
    try {
      const predictions = await predictAsOne(lane.queued, articles, options);
      lane.window.add(clock.monotonicMs() - startMs);
      metrics.countCanary('answered');
      metrics.countAnswers(predictions[0]!.prediction.modelVersion, 'canary', articles.length);
      this.#onCanaryRequest(lane);
      return { kind: 'predicted', predictions };
    } catch (error) {
      if (isAppError(error) && error.code === 'CLIENT_GONE') throw error;
      if (isAppError(error) && error.code === 'QUEUE_FULL') return { kind: 'full' };
      this.#countFailed(lane);
      return { kind: 'failed' };
    }
  }

  #countFailed(lane: CanaryLane): void {
    lane.window.add(null);
    this.#options.metrics.countCanary('failed');
    this.#onCanaryRequest(lane);
  }

  #know({ modelVersion, info }: LivePool): void {
    if (this.#known.size >= MAX_KNOWN) this.#known.delete(this.#known.keys().next().value!);
    this.#known.set(modelVersion, info);
  }
}

/** Predicts all articles of a request with one version, also when another takes over between two of its batches. */
async function predictAsOne(
  queued: QueuedClassifier,
  articles: readonly ArticleText[],
  options: PredictOptions,
): Promise<DetailedPrediction[]> {
  let predictions = await queued.predictDetailed(articles, options);
  for (;;) {
    const { modelVersion } = queued;
    const rows = [...predictions.keys()].filter(
      (row) => predictions[row]!.prediction.modelVersion !== modelVersion,
    );
    const isOneVersion = predictions.every(
      ({ prediction }) => prediction.modelVersion === predictions[0]!.prediction.modelVersion,
    );
    if (isOneVersion || rows.length === 0) return predictions;
    const again = await queued.predictDetailed(
      rows.map((row) => articles[row]!),
      options,
    );
    predictions = predictions.map((detailed, row) => again[rows.indexOf(row)] ?? detailed);
  }
}
