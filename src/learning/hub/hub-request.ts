// Sends one request to the Hub. It follows redirects itself, because the token must not leave the origin of the endpoint
// and a HEAD must stop at the response that has the headers of the linked file. A timeout guards against silence. Failures
// are either worth another attempt (HubConnectionError) or errors for the user.
import { setTimeout as sleep } from 'node:timers/promises';
import { appError, type Warn } from '../../foundation/core/index.ts';
import type { HubSettings } from './hub-settings.ts';

const MAX_REDIRECTS = 10;
const MAX_FAILURES = 5; // in a row without a new byte, as in huggingface_hub
const MAX_DELAY_MS = 60_000;
const TRY_AGAIN = new Set([408, 429, 500, 502, 503, 504]);

/** The settings that all requests for one model share. */
export interface HubSession {
  readonly settings: HubSettings;
  readonly name: string;
  readonly revision: string;
  readonly signal: AbortSignal | undefined;
  readonly say: (line: string) => void;
  readonly warn: Warn;
  /** Pause before the second attempt; it doubles after every further failure. */
  readonly retryDelayMs: number;
  /** Header in place of that of the Hub's token; sent to the origin of the endpoint only. */
  readonly authorization?: string;
  /** Makes the errors of a server that is not the Hub. */
  readonly refuse?: (status: number) => Error;
}

/** The server did not respond, or stopped responding; another attempt may succeed. */
export class HubConnectionError extends Error {
  readonly retryAfterMs: number;

  constructor(reason: string, options: { cause?: unknown; retryAfterMs?: number } = {}) {
    super(reason, { cause: options.cause });
    this.retryAfterMs = options.retryAfterMs ?? 0;
  }
}

export interface HubRequest {
  readonly method: 'GET' | 'HEAD';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** The requested file of the repository, if the request is for a file. */
  readonly file?: string;
  /** Statuses that `consume` can handle besides 200 (and, for HEAD, a redirect to a linked file). */
  readonly expects?: readonly number[];
}

export interface HubAnswer {
  readonly response: Response;
  /** Reads the next bytes of the body; null at its end. @throws HubConnectionError */
  readChunk(): Promise<Uint8Array | null>;
}

/**
 * Sends a request once and passes the response to `consume`.
 * @throws HubConnectionError HUB_REPOSITORY_UNKNOWN HUB_REVISION_UNKNOWN HUB_ACCESS_DENIED
 *   HUB_CHECKPOINT_INCOMPLETE HUB_ANSWER_INVALID
 */
export async function requestHub<T>(
  session: HubSession,
  request: HubRequest,
  consume: (answer: HubAnswer) => Promise<T>,
): Promise<T> {
  session.signal?.throwIfAborted();
  const silence = new AbortController();
  const signal = session.signal ? AbortSignal.any([silence.signal, session.signal]) : silence.signal;
  // The timeout runs only while waiting for the server, not while a slow disk writes the received bytes.
  const guard = async <R>(work: () => Promise<R>): Promise<R> => {
    const reason = `no answer for ${request.timeoutMs / 1000} s`;
    const watchdog = setTimeout(() => silence.abort(new HubConnectionError(reason)), request.timeoutMs);
    try {
      return await work();
    } catch (error) {
      session.signal?.throwIfAborted();
      throw asConnectionError(error);
    } finally {
      clearTimeout(watchdog);
    }
  };
  try {
    const response = await guard(() => followRedirects(session, request, signal));
    if (response.status !== 200 && !isLinked(response) && !request.expects?.includes(response.status))
      throw toStatusError(session, request, response);
    const reader = response.body?.getReader();
    return await consume({
      response,
      readChunk: async () => {
        if (reader === undefined) return null;
        const { done, value } = await guard(() => reader.read());
        return done ? null : value;
      },
    });
  } finally {
    silence.abort(); // closes the connection if the body was not read to its end
  }
}

/**
 * Repeats an attempt that loses its connection, with a longer pause each time. `mark` returns the progress so far; when
 * it grows, the count of failures starts again.
 * @throws HubConnectionError after the last attempt
 */
export async function withRetries<T>(
  session: HubSession,
  attempt: () => Promise<T>,
  options: { maxFailures?: number; mark?: () => number; onRetry?: (reason: string) => void } = {},
): Promise<T> {
  const { maxFailures = MAX_FAILURES, mark = () => 0, onRetry } = options;
  let furthest = mark();
  for (let failures = 0; ; ) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof HubConnectionError)) throw error;
      failures = mark() > furthest ? 1 : failures + 1;
      furthest = Math.max(furthest, mark());
      if (failures >= maxFailures) throw error;
      onRetry?.(error.message);
      const delayMs = Math.max(session.retryDelayMs * 2 ** (failures - 1), error.retryAfterMs);
      await sleepUnlessStopped(Math.min(delayMs, MAX_DELAY_MS), session.signal);
    }
  }
}

/** Waits for `delayMs`. @throws the signal's reason as soon as it is aborted */
export async function sleepUnlessStopped(delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(delayMs, undefined, signal ? { signal } : {});
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}

async function followRedirects(
  session: HubSession,
  { method, url, headers }: HubRequest,
  signal: AbortSignal,
): Promise<Response> {
  const { endpoint, token } = session.settings;
  const authorization = session.authorization ?? (token === undefined ? undefined : `Bearer ${token}`);
  const home = new URL(endpoint).origin;
  let at = new URL(url);
  for (let hops = 0; ; hops++) {
    const response = await fetch(at, {
      method,
      redirect: 'manual',
      signal,
      headers: {
        'user-agent': 'veracity',
        'accept-encoding': 'identity', // a compressed body has neither the file's size nor its ranges
        ...headers,
        ...(authorization !== undefined && at.origin === home ? { authorization } : {}),
      },
    });
    const location = response.headers.get('location');
    if (response.status < 300 || response.status >= 400 || location === null) return response;
    if (method === 'HEAD' && isLinked(response)) return response;
    await response.body?.cancel();
    if (hops === MAX_REDIRECTS || !URL.canParse(location, at.href))
      throw appError('HUB_ANSWER_INVALID', { name: session.name, endpoint, got: 'redirects without an end' });
    at = new URL(location, at);
  }
}

/** True for a redirect to storage whose headers already describe the linked file. */
function isLinked({ status, headers }: Response): boolean {
  return status >= 300 && status < 400 && headers.has('x-linked-etag');
}

function toStatusError(session: HubSession, { file }: HubRequest, { status, headers }: Response): Error {
  const { name, revision, settings } = session;
  const facts = { name, revision, endpoint: settings.endpoint };
  if (TRY_AGAIN.has(status)) {
    const retryAfter = Number(headers.get('retry-after') ?? 0);
    return new HubConnectionError(`status ${status}`, { retryAfterMs: (retryAfter || 0) * 1000 });
  }
  if (session.refuse !== undefined) return session.refuse(status);
  switch (headers.get('x-error-code')) {
    case 'EntryNotFound':
      return appError('HUB_CHECKPOINT_INCOMPLETE', { name, missing: file });
    case 'RepoNotFound':
      return appError('HUB_REPOSITORY_UNKNOWN', facts);
    case 'RevisionNotFound':
      return appError('HUB_REVISION_UNKNOWN', facts);
    case 'GatedRepo':
      return appError('HUB_ACCESS_DENIED', { ...facts, got: `status ${status}, the model is gated` });
  }
  if (status === 401 || status === 403) {
    const got = `status ${status} ${settings.token === undefined ? 'without a token' : 'for the token given'}`;
    return appError('HUB_ACCESS_DENIED', { ...facts, got });
  }
  if (status === 404 && file !== undefined)
    return appError('HUB_CHECKPOINT_INCOMPLETE', { name, missing: file });
  if (status === 404)
    return appError(revision === 'main' ? 'HUB_REPOSITORY_UNKNOWN' : 'HUB_REVISION_UNKNOWN', facts);
  return appError('HUB_ANSWER_INVALID', { ...facts, got: `status ${status}` });
}

/** Converts the error of fetch, whose cause has the system's error code, or a message if the code is undici's own. */
function asConnectionError(error: unknown): unknown {
  if (!(error instanceof TypeError)) return error;
  const { code, message = error.message } = (error.cause ?? {}) as { code?: unknown; message?: string };
  const reason = typeof code === 'string' && !code.startsWith('UND_') ? code : message;
  return new HubConnectionError(reason, { cause: error });
}
