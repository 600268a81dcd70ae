// The target of a load test: the route on a server, and the form of a valid response of that route.
import { appError } from '../../foundation/core/index.ts';
import { type ModelColumns, modelColumnsSchema } from '../../foundation/records/index.ts';
import { isLoopback } from '../../serving/access/index.ts';
import type { SenderOptions } from '../../serving/loadtest/index.ts';

/** A route of Veracity's server by name, or any path. */
export type Route = keyof typeof ROUTES | `/${string}`;

const ROUTES = {
  predict: {
    path: '/v1/predict',
    isAnswer: (body: string) => body.startsWith('{') && body.includes('"label"'),
  },
  news: { path: '/news/', isAnswer: (body: string) => /^"This is (REAL|FAKE) NEWS"$/.test(body) },
} as const;

export function isRoute(text: string): text is Route {
  return text === 'predict' || text === 'news' || text.startsWith('/');
}

/** The address of a route, and the check of its responses; any body of another path is valid. */
export function buildTarget(server: URL, route: Route): Pick<SenderOptions, 'url' | 'isAnswer'> {
  const known = route === 'predict' || route === 'news' ? ROUTES[route] : null;
  const url = new URL(server);
  url.pathname = `${url.pathname.replace(/\/$/, '')}${known?.path ?? route}`;
  url.hash = '';
  return { url, isAnswer: known?.isAnswer ?? (() => true) };
}

/** The columns of the training file of the server's model; null if the server does not say them. */
export async function askForColumns(
  server: URL,
  headers: Readonly<Record<string, string>>,
  timeoutMs: number,
): Promise<ModelColumns | null> {
  const url = new URL(server);
  url.pathname = `${url.pathname.replace(/\/$/, '')}/v1/model`;
  try {
    const response = await fetch(url, { headers, signal: AbortSignal.timeout(timeoutMs) });
    const facts = (await response.json()) as { columns?: unknown } | null;
    return modelColumnsSchema.safeParse(facts?.columns).data ?? null;
  } catch {
    return null; // another program's server; whether it answers is tested next
  }
}

/** Only the caller's own machine may be loaded: elsewhere a load test is an attack. @throws LOADTEST_NOT_LOOPBACK */
export function assertLoopback({ hostname }: URL): void {
  if (!isLoopback(hostname) && !hostname.endsWith('.localhost'))
    throw appError('LOADTEST_NOT_LOOPBACK', { host: hostname });
}
