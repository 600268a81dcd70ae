// Options for the predictions of one HTTP request: they are dropped when its client disconnects.
import { setMaxListeners } from 'node:events';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { PredictOptions } from './predict-options.ts';

/** Aborted when the connection closes before the response was sent. */
export function signalDisconnect(reply: FastifyReply): AbortSignal {
  const disconnected = new AbortController();
  setMaxListeners(0, disconnected.signal); // every article of a request listens
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) disconnected.abort();
  });
  return disconnected.signal;
}

/** Requests with the same key or, without a key, from the same address belong to the same client. */
export function createPredictOptions(request: FastifyRequest, reply: FastifyReply): PredictOptions {
  return { signal: signalDisconnect(reply), client: request.apiKeyId ?? request.ip };
}
