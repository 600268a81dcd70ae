// Tells the queue which requests are being received, so that a part that is not full may wait a moment for them.
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { QueuedClassifier } from './queued-classifier.ts';

/** Call it before the application is ready. */
export function addArrivals(app: FastifyInstance, queued: Pick<QueuedClassifier, 'expect'>): void {
  const ends = new WeakMap<FastifyRequest, () => void>();
  app.addHook('onRequest', async (request, reply) => {
    const { definition } = request.routeOptions.config;
    if (definition?.access !== 'predict' || definition.streamsBody === true) return;
    const end = queued.expect();
    ends.set(request, end);
    reply.raw.once('close', end);
  });
  // its body is there: from now on it waits itself
  app.addHook('preHandler', async (request) => ends.get(request)?.());
}
