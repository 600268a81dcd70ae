// Routes of sweeps: the list, one with its trials, the importance of its parameters, and two metrics against each other.
import type { RouteDefinition } from '../http/index.ts';
import { readPathParameter, readQueryParameter, STUDIO_ROUTE, type StudioContext } from './studio-context.ts';
import {
  EXAMPLE_SWEEP_ID,
  exampleImportance,
  examplePareto,
  exampleSweep,
  exampleSweepDetails,
} from './studio-examples.ts';
import { importanceSchema, paretoSchema, sweepDetailsSchema, sweepsFoundSchema } from './sweep-schemas.ts';

const SWEEP_ROUTE = {
  ...STUDIO_ROUTE,
  method: 'GET',
  pathParameters: { id: 'Id of a sweep' },
  errors: ['SWEEP_NOT_FOUND', 'QUERY_INVALID', 'SERVER_BUSY'],
} as const satisfies Partial<RouteDefinition>;

const path = { id: EXAMPLE_SWEEP_ID };
const UNKNOWN = { name: 'an unknown sweep', path: { id: 'unknown' }, status: 404 } as const;
const METRIC = { pattern: /^[^,]{1,200}$/, expected: 'the name of one metric' };
const METRICS = {
  pattern: /^[^,]{1,200},[^,]{1,200}$/,
  expected: 'two names of metrics with a comma between',
};

export function createSweepListRoute({ studio, reads }: StudioContext): RouteDefinition {
  return {
    ...STUDIO_ROUTE,
    method: 'GET',
    url: '/v1/sweeps',
    operationId: 'listSweeps',
    summary: 'Sweeps of this home, newest first',
    answers: { 200: { description: 'The sweeps', content: { 'application/json': sweepsFoundSchema } } },
    errors: ['SERVER_BUSY'],
    examples: [{ name: 'all sweeps', status: 200, answer: { sweeps: [exampleSweep] } }],
    handle: async () => ({ sweeps: await reads.run(() => studio.listSweeps()) }),
  };
}

export function createSweepRoute({ studio, reads }: StudioContext): RouteDefinition {
  return {
    ...SWEEP_ROUTE,
    url: '/v1/sweeps/:id',
    operationId: 'getSweep',
    summary: 'A sweep with its trials',
    answers: { 200: { description: 'The sweep', content: { 'application/json': sweepDetailsSchema } } },
    examples: [{ name: 'a sweep', path, status: 200, answer: exampleSweepDetails }, UNKNOWN],
    handle: async (request) => reads.run(() => studio.showSweep(readPathParameter(request, 'id'))),
  };
}

export function createImportanceRoute({ studio, reads }: StudioContext): RouteDefinition {
  return {
    ...SWEEP_ROUTE,
    url: '/v1/sweeps/:id/importance',
    operationId: 'getImportance',
    summary: 'How much each parameter of a sweep matters',
    queryParameters: { metric: 'Default: the metric of the sweep' },
    answers: { 200: { description: 'Importance', content: { 'application/json': importanceSchema } } },
    examples: [{ name: 'of its own metric', path, status: 200, answer: exampleImportance }, UNKNOWN],
    handle: async (request) => {
      const metric = readQueryParameter(request, 'metric', METRIC);
      return reads.run(() => studio.measureImportance(readPathParameter(request, 'id'), metric));
    },
  };
}

export function createParetoRoute({ studio, reads }: StudioContext): RouteDefinition {
  return {
    ...SWEEP_ROUTE,
    url: '/v1/sweeps/:id/pareto',
    operationId: 'getPareto',
    summary: 'Two metrics of the trials of a sweep against each other',
    queryParameters: {
      metrics: {
        description:
          'Two names with a comma between; default: the metric of the sweep, and the seconds of the run',
        pattern: METRICS.pattern.source,
      },
    },
    answers: { 200: { description: 'The trials', content: { 'application/json': paretoSchema } } },
    examples: [{ name: 'of its own metric', path, status: 200, answer: examplePareto }, UNKNOWN],
    handle: async (request) => {
      const named = readQueryParameter(request, 'metrics', METRICS)?.split(',');
      const metrics = named === undefined ? undefined : ([named[0]!, named[1]!] as const);
      return reads.run(() => studio.compareTrials(readPathParameter(request, 'id'), metrics));
    },
  };
}
