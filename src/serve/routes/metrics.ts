// GET /metrics: Prometheus text.
import type { FastifyInstance } from 'fastify';
import type { AppContext } from '../app-context.ts';

export function addMetricsRoute(app: FastifyInstance, context: AppContext): void {
  app.get(
    '/metrics',
    { schema: { summary: 'Metrics as Prometheus text', tags: ['operation'] } },
    async (_request, reply) => {
      const { contentType, text } = await context.metrics.format();
      return reply.type(contentType).send(text);
    },
  );
}
