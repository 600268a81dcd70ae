// Provides a pretrained checkpoint of the Hub as a local folder. It uses the cache alone if the Hub is switched off or
// cannot be reached. The ref of a branch moves only after its new snapshot is complete, so an interrupted update leaves
// the old snapshot usable.
import { existsSync, readFileSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import {
  appError,
  formatMegabytes,
  isAppError,
  makeFolder,
  type ProgressFactory,
  silentProgress,
  type Warn,
} from '../../foundation/core/index.ts';
import {
  type CachedSnapshot,
  type CacheLayout,
  cacheLayoutOf,
  findSnapshot,
  linkBlob,
  saveRef,
} from './cache-layout.ts';
import { chooseCheckpointFiles, FILES_TO_PUT, INDEX_FILE, parseShardNames } from './checkpoint-files.ts';
import { downloadBlob, fetchFileFacts, isBlobWhole, type RemoteFile } from './file-download.ts';
import { HubConnectionError, type HubSession, requestHub, withRetries } from './hub-request.ts';
import { type HubEnvironment, loadHubSettings } from './hub-settings.ts';
import { isHubName } from './model-source.ts';
import { listPartials } from './partial-file.ts';

const MAX_ANSWER_BYTES = 64e6;
const DEFAULT_RETRY_DELAY_MS = 1000;

export interface CheckpointRequest {
  /** `name` or `org/name`. */
  readonly name: string;
  /** A branch, a tag or a commit; default: main. */
  readonly revision?: string | undefined;
  readonly env: HubEnvironment;
  readonly signal?: AbortSignal | undefined;
  readonly progress?: ProgressFactory | undefined;
  /** Receives a line for the user when the cache is used instead or a download is resumed. */
  readonly say?: ((line: string) => void) | undefined;
  readonly warn?: Warn | undefined;
  /** Pause before the second attempt after a lost connection; default: one second. */
  readonly retryDelayMs?: number | undefined;
}

export interface CheckpointFolder {
  /** The snapshot in the cache: configuration, tokenizer, safetensors. Callers must not write into it. */
  readonly folder: string;
  /** The commit; the name of the revision if a user filled the folder by hand. */
  readonly revision: string;
}

/**
 * Returns the folder with the files of a model, after downloading those that the cache lacks.
 * @throws MODEL_SOURCE_INVALID HUB_OFFLINE HUB_UNREACHABLE HUB_REPOSITORY_UNKNOWN HUB_REVISION_UNKNOWN
 *   HUB_ACCESS_DENIED HUB_ANSWER_INVALID HUB_CHECKPOINT_INCOMPLETE HUB_WEIGHTS_PICKLED HUB_FILE_MISMATCH
 *   HUB_SPACE_LACKING DISK_FULL, and the signal's reason
 */
export async function loadCheckpointFolder(request: CheckpointRequest): Promise<CheckpointFolder> {
  const {
    name,
    revision = 'main',
    env,
    signal,
    progress = silentProgress,
    say = () => {},
    warn = say,
  } = request;
  const settings = loadHubSettings(env);
  if (!isHubName(name)) throw appError('MODEL_SOURCE_INVALID', { path: name });
  if (!isRevision(revision))
    throw appError('HUB_REVISION_UNKNOWN', { name, revision, endpoint: settings.endpoint });
  const { retryDelayMs = DEFAULT_RETRY_DELAY_MS } = request;
  const session: HubSession = { settings, name, revision, signal, say, warn, retryDelayMs };
  const layout = cacheLayoutOf(settings.cacheFolder, name);
  const cached = findSnapshot(layout, revision);

  if (settings.isOffline) return useCache(session, cached);
  try {
    const listing = await fetchListing(session, cached.missing.length === 0 ? 1 : undefined);
    const folder = await loadSnapshot(session, layout, listing, progress);
    saveRef(layout, revision, listing.commit);
    return { folder, revision: listing.commit };
  } catch (error) {
    signal?.throwIfAborted();
    const isLost = error instanceof HubConnectionError;
    const isRefused =
      isAppError(error) &&
      ['HUB_REPOSITORY_UNKNOWN', 'HUB_ACCESS_DENIED', 'HUB_ANSWER_INVALID'].includes(error.code);
    if (!isLost && !(isRefused && cached.missing.length === 0)) throw error;
    return useCache(session, cached, error);
  }
}

/** @param cause  why the request to the Hub failed; absent if the Hub is switched off */
function useCache(session: HubSession, cached: CachedSnapshot, cause?: Error): CheckpointFolder {
  const { name, settings, warn } = session;
  const { folder, commit, missing } = cached;
  const reason = cause?.message ?? 'HF_HUB_OFFLINE is set';
  if (missing.length > 0) {
    const { endpoint } = settings;
    const facts = { name, endpoint, reason, folder, missing: missing.join(', '), files: FILES_TO_PUT };
    throw cause === undefined
      ? appError('HUB_OFFLINE', facts)
      : appError('HUB_UNREACHABLE', facts, { cause });
  }
  if (cause !== undefined)
    warn(`${name}: using the copy in the cache (commit ${commit.slice(0, 12)}); the Hub: ${reason}`, {
      code: 'HUB_COPY_USED',
      name,
      commit,
    });
  return { folder, revision: commit };
}

interface Listing {
  readonly commit: string;
  readonly files: ReadonlySet<string>;
}

/** Requests the commit of a revision and the list of its files. */
async function fetchListing(session: HubSession, maxFailures: number | undefined): Promise<Listing> {
  const { endpoint, metadataTimeoutMs } = session.settings;
  const url = `${endpoint}/api/models/${session.name}/revision/${encodeURIComponent(session.revision)}`;
  const request = { method: 'GET', url, timeoutMs: metadataTimeoutMs } as const;
  const attempt = (): Promise<Listing> =>
    requestHub(session, request, async (answer) => {
      const chunks: Uint8Array[] = [];
      let sizeBytes = 0;
      for (let chunk = await answer.readChunk(); chunk !== null; chunk = await answer.readChunk()) {
        chunks.push(chunk);
        sizeBytes += chunk.byteLength;
        if (sizeBytes > MAX_ANSWER_BYTES) break;
      }
      const listing = parseListing(Buffer.concat(chunks).toString('utf8'));
      if (listing !== null) return listing;
      const got = 'an answer without a commit and files';
      throw appError('HUB_ANSWER_INVALID', { name: session.name, endpoint, got });
    });
  return withRetries(session, attempt, maxFailures === undefined ? {} : { maxFailures });
}

function parseListing(text: string): Listing | null {
  try {
    const { sha, siblings } = JSON.parse(text) as { sha?: unknown; siblings?: unknown };
    if (typeof sha !== 'string' || !/^[0-9a-f]{40}$/.test(sha) || !Array.isArray(siblings)) return null;
    const files = (siblings as ({ rfilename?: unknown } | null)[]).map((entry) => String(entry?.rfilename));
    return { commit: sha, files: new Set(files) };
  } catch {
    return null; // the sign-in page of a network, or another server
  }
}

/** Fills the snapshot of a commit. The index of sharded weights comes first, because it names the shards. */
async function loadSnapshot(
  session: HubSession,
  layout: CacheLayout,
  { commit, files }: Listing,
  progress: ProgressFactory,
): Promise<string> {
  const folder = layout.snapshotFolder(commit);
  const chosen = chooseCheckpointFiles(session.name, files);
  if (!chosen.includes(INDEX_FILE)) {
    await loadFiles(session, layout, commit, chosen, progress);
    return folder;
  }
  await loadFiles(session, layout, commit, [INDEX_FILE], progress);
  const shards = parseShardNames(readFileSync(join(folder, INDEX_FILE), 'utf8')) ?? [];
  const absent = shards.filter((shard) => !files.has(shard));
  if (shards.length === 0 || absent.length > 0)
    throw appError('HUB_CHECKPOINT_INCOMPLETE', {
      name: session.name,
      missing: absent.length > 0 ? absent.join(', ') : `shards named by ${INDEX_FILE}`,
    });
  await loadFiles(session, layout, commit, [...chosen, ...shards], progress);
  return folder;
}

async function loadFiles(
  session: HubSession,
  layout: CacheLayout,
  commit: string,
  files: readonly string[],
  progress: ProgressFactory,
): Promise<void> {
  const pathOf = (file: string): string => join(layout.snapshotFolder(commit), file);
  const wanted = files.filter((file) => !existsSync(pathOf(file)));
  const remotes = await Promise.all(wanted.map((file) => fetchFileFacts(session, commit, file)));
  const neededBytes = remotes.reduce((sum, remote) => sum + countMissingBytes(layout, remote), 0);
  await assertSpace(session, layout, neededBytes);

  const bar = progress(`download ${session.name}`, Math.ceil(neededBytes / 1e6), 'MB');
  let doneBytes = 0;
  try {
    for (const remote of remotes) {
      const isNewBlob = await downloadBlob(session, layout, remote, (bytes) => {
        doneBytes += bytes;
        bar.update(Math.max(0, Math.floor(doneBytes / 1e6)), remote.file);
      });
      const { useSymlinks } = session.settings;
      await linkBlob(layout, { etag: remote.etag, path: pathOf(remote.file), isNewBlob, useSymlinks });
    }
  } finally {
    bar.stop();
  }
}

function countMissingBytes(layout: CacheLayout, { etag, sizeBytes }: RemoteFile): number {
  if (sizeBytes === null || isBlobWhole(layout.blobPath(etag), sizeBytes)) return 0;
  const partial = listPartials(layout.blobsFolder, etag).find(({ isTaken }) => !isTaken);
  return Math.max(0, sizeBytes - (partial?.sizeBytes ?? 0));
}

/** Refuses a download that would not fit on the disk. @throws HUB_SPACE_LACKING */
async function assertSpace({ name }: HubSession, layout: CacheLayout, neededBytes: number): Promise<void> {
  if (neededBytes === 0) return;
  makeFolder(layout.blobsFolder);
  const { bavail, bsize } = await statfs(layout.blobsFolder);
  if (bavail * bsize >= neededBytes) return;
  throw appError('HUB_SPACE_LACKING', {
    name,
    folder: layout.folder,
    needed: formatMegabytes(neededBytes),
    free: formatMegabytes(bavail * bsize),
  });
}

/** True for branches, tags, commits and refs/pr/1; false for whatever could point outside the cache. */
function isRevision(revision: string): boolean {
  return /^[\w][\w./+@-]*$/.test(revision) && !revision.includes('..') && !/\/\/|\/$/.test(revision);
}
