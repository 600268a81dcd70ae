// Routes over many runs: the list with its filter, curves, configuration differences, and changes as they happen.
import type { FastifyReply, FastifyRequest } from 'fastify';
import { appError } from '../../foundation/core/index.ts';
import type { RouteDefinition } from '../http/index.ts';
import { ChangeStream } from './change-stream.ts';
import {
  completeCurvesQuery,
  curvesFoundSchema,
  curvesRequestSchema,
  differencesRequestSchema,
  differencesSchema,
  MAX_CURVES,
  runsFoundSchema,
} from './run-schemas.ts';
import {
  BODY_ERRORS,
  parseBody,
  readQueryParameter,
  STUDIO_ROUTE,
  type StudioContext,
} from './studio-context.ts';
import { EXAMPLE_RUN_ID, exampleCurves, exampleDifferences, exampleRuns } from './studio-examples.ts';

const MAX_LISTED = 10_000;
const DEFAULT_LISTED = 1000;
/** A stream ends after this time; the client connects again where it was. */
const STREAM_SECONDS = 3600;
const MAX_STREAMS = 200;

const LIMIT = { pattern: /^[1-9]\d{0,4}$/, expected: `a whole number up to ${MAX_LISTED}` };
const WHERE = { pattern: /^[\s\S]{1,2000}$/, expected: 'one filter such as val_loss<0.2 and model=compact' };
const CONFIG = {
  pattern: /^[^,]+(,[^,]+){0,49}$/,
  expected: 'up to 50 dotted paths with commas between them',
};
const SINCE = {
  pattern: /^[\w:.,=-]{1,200}$/,
  expected: 'the cursor of a list of runs or of an earlier event',
};
const SECONDS = { pattern: /^\d{1,4}$/, expected: 'a whole number of seconds' };

export function createRunListRoute({ studio, reads }: StudioContext): RouteDefinition {
  return {
    ...STUDIO_ROUTE,
    method: 'GET',
    url: '/v1/runs',
    operationId: 'listRuns',
    summary: 'Runs of this home, newest first',
    queryParameters: {
      where: 'A filter as `veracity runs list --where` takes it: val_loss<0.2 and model=compact',
      config: 'Dotted paths of the configuration whose values to add, with commas between them',
      limit: {
        description: `At most this many; default ${DEFAULT_LISTED}`,
        pattern: LIMIT.pattern.source,
      },
    },
    answers: { 200: { description: 'The runs', content: { 'application/json': runsFoundSchema } } },
    errors: ['QUERY_INVALID', 'RUN_FILTER_INVALID', 'RUN_FIELD_UNKNOWN', 'SERVER_BUSY'],
    examples: [
      { name: 'all runs', status: 200, answer: exampleRuns },
      { name: 'a filter', query: { where: 'model=compact', config: 'optimizer.lr' }, status: 200 },
      { name: 'a limit that is no number', query: { limit: 'all' }, status: 422 },
    ],
    handle: async (request) => {
      const where = readQueryParameter(request, 'where', WHERE);
      const config = readQueryParameter(request, 'config', CONFIG)?.split(',') ?? [];
      const limit = Number(readQueryParameter(request, 'limit', LIMIT) ?? DEFAULT_LISTED);
      return reads.run(() => studio.listRuns({ where, config, limit: Math.min(limit, MAX_LISTED) }));
    },
  };
}

export function createCurvesRoute({ studio, reads }: StudioContext): RouteDefinition {
  return {
    ...STUDIO_ROUTE,
    method: 'POST',
    url: '/v1/runs/curves',
    operationId: 'listCurves',
    summary: 'Curves of metrics of several runs',
    description: `At most ${MAX_CURVES} curves in one request. A curve with more points than maxPoints has the least and the greatest value of each part of the axis, and always its first and last point. Points that a resume has hidden are left out, so steps only grow.`,
    body: { 'application/json': curvesRequestSchema },
    answers: { 200: { description: 'The curves', content: { 'application/json': curvesFoundSchema } } },
    errors: [...BODY_ERRORS, 'SERVER_BUSY'],
    examples: [
      {
        name: 'the loss of a run',
        body: { runs: [EXAMPLE_RUN_ID], metrics: ['train_loss'], axis: 'step', maxPoints: 500 },
        status: 200,
        answer: exampleCurves,
      },
      { name: 'an unknown axis', body: { runs: [EXAMPLE_RUN_ID], metrics: ['x'], axis: 'y' }, status: 422 },
    ],
    handle: async (request) => {
      const body = parseBody(curvesRequestSchema, request.body, 'runs, metrics and an axis');
      const query = completeCurvesQuery(body);
      if (query.runs.length * query.metrics.length > MAX_CURVES)
        throw appError('REQUEST_INVALID', { expected: `at most ${MAX_CURVES} curves (runs times metrics)` });
      return reads.run(() => studio.loadCurves(query));
    },
  };
}

export function createDifferencesRoute({ studio, reads }: StudioContext): RouteDefinition {
  return {
    ...STUDIO_ROUTE,
    method: 'POST',
    url: '/v1/runs/differences',
    operationId: 'compareRuns',
    summary: 'What differs between the configurations of runs',
    body: { 'application/json': differencesRequestSchema },
    answers: {
      200: { description: 'The differences', content: { 'application/json': differencesSchema } },
    },
    errors: [...BODY_ERRORS, 'RUN_NOT_FOUND', 'RECORD_INVALID', 'SERVER_BUSY'],
    examples: [
      {
        name: 'two runs',
        body: { runs: exampleDifferences.runs },
        status: 200,
        answer: exampleDifferences,
      },
      { name: 'an unknown run', body: { runs: ['unknown'] }, status: 404 },
    ],
    handle: async (request) => {
      const { runs } = parseBody(differencesRequestSchema, request.body, 'the ids of runs');
      return reads.run(() => studio.compareRuns([...new Set(runs)]));
    },
  };
}

export function createRunEventsRoute(context: StudioContext): RouteDefinition {
  return {
    ...STUDIO_ROUTE,
    method: 'GET',
    url: '/v1/runs/events',
    operationId: 'watchRuns',
    summary: 'Changes of runs as they happen',
    description:
      'Server-sent events, about one a second while something changes: `data` is {cursor, runs, deleted}, with the changed runs as in the list, and `id` is the cursor. Without a cursor the first event has the runs that are running now. A client that lost its connection sends the last id (header last-event-id) and misses nothing. Comments every 15 seconds show that the connection is alive.',
    queryParameters: {
      since: {
        description: 'Cursor of a list or of an earlier event; the header last-event-id goes before it',
        pattern: SINCE.pattern.source,
      },
      seconds: {
        description: `The stream ends after this time; default ${STREAM_SECONDS}`,
        pattern: SECONDS.pattern.source,
      },
    },
    answers: { 200: { description: 'Events', content: { 'text/event-stream': undefined } } },
    errors: ['QUERY_INVALID', 'SERVER_BUSY'],
    examples: [
      { name: 'what is running now', query: { seconds: '0' }, status: 200 },
      { name: 'a time that is no number', query: { seconds: 'x' }, status: 422 },
    ],
    handle: (request, reply) => sendChanges(context, request, reply),
  };
}

async function sendChanges(
  { changes, streams }: StudioContext,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const seconds = Number(readQueryParameter(request, 'seconds', SECONDS) ?? STREAM_SECONDS);
  const since = readLastEventId(request) ?? readQueryParameter(request, 'since', SINCE);
  if (streams.size >= MAX_STREAMS) throw appError('SERVER_BUSY', { max: MAX_STREAMS });
  const stream = new ChangeStream();
  streams.add(stream);
  stream.once('close', () => streams.delete(stream));
  try {
    const { first, end } = await changes.watch(since, (change) => stream.send(change));
    const timer = setTimeout(() => stream.end(), seconds * 1000).unref();
    stream.once('close', () => {
      clearTimeout(timer);
      end();
    });
    stream.send(first);
  } catch (error) {
    stream.destroy();
    throw error;
  }
  // a proxy must neither keep nor collect what passes
  reply.headers({ 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
  return reply.type('text/event-stream; charset=utf-8').send(stream);
}

function readLastEventId({ headers }: FastifyRequest): string | undefined {
  const id = headers['last-event-id'];
  if (id === undefined || id === '') return undefined;
  if (typeof id !== 'string' || !SINCE.pattern.test(id))
    throw appError('QUERY_INVALID', { parameter: 'last-event-id', expected: SINCE.expected });
  return id;
}
