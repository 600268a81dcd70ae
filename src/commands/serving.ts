// What `serve` and `demo` share: find the model, load it, listen, and stop gracefully when asked to.
import { quoteText } from '../config/index.ts';
import type { ServeConfig } from '../config/schema.ts';
import { appError } from '../core/errors.ts';
import { createLogger, type Logger } from '../core/logger.ts';
import { chooseDevice } from '../engine/runtime/device.ts';
import { openFeedbackLog } from '../journal/feedback-log.ts';
import { createPredictionJournal, type PredictionJournal } from '../journal/prediction-journal.ts';
import { createRegistry } from '../registry/registry.ts';
import { isLoopback } from '../serve/access/access-options.ts';
import { type KeyRing, requireKeys } from '../serve/access/key-ring.ts';
import { openCanaryMemory } from '../serve/live/canary-memory.ts';
import { findFollowedStage, followRegistry } from '../serve/live/registry-follower.ts';
import { type FollowingOptions, prepareServer, startServer } from '../serve/server.ts';
import { describeVersions, type VersionFacts } from '../serve/version-facts.ts';
import type { Command, CommandContext, CommandInput, CommandResult } from './command.ts';
import { loadSampleExamples } from './sample-examples.ts';
import { locateServedModel } from './served-model.ts';

export const SERVE_OPTIONS: Command['options'] = [
  { flags: '--port <port>', description: 'port to listen on; 0 takes any free one (default 8000)' },
  { flags: '--host <host>', description: 'address to listen on (default 127.0.0.1: this machine only)' },
  { flags: '--insecure', description: 'ask for no API key, although other machines reach the server' },
];

/** Serves until the context's signal is aborted, then finishes the requests under way. */
export async function serveUntilStopped(
  config: ServeConfig,
  context: CommandContext,
): Promise<CommandResult> {
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
  context: CommandContext,
  keys: KeyRing | undefined,
): Promise<CommandResult> {
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
    judging: {
      maxPartTokens: config.serve.batch.max_tokens,
      maxPartWaitMs: config.serve.batch.max_wait_ms,
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
  return { json: { url: server.url, stopped: true }, text: 'stopped' };
}

/**
 * What the running server is to do when the registry changes.
 * @throws MODEL_NOT_FOUND, MODEL_REFERENCE_INVALID for a shadow or canary that is not there
 */
function describeFollowing(
  { serve }: ServeConfig,
  serving: string | null,
  context: CommandContext,
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
function listVersions(reference: string | null, { home, clock }: CommandContext): VersionFacts[] {
  if (reference === null) return [];
  return describeVersions(createRegistry(home, clock).list({ name: reference.split('@')[0]! }));
}

function openJournal({ serve }: ServeConfig, { home, clock }: CommandContext): PredictionJournal | null {
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
export function findKeys({ serve }: ServeConfig, { home, clock }: CommandContext): KeyRing | undefined {
  const asked = serve.access === 'keys' || (serve.access === 'auto' && !isLoopback(serve.host));
  return asked ? requireKeys(home.keys, serve.host, clock) : undefined;
}

/** --port, --host, --model and --insecure as the overrides they stand for; quoted, since a path may hold any character. */
export function listServeOverrides({ args, options }: CommandInput): string[] {
  const overrides = [...args];
  if (typeof options.port === 'string') {
    if (!/^\d{1,5}$/.test(options.port)) {
      throw appError('USAGE', {
        where: '--port',
        problem: `expected a number from 0 to 65535, got ${options.port}`,
        hint: 'For example --port 8080.',
      });
    }
    overrides.push(`serve.port=${options.port}`);
  }
  if (options.insecure === true) overrides.push('serve.access=open');
  for (const name of ['host', 'model'] as const) {
    const value = options[name];
    if (typeof value === 'string') overrides.push(`serve.${name}=${quoteText(value)}`);
  }
  return overrides;
}

function waitForStop(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
