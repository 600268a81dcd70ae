// The definition of a route in one value: path, access, shapes of request and response, examples, handler. The server
// registers it, /openapi.json documents it and tests run its examples, so that the three cannot differ.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { ErrorCode } from '../../foundation/core/index.ts';
import type { ApiScope } from '../../foundation/records/index.ts';

/** Where keys are required: `open` needs none, `any-key` accepts any key, otherwise the key must have the scope. */
export type RouteAccess = 'open' | 'any-key' | ApiScope;

/** Media types with their schemas; text formats have none. */
export type Content = Readonly<Record<string, z.ZodType | undefined>>;

/** One request and its response. Tests send it to a real application. */
export interface RouteExample {
  /** In a few words; unique within the route. */
  readonly name: string;
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly contentType?: string;
  /** JSON value, or the text of another media type. */
  readonly body?: unknown;
  readonly status: number;
  /** The response; values that differ from call to call (ids, times, figures) only need the right type. */
  readonly answer?: unknown;
}

export interface RouteDefinition {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Fastify's pattern: /v2/models/:name */
  readonly url: string;
  /** Name of the method that veracity/client has for it. */
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly tag:
    | 'prediction'
    | 'model'
    | 'predecessor'
    | 'operation'
    | 'hugging face'
    | 'open inference protocol'
    | 'studio';
  readonly access: RouteAccess;
  /** False for probes, which have no rate limit. */
  readonly limited?: boolean;
  readonly pathParameters?: Readonly<Record<string, string>>;
  /** Descriptions; a pattern is a regular expression that the value must match. */
  readonly queryParameters?: Readonly<
    Record<string, string | { readonly description: string; readonly pattern: string }>
  >;
  readonly body?: Content;
  /** The handler gets the bytes of the body, of JSON too: application/octet-stream is JSON with bytes behind it. */
  readonly takesBytes?: boolean;
  /** The handler reads the body itself, as a stream. */
  readonly streamsBody?: boolean;
  readonly answers: Readonly<Record<number, { readonly description: string; readonly content: Content }>>;
  /** Codes beside those of every route. */
  readonly errors?: readonly ErrorCode[];
  readonly examples: readonly RouteExample[];
  readonly handle: (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** A route without a definition (the page, /docs) is open. */
    definition?: RouteDefinition;
  }
}

/** Registers the route. */
export function addRoute(app: FastifyInstance, definition: RouteDefinition): void {
  const { method, url, handle } = definition;
  const register = (scope: FastifyInstance): void => {
    scope.route({ method, url, config: { definition }, handler: handle });
  };
  if (definition.streamsBody !== true) {
    register(app);
    return;
  }
  // a scope of its own, in which bodies are not parsed
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
    register(scope);
  });
}
