// Checks the configured port, the server that answers there, and its metrics.
import { once } from 'node:events';
import { createServer } from 'node:net';
import { errorCodeOf } from '../../foundation/core/index.ts';
import type { ServeConfig } from '../configuration/index.ts';
import { type ToldCheck, tellOk } from './told-check.ts';

const ANSWER_WITHIN_MS = 5000;
/** A metric that every server of this program has from its start. */
const OWN_METRIC = 'api_requests_total';

export interface ServiceChecks {
  readonly port: ToldCheck;
  readonly server: ToldCheck;
  readonly metrics: ToldCheck;
}

/** @param url  a server elsewhere, which must answer; null: the one at the configured address, if any runs */
export async function checkService(
  { serve: { host, port } }: Pick<ServeConfig, 'serve'>,
  url: string | null,
): Promise<ServiceChecks> {
  if (url !== null) {
    const place = url.replace(/\/+$/, '');
    return { port: await checkPort(host, port), ...(await checkServer(place, true)) };
  }
  const own = `http://${host.includes(':') ? `[${host}]` : host === '0.0.0.0' ? '127.0.0.1' : host}:${port}`;
  const state = await tryListen(host, port);
  if (state === 'free') {
    const none: Omit<ToldCheck, 'kind'> = { status: 'skip', found: `no server runs on ${own}`, advice: '' };
    return {
      port: tellOk('port', `${host}:${port} is free`),
      server: { kind: 'server', ...none },
      metrics: { kind: 'metrics', ...none },
    };
  }
  if (state !== 'EADDRINUSE') {
    const portCheck = describePort(host, port, state);
    const none = { status: 'skip', found: 'the port cannot be used', advice: '' } as const;
    return { port: portCheck, server: { kind: 'server', ...none }, metrics: { kind: 'metrics', ...none } };
  }
  const health = await ask(`${own}/healthz`);
  if (!isOurs(health)) {
    const none = { status: 'skip', found: 'another program has the port', advice: '' } as const;
    return {
      port: describePort(host, port, state, health === null),
      server: { kind: 'server', ...none },
      metrics: { kind: 'metrics', ...none },
    };
  }
  return {
    port: tellOk('port', `${host}:${port} is that of the server that runs`),
    ...(await checkServer(own, false)),
  };
}

async function checkPort(host: string, port: number): Promise<ToldCheck> {
  const state = await tryListen(host, port);
  return state === 'free' ? tellOk('port', `${host}:${port} is free`) : describePort(host, port, state);
}

function describePort(host: string, port: number, code: string, isSilent = false): ToldCheck {
  if (code === 'EADDRINUSE')
    return {
      ...{ kind: 'port', status: 'fail' },
      found: `${host}:${port} is taken by ${isSilent ? 'a program that does not answer HTTP' : 'another program'}`,
      advice: `veracity serve --port ${port + 1}; to see the program: ss -ltnp 'sport = :${port}'`,
    };
  return {
    ...{ kind: 'port', status: 'fail' },
    found: `${host}:${port} cannot be listened at (${code})`,
    advice: code === 'EACCES' ? 'Choose a port from 1024: serve.port=8000' : 'Set serve.host=127.0.0.1',
  };
}

/** `free`, or the code of the system. */
async function tryListen(host: string, port: number): Promise<string> {
  const probe = createServer();
  try {
    probe.listen(port, host);
    await once(probe, 'listening');
    probe.close();
    await once(probe, 'close');
    return 'free';
  } catch (error) {
    return errorCodeOf(error) ?? 'unknown';
  }
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

async function ask(url: string): Promise<Answer | null> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
    return { status: response.status, text: await response.text() };
  } catch {
    return null; // refused, silent, or no HTTP
  }
}

/** /healthz of this program answers JSON with a status. */
function isOurs(answer: Answer | null): boolean {
  return answer !== null && answer.status === 200 && /"status"/.test(answer.text);
}

async function checkServer(url: string, isAsked: boolean): Promise<Omit<ServiceChecks, 'port'>> {
  const skipped: ToldCheck = {
    kind: 'metrics',
    status: 'skip',
    found: 'the server does not answer',
    advice: '',
  };
  if (isAsked && !isOurs(await ask(`${url}/healthz`))) {
    const server: ToldCheck = {
      ...{ kind: 'server', status: 'fail' },
      found: `${url} does not answer as a server of this program`,
      advice: 'Start it: veracity serve; and read its log.',
    };
    return { server, metrics: skipped };
  }
  const ready = await ask(`${url}/readyz`);
  if (ready === null || ready.status !== 200) {
    const server: ToldCheck = {
      ...{ kind: 'server', status: 'fail' },
      found: `${url} runs and takes no requests${ready === null ? '' : ` (${readTitle(ready)})`}`,
      advice: `curl ${url}/readyz says why; then start it again: veracity serve`,
    };
    return { server, metrics: await checkMetrics(url) };
  }
  return { server: describeReady(url, ready), metrics: await checkMetrics(url) };
}

/** A server that loses something while it predicts says so. */
function describeReady(url: string, { text }: Answer): ToldCheck {
  const { incidents = [] } = parseObject(text) as {
    readonly incidents?: readonly { readonly code?: unknown }[];
  };
  const codes = incidents.map(({ code }) => String(code));
  if (codes.length === 0) return tellOk('server', `${url} takes requests`);
  return {
    ...{ kind: 'server', status: 'warn' },
    found: `${url} takes requests, and loses something: ${codes.join(', ')}`,
    advice: `curl ${url}/readyz says what`,
  };
}

function parseObject(text: string): object {
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === 'object' && json !== null ? json : {};
  } catch {
    return {};
  }
}

function readTitle({ status, text }: Answer): string {
  const { title, detail } = parseObject(text) as { readonly title?: unknown; readonly detail?: unknown };
  const words = [title, detail].filter((part) => typeof part === 'string');
  return [status, ...words].join(', ');
}

async function checkMetrics(url: string): Promise<ToldCheck> {
  const answer = await ask(`${url}/metrics`);
  const kind = 'metrics';
  if (answer?.status === 401 || answer?.status === 403)
    return {
      kind,
      status: 'warn',
      found: `${url}/metrics needs a key`,
      advice: 'Give the scraper one: veracity keys create --scope metrics',
    };
  if (answer === null || answer.status !== 200)
    return {
      kind,
      status: 'fail',
      found: `${url}/metrics ${answer === null ? 'does not answer' : `answers ${answer.status}`}`,
      advice: `curl ${url}/metrics`,
    };
  const families = answer.text.match(/^# TYPE /gm)?.length ?? 0;
  if (!answer.text.includes(OWN_METRIC))
    return {
      kind,
      status: 'fail',
      found: `${url}/metrics lacks ${OWN_METRIC}`,
      advice: `Something stands between: curl ${url}/metrics`,
    };
  return tellOk(kind, `${families} at ${url}/metrics`);
}
