// Announces requests that are being received to the queue, so that a batch that is not full may wait a moment for them.
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { QueuedClassifier } from './queued-classifier.ts';

/** Call it before the application is ready. */
export function addArrivals(app: FastifyInstance, queued: Pick<QueuedClassifier, 'expect'>): void {
  const arrived = new WeakMap<FastifyRequest, () => void>();
  app.addHook('onRequest', async (request, reply) => {
    const { definition } = request.routeOptions.config;
    if (definition?.access !== 'predict' || definition.streamsBody === true) return;
    const end = queued.expect();
    arrived.set(request, end);
    reply.raw.once('close', end);
  });
  // the body is complete: from now on the request's own articles wait
  app.addHook('preHandler', async (request) => arrived.get(request)?.());
}
