// What `serve` and `demo` share: find the model, load it, listen, and stop gracefully when asked to.

import { chooseDevice } from '../../engine/runtime/device/index.ts';
import { createLogger, type Logger } from '../../foundation/core/index.ts';
import {
  createPredictionJournal,
  openFeedbackLog,
  type PredictionJournal,
} from '../../keeping/journal/index.ts';
import { createRegistry } from '../../keeping/registry/index.ts';
import { loadSampleExamples } from '../../learning/data/index.ts';
import { isLoopback, type KeyRing, requireKeys } from '../../serving/access/index.ts';
import { type FollowingOptions, prepareServer, startServer } from '../../serving/app/index.ts';
import { findFollowedStage, followRegistry, openCanaryMemory } from '../../serving/live/index.ts';
import { buildVersionFacts, type VersionFacts } from '../../serving/routes/index.ts';
import type { ServeConfig } from '../configuration/index.ts';
import type { WorkflowContext } from '../context/index.ts';
import { locateServedModel } from '../locate-model/index.ts';

export interface ServedUntilStopped {
  /** Where the server listened. */
  readonly url: string;
}

/** Serves until the context's signal is aborted, then finishes the requests under way. */
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
  keys: KeyRing | undefined,
): Promise<ServedUntilStopped> {
  const { host, access, cors, proxies, rate_limit, timeout } = config.serve;
  const model = await locateServedModel(config.serve, context);
  if (model.note !== '') context.say(model.note);
  const { device, reason } = await chooseDevice(config.device);
  const journal = openJournal(config, context);
  const logger = createLogger(config.serve.log_level);
  const server = await startServer({
    modelFolder: model.folder,
    ...(model.modelVersion === undefined ? {} : { modelVersion: model.modelVersion }),
    evaluations: model.evaluations,
    ...(model.reference === null ? {} : { reference: model.reference }),
    following: describeFollowing(config, model.reference, context, logger),
    examples: loadSampleExamples(),
    listVersions: () => listVersions(model.reference, context),
    host,
    port: config.serve.port,
    threads: config.threads,
    workers: config.serve.workers,
    hangMs: config.serve.batch.hang_seconds * 1000,
    queue: {
      maxBatchTokens: config.serve.batch.max_tokens,
      maxBatchWaitMs: config.serve.batch.max_wait_ms,
      maxWaitMs: config.serve.queue.max_wait_ms,
      cacheEntries: config.serve.cache.max_entries,
    },
    device,
    limits: {
      maxBodyBytes: config.serve.max_body_bytes,
      maxArticles: config.serve.max_articles,
      maxUploadBytes: config.serve.max_upload_bytes,
      maxUploads: config.serve.max_uploads,
      headerSeconds: timeout.headers,
      bodySeconds: timeout.body,
    },
    access: { ...(keys === undefined ? {} : { keys }), allowedOrigins: cors, perMinute: rate_limit, proxies },
    insecure: access === 'open',
    journal,
    feedback: openFeedbackLog(context.home.feedback, context.clock),
    logger,
    clock: context.clock,
  });
  const seconds = (server.startMs / 1000).toFixed(1);
  context.say(
    `serving ${model.modelVersion ?? model.folder} at ${server.url} on ${device}${reason === '' ? '' : ` (${reason})`} (ready in ${seconds} s); Ctrl-C stops`,
  );
  if (keys === undefined && !isLoopback(host))
    context.say('warning: whoever reaches this machine may ask (--insecure): no API keys are asked for');
  await waitForStop(context.signal);
  context.say('stopping: finishing the requests under way');
  await server.close();
  await journal?.close();
  return { url: server.url };
}

/**
 * What the running server is to do when the registry changes.
 * @throws MODEL_NOT_FOUND, MODEL_REFERENCE_INVALID for a shadow or canary that is not there
 */
function describeFollowing(
  { serve }: ServeConfig,
  serving: string | null,
  context: WorkflowContext,
  logger: Logger,
): FollowingOptions {
  const registry = createRegistry(context.home, context.clock);
  const { shadow, precision, canary_limits: limits } = serve;
  const canary =
    serve.canary === null || typeof serve.canary === 'object'
      ? serve.canary
      : { share: serve.canary, model: null };
  for (const reference of [shadow, canary?.model ?? null])
    if (reference !== null) registry.resolve(reference);
  const stage = findFollowedStage({ serving, reference: serve.model });
  const changes = stage !== null || shadow !== null || canary !== null;
  return {
    decide: followRegistry(registry, { serving, reference: serve.model, canary, shadow }),
    // a stage names an original, as serve.model did; who names a version beside it means that one
    locate: (reference) => {
      const isExact = reference === shadow || reference === canary?.model;
      const isNamed = isExact || (serve.model?.includes('@') ?? false);
      return locateServedModel(
        { model: reference, precision: isExact ? 'auto' : precision },
        context,
        isNamed,
      );
    },
    everySeconds: changes ? serve.watch.seconds : 0,
    canary:
      canary === null
        ? null
        : {
            share: canary.share,
            memory: openCanaryMemory(context.home.canaries, logger),
            limits: {
              windowSeconds: limits.window_seconds,
              minRequests: limits.min_requests,
              maxErrors: limits.errors,
              maxLatencyRatio: limits.p99_ratio,
              minLatencyMs: limits.p99_ms,
            },
          },
  };
}

/** Of the model that is served, whichever of its versions answers. */
function listVersions(reference: string | null, { home, clock }: WorkflowContext): VersionFacts[] {
  if (reference === null) return [];
  return buildVersionFacts(createRegistry(home, clock).list({ name: reference.split('@')[0]! }));
}

function openJournal({ serve }: ServeConfig, { home, clock }: WorkflowContext): PredictionJournal | null {
  const { predictions, text, max_bytes, max_days } = serve.log;
  if (!predictions) return null;
  return createPredictionJournal({
    folder: home.predictions,
    clock,
    keepText: text,
    maxBytes: max_bytes,
    maxDays: max_days,
  });
}

/**
 * The keys that the server asks for; undefined where everybody may ask.
 * @throws KEYS_MISSING
 */
export function findKeys({ serve }: ServeConfig, { home, clock }: WorkflowContext): KeyRing | undefined {
  const asked = serve.access === 'keys' || (serve.access === 'auto' && !isLoopback(serve.host));
  return asked ? requireKeys(home.keys, serve.host, clock) : undefined;
}

function waitForStop(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
