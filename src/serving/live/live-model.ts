// The model of a running server: the live version that predicts and, where the server follows the registry, the rollout
// of other versions.
import { type Clock, type Logger, silentLogger, systemClock } from '../../foundation/core/index.ts';
import type { EvaluationReport, KeptExample } from '../../foundation/records/index.ts';
import { type LiveMetrics, silentLiveMetrics } from '../metrics/index.ts';
import type { QueuedClassifier, QueuedClassifierOptions } from '../queue/index.ts';
import type { LiveView } from './live-view.ts';
import { RegistryRollout, type RolloutOptions } from './rollout.ts';
import { type RolloutState, restingRollout } from './rollout-state.ts';
import { type ServingClassifier, TrafficSplit } from './traffic-split.ts';
import type { LoadedVersion } from './version-loading.ts';

export interface LiveModelOptions {
  readonly first: LoadedVersion;
  readonly queue: Omit<QueuedClassifierOptions, 'current'>;
  /** null: the first version stays as long as the server runs. */
  readonly rollout: RolloutOptions | null;
  readonly metrics?: LiveMetrics;
  readonly logger?: Logger;
  readonly clock?: Clock;
}

const DEFAULT_WINDOW_MS = 60_000;

export class LiveModel implements LiveView {
  readonly #split: TrafficSplit;
  readonly #rollout: RegistryRollout | null;

  constructor(options: LiveModelOptions) {
    const { logger = silentLogger, clock = systemClock, metrics = silentLiveMetrics } = options;
    const canary = options.rollout?.canary ?? null;
    this.#split = new TrafficSplit({
      first: options.first,
      queue: options.queue,
      metrics,
      clock,
      windowMs: canary === null ? DEFAULT_WINDOW_MS : canary.limits.windowSeconds * 1000,
    });
    this.#rollout =
      options.rollout === null
        ? null
        : new RegistryRollout(options.rollout, this.#split, { metrics, logger, clock });
    metrics.setLoaded(1);
  }

  /** The classifier of the routes; its info and version are those of the live version at the moment. */
  get classifier(): ServingClassifier {
    return this.#split;
  }

  /** Queue of the live version. */
  get queued(): QueuedClassifier {
    return this.#split.queued;
  }

  /** Evaluation reports of the live version. */
  /** Validation articles that the live version keeps. */
  examples(): readonly KeptExample[] {
    return this.#split.live.examples ?? [];
  }

  evaluations(): readonly EvaluationReport[] {
    return this.#split.live.evaluations;
  }

  rollout(): RolloutState {
    return this.#rollout?.state() ?? restingRollout;
  }

  readonly onAnswers: LiveView['onAnswers'] = (articles, answers) => this.#rollout?.offer(articles, answers);

  /** Begins to follow the registry. */
  start(): void {
    this.#rollout?.start();
  }

  /** Looks at the registry now. Settles when the wanted versions are there, or have failed. */
  async look(): Promise<void> {
    await this.#rollout?.look();
  }

  /** Stops following the registry and frees every version after it has finished its work. */
  async close(): Promise<void> {
    await this.#rollout?.stop();
    await Promise.all([this.#split.live.pool.dispose(), this.#rollout?.drained()]);
  }
}
