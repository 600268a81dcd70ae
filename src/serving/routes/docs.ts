// GET /openapi.json and GET /docs: the documentation of the API, made from the route definitions. Its page comes from the
// installed package, so it works offline and under our content security policy.
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import type { RouteDefinition } from '../http/index.ts';
import { createOpenApiDocument } from '../http/index.ts';

// The one style element that swagger-ui 5 writes at run time; test/serve/docs-browser holds it against the package.
const SWAGGER_STYLE = "'sha256-RL3ie0nH+Lzz2YNqQN83mnU0J1ot4QL7b99vMdIX99w='";

/** The plugin only gives the document to the page; it supports neither named examples nor our error forms. */
export async function addDocsRoutes(
  app: FastifyInstance,
  definitions: readonly RouteDefinition[],
): Promise<void> {
  await app.register(swagger, {
    openapi: { openapi: '3.1.0' },
    transformObject: () => createOpenApiDocument(definitions),
  });
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    uiConfig: { validatorUrl: null, docExpansion: 'list' },
    transformStaticCSP: (policy) => policy.replace("style-src 'self'", `style-src 'self' ${SWAGGER_STYLE}`),
  });
  app.get('/openapi.json', async () => app.swagger());
}
