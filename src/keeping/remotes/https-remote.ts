// A remote behind an address of the web, such as a public mirror: objects are read, never written or listed.
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { appError, hideLogin, isAppError } from '../../foundation/core/index.ts';
import type { ObjectReadOptions, Remote, RemoteObject, RemoteSettings } from './remote.ts';
import { checkKey } from './remote-key.ts';
import { askClock, explainNetwork, explainStream, mayRecover, unexpectedAnswer } from './vendor-client.ts';

const ANSWER_MS = 60_000;

/** @throws REMOTE_UNSUPPORTED if the address is not one of the web */
export function openHttpsRemote(settings: RemoteSettings): Remote {
  const { url, user, password } = settings;
  if (!URL.canParse(url))
    throw appError('REMOTE_UNSUPPORTED', {
      url: hideLogin(url),
      expected: 'an address such as https://host/folder',
      got: 'one that cannot be read',
      remedy: 'Correct the url of the remote.',
    });
  const address = new URL(url);
  const name = user ?? decodeURIComponent(address.username);
  const secret = password ?? decodeURIComponent(address.password);
  address.username = '';
  address.password = '';
  address.hash = '';
  const headers: Record<string, string> = { 'accept-encoding': 'identity' };
  if (name !== '' || secret !== '')
    headers.authorization = `Basic ${Buffer.from(`${name}:${secret}`).toString('base64')}`;
  return new HttpsRemote(address, headers);
}

class HttpsRemote implements Remote {
  readonly kind = 'https';
  readonly isReadOnly = true;
  readonly url: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #query: string;

  constructor(address: URL, headers: Readonly<Record<string, string>>) {
    // A query may be the signature that gives access: it goes with each request, and is never shown.
    this.#query = address.search;
    this.url = `${address.origin}${address.pathname.replace(/\/+$/, '')}`;
    this.#headers = headers;
  }

  list(): AsyncIterable<RemoteObject> {
    const refusal = appError('REMOTE_UNSUPPORTED', {
      url: this.url,
      expected: 'a remote that can list its objects',
      got: 'an address of the web',
      remedy: 'Objects can only be read from here by their names.',
    });
    return { [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(refusal) }) };
  }

  async stat(
    key: string,
    {
      version,
      signal,
    }: { readonly version?: string | undefined; readonly signal?: AbortSignal | undefined } = {},
  ): Promise<RemoteObject | null> {
    this.#refuseVersion(version);
    const { response, stop } = await this.#request(key, 'HEAD', {}, signal);
    stop();
    if (response.status === 404 || response.status === 410) return null;
    if (response.ok) {
      const sizeBytes = Number(response.headers.get('content-length') ?? Number.NaN);
      if (Number.isSafeInteger(sizeBytes)) return { key, sizeBytes, md5: null };
    }
    return this.#statByReading(key, response.status, signal);
  }

  async read(key: string, { startByte = 0, version, signal }: ObjectReadOptions = {}): Promise<Readable> {
    this.#refuseVersion(version);
    const range: Record<string, string> = startByte > 0 ? { range: `bytes=${startByte}-` } : {};
    const { response, stop } = await this.#request(key, 'GET', range, signal);
    const isWanted = response.status === 200 || response.status === 206;
    if (!isWanted || response.body === null) stop();
    if (response.status === 416 && startByte > 0) return Readable.from([]); // it ends before
    if (!isWanted) throw this.#refuse(key, response);
    if (response.body === null) return Readable.from([]);
    const body = Readable.fromWeb(response.body as ReadableStream<Uint8Array>);
    body.on('close', stop);
    const explained = explainStream(body, (error) => this.#explain(error, signal));
    // A server that does not know ranges sends everything again.
    const surplus = response.status === 200 ? startByte : 0;
    return surplus === 0 ? explained : Readable.from(skipBytes(explained, surplus));
  }

  write(): Promise<never> {
    return this.#refuseChange();
  }

  delete(): Promise<never> {
    return this.#refuseChange();
  }

  async measureClock({ signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<number | null> {
    return askClock(this.url, this.url, signal);
  }

  /** For servers that refuse HEAD, or do not say a size. */
  async #statByReading(
    key: string,
    headStatus: number,
    signal: AbortSignal | undefined,
  ): Promise<RemoteObject | null> {
    const { response, stop } = await this.#request(key, 'GET', { range: 'bytes=0-0' }, signal);
    stop();
    if (response.status === 404 || response.status === 410) return null;
    if (response.status === 416) return { key, sizeBytes: 0, md5: null };
    if (!response.ok) throw this.#refuse(key, response);
    const [, total] = /\/(\d+)$/.exec(response.headers.get('content-range') ?? '') ?? [];
    const size = total ?? (response.status === 200 ? response.headers.get('content-length') : null);
    if (size !== null && size !== undefined) return { key, sizeBytes: Number(size), md5: null };
    throw unexpectedAnswer(this.url, new Error('the size of an object is not said'), headStatus);
  }

  async #request(
    key: string,
    method: string,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal | undefined,
  ): Promise<{ readonly response: Response; readonly stop: () => void }> {
    const path = checkKey(key, this.url).split('/').map(encodeURIComponent).join('/');
    const end = new AbortController();
    const stop = (): void => {
      signal?.removeEventListener('abort', stop);
      end.abort(signal?.reason);
    };
    signal?.throwIfAborted();
    signal?.addEventListener('abort', stop, { once: true });
    const silence = setTimeout(() => end.abort(new DOMException('no answer', 'TimeoutError')), ANSWER_MS);
    try {
      const response = await fetch(`${this.url}/${path}${this.#query}`, {
        method,
        headers: { ...this.#headers, ...headers },
        signal: end.signal,
      });
      return { response, stop };
    } catch (error) {
      stop();
      throw this.#explain(error, signal);
    } finally {
      clearTimeout(silence);
    }
  }

  #refuse(key: string, response: Response): Error {
    const { status } = response;
    const { url } = this;
    if (status === 404 || status === 410) return appError('REMOTE_OBJECT_MISSING', { url, key });
    if (status === 401) {
      const remedy =
        'Set user and password of the remote: in configs/remote, or with dvc remote modify --local.';
      return appError('REMOTE_CREDENTIALS', { url, got: 'none, or some that it does not know', remedy });
    }
    if (status === 403) return appError('REMOTE_FORBIDDEN', { url, action: 'read', reason: 'status 403' });
    if (mayRecover(status)) return appError('REMOTE_UNREACHABLE', { url, reason: `it answers ${status}` });
    return unexpectedAnswer(url, new Error(response.statusText), status);
  }

  #explain(error: unknown, signal: AbortSignal | undefined): unknown {
    if (signal?.aborted) return signal.reason;
    if (isAppError(error)) return error;
    const reason = explainNetwork(error);
    if (reason === null)
      return unexpectedAnswer(this.url, error instanceof Error ? (error.cause ?? error) : error);
    return appError('REMOTE_UNREACHABLE', { url: this.url, reason }, { cause: error });
  }

  async #refuseChange(): Promise<never> {
    throw appError('REMOTE_READ_ONLY', { url: this.url, kind: 'an address of the web, which is only read' });
  }

  #refuseVersion(version: string | undefined): void {
    if (version === undefined) return;
    throw appError('REMOTE_UNSUPPORTED', {
      url: this.url,
      expected: 'a remote that keeps versions of its objects',
      got: `an address of the web, asked for version ${version}`,
      remedy: 'Use the remote of the pointer, on S3 or Google Cloud Storage.',
    });
  }
}

async function* skipBytes(stream: Readable, count: number): AsyncGenerator<Buffer> {
  let left = count;
  for await (const piece of stream) {
    const bytes = piece as Buffer;
    if (left < bytes.length) yield bytes.subarray(left);
    left = Math.max(0, left - bytes.length);
  }
}
