// The OpenAPI 3.1 document, made from the route definitions: schemas with a name (zod's meta id) become components.
import { z } from 'zod';
import { CATALOGUE, type ErrorCode } from '../../foundation/core/index.ts';
import { errorFormOf, TITLES } from './problem.ts';
import type { Content, RouteDefinition, RouteExample } from './route.ts';

type Json = Record<string, unknown>;

/** Builds the document; the routes keep their order. */
export function createOpenApiDocument(definitions: readonly RouteDefinition[]): Json {
  const components: Json = {};
  const paths: Record<string, Json> = {};
  for (const definition of definitions) {
    const path = definition.url.replace(/:(\w+)/g, '{$1}');
    paths[path] ??= {};
    paths[path][definition.method.toLowerCase()] = buildOperation(definition, components);
  }
  paths['/'] = { get: buildPageOperation(components), ...paths['/'] };
  return {
    openapi: '3.1.0',
    info: {
      title: 'Veracity',
      description:
        'Predicts the classes of articles. Errors are problem documents (RFC 9457) with a `code`; below /v2 they have the form of the Open Inference Protocol. Bodies may be compressed with gzip or deflate, and may declare another charset than UTF-8.',
      version: '1',
    },
    tags: [...new Set(definitions.map(({ tag }) => tag)), PAGE.tag].map((name) => ({ name })),
    components: {
      schemas: components,
      securitySchemes: {
        apiKey: {
          type: 'http',
          scheme: 'bearer',
          description: 'Required if other machines can reach the server, or with serve.access=keys.',
        },
      },
    },
    paths,
  };
}

/** A parser's refusals have the path of no route, but a client meets them at any. */
const GENERAL_ERRORS = ['REQUEST_REFUSED', 'REQUEST_HEADERS_TOO_LARGE', 'INTERNAL_BUG'] as const;

/** What decides a route's errors. */
type ErrorParts = Pick<RouteDefinition, 'url' | 'access' | 'body' | 'limited' | 'errors' | 'examples'>;

/** The error codes of a route, its own first. */
export function listErrorCodes(definition: ErrorParts): readonly ErrorCode[] {
  const { access, body, limited, errors = [] } = definition;
  const keys: readonly ErrorCode[] =
    access === 'open'
      ? []
      : access === 'any-key'
        ? ['KEY_REQUIRED']
        : access === 'admin'
          ? ['KEY_REQUIRED', 'KEY_SCOPE', 'ADMIN_ELSEWHERE']
          : ['KEY_REQUIRED', 'KEY_SCOPE'];
  const bodies: readonly ErrorCode[] =
    body === undefined
      ? []
      : [
          'GZIP_INVALID',
          'DEFLATE_INVALID',
          'REQUEST_TOO_SLOW',
          'REQUEST_TOO_LARGE',
          'MEDIA_TYPE_UNSUPPORTED',
          'CHARSET_UNKNOWN',
          'CONTENT_ENCODING_UNSUPPORTED',
          'ORIGIN_REFUSED',
        ];
  const rate: readonly ErrorCode[] = limited === false ? [] : ['RATE_LIMITED'];
  return [...new Set([...errors, ...keys, ...bodies, ...rate, ...GENERAL_ERRORS] as const)];
}

function buildOperation(definition: RouteDefinition, components: Json): Json {
  const { operationId, summary, description, tag, access, body, examples } = definition;
  // The document can neither pair a body with its query nor hold the bytes of a form or of JSON Lines, and tools try every example of a request:
  // one of an error stands with its status only.
  const requests = examples.filter(
    ({ body: sent, status, query, contentType = '' }) =>
      sent !== undefined && status < 400 && query === undefined && !/^multipart|ndjson/.test(contentType),
  );
  return {
    operationId,
    summary,
    ...(description === undefined ? {} : { description }),
    tags: [tag],
    ...(access === 'open' ? {} : { security: [{ apiKey: access === 'any-key' ? [] : [access] }, {}] }),
    ...buildParameters(definition),
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: buildContent(body, 'input', requests, 'body', components),
          },
        }),
    responses: { ...buildAnswers(definition, components), ...buildErrors(definition, components) },
  };
}

/** The page shares its path with POST /, so it stands in the document; its files and /docs do not. */
const PAGE = {
  url: '/',
  access: 'open',
  examples: [],
  tag: 'page',
} as const;

function buildPageOperation(components: Json): Json {
  return {
    operationId: 'getPage',
    summary: 'The web page',
    tags: [PAGE.tag],
    responses: {
      200: { description: 'The page', content: { 'text/html': { schema: { type: 'string' } } } },
      304: { description: 'Not modified since if-none-match or if-modified-since' },
      ...buildErrors(PAGE, components),
    },
  };
}

function buildParameters({
  pathParameters = {},
  queryParameters = {},
  body,
  examples,
}: RouteDefinition): Json {
  const list = [
    ...Object.entries(pathParameters).map(([name, description]) => ({
      name,
      in: 'path',
      required: true,
      description,
      schema: { type: 'string' },
      // with a body, tools would try the example with bodies that no schema can tell from wrong ones (lengths of tensors)
      ...(body === undefined
        ? { example: examples.find(({ path }) => path?.[name] !== undefined)?.path?.[name] }
        : {}),
    })),
    ...Object.entries(queryParameters).map(([name, parameter]) => ({
      name,
      in: 'query',
      required: false,
      description: typeof parameter === 'string' ? parameter : parameter.description,
      schema: { type: 'string', ...(typeof parameter === 'string' ? {} : { pattern: parameter.pattern }) },
    })),
  ];
  return list.length === 0 ? {} : { parameters: list };
}

function buildAnswers({ answers, examples }: RouteDefinition, components: Json): Json {
  return Object.fromEntries(
    Object.entries(answers).map(([status, { description, content }]) => {
      const fitting = examples.filter(
        (example) => String(example.status) === status && example.answer !== undefined,
      );
      return [
        status,
        { description, content: buildContent(content, 'output', fitting, 'answer', components) },
      ];
    }),
  );
}

function buildErrors(definition: ErrorParts, components: Json): Json {
  const { schema, mediaType } = errorFormOf(definition.url);
  const byStatus = groupByStatus(listErrorCodes(definition));
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => {
      const examples = definition.examples.filter(
        (example) => example.status === status && example.answer !== undefined,
      );
      const described = {
        description: `${TITLES[status] ?? 'Refused'}: ${codes.join(', ')}`,
        content: buildContent({ [mediaType]: schema }, 'output', examples, 'answer', components),
      };
      return [status, status === 429 || status === 503 ? { ...described, headers: RETRY_AFTER } : described];
    }),
  );
}

const RETRY_AFTER = {
  'retry-after': {
    description: 'Seconds after which to send the request again.',
    schema: { type: 'integer' },
  },
};

function groupByStatus(codes: readonly ErrorCode[]): Map<number, ErrorCode[]> {
  const groups = new Map<number, ErrorCode[]>();
  for (const code of codes) {
    const status = CATALOGUE[code].httpStatus;
    groups.set(status, [...(groups.get(status) ?? []), code]);
  }
  return groups;
}

function buildContent(
  content: Content,
  io: 'input' | 'output',
  examples: readonly RouteExample[],
  part: 'body' | 'answer',
  components: Json,
): Json {
  const first = Object.keys(content)[0];
  return Object.fromEntries(
    Object.entries(content).map(([mediaType, schema]) => {
      const fitting = examples.filter(
        ({ contentType }) =>
          (part === 'body' ? (contentType ?? 'application/json') : first)?.split(';')[0] === mediaType,
      );
      return [
        mediaType,
        {
          ...describeContent(schema, io, components),
          ...(fitting.length === 0
            ? {}
            : { examples: Object.fromEntries(fitting.map((e) => [e.name, { value: e[part] }])) }),
        },
      ];
    }),
  );
}

/** A text format has no schema: what a file must hold, no schema can say. */
function describeContent(schema: z.ZodType | undefined, io: 'input' | 'output', components: Json): Json {
  if (schema !== undefined) return { schema: convertSchema(schema, io, components) };
  return io === 'input' ? {} : { schema: { type: 'string' } };
}

/** zod to JSON Schema; named parts go to `components`. */
function convertSchema(schema: z.ZodType, io: 'input' | 'output', components: Json): Json {
  const { $schema: _, $defs = {}, ...own } = z.toJSONSchema(schema, { io }) as Json & { $defs?: Json };
  const id = z.globalRegistry.get(schema)?.id;
  for (const [name, part] of Object.entries($defs)) components[name] = pointToComponents(part);
  if (id === undefined) return pointToComponents(own) as Json;
  // a schema with a name is either given in place or as a reference to itself among the $defs
  if (!('$ref' in own)) components[id] = pointToComponents(own);
  return { $ref: `#/components/schemas/${id}` };
}

function pointToComponents(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value).replaceAll('"#/$defs/', '"#/components/schemas/'));
}
