// The target of a load test: the route on a server, and the form of a valid response of that route.
import { z } from 'zod';
import { appError } from '../../foundation/core/index.ts';
import { type ModelFolder, modelColumnsSchema, modelReadingSchema } from '../../foundation/records/index.ts';
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

export type TrainingFile = Pick<ModelFolder, 'columns' | 'reading'>;

const trainingFileSchema = z
  .object({ columns: modelColumnsSchema.nullish(), reading: modelReadingSchema.nullish() })
  .transform(({ columns, reading }) => ({
    ...(columns == null ? {} : { columns }),
    ...(reading == null ? {} : { reading }),
  }));

/** How the training file of the server's model was read; empty if the server does not say it. */
export async function askForTrainingFile(
  server: URL,
  headers: Readonly<Record<string, string>>,
  timeoutMs: number,
): Promise<TrainingFile> {
  const url = new URL(server);
  url.pathname = `${url.pathname.replace(/\/$/, '')}/v1/model`;
  try {
    const response = await fetch(url, { headers, signal: AbortSignal.timeout(timeoutMs) });
    return trainingFileSchema.safeParse(await response.json()).data ?? {};
  } catch {
    return {}; // another program's server; whether it answers is tested next
  }
}

/** Only the caller's own machine may be loaded: elsewhere a load test is an attack. @throws LOADTEST_NOT_LOOPBACK */
export function assertLoopback({ hostname }: URL): void {
  if (!isLoopback(hostname) && !hostname.endsWith('.localhost'))
    throw appError('LOADTEST_NOT_LOOPBACK', { host: hostname });
}
