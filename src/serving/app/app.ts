// The application of a server that predicts: the context of its routes around a loaded classifier.
import type { FastifyInstance } from 'fastify';
import { silentLogger, systemClock } from '../../foundation/core/index.ts';
import { Incidents } from '../incidents/index.ts';
import { createIncidentMetrics, createRequestMetrics } from '../metrics/index.ts';
import { type AppContext, defaultLimits, listRoutes, type ServeLimits } from '../routes/index.ts';
import { createStudioContext, type Studio } from '../studio/index.ts';
import { createHttpApp, type HttpOptions } from './http-app.ts';

export type AppOptions = Pick<AppContext, 'classifier'> &
  Partial<Omit<AppContext, 'classifier' | 'evaluations' | 'limits' | 'health' | 'studio'>> &
  HttpOptions & {
    /** A function if the model may change. */
    readonly evaluations?: AppContext['evaluations'] | (() => AppContext['evaluations']);
    readonly limits?: Partial<ServeLimits>;
    /** Runs, sweeps and the registry for admins; absent: the server has no such routes. Whoever opened it closes it. */
    readonly studio?: Studio;
  };

/** Builds the application around a loaded classifier, which stays the caller's to dispose. */
export function createApp(options: AppOptions): FastifyInstance {
  const context = completeContext(options);
  return createHttpApp(context, listRoutes(context), options);
}

function completeContext(options: AppOptions): AppContext {
  const { evaluations = [] } = options;
  const metrics = options.metrics ?? createRequestMetrics(options.classifier);
  const { logger = silentLogger, clock = systemClock } = options;
  return {
    classifier: options.classifier,
    get evaluations() {
      return typeof evaluations === 'function' ? evaluations() : evaluations;
    },
    live: options.live ?? null,
    examples: options.examples ?? [],
    sampleExamples: options.sampleExamples ?? [],
    keptExamples: options.keptExamples ?? (() => []),
    limits: { ...defaultLimits, ...options.limits },
    metrics,
    incidents:
      options.incidents ?? new Incidents({ logger, clock, metrics: createIncidentMetrics(metrics.registry) }),
    evidence: options.evidence ?? null,
    listVersions: options.listVersions ?? (async () => []),
    journal: options.journal ?? null,
    feedback: options.feedback ?? null,
    logger,
    clock,
    health: { failed: false },
    isReady: options.isReady ?? (() => true),
    studio:
      options.studio === undefined
        ? null
        : createStudioContext(options.studio, {
            logger,
            liveVersion: () => options.classifier.modelVersion,
          }),
  };
}
