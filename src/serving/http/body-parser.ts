// Parses request bodies: JSON in UTF-8 or in the charset that was declared, without a parser's messages, which quote the body.
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { appError } from '../../foundation/core/index.ts';
import { createCharsetDecoder, nameMediaType } from './media-type.ts';

/**
 * Lets `app` accept JSON. A body without content-type is read as JSON, as Triton's clients send it; so is JSON sent as
 * application/x-www-form-urlencoded: `curl -d` labels any body so. An empty body counts as no body, so that the route can
 * say which fields are missing. A route that takes bytes gets those of all these, and of application/octet-stream.
 */
export function addBodyParser(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addHook('onRequest', async ({ raw }) => {
    // an empty header says as much as none
    if (raw.headers['content-type']?.trim() === '') delete raw.headers['content-type'];
  });
  const parse = async (request: FastifyRequest, body: Buffer): Promise<unknown> =>
    takesBytes(request) ? body : parseJsonBody(body, request.headers['content-type']);
  app.addContentTypeParser(/^application\/(?:[\w.-]+\+)?json/i, { parseAs: 'buffer' }, parse);
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'buffer' },
    async (request: FastifyRequest, body: Buffer) => {
      if (body.length > 0 && !/^\s*[[{"]/.test(body.toString('latin1', 0, 64))) throw unsupported(request);
      return parse(request, body);
    },
  );
  app.addContentTypeParser('*', { parseAs: 'buffer' }, async (request: FastifyRequest, body: Buffer) => {
    const type = request.headers['content-type'];
    const isBytes = takesBytes(request) && /^application\/octet-stream\s*(?:;|$)/i.test(type ?? '');
    if (type !== undefined && !isBytes) throw unsupported(request);
    return parse(request, body);
  });
}

function takesBytes(request: FastifyRequest): boolean {
  return request.routeOptions.config.definition?.takesBytes === true;
}

function unsupported({ headers }: FastifyRequest): Error {
  return appError('MEDIA_TYPE_UNSUPPORTED', { got: nameMediaType(headers['content-type']) });
}

/** @throws REQUEST_NOT_JSON, CHARSET_UNKNOWN */
export function parseJsonBody(body: Buffer, contentType?: string): unknown {
  const decoder = createCharsetDecoder(contentType);
  if (body.length === 0) return undefined;
  try {
    return JSON.parse(decoder?.decode(body) ?? new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw appError('REQUEST_NOT_JSON'); // without cause: its message would quote the body
  }
}
