// What the routes of the studio share: the studio itself, the version that this server runs, and readers of bodies and queries.
import type { z } from 'zod';
import { appError, type ErrorCode, type Logger } from '../../foundation/core/index.ts';
import { createBodyError, type RouteDefinition } from '../http/index.ts';
import type { ChangeStream } from './change-stream.ts';
import { ReadLimit } from './read-limit.ts';
import { RunChangeFeed } from './run-change-feed.ts';
import type { Studio } from './studio.ts';

export interface StudioContext {
  readonly studio: Studio;
  readonly changes: RunChangeFeed;
  /** Bounds the reads of many records that are in progress at once. */
  readonly reads: ReadLimit;
  /** NAME@VERSION that this server runs now; null: it serves no model. */
  readonly liveVersion: () => string | null;
  /** The open streams of events. */
  readonly streams: Set<ChangeStream>;
  /** Ends them. */
  close(): void;
}

export function createStudioContext(
  studio: Studio,
  { logger, liveVersion }: { readonly logger: Logger; readonly liveVersion: () => string | null },
): StudioContext {
  const changes = new RunChangeFeed(studio, logger);
  const streams = new Set<ChangeStream>();
  return {
    studio,
    changes,
    reads: new ReadLimit(),
    liveVersion,
    streams,
    close: () => {
      for (const stream of streams) stream.end();
      changes.close();
    },
  };
}

/** The parts that all routes of the studio have in common. */
export const STUDIO_ROUTE = { tag: 'studio', access: 'admin' } as const satisfies Partial<RouteDefinition>;

/** Errors of a route that reads a JSON body. */
export const BODY_ERRORS = ['REQUEST_NOT_JSON', 'REQUEST_INVALID'] as const satisfies readonly ErrorCode[];

/** @throws REQUEST_INVALID */
export function parseBody<S extends z.ZodType>(schema: S, body: unknown, expected: string): z.infer<S> {
  const result = schema.safeParse(body);
  if (!result.success) throw createBodyError(result.error, expected);
  return result.data;
}

export function readPathParameter(request: { readonly params: unknown }, name: string): string {
  return (request.params as Readonly<Record<string, string>>)[name] ?? '';
}

/** A query parameter that may be absent. @throws QUERY_INVALID if it is given twice, or does not fit */
export function readQueryParameter(
  request: { readonly query: unknown },
  name: string,
  { pattern, expected }: { readonly pattern: RegExp; readonly expected: string },
): string | undefined {
  const value = (request.query as Readonly<Record<string, unknown>>)[name];
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || !pattern.test(value))
    throw appError('QUERY_INVALID', { parameter: name, expected });
  return value;
}
