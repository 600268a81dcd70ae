// GET /metrics: Prometheus text. Any key is accepted, so that a scraper needs no key with further rights.

import type { RouteDefinition } from '../http/index.ts';
import type { AppContext } from './app-context.ts';

export function createMetricsRoute({ metrics }: Pick<AppContext, 'metrics'>): RouteDefinition {
  return {
    method: 'GET',
    url: '/metrics',
    operationId: 'getMetrics',
    summary: 'Metrics as Prometheus text',
    tag: 'operation',
    access: 'any-key',
    limited: false,
    answers: { 200: { description: 'Metrics', content: { 'text/plain': undefined } } },
    examples: [{ name: 'scrape', status: 200 }],
    handle: async (_request, reply) => {
      const { contentType, text } = await metrics.format();
      return reply.type(contentType).send(text);
    },
  };
}
