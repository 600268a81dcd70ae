// Starts and stops a server: loads the model, listens, and on close finishes requests in progress within a limit. The
// modules of the application load while the first worker thread loads the model. The server listens as soon as that
// thread is warm; the other threads start after that, because on few cores they would only slow the first one down.
import { performance } from 'node:perf_hooks';
import { type Logger, silentLogger } from '../../foundation/core/index.ts';
import { type ModelPool, openModelPool, prepareThread } from '../../judging/predict/index.ts';
import { assertGuarded } from '../access/index.ts';
import type { Application } from './application.ts';
import { findConnectionLimit } from './connection-limit.ts';
import { asListenError, formatServerUrl } from './listen-address.ts';
import type { RunningServer, ServerOptions } from './server-options.ts';
import { WorkerWatch } from './worker-watch.ts';

const STOP_LIMIT_MS = 10_000;

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
  const { host = '127.0.0.1', port = 8000, logger = silentLogger, modelVersion } = options;
  assertGuarded(host, { keys: options.access?.keys, insecure: options.insecure });
  const watch = new WorkerWatch(logger);
  const poolOptions = pickPoolOptions(options);
  const listening = new Signal();
  const { pool, ready } = openModelPool(options.modelFolder, {
    ...poolOptions,
    onRestart: watch.onRestart,
    onHang: watch.onHang,
    ...(modelVersion === undefined ? {} : { modelVersion }),
    othersAfter: listening.raised,
  });
  const { Application } = await loadApplication();
  const application = new Application(options, { pool, poolOptions, watch, logger });
  try {
    await Promise.all([ready, application.app.ready()]);
    await application.app.listen({ host, port });
  } catch (error) {
    await application.app.close();
    await application.free();
    throw asListenError(error, { host, port });
  }
  const maxConnections = findConnectionLimit();
  if (maxConnections !== null) application.app.server.maxConnections = maxConnections;
  listening.raise();
  const url = formatServerUrl(application.app.server.address(), { host, port });
  const startMs = Math.round(performance.now() - beginMs);
  logStart(logger, pool, { url, startMs });
  application.model.start();
  return new ListeningServer(application, {
    url,
    startMs,
    logger,
    stopLimitMs: options.stopLimitMs ?? STOP_LIMIT_MS,
  });
}

/**
 * Begins what every start needs, whichever model it serves: call it before the model is looked up.
 * @returns undoes it, unless a server has taken it over
 */
export function prepareServer(): () => Promise<void> {
  loadApplication().catch(() => {}); // startServer loads it again, and throws
  return prepareThread();
}

function loadApplication() {
  return import('./application.ts');
}

function pickPoolOptions({ threads = 0, workers = 0, device = 'cpu', hangMs }: ServerOptions) {
  return { threads, workers, device, ...(hangMs === undefined ? {} : { hangMs }) };
}

function logStart(logger: Logger, pool: ModelPool, { url, startMs }: { url: string; startMs: number }): void {
  const { modelVersion, device, workers, threadsPerWorker } = pool;
  logger.info({ url, modelVersion, device, workers, threadsPerWorker, startMs }, 'listening');
}

class ListeningServer implements RunningServer {
  readonly url: string;
  readonly startMs: number;
  readonly #application: Application;
  readonly #logger: Logger;
  readonly #stopLimitMs: number;
  #stopped: Promise<void> | null = null;

  constructor(
    application: Application,
    options: Pick<RunningServer, 'url' | 'startMs'> & {
      readonly logger: Logger;
      readonly stopLimitMs: number;
    },
  ) {
    this.url = options.url;
    this.startMs = options.startMs;
    this.#application = application;
    this.#logger = options.logger;
    this.#stopLimitMs = options.stopLimitMs;
  }

  close(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    await this.#application.stop(this.#stopLimitMs, this.#logger);
    this.#logger.info({}, 'stopped');
  }
}

/** A promise that is resolved from outside. */
class Signal {
  readonly raised: Promise<void>;
  #resolve: () => void = () => {};

  constructor() {
    this.raised = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  raise(): void {
    this.#resolve();
  }
}
