// Downloads one file of a repository into the cache: requests its etag and size, downloads it and resumes by Range after
// an interruption, checks its size and its sha256 (for files in large-file storage, whose etag is a sha256), renames it
// to its blob and links it.
import { existsSync, statSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { appError, asDiskError, formatMegabytes, hashFile } from '../../foundation/core/index.ts';
import type { CacheLayout } from './cache-layout.ts';
import {
  type HubAnswer,
  HubConnectionError,
  type HubSession,
  requestHub,
  sleepUnlessStopped,
  withRetries,
} from './hub-request.ts';
import { claimPartial, findRival, releasePartial, removePartials } from './partial-file.ts';

const WORTH_SAYING_BYTES = 1e6;
const RIVAL_POLL_MS = 100;
/** Another process that has made no progress for this many download timeouts is not waited for any longer. */
const RIVAL_TIMEOUTS = 6;

export interface RemoteFile {
  readonly file: string;
  readonly url: string;
  /** The name of its blob: the sha256 of a file in large-file storage, git's sha1 of any other file. */
  readonly etag: string;
  /** null if the server does not tell. */
  readonly sizeBytes: number | null;
}

/**
 * Requests the etag and the size of a file.
 * @throws HubConnectionError HUB_ANSWER_INVALID and what requestHub throws
 */
export async function fetchFileFacts(session: HubSession, commit: string, file: string): Promise<RemoteFile> {
  const { endpoint, metadataTimeoutMs } = session.settings;
  const url = `${endpoint}/${session.name}/resolve/${commit}/${encodeURIComponent(file)}`;
  const request = { method: 'HEAD', url, file, timeoutMs: metadataTimeoutMs } as const;
  return withRetries(session, () =>
    requestHub(session, request, async ({ response: { headers, status } }) => {
      const etag = (headers.get('x-linked-etag') ?? headers.get('etag') ?? '').replace(/^W\/|"/g, '');
      const isPlain = status === 200 && !headers.has('content-encoding'); // otherwise the length is not that of the file
      const size = headers.get('x-linked-size') ?? (isPlain ? headers.get('content-length') : null);
      if (!/^\w[\w.-]*$/.test(etag))
        throw appError('HUB_ANSWER_INVALID', { name: session.name, endpoint, got: `no etag for ${file}` });
      return { file, url, etag, sizeBytes: size === null ? null : Number(size) };
    }),
  );
}

/**
 * Downloads the blob of a file and checks it, or waits while another process downloads it.
 * @param onBytes  receives every change of the bytes on disk; negative if partial data had to be discarded
 * @returns true if this call wrote the blob
 * @throws HubConnectionError HUB_FILE_MISMATCH DISK_FULL
 */
export async function downloadBlob(
  session: HubSession,
  layout: Pick<CacheLayout, 'blobsFolder' | 'blobPath'>,
  remote: RemoteFile,
  onBytes: (bytes: number) => void,
): Promise<boolean> {
  const { etag, sizeBytes } = remote;
  const blob = layout.blobPath(etag);
  for (;;) {
    if (isBlobWhole(blob, sizeBytes)) return false;
    const isStuck = await waitForRival(session, layout, remote);
    if (isBlobWhole(blob, sizeBytes)) return false;
    const partial = await claimPartial(layout.blobsFolder, etag);
    try {
      // Two processes that started at the same moment see each other here; the one with the smaller name continues.
      if (!isStuck && findRival(layout.blobsFolder, etag, partial) !== undefined) continue;
      if (isBlobWhole(blob, sizeBytes)) return false;
      await fillPartial(session, partial, remote, onBytes);
      await rename(partial, blob);
      await removePartials(layout.blobsFolder, etag);
      return true;
    } catch (error) {
      throw asDiskError(error, blob);
    } finally {
      await releasePartial(partial, etag);
    }
  }
}

/** Downloads into `partial` until size and digest are right; wrong bytes of an earlier run are discarded once. */
async function fillPartial(
  session: HubSession,
  partial: string,
  remote: RemoteFile,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const { file, etag, sizeBytes } = remote;
  for (let resumedBytes = sizeOf(partial); ; resumedBytes = 0) {
    const isTooLong = sizeBytes !== null && resumedBytes > sizeBytes;
    if (!isTooLong && resumedBytes >= WORTH_SAYING_BYTES)
      session.say(`${file}: resuming at ${formatMegabytes(resumedBytes)}, where an earlier run stopped`);
    if (!isTooLong) await downloadRest(session, partial, remote, onBytes);
    const digest = !isTooLong && /^[0-9a-f]{64}$/.test(etag) ? await hashFile(partial) : etag;
    if (!isTooLong && digest === etag) return;
    const loadedBytes = sizeOf(partial);
    await rm(partial, { force: true });
    if (resumedBytes === 0)
      throw appError('HUB_FILE_MISMATCH', {
        name: session.name,
        file,
        expected: `sha256 ${etag}`,
        got: digest,
      });
    session.say(`${file}: the partial download of an earlier run is of another file; downloading it again`);
    onBytes(-loadedBytes);
  }
}

async function downloadRest(
  session: HubSession,
  partial: string,
  remote: RemoteFile,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const { file, sizeBytes } = remote;
  const output = await open(partial, 'a');
  try {
    await withRetries(
      session,
      async () => {
        const offset = (await output.stat()).size;
        if (offset === sizeBytes) return;
        const request = {
          method: 'GET',
          url: remote.url,
          file,
          timeoutMs: session.settings.downloadTimeoutMs,
          headers: offset > 0 ? { range: `bytes=${offset}-` } : {},
          expects: [206, 416],
        } as const;
        await requestHub(session, request, async (answer) => {
          const start = startOf(answer, offset);
          if (start !== offset) {
            await output.truncate(0);
            onBytes(-offset);
          }
          if (start === null) throw new HubConnectionError('the server refused to go on where it stopped');
          const total = totalOf(answer, start);
          if (sizeBytes !== null && total !== null && total !== sizeBytes)
            throw sizeMismatch(session, remote, total);
          let at = start;
          for (let chunk = await answer.readChunk(); chunk !== null; chunk = await answer.readChunk()) {
            await output.appendFile(chunk);
            at += chunk.byteLength;
            onBytes(chunk.byteLength);
            if (sizeBytes !== null && at > sizeBytes) throw sizeMismatch(session, remote, at);
          }
          const expected = sizeBytes ?? total;
          if (expected !== null && at < expected)
            throw new HubConnectionError('the connection ended before the file did');
        });
      },
      {
        mark: () => sizeOf(partial),
        onRetry: (reason) =>
          session.say(
            `${file}: connection lost (${reason}); resuming at ${formatMegabytes(sizeOf(partial))}`,
          ),
      },
    );
    await output.sync();
  } catch (error) {
    if (isMismatch(error)) await output.truncate(0); // these bytes do not belong to this file
    throw error;
  } finally {
    await output.close();
  }
}

/** The offset of the first byte of a response: the requested one, 0 if the server sends the whole file, else null. */
function startOf({ response: { status, headers } }: HubAnswer, offset: number): number | null {
  if (status === 200) return 0;
  const start = /^bytes (\d+)-/.exec(headers.get('content-range') ?? '')?.[1];
  return status === 206 && Number(start) === offset ? offset : null;
}

function totalOf({ response: { headers } }: HubAnswer, start: number): number | null {
  const total = /\/(\d+)$/.exec(headers.get('content-range') ?? '')?.[1];
  if (total !== undefined) return Number(total);
  const length = headers.has('content-encoding') ? null : headers.get('content-length');
  return length === null ? null : start + Number(length);
}

function sizeMismatch(session: HubSession, { file, sizeBytes }: RemoteFile, got: number): Error {
  const sizes = { expected: `${sizeBytes} bytes`, got: `${got} bytes` };
  return appError('HUB_FILE_MISMATCH', { name: session.name, file, ...sizes });
}

function isMismatch(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'HUB_FILE_MISMATCH';
}

/** @returns true if another process is downloading the file but has made no progress for a long time */
async function waitForRival(
  session: HubSession,
  layout: Pick<CacheLayout, 'blobsFolder' | 'blobPath'>,
  remote: RemoteFile,
): Promise<boolean> {
  const { file, etag, sizeBytes } = remote;
  const stalledTimeoutMs = session.settings.downloadTimeoutMs * RIVAL_TIMEOUTS;
  let watched = { path: '', sizeBytes: -1, sinceMs: 0 };
  for (;;) {
    const rival = findRival(layout.blobsFolder, etag);
    if (rival === undefined || isBlobWhole(layout.blobPath(etag), sizeBytes)) return false;
    const nowMs = performance.now();
    if (watched.path === '') session.say(`${file}: another process is downloading it; waiting`);
    if (rival.path !== watched.path || rival.sizeBytes !== watched.sizeBytes)
      watched = { path: rival.path, sizeBytes: rival.sizeBytes, sinceMs: nowMs };
    else if (nowMs - watched.sinceMs > stalledTimeoutMs) return true;
    await sleepUnlessStopped(RIVAL_POLL_MS, session.signal);
  }
}

/** Whether a blob exists with the right size; a crash can leave a shorter one. */
export function isBlobWhole(path: string, sizeBytes: number | null): boolean {
  return existsSync(path) && (sizeBytes === null || sizeOf(path) === sizeBytes);
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
