// The options of a server, from its configuration, the model it serves and the stores of the home.
import type { Device } from '../../engine/runtime/session/index.ts';
import { createLogger, standardError } from '../../foundation/core/index.ts';
import type { PredictionJournal } from '../../keeping/journal/index.ts';
import { loadSampleExamples } from '../../learning/data/index.ts';
import type { KeyRing } from '../../serving/access/index.ts';
import type { ServerOptions } from '../../serving/app/index.ts';
import { buildVersionFacts, type ServedVersionFacts } from '../../serving/routes/index.ts';
import type { Studio } from '../../serving/studio/index.ts';
import type { ServeConfig } from '../configuration/index.ts';
import type { WorkflowContext } from '../context/index.ts';
import type { ServedModel } from '../locate-model/index.ts';
import { buildFollowing } from './registry-following.ts';

export interface ServerParts {
  readonly model: ServedModel;
  readonly device: Device;
  /** null: no API keys are asked for. */
  readonly keys: KeyRing | null;
  /** null: predictions are not recorded. */
  readonly journal: PredictionJournal | null;
  /** Runs, sweeps and the registry for admins. */
  readonly studio: Studio;
}

/** @throws MODEL_NOT_FOUND, MODEL_REFERENCE_INVALID for a shadow or canary that is not there */
export async function buildServerOptions(
  { serve, threads }: ServeConfig,
  { model, device, keys, journal, studio }: ServerParts,
  context: WorkflowContext,
): Promise<ServerOptions> {
  const logger = createLogger(serve.log_level);
  return {
    ...buildModelOptions(model),
    following: await buildFollowing(serve, model.reference, context, logger),
    sampleExamples: loadSampleExamples(),
    listVersions: async (live) => (model.reference === null ? [] : listVersions(live, context)),
    host: serve.host,
    port: serve.port,
    threads,
    workers: serve.workers,
    hangMs: serve.batch.hang_seconds * 1000,
    queue: buildQueueOptions(serve),
    device,
    limits: buildLimits(serve),
    access: buildAccess(serve, keys),
    insecure: serve.access === 'open',
    journal,
    feedback: context.stores.feedback,
    studio,
    logger,
    logWriter: standardError,
    clock: context.clock,
  };
}

type Serve = ServeConfig['serve'];

function buildModelOptions({
  folder,
  modelVersion,
  evaluations,
  reference,
}: ServedModel): Pick<ServerOptions, 'modelFolder' | 'modelVersion' | 'evaluations' | 'reference'> {
  return {
    modelFolder: folder,
    evaluations,
    ...(modelVersion === undefined ? {} : { modelVersion }),
    ...(reference === null ? {} : { reference }),
  };
}

function buildQueueOptions({ batch, queue, cache }: Serve): NonNullable<ServerOptions['queue']> {
  return {
    maxBatchTokens: batch.max_tokens,
    maxBatchWaitMs: batch.max_wait_ms,
    maxWaitMs: queue.max_wait_ms,
    cacheEntries: cache.max_entries,
  };
}

function buildLimits(serve: Serve): NonNullable<ServerOptions['limits']> {
  return {
    maxBodyBytes: serve.max_body_bytes,
    maxArticles: serve.max_articles,
    maxUploadBytes: serve.max_upload_bytes,
    maxUploads: serve.max_uploads,
    headerSeconds: serve.timeout.headers,
    bodySeconds: serve.timeout.body,
  };
}

function buildAccess(
  { cors, proxies, rate_limit }: Serve,
  keys: KeyRing | null,
): NonNullable<ServerOptions['access']> {
  return { ...(keys === null ? {} : { keys }), allowedOrigins: cors, perMinute: rate_limit, proxies };
}

/** All versions of the name of NAME@VERSION. */
async function listVersions(reference: string, { stores }: WorkflowContext): Promise<ServedVersionFacts[]> {
  return buildVersionFacts((await stores.registry.list({ name: reference.split('@')[0]! })).models);
}
