// Parses request bodies: strictly UTF-8, and without a parser's messages, which quote the body.
import type { FastifyInstance } from 'fastify';
import { appError } from '../../foundation/core/index.ts';

/**
 * Lets `app` accept JSON. JSON sent as application/x-www-form-urlencoded is accepted too: `curl -d` labels any body so.
 * An empty body counts as no body, so that the route can say which fields are missing.
 */
export function addBodyParser(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    /^application\/(?:[\w.-]+\+)?json/i,
    { parseAs: 'buffer' },
    async (_request: unknown, body: Buffer) => parseJsonBody(body),
  );
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'buffer' },
    async (_request: unknown, body: Buffer) => {
      if (body.length > 0 && !/^\s*[[{"]/.test(body.toString('latin1', 0, 64)))
        throw appError('MEDIA_TYPE_UNSUPPORTED');
      return parseJsonBody(body);
    },
  );
}

/** @throws REQUEST_NOT_JSON */
function parseJsonBody(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw appError('REQUEST_NOT_JSON'); // without cause: its message would quote the body
  }
}
