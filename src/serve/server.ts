// Starts and stops the server: load the model, listen, and on close finish what is under way within a limit. The
// application's many modules are loaded while the model's thread loads the model: that halves the start on two cores.
import { once } from 'node:events';
import { createServer } from 'node:net';
import { performance } from 'node:perf_hooks';
import { errorCodeOf } from '../core/atomic-file.ts';
import { appError } from '../core/errors.ts';
import { silentLogger } from '../core/logger.ts';
import { createModelPool, type ModelPoolOptions } from '../predict/model-pool.ts';
import { assertGuarded } from './access/access-options.ts';
import type { AppOptions } from './app.ts';
import type { JudgingSettings } from './judging/judging.ts';

const STOP_LIMIT_MS = 10_000;

export interface ServerOptions extends Omit<AppOptions, 'classifier' | 'isReady' | 'metrics'> {
  /** Folder of the model to serve. */
  readonly modelFolder: string;
  /** name@version; default: the run id. */
  readonly modelVersion?: string;
  /** Default 127.0.0.1: this machine only. */
  readonly host?: string;
  /** 0 takes any free port. */
  readonly port?: number;
  /** Threads of the model in all; 0 = as many as the cores that this process may use. */
  readonly threads?: number;
  /** Worker threads that share them, each with the model; 0 = as suits the model and the memory. */
  readonly workers?: number;
  /** Where the model runs; default cpu. */
  readonly device?: ModelPoolOptions['device'];
  /** How articles wait, run together and are remembered. */
  readonly judging?: Partial<JudgingSettings>;
  /** Let everybody who reaches the machine ask, without keys, although other machines do. */
  readonly insecure?: boolean;
  /** How long close() waits for requests under way. */
  readonly stopLimitMs?: number;
}

export interface RunningServer {
  /** Such as http://127.0.0.1:8000 */
  readonly url: string;
  /** From the call of startServer to the first request it could answer. */
  readonly startMs: number;
  /** Refuses new connections, finishes requests under way (within the limit), frees the model. Safe to call twice. */
  close(): Promise<void>;
}

/**
 * Loads the model and listens.
 * @throws KEYS_MISSING, MODEL_INCOMPLETE, MODEL_UNUSABLE, PORT_IN_USE, ADDRESS_UNUSABLE
 * @example
 * const server = await startServer({ modelFolder: '.veracity/models/compact/1', port: 8000 });
 * console.log(server.url);
 * await server.close();
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const beginMs = performance.now();
  const { modelFolder, modelVersion, host = '127.0.0.1', port = 8000, threads = 0, ...others } = options;
  const { device = 'cpu', workers = 0, judging: settings = {}, ...rest } = others;
  assertGuarded(host, { keys: rest.access?.keys, insecure: rest.insecure });
  const logger = options.logger ?? silentLogger;
  let countRestart = (): void => {};
  const [
    pool,
    { createApp },
    { createJudging },
    { createJudgingMetrics },
    { createRequestMetrics },
    arrivals,
  ] = await Promise.all([
    createModelPool(modelFolder, {
      threads,
      workers,
      device,
      ...(modelVersion === undefined ? {} : { modelVersion }),
      onRestart: () => {
        countRestart();
        logger.warn({}, 'a worker thread had ended and was started again');
      },
    }),
    import('./app.ts'),
    import('./judging/judging.ts'),
    import('./judging/judging-metrics.ts'),
    import('./request-metrics.ts'),
    import('./judging/arrivals.ts'),
  ]);
  let stopping = false;
  const metrics = createRequestMetrics(pool);
  const judgingMetrics = createJudgingMetrics(metrics.registry);
  countRestart = judgingMetrics.countRestart;
  const classifier = createJudging({ ...settings, current: () => pool, metrics: judgingMetrics });
  const app = createApp({ ...rest, classifier, metrics, logger, isReady: () => !stopping });
  if ((settings.maxPartWaitMs ?? 0) > 0) arrivals.addArrivals(app, classifier);
  try {
    await app.listen({ host, port });
  } catch (error) {
    await app.close();
    await pool.dispose();
    throw asListenError(error, host, port);
  }
  const url = formatUrl(app.server.address(), host, port);
  const startMs = Math.round(performance.now() - beginMs);
  const { workers: started, threadsPerWorker } = pool;
  logger.info(
    { url, modelVersion: pool.modelVersion, device, workers: started, threadsPerWorker, startMs },
    'listening',
  );

  const stop = async (): Promise<void> => {
    stopping = true;
    const limit = setTimeout(() => {
      logger.warn({ limitMs: options.stopLimitMs ?? STOP_LIMIT_MS }, 'requests under way were cut off');
      app.server.closeAllConnections();
    }, options.stopLimitMs ?? STOP_LIMIT_MS);
    try {
      await app.close();
    } finally {
      clearTimeout(limit);
      await pool.dispose();
    }
    logger.info({}, 'stopped');
  };
  let stopped: Promise<void> | undefined;
  return {
    url,
    startMs,
    close: () => {
      stopped ??= stop();
      return stopped;
    },
  };
}

/**
 * Listens for a moment, for who wants to know before a long preparation.
 * @throws PORT_IN_USE, ADDRESS_UNUSABLE
 */
export async function assertAddressFree(host: string, port: number): Promise<void> {
  const probe = createServer();
  try {
    probe.listen(port, host);
    await once(probe, 'listening');
    probe.close();
    await once(probe, 'close');
  } catch (error) {
    throw asListenError(error, host, port);
  }
}

function asListenError(error: unknown, host: string, port: number): unknown {
  const reason = errorCodeOf(error);
  if (reason === 'EADDRINUSE') return appError('PORT_IN_USE', { host, port }, { cause: error });
  const refused = ['EACCES', 'EADDRNOTAVAIL', 'ENOTFOUND', 'EAI_AGAIN', 'EINVAL'];
  return reason !== undefined && refused.includes(reason)
    ? appError('ADDRESS_UNUSABLE', { host, port, reason }, { cause: error })
    : error;
}

function formatUrl(
  address: ReturnType<import('node:net').Server['address']>,
  host: string,
  port: number,
): string {
  const actual = typeof address === 'object' && address !== null ? address.port : port;
  return `http://${host.includes(':') ? `[${host}]` : host}:${actual}`;
}
