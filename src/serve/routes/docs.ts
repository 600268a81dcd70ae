// GET /openapi.json and GET /docs: the description of the API, made from the same schemas that check requests.
// The documentation page is served from the package: it works offline and under our content security policy.
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';

// The one style element that swagger-ui 5 writes at run time; test/serve/docs-browser holds it against the package.
const SWAGGER_STYLE = "'sha256-RL3ie0nH+Lzz2YNqQN83mnU0J1ot4QL7b99vMdIX99w='";

/** Must be registered before the routes it describes. */
export async function addDocsRoutes(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Veracity',
        description: 'Judges news articles. Errors are problem documents (RFC 9457) with a `code`.',
        version: '1',
      },
    },
    transform: ({ schema, url }) => ({ schema: convertSchema(schema), url }),
  });
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    uiConfig: { validatorUrl: null, docExpansion: 'list' },
    transformStaticCSP: (policy) => policy.replace("style-src 'self'", `style-src 'self' ${SWAGGER_STYLE}`),
  });
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger());
}

/** zod to JSON Schema, in `body` and in each response. */
function convertSchema(schema: unknown): Record<string, unknown> {
  if (typeof schema !== 'object' || schema === null) return {};
  const converted: Record<string, unknown> = { ...schema };
  if (converted.body instanceof z.ZodType) converted.body = asJsonSchema(converted.body);
  if (typeof converted.response === 'object' && converted.response !== null) {
    converted.response = Object.fromEntries(
      Object.entries(converted.response).map(([status, type]) => [
        status,
        type instanceof z.ZodType
          ? { description: status === '200' ? 'Answer' : 'Problem', ...asJsonSchema(type) }
          : type,
      ]),
    );
  }
  return converted;
}

function asJsonSchema(type: z.ZodType): Record<string, unknown> {
  const { $schema: _, ...rest } = z.toJSONSchema(type, { io: 'input' });
  return rest;
}
