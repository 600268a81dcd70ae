// Serves a model: locates and loads it, listens, and stops gracefully when the signal is aborted.
import { type ChosenDevice, chooseDevice, formatDeviceReason } from '../../engine/runtime/device/index.ts';
import { createLogger } from '../../foundation/core/index.ts';
import type { PredictionJournal } from '../../keeping/journal/index.ts';
import { isLoopback, type KeyRing, requireKeys } from '../../serving/access/index.ts';
import {
  prepareServer,
  type RunningServer,
  startServer,
  startStudioServer,
} from '../../serving/app/index.ts';
import type { ServeConfig } from '../configuration/index.ts';
import type { WorkflowContext } from '../context/index.ts';
import { formatPrecisionChoice, locateServedModel, type ServedModel } from '../locate-model/index.ts';
import { openStudio } from '../studio/index.ts';
import { buildServerOptions } from './server-options.ts';

export interface ServedUntilStopped {
  /** Where the server listened. */
  readonly url: string;
}

/** Serves until the context's signal is aborted, then finishes the requests in progress. */
export async function serveUntilStopped(
  config: ServeConfig,
  context: WorkflowContext,
): Promise<ServedUntilStopped> {
  const keys = findKeys(config, context);
  const abandon = prepareServer();
  try {
    return await serveModel(config, context, keys);
  } catch (error) {
    await abandon();
    throw error;
  }
}

async function serveModel(
  config: ServeConfig,
  context: WorkflowContext,
  keys: KeyRing | null,
): Promise<ServedUntilStopped> {
  const { say, signal } = context;
  const model = await locateServedModel(config.serve, context);
  const note = formatPrecisionChoice(model.choice);
  if (note !== null) say(note);
  const chosen = await chooseDevice(config.device);
  const journal = openJournal(config, context);
  const studio = openStudio(context);
  const parts = { model, device: chosen.device, keys, journal, studio };
  const server = await startServer(await buildServerOptions(config, parts, context));
  say(formatStart(server, model, chosen));
  if (keys === null && !isLoopback(config.serve.host))
    context.warn(
      'everybody who reaches this machine may use the server (--insecure): it asks for no API keys',
      { code: 'SERVER_OPEN', host: config.serve.host },
    );
  await waitForStop(signal);
  say('finishing the requests in progress');
  await server.close();
  await studio.close();
  await journal?.close();
  return { url: server.url };
}

function formatStart(
  { url, startMs }: RunningServer,
  { modelVersion, folder }: ServedModel,
  { device, reason }: ChosenDevice,
): string {
  const why = formatDeviceReason(reason);
  const where = `${device}${why === '' ? '' : ` (${why})`}`;
  const seconds = (startMs / 1000).toFixed(1);
  return `serving ${modelVersion ?? folder} at ${url} on ${where} (ready in ${seconds} s); Ctrl-C stops`;
}

function openJournal({ serve }: ServeConfig, { stores }: WorkflowContext): PredictionJournal | null {
  const { predictions, text, max_bytes, max_days } = serve.log;
  if (!predictions) return null;
  return stores.predictions.openJournal({
    keepText: text,
    maxBytes: max_bytes,
    maxDays: max_days,
  });
}

/** Serves the studio of the home, without a model, until the signal is aborted. */
export async function serveStudioUntilStopped(
  { host, port }: { readonly host: string; readonly port: number },
  context: WorkflowContext,
): Promise<ServedUntilStopped> {
  const { say, signal, home, clock } = context;
  const keys = isLoopback(host) ? null : requireKeys(home.keys, host, clock);
  const studio = openStudio(context);
  const server = await startStudioServer({
    ...{ host, port, studio, clock },
    logger: createLogger(keys === null ? 'warn' : 'info'),
    access: keys === null ? {} : { keys },
  });
  say(`the studio of ${home.root} at ${server.url}/studio; Ctrl-C stops`);
  await waitForStop(signal);
  await server.close();
  await studio.close();
  return { url: server.url };
}

/**
 * The API keys that the server asks for; null if everybody may use it.
 * @throws KEYS_MISSING
 */
export function findKeys({ serve }: ServeConfig, { home, clock }: WorkflowContext): KeyRing | null {
  const asksForKeys = serve.access === 'keys' || (serve.access === 'auto' && !isLoopback(serve.host));
  return asksForKeys ? requireKeys(home.keys, serve.host, clock) : null;
}

function waitForStop(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
