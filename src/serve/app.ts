// The HTTP application: hooks, errors and routes, without a socket (see server.ts). Everything that is logged about
// a request is listed here: id, route pattern, status, milliseconds. Never a URL, a body or another library's message.
import { randomUUID } from 'node:crypto';
import helmet from '@fastify/helmet';
import fastify, {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifyServerOptions,
} from 'fastify';
import { systemClock } from '../core/clock.ts';
import { appError } from '../core/errors.ts';
import { silentLogger } from '../core/logger.ts';
import { type AppContext, defaultLimits, type ServeLimits } from './app-context.ts';
import { addBodyParser } from './body-parser.ts';
import { addPage, locatePage } from './page.ts';
import { asRequestError, createProblem, describeFailure, sendProblem } from './problem.ts';
import { createRequestMetrics } from './request-metrics.ts';
import { addDocsRoutes } from './routes/docs.ts';
import { addExamplesRoute } from './routes/examples.ts';
import { addHealthRoutes } from './routes/health.ts';
import { addMetricsRoute } from './routes/metrics.ts';
import { addModelRoutes } from './routes/model.ts';
import { addNewsRoute } from './routes/news.ts';
import { addPredictRoute } from './routes/predict.ts';

export type AppOptions = Pick<AppContext, 'classifier'> &
  Partial<Omit<AppContext, 'classifier' | 'limits' | 'health'>> & {
    readonly limits?: Partial<ServeLimits>;
    /** Folder of the built page. */
    readonly page?: string;
  };

const CLIENT_REQUEST_ID = /^[\w.-]{1,64}$/;
const REQUEST_TIMEOUT_MS = 30_000; // a client that dribbles its request is cut off
const METHODS = ['GET', 'POST'] as const;

type Compilers = NonNullable<NonNullable<FastifyServerOptions['schemaController']>['compilersFactory']>;
/**
 * Routes check their own bodies (article-request.ts); the schemas given to them describe, and are zod's, not ajv's as
 * fastify's types have it. Without these fastify loads compilers that nobody uses: a third of its own start.
 */
const NO_COMPILERS = {
  buildValidator: () => () => () => true,
  buildSerializer: () => () => JSON.stringify,
} as unknown as Compilers;

/** Builds the application around a loaded classifier, which stays the caller's to dispose. */
export function createApp(options: AppOptions): FastifyInstance {
  const context = completeContext(options);
  const { limits, metrics, logger } = context;
  const answerError = (thrown: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const error = asRequestError(thrown, limits);
    metrics.countError(error.code);
    if (error.code === 'INTERNAL_BUG') {
      const { causes, frames } = describeFailure(error);
      logger.error(
        { requestId: request.id, route: request.routeOptions.url, causes, frames },
        'request failed',
      );
    }
    return sendProblem(reply, error, request.id);
  };
  const app = fastify({
    logger: false,
    bodyLimit: limits.maxBodyBytes,
    requestTimeout: REQUEST_TIMEOUT_MS,
    return503OnClosing: false, // the hook below answers with a problem document
    routerOptions: { ignoreTrailingSlash: true },
    genReqId: (request) => {
      const offered = request.headers['x-request-id'];
      return typeof offered === 'string' && CLIENT_REQUEST_ID.test(offered) ? offered : randomUUID();
    },
    // A URL that cannot be decoded gets no further than the router: no hook has run.
    frameworkErrors: (error, request, reply) => {
      reply.header('x-request-id', request.id);
      return answerError(error, request, reply);
    },
    schemaController: { compilersFactory: NO_COMPILERS },
    clientErrorHandler: (error, socket) => {
      if (error.code === 'ECONNRESET' || !socket.writable) return;
      const problem = appError('REQUEST_REFUSED', { reason: error.code });
      metrics.countError(problem.code);
      const body = JSON.stringify(createProblem(problem, randomUUID()));
      socket.end(
        `HTTP/1.1 400 Bad Request\r\ncontent-type: application/problem+json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
      );
    },
  });
  addBodyParser(app);

  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
  });
  app.addHook('onSend', async (_request, reply) => {
    // while stopping: a connection kept alive would hold up the stop until its time limit
    if (!context.isReady()) reply.header('connection', 'close');
  });
  app.addHook('onResponse', async (request, reply) => {
    const endpoint = request.routeOptions.url ?? 'unmatched';
    const ms = Math.round(reply.elapsedTime * 100) / 100;
    metrics.countRequest({
      endpoint,
      method: request.method,
      status: reply.statusCode,
      seconds: reply.elapsedTime / 1000,
    });
    logger.info(
      { requestId: request.id, method: request.method, route: endpoint, status: reply.statusCode, ms },
      'request',
    );
  });
  app.setErrorHandler(answerError);
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?')[0]!;
    const allowed = METHODS.filter((method) => hasRoute(app, method, path));
    const error =
      allowed.length > 0
        ? appError('METHOD_NOT_ALLOWED', { allowed: allowed.join(' or '), method: request.method })
        : appError('ROUTE_NOT_FOUND');
    if (allowed.length > 0) reply.header('allow', allowed.join(', '));
    metrics.countError(error.code);
    return sendProblem(reply, error, request.id);
  });

  app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        fontSrc: ["'self'"],
        connectSrc: ["'self'"],
        manifestSrc: ["'self'"],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    strictTransportSecurity: false, // whoever puts TLS in front decides that
  });
  app.register(async (scope) => {
    await addDocsRoutes(scope);
    addNewsRoute(scope, context);
    addModelRoutes(scope, context);
    addMetricsRoute(scope, context);
    addPredictRoute(scope, context);
    addExamplesRoute(scope, context);
    addHealthRoutes(scope, context);
    await addPage(scope, options.page ?? locatePage());
  });
  app.addHook('onClose', async () => metrics.dispose());
  return app;
}

function completeContext(options: AppOptions): AppContext {
  return {
    classifier: options.classifier,
    evaluations: options.evaluations ?? [],
    examples: options.examples ?? [],
    limits: { ...defaultLimits, ...options.limits },
    metrics: options.metrics ?? createRequestMetrics(options.classifier),
    logger: options.logger ?? silentLogger,
    clock: options.clock ?? systemClock,
    health: { failed: false },
    isReady: options.isReady ?? (() => true),
  };
}

/** Is there such a route, with or without a slash at its end? */
function hasRoute(app: FastifyInstance, method: (typeof METHODS)[number], path: string): boolean {
  const bare = path.replace(/\/$/, '');
  return [bare, `${bare}/`].some((url) => url !== '' && app.hasRoute({ method, url }));
}
