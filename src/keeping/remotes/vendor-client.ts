// What the remotes of all vendors share: loading a client only when it is used, addresses of buckets, errors within a stream,
// and errors of the network.
import { PassThrough, type Readable } from 'node:stream';
import { appError, errorCodeOf, hideLogin, isAppError } from '../../foundation/core/index.ts';

/**
 * Loads an optional package.
 * @throws REMOTE_CLIENT_MISSING if it is not installed
 */
export async function loadClient<T>(url: string, name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if (errorCodeOf(error) !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw appError('REMOTE_CLIENT_MISSING', { url: hideLogin(url), package: name }, { cause: error });
  }
}

/** Bucket and prefix of an address such as `s3://bucket/folder`; the prefix ends in `/` or is empty. */
export interface BucketAddress {
  readonly bucket: string;
  readonly prefix: string;
}

/** @throws REMOTE_UNSUPPORTED if no bucket is named */
export function parseBucketAddress(url: string): BucketAddress {
  const [, scheme, bucket = '', rest = ''] = /^([a-z0-9]+):\/\/([^/]*)\/?(.*)$/s.exec(url) ?? [];
  if (!/^[^\s@:?#]+$/.test(bucket))
    throw appError('REMOTE_UNSUPPORTED', {
      url: hideLogin(url),
      expected: `an address such as ${scheme}://bucket/folder`,
      got: 'one without a bucket',
      remedy: 'Correct the url of the remote. Keys and passwords do not belong into it.',
    });
  const folder = rest.replace(/\/+$/, '');
  return { bucket, prefix: folder === '' ? '' : `${folder}/` };
}

/** The same bytes; errors of the stream are explained. Closing either closes both. */
export function explainStream(stream: Readable, explain: (error: unknown) => unknown): Readable {
  const explained = new PassThrough({ highWaterMark: 1024 * 1024 });
  const fail = (error: unknown): void => void explained.destroy(asError(explain(error)));
  stream.on('error', fail);
  stream.on('close', () => {
    if (!stream.readableEnded && !explained.destroyed) fail(new Error('the connection was closed too early'));
  });
  explained.on('close', () => stream.destroy());
  return stream.pipe(explained);
}

const NETWORK_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENETDOWN',
  'EPROTO',
  'ERR_STREAM_PREMATURE_CLOSE',
  'UND_ERR_SOCKET',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
]);

/**
 * An error of the network in words: of the error itself or of what caused it. Null if it is none. The server was not reached, or
 * the connection broke: another try may succeed.
 */
export function explainNetwork(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  const code = errorCodeOf(error) ?? '';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return `there is no host of this name, or no name service (${code})`;
  if (code === 'ECONNREFUSED') return 'nothing listens there (ECONNREFUSED)';
  if (NETWORK_CODES.has(code)) return `the connection broke (${code})`;
  if (error.name === 'TimeoutError') return 'it did not answer in time';
  if (
    /socket hang up|premature close|closed too early|aborted|terminated|other side closed/i.test(
      error.message,
    )
  )
    return 'the connection broke';
  const causes = error instanceof AggregateError ? error.errors : [error.cause];
  for (const cause of causes) {
    const reason = explainNetwork(cause);
    if (reason !== null) return reason;
  }
  return null;
}

/** Statuses after which another try may succeed. */
export function mayRecover(status: number | undefined): boolean {
  return status !== undefined && (status >= 500 || status === 429 || status === 408);
}

/** What no table of errors knows: shown with its code and the first words of its message. */
export function unexpectedAnswer(url: string, error: unknown, status?: number): Error {
  if (isAppError(error)) return error;
  const name = error instanceof Error ? error.name : 'an error';
  const words = error instanceof Error ? error.message.split('\n')[0]!.slice(0, 150) : '';
  const got = [status === undefined ? '' : `status ${status}`, name, words]
    .filter((part) => part !== '')
    .join(', ');
  return appError('REMOTE_ANSWER_INVALID', { url, got }, { cause: error });
}

/**
 * How far the clock of a server is ahead, by the header Date of any answer, in milliseconds; null if it has none.
 * @throws REMOTE_UNREACHABLE
 */
export async function askClock(address: string, url: string, signal?: AbortSignal): Promise<number | null> {
  const sentMs = Date.now();
  const timeout = AbortSignal.timeout(10_000);
  try {
    const answer = await fetch(address, {
      method: 'HEAD',
      redirect: 'manual',
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    });
    await answer.body?.cancel();
    const date = Date.parse(answer.headers.get('date') ?? '');
    if (Number.isNaN(date)) return null;
    // The header has whole seconds, which are cut: half a second more on average.
    return Math.round(date + 500 - (sentMs + Date.now()) / 2);
  } catch (error) {
    signal?.throwIfAborted();
    throw appError(
      'REMOTE_UNREACHABLE',
      { url, reason: explainNetwork(error) ?? 'no answer' },
      { cause: error },
    );
  }
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
