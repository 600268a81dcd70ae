// Who waits for an answer, and whether somebody still does.
import { setMaxListeners } from 'node:events';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { PredictOptions } from './predict-options.ts';

/** Aborted when the connection closes before the answer was sent. */
export function signalDisconnect(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  setMaxListeners(0, gone.signal); // every article of a request listens
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) gone.abort();
  });
  return gone.signal;
}

/** The same client is the same key or, without one, the same address. */
export function createPredictOptions(request: FastifyRequest, reply: FastifyReply): PredictOptions {
  return { signal: signalDisconnect(reply), client: request.apiKeyId ?? request.ip };
}
