// A remote in a bucket of Google Cloud Storage. Google's client loads when the first one is opened.
import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import type { Bucket, Storage } from '@google-cloud/storage';
import { appError, asSystemError, errorCodeOf, hideLogin, isAppError } from '../../foundation/core/index.ts';
import { explainGcs, type GcsRequest, gcsStatusOf } from './gcs-errors.ts';
import { GCS_PART_BYTES, md5FromBase64, uploadToGcs } from './gcs-upload.ts';
import type {
  ObjectReadOptions,
  ObjectSource,
  ObjectWriteOptions,
  Remote,
  RemoteObject,
  RemoteSettings,
} from './remote.ts';
import { checkKey } from './remote-key.ts';
import { askClock, explainStream, loadClient, parseBucketAddress } from './vendor-client.ts';

const PACKAGE = '@google-cloud/storage';
const GOOGLE = 'https://storage.googleapis.com';
const TIMEOUT_MS = 60_000;

/** @throws REMOTE_CLIENT_MISSING, REMOTE_UNSUPPORTED, FILE_NOT_FOUND or REMOTE_CREDENTIALS for the credentials file */
export async function openGcsRemote(settings: RemoteSettings): Promise<Remote> {
  const { bucket, prefix } = parseBucketAddress(settings.url.replace(/^gcs:/, 'gs:'));
  const { endpoint, credentialsFile, project, isAnonymous = false } = settings;
  if (credentialsFile !== undefined) checkCredentialsFile(credentialsFile, hideLogin(settings.url));
  const { Storage } = await loadClient(settings.url, PACKAGE, () => import('@google-cloud/storage'));
  const storage = new Storage({
    ...(endpoint !== undefined && {
      apiEndpoint: endpoint,
      useAuthWithCustomEndpoint: credentialsFile !== undefined,
    }),
    // A custom address is asked without signing in.
    ...(endpoint === undefined && isAnonymous && { apiEndpoint: GOOGLE }),
    ...(credentialsFile !== undefined && { keyFilename: credentialsFile }),
    // None of the requests names the project; without one, the client would look for it.
    projectId: project ?? 'none',
    timeout: TIMEOUT_MS,
    retryOptions: { maxRetries: 2, totalTimeout: 120 },
  });
  const url = `gs://${bucket}${prefix === '' ? '' : `/${prefix.slice(0, -1)}`}`;
  return new GcsRemote({ url, storage, bucket, prefix, settings });
}

function checkCredentialsFile(path: string, url: string): void {
  try {
    JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') throw appError('FILE_NOT_FOUND', { path, kind: 'credentials file' });
    if (!(error instanceof SyntaxError)) throw asSystemError(error, path, 'read');
    throw appError('REMOTE_CREDENTIALS', {
      url,
      got: `the file ${path}, which is not JSON`,
      remedy: 'Download the JSON key of the service account again.',
    });
  }
}

interface GcsPlace {
  readonly url: string;
  readonly storage: Storage;
  readonly bucket: string;
  readonly prefix: string;
  readonly settings: RemoteSettings;
}

class GcsRemote implements Remote {
  readonly kind = 'gs';
  readonly isReadOnly = false;
  readonly url: string;
  readonly #bucket: Bucket;
  readonly #prefix: string;
  readonly #settings: RemoteSettings;

  constructor({ url, storage, bucket, prefix, settings }: GcsPlace) {
    this.url = url;
    this.#bucket = storage.bucket(bucket);
    this.#prefix = prefix;
    this.#settings = settings;
  }

  async *list(
    prefix: string,
    { signal }: { readonly signal?: AbortSignal | undefined } = {},
  ): AsyncGenerator<RemoteObject> {
    for (let pageToken: string | undefined; ; ) {
      const query = {
        prefix: this.#prefix + prefix,
        autoPaginate: false,
        maxResults: 1000,
        ...(pageToken !== undefined && { pageToken }),
      };
      const [files, next] = await this.#ask('list', { signal }, () => this.#bucket.getFiles(query));
      for (const { name, metadata } of files) {
        if (name.endsWith('/')) continue; // consoles make empty objects that stand for folders
        const key = name.slice(this.#prefix.length);
        yield { key, sizeBytes: Number(metadata.size ?? 0), md5: md5FromBase64(metadata.md5Hash) };
      }
      pageToken = readPageToken(next);
      if (pageToken === undefined) return;
    }
  }

  async stat(
    key: string,
    {
      version,
      signal,
    }: { readonly version?: string | undefined; readonly signal?: AbortSignal | undefined } = {},
  ): Promise<RemoteObject | null> {
    const file = this.#file(key, version);
    try {
      const [metadata] = await this.#ask('read', { key, version, signal }, () => file.getMetadata());
      return { key, sizeBytes: Number(metadata.size ?? 0), md5: md5FromBase64(metadata.md5Hash) };
    } catch (error) {
      if (isAppError(error) && error.code === 'REMOTE_OBJECT_MISSING') return null;
      throw error;
    }
  }

  async read(key: string, { startByte = 0, version, signal }: ObjectReadOptions = {}): Promise<Readable> {
    const file = this.#file(key, version);
    return this.#ask('read', { key, version, signal }, async () => {
      // Bytes as they are stored: text may be stored compressed.
      const stream = file.createReadStream({
        validation: false,
        decompress: false,
        ...(startByte > 0 && { start: startByte }),
      });
      const explained = explainStream(stream, (error) =>
        explainGcs(error, { url: this.url, action: 'read', key, version, signal }),
      );
      await new Promise<void>((resolve, reject) => {
        const stop = (): void => void stream.destroy(signal?.reason);
        signal?.addEventListener('abort', stop);
        const settle = (settled: () => void) => (): void => {
          signal?.removeEventListener('abort', stop);
          settled();
        };
        // A refusal is an answer, too; its error follows.
        stream.once('response', ({ statusCode = 200 }: { statusCode?: number }) => {
          if (statusCode < 400) settle(resolve)();
        });
        stream.once('end', settle(resolve));
        explained.once('error', (error) => settle(() => reject(error))());
      });
      return explained;
    }).catch((error: unknown) => {
      const isPastEnd = startByte > 0 && isAppError(error) && gcsStatusOf(error.cause) === 416;
      if (isPastEnd) return Readable.from([]);
      throw error;
    });
  }

  async write(
    key: string,
    source: ObjectSource,
    options: ObjectWriteOptions = {},
  ): Promise<'written' | 'exists'> {
    const { signal, replaces = false } = options;
    const target = {
      url: this.url,
      bucket: this.#bucket,
      key: this.#locate(key),
      source,
      options,
      uploadsFolder: this.#settings.uploadsFolder,
      ignoresRepeats: this.#settings.endpoint === undefined,
    };
    const isLarge = source.sizeBytes > GCS_PART_BYTES;
    if (!replaces && isLarge && (await this.stat(key, { signal })) !== null) return 'exists';
    const outcome = await this.#ask('write', { key, signal }, () => uploadToGcs(target));
    if (outcome === 'exists') return 'exists';
    const md5 = outcome.md5 ?? (await this.stat(key, { signal }))?.md5 ?? null;
    if (md5 === null || md5 === source.md5) return 'written';
    await this.delete(key);
    const reason = 'other bytes arrived than were sent, and were removed';
    throw appError('REMOTE_UNREACHABLE', { url: this.url, reason });
  }

  async delete(key: string, { signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
    const file = this.#file(key, undefined);
    await this.#ask('delete', { key, signal }, () => file.delete({ ignoreNotFound: true }));
  }

  async measureClock({ signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<number | null> {
    return askClock(this.#settings.endpoint ?? GOOGLE, this.url, signal);
  }

  /** Ends when the signal is aborted, although the client cannot end its request. */
  async #ask<T>(
    action: GcsRequest['action'],
    about: Pick<GcsRequest, 'key' | 'version' | 'signal'>,
    ask: () => Promise<T>,
  ): Promise<T> {
    const { signal } = about;
    signal?.throwIfAborted();
    let stop = (): void => {};
    const stopped = new Promise<never>((_, reject) => {
      stop = () => reject(signal?.reason);
      signal?.addEventListener('abort', stop);
    });
    const asked = ask();
    asked.catch(() => {}); // after a stop, its outcome no longer matters
    try {
      return await Promise.race([asked, stopped]);
    } catch (error) {
      throw explainGcs(error, { ...about, url: this.url, action });
    } finally {
      signal?.removeEventListener('abort', stop);
    }
  }

  #file(key: string, version: string | undefined) {
    return this.#bucket.file(this.#locate(key), version === undefined ? {} : { generation: version });
  }

  #locate(key: string): string {
    return this.#prefix + checkKey(key, this.url);
  }
}

function readPageToken(next: unknown): string | undefined {
  if (typeof next !== 'object' || next === null || !('pageToken' in next)) return undefined;
  return typeof next.pageToken === 'string' && next.pageToken !== '' ? next.pageToken : undefined;
}
