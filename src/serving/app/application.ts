// Everything behind the socket of a server: metrics, the model with its versions, evidence and the HTTP application.
import type { FastifyInstance } from 'fastify';
import { appError, type Logger } from '../../foundation/core/index.ts';
import { loadKeptExamples } from '../../foundation/records/index.ts';
import { createEvidence, type Evidence } from '../../judging/explain/index.ts';
import type { ModelPool, ModelPoolOptions } from '../../judging/predict/index.ts';
import { LiveModel, loadVersion } from '../live/index.ts';
import {
  createLiveMetrics,
  createQueueMetrics,
  createRequestMetrics,
  type RequestMetrics,
} from '../metrics/index.ts';
import { addArrivals } from '../queue/index.ts';
import { createApp } from './app.ts';
import type { ServerOptions } from './server-options.ts';
import type { WorkerWatch } from './worker-watch.ts';

export interface ApplicationParts {
  /** Runs the first version. */
  readonly pool: ModelPool;
  /** For the pools of other versions. */
  readonly poolOptions: Pick<ModelPoolOptions, 'threads' | 'workers' | 'device' | 'hangMs'>;
  readonly watch: WorkerWatch;
  readonly logger: Logger;
}

export class Application {
  readonly app: FastifyInstance;
  readonly model: LiveModel;
  readonly #evidence: Evidence;
  #isStopping = false;

  constructor(options: ServerOptions, parts: ApplicationParts) {
    const metrics = createRequestMetrics(parts.pool);
    this.model = createModel(options, parts, metrics);
    this.#evidence = createModelEvidence(options, parts.pool);
    this.app = createApp({
      ...options,
      evidence: this.#evidence,
      classifier: this.model.classifier,
      evaluations: () => this.model.evaluations(),
      keptExamples: () => this.model.examples(),
      live: this.model,
      metrics,
      logger: parts.logger,
      isReady: () => !this.#isStopping,
    });
    if ((options.queue?.maxBatchWaitMs ?? 0) > 0) addArrivals(this.app, this.model.queued);
  }

  /** Refuses new requests, finishes those in progress for at most `limitMs`, then frees the model. */
  async stop(limitMs: number, logger: Logger): Promise<void> {
    this.#isStopping = true;
    const limit = setTimeout(() => {
      logger.warn({ limitMs }, 'requests in progress were cut off');
      this.app.server.closeAllConnections();
    }, limitMs);
    try {
      await this.app.close();
    } finally {
      clearTimeout(limit);
      await this.free();
    }
  }

  /** Frees the model and what explains it. */
  async free(): Promise<void> {
    await Promise.all([this.model.close(), this.#evidence.close()]);
  }
}

function createModel(
  { following, ...options }: ServerOptions,
  { pool, poolOptions, watch, logger }: ApplicationParts,
  metrics: RequestMetrics,
): LiveModel {
  const queueMetrics = createQueueMetrics(metrics.registry);
  watch.countIn(queueMetrics);
  const { onRestart, onHang } = watch;
  return new LiveModel({
    first: {
      reference: options.reference ?? options.modelVersion ?? pool.modelVersion,
      pool,
      evaluations: options.evaluations ?? [],
      examples: loadKeptExamples(options.modelFolder),
    },
    rollout:
      following === undefined
        ? null
        : {
            ...following,
            load: (reference, power) =>
              loadVersion(reference, power, {
                locate: following.locate,
                pool: { ...poolOptions, onRestart, onHang },
                classNames: pool.info.classNames,
              }),
            onSwitch: (next) => metrics.setModel(next),
          },
    queue: { ...options.queue, metrics: queueMetrics },
    metrics: createLiveMetrics(metrics.registry),
    logger,
    ...(options.clock === undefined ? {} : { clock: options.clock }),
  });
}

function createModelEvidence({ following, modelFolder }: ServerOptions, pool: ModelPool): Evidence {
  return createEvidence({
    locate: async (version) => {
      if (version === pool.modelVersion) return modelFolder;
      if (following === undefined) throw appError('MODEL_NOT_FOUND', { reference: version, known: '' });
      return (await following.locate(version)).folder;
    },
    explainer: { threads: 1 }, // predictions go first
  });
}
