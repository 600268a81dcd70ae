// The HTTP application: hooks, errors and routes, without a socket (see server.ts). Everything that is logged about
// a request is listed here: id, route pattern, status, milliseconds, the numbers of its predictions. Never a URL, a body or another library's message.
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { appError, silentLogger, systemClock } from '../../foundation/core/index.ts';
import type { AccessOptions } from '../access/index.ts';
import { addGuard } from '../access/index.ts';
import {
  addBodyLimits,
  addBodyParser,
  addPage,
  addRoute,
  asRequestError,
  buildFailureTrace,
  formatJson,
  hasBody,
  listMethods,
  locatePage,
  SECURITY_HEADERS,
  sendProblem,
} from '../http/index.ts';
import { createRequestMetrics } from '../metrics/index.ts';
import {
  type AppContext,
  addDocsRoutes,
  defaultLimits,
  findLoggedPredictions,
  listRoutes,
  type ServeLimits,
} from '../routes/index.ts';
import { answerClientError } from './client-error.ts';

export type AppOptions = Pick<AppContext, 'classifier'> &
  Partial<Omit<AppContext, 'classifier' | 'evaluations' | 'limits' | 'health'>> & {
    /** A function where the model may change. */
    readonly evaluations?: AppContext['evaluations'] | (() => AppContext['evaluations']);
    readonly limits?: Partial<ServeLimits>;
    /** Default: everybody may ask, as often as they like. */
    readonly access?: AccessOptions;
    /** Folder of the built page. */
    readonly page?: string;
  };

const CLIENT_REQUEST_ID = /^[\w.-]{1,64}$/;
/** How often Node looks for headers that take too long. */
const CHECK_EVERY_MS = 1000;
/** A connection on which nothing moves, in either direction, is cut. */
const IDLE_MS = 120_000;
/** How long an early answer (a refusal) may be read while the rest of the request still comes in. */
const LINGER_MS = 1000;

/** Builds the application around a loaded classifier, which stays the caller's to dispose. */
export function createApp(options: AppOptions): FastifyInstance {
  const context = completeContext(options);
  const { limits, metrics, logger } = context;
  const answerError = (thrown: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const error = asRequestError(thrown, limits);
    metrics.countError(error.code);
    if (error.code === 'INTERNAL_BUG') {
      const { causes, frames } = buildFailureTrace(error);
      logger.error(
        { requestId: request.id, route: request.routeOptions.url, causes, frames },
        'request failed',
      );
    }
    return sendProblem(reply, error, request);
  };
  const app = fastify({
    logger: false,
    bodyLimit: limits.maxBodyBytes,
    connectionTimeout: IDLE_MS,
    http: {
      maxHeaderSize: limits.maxHeaderBytes,
      headersTimeout: limits.headerSeconds * 1000,
      requestTimeout: 0, // an upload may take long; bodies have limits of their own (body-stream.ts)
      connectionsCheckingInterval: CHECK_EVERY_MS,
    },
    trustProxy: (_address, hop) => hop < (options.access?.proxies ?? 0),
    return503OnClosing: false, // the hook below answers with a problem document
    routerOptions: { ignoreTrailingSlash: true },
    genReqId: (request) => {
      const offered = request.headers['x-request-id'];
      return typeof offered === 'string' && CLIENT_REQUEST_ID.test(offered) ? offered : randomUUID();
    },
    // A URL that cannot be decoded gets no further than the router: no hook has run.
    frameworkErrors: (error, request, reply) => {
      reply.headers({ ...SECURITY_HEADERS, 'x-request-id': request.id });
      return answerError(error, request, reply);
    },
    clientErrorHandler: (error, socket) => {
      const answered = answerClientError(error, socket, limits);
      if (answered !== undefined) metrics.countError(answered.code);
    },
  });
  context.journal?.onLost(metrics.countLostReceipts);
  const routes = listRoutes(context);
  app.setReplySerializer(formatJson);
  addBodyParser(app);
  addBodyLimits(app, limits);

  app.addHook('onRequest', async (request, reply) => {
    reply.headers({ ...SECURITY_HEADERS, 'x-request-id': request.id });
  });
  app.addHook('onSend', async (request, reply) => {
    // while stopping: a connection kept alive would hold up the stop until its time limit
    if (!context.isReady() || isUnread(request)) reply.header('connection', 'close');
  });
  app.addHook('onResponse', async (request, reply) => {
    if (isUnread(request)) closeSoon(request.raw);
    const endpoint = request.routeOptions.url ?? 'unmatched';
    const ms = Math.round(reply.elapsedTime * 100) / 100;
    metrics.countRequest({
      endpoint,
      method: request.method,
      status: reply.statusCode,
      seconds: reply.elapsedTime / 1000,
    });
    logger.info(
      {
        requestId: request.id,
        method: request.method,
        route: endpoint,
        status: reply.statusCode,
        ms,
        ...(request.apiKeyId === undefined ? {} : { key: request.apiKeyId }),
        ...findLoggedPredictions(request),
      },
      'request',
    );
  });
  app.setErrorHandler(answerError);
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?')[0]!;
    const allowed = listMethods(routes, path);
    if (!allowed.includes('GET') && app.hasRoute({ method: 'GET', url: path })) allowed.push('GET');
    const error =
      allowed.length > 0
        ? appError('METHOD_NOT_ALLOWED', { allowed: allowed.join(' or '), method: request.method })
        : appError('ROUTE_NOT_FOUND');
    if (allowed.length > 0) reply.header('allow', allowed.join(', '));
    metrics.countError(error.code);
    return sendProblem(reply, error, request);
  });

  addGuard(app, options.access ?? {});
  app.register(async (scope) => {
    await addDocsRoutes(scope, routes);
    for (const route of routes) addRoute(scope, route);
    await addPage(scope, options.page ?? locatePage());
  });
  app.addHook('onClose', async () => metrics.dispose());
  return app;
}

function completeContext(options: AppOptions): AppContext {
  const { evaluations = [] } = options;
  return {
    classifier: options.classifier,
    get evaluations() {
      return typeof evaluations === 'function' ? evaluations() : evaluations;
    },
    live: options.live ?? null,
    examples: options.examples ?? [],
    limits: { ...defaultLimits, ...options.limits },
    metrics: options.metrics ?? createRequestMetrics(options.classifier),
    evidence: options.evidence ?? null,
    listVersions: options.listVersions ?? (() => []),
    journal: options.journal ?? null,
    feedback: options.feedback ?? null,
    logger: options.logger ?? silentLogger,
    clock: options.clock ?? systemClock,
    health: { failed: false },
    isReady: options.isReady ?? (() => true),
  };
}

/** Does a part of the body still come in? */
function isUnread(request: FastifyRequest): boolean {
  return request.raw.complete === false && hasBody(request);
}

/** Node would read on for ever what a refused client sends; closing at once could take the answer with it. */
function closeSoon({ socket }: IncomingMessage): void {
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once('close', () => clearTimeout(timer));
}
