// Sends bodies over connections that are kept alive, and reports the outcome of each: answered, rejected (the server is
// busy and says when to come back), or failed. Redirects are not followed: they could lead to another server.
import { Agent, type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps, Agent as SecureAgent } from 'node:https';
import { errorCodeOf } from '../../foundation/core/index.ts';

export type SendOutcome =
  | { readonly kind: 'answered' }
  | { readonly kind: 'rejected'; readonly retryAfterSeconds: number }
  /** `reason` is a class of failures, such as "HTTP 500" or ECONNRESET, never what the server wrote. */
  | { readonly kind: 'failed'; readonly reason: string };

export interface SenderOptions {
  readonly url: URL;
  /** Sent with each request; may hold keys, so they are never printed. */
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** Whether the body of a response with status 200 is of the expected form. */
  readonly isAnswer: (body: string) => boolean;
}

export interface Sender {
  send(body: Buffer): Promise<SendOutcome>;
  /** Drops connections and the requests on them; these fail with CLOSED. */
  close(): void;
}

export const TIMED_OUT = 'timeout';
export const CLOSED = 'closed';

export function createSender({ url, headers, timeoutMs, isAnswer }: SenderOptions): Sender {
  const secure = url.protocol === 'https:';
  const agentOptions = { keepAlive: true, maxFreeSockets: 4096, scheduling: 'lifo' as const };
  const agent = secure ? new SecureAgent(agentOptions) : new Agent(agentOptions);
  const open = secure ? requestHttps : requestHttp;
  const target = {
    agent,
    method: 'POST',
    hostname: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? (secure ? 443 : 80) : url.port,
    path: `${url.pathname}${url.search}`,
  };
  let closed = false;
  const sendOnce = (body: Buffer, mayRepeat: boolean): Promise<SendOutcome> =>
    new Promise((resolve) => {
      const request = open({
        ...target,
        headers: {
          'content-type': 'application/json',
          accept: 'application/json',
          ...headers,
          'content-length': body.byteLength,
        },
      });
      const timer = setTimeout(() => {
        end({ kind: 'failed', reason: TIMED_OUT });
        request.destroy();
      }, timeoutMs);
      const end = (outcome: SendOutcome): void => {
        clearTimeout(timer);
        resolve(outcome);
      };
      request.on('response', (response) => readOutcome(response, isAnswer, end));
      request.on('error', (error) => {
        // The server closed an idle connection just as it was used again: browsers and libraries send the request again.
        if (mayRepeat && !closed && request.reusedSocket && errorCodeOf(error) === 'ECONNRESET') {
          clearTimeout(timer);
          resolve(sendOnce(body, false));
        } else end({ kind: 'failed', reason: closed ? CLOSED : (errorCodeOf(error) ?? 'network error') });
      });
      request.end(body);
    });
  return {
    send: (body) => sendOnce(body, true),
    close: () => {
      closed = true;
      agent.destroy();
    },
  };
}

function readOutcome(
  response: IncomingMessage,
  isAnswer: SenderOptions['isAnswer'],
  end: (outcome: SendOutcome) => void,
): void {
  const chunks: Buffer[] = [];
  response.on('data', (chunk: Buffer) => chunks.push(chunk));
  response.on('error', (error) => end({ kind: 'failed', reason: errorCodeOf(error) ?? 'network error' }));
  response.on('end', () => {
    const status = response.statusCode ?? 0;
    const after = response.headers['retry-after'];
    if (status === 200) {
      const right = isAnswer(Buffer.concat(chunks).toString());
      end(right ? { kind: 'answered' } : { kind: 'failed', reason: 'an answer of another shape' });
    } else if ((status === 503 || status === 429) && after !== undefined) {
      end({ kind: 'rejected', retryAfterSeconds: parseRetryAfter(after) });
    } else end({ kind: 'failed', reason: `HTTP ${status}` });
  });
}

/** Seconds, or a date (RFC 9110, section 10.2.3); at least 0. */
function parseRetryAfter(value: string): number {
  const seconds = /^\d+$/.test(value.trim()) ? Number(value) : (Date.parse(value) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, seconds) : 1;
}
