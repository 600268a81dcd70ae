// What a route is: its path, who may ask, what goes in and out, examples, and the code that answers, all in one value.
// The server registers it, /openapi.json describes it and tests run its examples, so that the three cannot differ.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { ErrorCode } from '../../foundation/core/index.ts';
import type { ApiScope } from '../../foundation/records/index.ts';

/** Where keys are asked for: `open` never, `any-key` takes any of them, else the key must have the scope. */
export type RouteAccess = 'open' | 'any-key' | ApiScope;

/** Media types with their shapes; text formats have none. */
export type Content = Readonly<Record<string, z.ZodType | undefined>>;

/** One request and what it gives. Tests send it to a real application. */
export interface RouteExample {
  /** In a few words; unique within the route. */
  readonly name: string;
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly contentType?: string;
  /** JSON value, or the text of another media type. */
  readonly body?: unknown;
  readonly status: number;
  /** The answer; what differs from call to call (ids, times, figures) is only of the right kind. */
  readonly answer?: unknown;
}

export interface RouteDefinition {
  readonly method: 'GET' | 'POST';
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
    | 'open inference protocol';
  readonly access: RouteAccess;
  /** False for probes, which are never told to slow down. */
  readonly limited?: boolean;
  readonly pathParameters?: Readonly<Record<string, string>>;
  readonly queryParameters?: Readonly<Record<string, string>>;
  readonly body?: Content;
  /** The handler reads the body itself, as a stream. */
  readonly streamsBody?: boolean;
  readonly answers: Readonly<Record<number, { readonly description: string; readonly content: Content }>>;
  /** Beside those that every route may give. */
  readonly errors?: readonly ErrorCode[];
  readonly examples: readonly RouteExample[];
  readonly handle: (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Of a route that is described; what has none (the page, /docs) is open. */
    definition?: RouteDefinition;
  }
}

/** Lets `app` answer the route. */
export function addRoute(app: FastifyInstance, definition: RouteDefinition): void {
  const { method, url, handle } = definition;
  const register = (scope: FastifyInstance): void => {
    scope.route({ method, url, config: { definition }, handler: handle });
  };
  if (definition.streamsBody !== true) {
    register(app);
    return;
  }
  // a scope of its own, in which bodies are left alone
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
    register(scope);
  });
}

/** The methods that the described routes take at `path`. */
export function listMethods(definitions: readonly RouteDefinition[], path: string): string[] {
  const parts = splitPath(path);
  const matching = definitions.filter(({ url }) => {
    const pattern = splitPath(url);
    return (
      pattern.length === parts.length && pattern.every((part, i) => part.startsWith(':') || part === parts[i])
    );
  });
  return [...new Set(matching.map(({ method }) => method))];
}

/** A slash at the end makes no difference; one too many does. */
function splitPath(path: string): string[] {
  return path.replace(/(?<=.)\/$/, '').split('/');
}
