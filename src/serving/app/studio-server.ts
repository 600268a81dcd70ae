// A server of the studio alone: runs, sweeps and the registry of a home, and the page. It needs no model.
import { performance } from 'node:perf_hooks';
import type { FastifyInstance } from 'fastify';
import { type Clock, type Logger, silentLogger, systemClock } from '../../foundation/core/index.ts';
import { assertGuarded } from '../access/index.ts';
import { Incidents } from '../incidents/index.ts';
import { createIncidentMetrics, createRequestMetrics } from '../metrics/index.ts';
import { createHealthRoute, createMetricsRoute, defaultLimits } from '../routes/index.ts';
import { createStudioContext, listStudioRoutes, type Studio } from '../studio/index.ts';
import { createHttpApp, type HttpContext, type HttpOptions } from './http-app.ts';
import { asListenError, formatServerUrl } from './listen-address.ts';
import type { RunningServer } from './server-options.ts';

const STOP_LIMIT_MS = 5000;

export interface StudioServerOptions extends HttpOptions {
  /** Whoever opened it closes it, after the server. */
  readonly studio: Studio;
  /** Default 127.0.0.1: this machine only. */
  readonly host?: string;
  /** 0 takes any free port; default 8001. */
  readonly port?: number;
  readonly logger?: Logger;
  readonly clock?: Clock;
}

/**
 * Listens.
 * @throws KEYS_MISSING, PORT_IN_USE, ADDRESS_UNUSABLE
 */
export async function startStudioServer(options: StudioServerOptions): Promise<RunningServer> {
  const beginMs = performance.now();
  const { host = '127.0.0.1', port = 8001, logger = silentLogger } = options;
  assertGuarded(host, { keys: options.access?.keys, insecure: false });
  const state = { isStopping: false };
  const app = createStudioApp(options, () => !state.isStopping);
  try {
    await app.listen({ host, port });
  } catch (error) {
    await app.close();
    throw asListenError(error, { host, port });
  }
  const url = formatServerUrl(app.server.address(), { host, port });
  const startMs = Math.round(performance.now() - beginMs);
  logger.info({ url, startMs }, 'listening');
  const stop = async (): Promise<void> => {
    state.isStopping = true;
    const limit = setTimeout(() => app.server.closeAllConnections(), STOP_LIMIT_MS);
    await app.close();
    clearTimeout(limit);
  };
  let stopped: Promise<void> | null = null;
  const close = (): Promise<void> => {
    stopped ??= stop();
    return stopped;
  };
  return { url, startMs, close };
}

/** The application without a socket. */
export function createStudioApp(options: StudioServerOptions, isReady = () => true): FastifyInstance {
  const { studio, logger = silentLogger, clock = systemClock } = options;
  const metrics = createRequestMetrics(null);
  const studioContext = createStudioContext(studio, { logger, liveVersion: () => null });
  const context: HttpContext = {
    limits: defaultLimits,
    metrics,
    incidents: new Incidents({ logger, clock, metrics: createIncidentMetrics(metrics.registry) }),
    journal: null,
    logger,
    isReady,
    studio: studioContext,
  };
  const routes = [...listStudioRoutes(studioContext), createHealthRoute(), createMetricsRoute({ metrics })];
  return createHttpApp(context, routes, options);
}
