// Downloads a file from any address into a folder, with the means of the Hub: resumed after an interruption, by another process
// too; tried again where the connection breaks; redirects followed, with the login sent to the first origin only.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Warn } from '../../foundation/core/index.ts';
import { downloadBlob } from './file-download.ts';
import { HubConnectionError, type HubSession } from './hub-request.ts';

const DEFAULT_RETRY_DELAY_MS = 1000;
const ANSWER_TIMEOUT_MS = 30_000;

export interface UrlDownload {
  readonly url: string;
  /** What is downloaded, in messages. */
  readonly name: string;
  /** Where the file is kept, under a name made from its address. */
  readonly folder: string;
  /** The value of the header; null: none. It is sent to the origin of `url` only. */
  readonly authorization: string | null;
  readonly signal: AbortSignal | undefined;
  readonly say: (line: string) => void;
  readonly warn: Warn;
  /** Receives each change of the bytes on disk, and may throw to stop. */
  readonly onBytes: (bytes: number) => void;
  /** Makes the error of an answer that another attempt would not change. */
  readonly refuse: (status: number) => Error;
  /** Makes the error of a server that does not answer. */
  readonly refuseSilence: (reason: string) => Error;
  readonly retryDelayMs?: number | undefined;
}

/** @returns the path of the file, which may be of an earlier call */
export async function downloadUrl(request: UrlDownload): Promise<string> {
  const { url, name, folder, authorization, signal, say, warn, onBytes, refuse } = request;
  const session: HubSession = {
    settings: {
      endpoint: new URL(url).origin,
      cacheFolder: folder,
      token: undefined,
      isOffline: false,
      useSymlinks: false,
      metadataTimeoutMs: ANSWER_TIMEOUT_MS,
      downloadTimeoutMs: ANSWER_TIMEOUT_MS,
    },
    ...{ name, revision: '', signal, say, warn, refuse },
    ...(authorization === null ? {} : { authorization }),
    retryDelayMs: request.retryDelayMs ?? DEFAULT_RETRY_DELAY_MS,
  };
  const etag = createHash('sha256').update(url).digest('hex').slice(0, 32);
  const layout = { blobsFolder: folder, blobPath: (blob: string) => join(folder, blob) };
  try {
    await downloadBlob(session, layout, { file: name, url, etag, sizeBytes: null }, onBytes);
  } catch (error) {
    if (error instanceof HubConnectionError) throw request.refuseSilence(error.message);
    throw error;
  }
  return layout.blobPath(etag);
}
