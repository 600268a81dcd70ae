// Starts and stops the server: load the model, listen, and on close finish what is under way within a limit. The
// application's many modules are loaded while the model's thread loads the model, and it listens with the first thread
// that is warm: the others start after that, for on two cores they would only have held it up.
import { once } from 'node:events';
import { createServer } from 'node:net';
import { performance } from 'node:perf_hooks';
import { appError, errorCodeOf, silentLogger } from '../../foundation/core/index.ts';
import { type ModelPoolOptions, openModelPool, prepareThread } from '../../judging/predict/index.ts';
import { assertGuarded } from '../access/index.ts';
import type { CanaryOptions, DecideVersions, LocatedVersion } from '../live/index.ts';
import type { QueueSettings } from '../queue/index.ts';
import type { AppOptions } from './app.ts';

const STOP_LIMIT_MS = 10_000;

/** How a running server comes to other versions than the one it started with. */
export interface FollowingOptions {
  /** Which versions it should have. */
  readonly decide: DecideVersions;
  /** Finds one of them; holds its files against their digests. */
  readonly locate: (reference: string) => Promise<LocatedVersion>;
  /** Seconds between two looks at what it should have; 0: it looks once. */
  readonly everySeconds: number;
  /** null: no version is tried out. */
  readonly canary: CanaryOptions | null;
}

export interface ServerOptions
  extends Omit<AppOptions, 'classifier' | 'evaluations' | 'isReady' | 'live' | 'metrics'> {
  /** Of the model: in-source first. */
  readonly evaluations?: LocatedVersion['evaluations'];
  /** Default: the model stays as long as the server. */
  readonly following?: FollowingOptions;
  /** Folder of the model to serve. */
  readonly modelFolder: string;
  /** name@version; default: the run id. */
  readonly modelVersion?: string;
  /** name@version that it stands for, as `following` names versions; default: modelVersion. */
  readonly reference?: string;
  /** Default 127.0.0.1: this machine only. */
  readonly host?: string;
  /** 0 takes any free port. */
  readonly port?: number;
  /** Threads of the model in all; 0 = as many as the cores that this process may use. */
  readonly threads?: number;
  /** Worker threads that share them, each with the model; 0 = as suits the model and the memory. */
  readonly workers?: number;
  /** How long a worker thread may take over one batch before it counts as hung, at least; default 30 s. */
  readonly hangMs?: number;
  /** Where the model runs; default cpu. */
  readonly device?: ModelPoolOptions['device'];
  /** How articles wait, run together and are remembered. */
  readonly queue?: Partial<QueueSettings>;
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
  const { device = 'cpu', workers = 0, hangMs, queue: settings = {}, following, ...rest } = others;
  assertGuarded(host, { keys: rest.access?.keys, insecure: rest.insecure });
  const logger = options.logger ?? silentLogger;
  let countRestart = (): void => {};
  const poolOptions = {
    threads,
    workers,
    device,
    onRestart: () => {
      countRestart();
      logger.warn({}, 'a worker thread had ended and was started again');
    },
    onHang: (limitMs: number) =>
      logger.error({ limitMs: Math.round(limitMs) }, 'a worker thread did not answer and was given up'),
    ...(hangMs === undefined ? {} : { hangMs }),
  };
  let tellListening = (): void => {};
  const listening = new Promise<void>((resolve) => {
    tellListening = resolve;
  });
  const { pool, ready } = openModelPool(modelFolder, {
    ...poolOptions,
    ...(modelVersion === undefined ? {} : { modelVersion }),
    othersAfter: listening,
  });
  const [{ createApp }, { createQueueMetrics, createRequestMetrics }, arrivals, live, { createEvidence }] =
    await loadApplication();
  let stopping = false;
  const metrics = createRequestMetrics(pool);
  const queueMetrics = createQueueMetrics(metrics.registry);
  countRestart = queueMetrics.countRestart;
  const model = live.createLiveModel({
    first: {
      reference: options.reference ?? modelVersion ?? pool.modelVersion,
      pool,
      evaluations: options.evaluations ?? [],
    },
    decide:
      following?.decide ?? (() => ({ live: null, canary: null, shadow: null, changes: 0, canaryChanges: 0 })),
    load: (reference, power) =>
      live.loadVersion(reference, power, {
        locate:
          following?.locate ?? (() => Promise.reject(appError('MODEL_NOT_FOUND', { reference, known: '' }))),
        pool: poolOptions,
        classNames: pool.info.classNames,
      }),
    everySeconds: following?.everySeconds ?? 0,
    canary: following?.canary ?? null,
    queue: { ...settings, metrics: queueMetrics },
    metrics: live.createLiveMetrics(metrics.registry),
    onSwitch: (next) => metrics.setModel(next),
    logger,
    ...(options.clock === undefined ? {} : { clock: options.clock }),
  });
  const evidence = createEvidence({
    locate: async (version) => {
      if (version === pool.modelVersion) return modelFolder;
      if (following === undefined) throw appError('MODEL_NOT_FOUND', { reference: version, known: '' });
      return (await following.locate(version)).folder;
    },
    // one thread: answers go first
    explainer: { threads: 1 },
  });
  const app = createApp({
    ...rest,
    evidence,
    classifier: model.classifier,
    evaluations: model.evaluations,
    live: model,
    metrics,
    logger,
    isReady: () => !stopping,
  });
  if ((settings.maxBatchWaitMs ?? 0) > 0) arrivals.addArrivals(app, model.queued);
  try {
    await Promise.all([ready, app.ready()]);
    await app.listen({ host, port });
  } catch (error) {
    await app.close();
    await Promise.all([model.close(), evidence.close()]);
    throw asListenError(error, host, port);
  }
  tellListening();
  const url = formatUrl(app.server.address(), host, port);
  const startMs = Math.round(performance.now() - beginMs);
  const { workers: started, threadsPerWorker } = pool;
  logger.info(
    { url, modelVersion: pool.modelVersion, device, workers: started, threadsPerWorker, startMs },
    'listening',
  );
  model.start();

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
      await Promise.all([model.close(), evidence.close()]);
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
 * Begins what a start needs whichever model it serves, for who still has to find that.
 * @returns ends it, unless a server has taken it over
 */
export function prepareServer(): () => Promise<void> {
  loadApplication().catch(() => {}); // startServer asks again, and tells
  return prepareThread();
}

function loadApplication() {
  return Promise.all([
    import('./app.ts'),
    import('../metrics/index.ts'),
    import('../queue/index.ts'),
    loadLive(),
    import('../../judging/explain/index.ts'),
  ]);
}

/** What changes models, loaded while the first one loads. */
async function loadLive() {
  const [{ createLiveModel, loadVersion }, { createLiveMetrics }] = await Promise.all([
    import('../live/index.ts'),
    import('../metrics/index.ts'),
  ]);
  return { createLiveModel, loadVersion, createLiveMetrics };
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
