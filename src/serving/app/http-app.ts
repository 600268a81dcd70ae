// The HTTP application around any list of routes: hooks, errors, limits, access and the page, without a socket (see
// server.ts). All that is logged about a request is listed here: id, method, route pattern, status, milliseconds, key id, the
// numbers of its predictions. Never a URL, a body or another library's message.
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { appError, type LineWriter } from '../../foundation/core/index.ts';
import type { AccessOptions } from '../access/index.ts';
import { addGuard } from '../access/index.ts';
import {
  addBodyLimits,
  addBodyParser,
  addPage,
  addRoute,
  addStudioPage,
  asRequestError,
  buildFailureTrace,
  formatAllow,
  formatJson,
  hasBody,
  locatePage,
  type RouteDefinition,
  RouteTable,
  SECURITY_HEADERS,
  sendProblem,
} from '../http/index.ts';
import { type AppContext, addDocsRoutes, findLoggedPredictions, type ServeLimits } from '../routes/index.ts';
import { createMethodError, refuseConnection, refuseTunnel } from './client-error.ts';

/** What every application has, whatever its routes are. */
export type HttpContext = Pick<
  AppContext,
  'limits' | 'metrics' | 'incidents' | 'journal' | 'logger' | 'isReady' | 'studio'
>;

export interface HttpOptions {
  /** Default: no keys, no rate limits. */
  readonly access?: AccessOptions;
  /** What the logger writes to: its lost lines are reported. */
  readonly logWriter?: Pick<LineWriter, 'watch'>;
  /** Folder of the built page. */
  readonly page?: string;
}

const CLIENT_REQUEST_ID = /^[\w.-]{1,64}$/;
/** Interval at which Node looks for headers that take too long. */
const CHECK_EVERY_MS = 1000;
/** A connection without traffic in either direction is cut after this time. */
const IDLE_MS = 120_000;
/** After an early response, the client has this long to read it while the rest of its request still arrives. */
const LINGER_MS = 1000;

/** Builds the application of these routes, documented at /docs, and the page. */
export function createHttpApp(
  context: HttpContext,
  routes: readonly RouteDefinition[],
  options: HttpOptions,
): FastifyInstance {
  const { limits, metrics } = context;
  const handleError = createErrorHandler(context);
  const app = fastify({
    ...buildHttpOptions(limits),
    trustProxy: (_address, hop) => hop < (options.access?.proxies ?? 0),
    genReqId: (request) => {
      const offered = request.headers['x-request-id'];
      return typeof offered === 'string' && CLIENT_REQUEST_ID.test(offered) ? offered : randomUUID();
    },
    // for a URL that cannot be decoded no hook runs
    frameworkErrors: (error, request, reply) => {
      reply.headers({ ...SECURITY_HEADERS, 'x-request-id': request.id });
      return handleError(error, request, reply);
    },
    clientErrorHandler: (error, socket) => {
      const refused = refuseConnection(error, socket, {
        limits,
        listMethods: (url) => table.listMethods(url),
      });
      if (refused !== undefined) metrics.countError(refused.code);
    },
  });
  const table = new RouteTable(app);
  watchLosses(context, options.logWriter);
  app.setReplySerializer(formatJson);
  addBodyParser(app);
  addBodyLimits(app, limits);
  addConnectionHooks(app, context);
  addRequestLog(app, context);
  app.setErrorHandler(handleError);
  addGuard(app, options.access ?? {});
  addNotFoundHandler(app, table, context);
  app.register(async (scope) => {
    await addDocsRoutes(scope, routes);
    for (const route of routes) addRoute(scope, route);
    await addPage(scope, options.page ?? locatePage());
    if (context.studio !== null) addStudioPage(scope);
  });
  app.server.on('connect', (_request, socket) => refuseTunnel(socket));
  app.addHook('onClose', async () => {
    context.incidents.close();
    metrics.dispose();
  });
  endStreams(app, context);
  watchConnections(app, context);
  return app;
}

function buildHttpOptions(limits: ServeLimits) {
  return {
    logger: false,
    bodyLimit: limits.maxBodyBytes,
    connectionTimeout: IDLE_MS,
    http: {
      maxHeaderSize: limits.maxHeaderBytes,
      headersTimeout: limits.headerSeconds * 1000,
      requestTimeout: 0, // an upload may take long; bodies have limits of their own (body-stream.ts)
      connectionsCheckingInterval: CHECK_EVERY_MS,
    },
    return503OnClosing: false, // a request during the stop gets a problem document
    routerOptions: { ignoreTrailingSlash: true },
  } as const;
}

/** Reports receipts and log lines that are lost. */
function watchLosses({ journal, incidents }: HttpContext, logWriter: HttpOptions['logWriter']): void {
  journal?.watch({
    onLost: (receipts, reason) => incidents.lose('RECEIPTS_LOST', receipts, reason),
    onRefused: (reason, waiting) => incidents.begin('RECEIPTS_LOST', reason, waiting),
    onRecovered: () => incidents.end('RECEIPTS_LOST'),
  });
  logWriter?.watch({
    onLost: (reason) => incidents.lose('LOG_LINES_LOST', 1, reason),
    onRecovered: () => incidents.end('LOG_LINES_LOST'),
  });
}

/** A stream of events would keep a stopping server until its time limit. */
function endStreams(app: FastifyInstance, { studio }: HttpContext): void {
  app.addHook('preClose', async () => {
    studio?.close();
  });
}

/** Reports connections beyond `maxConnections` of the server, which Node closes at once. */
function watchConnections({ server }: FastifyInstance, { incidents }: HttpContext): void {
  server.on('drop', () => incidents.lose('CONNECTIONS_REFUSED', 1, 'EMFILE'));
}

type ErrorHandler = (thrown: unknown, request: FastifyRequest, reply: FastifyReply) => FastifyReply;

/** Counts an error, logs it if it is a bug, and sends a problem document. */
function createErrorHandler({ limits, metrics, logger }: HttpContext): ErrorHandler {
  return (thrown, request, reply) => {
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
}

function addConnectionHooks(app: FastifyInstance, { isReady }: HttpContext): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.headers({ ...SECURITY_HEADERS, 'x-request-id': request.id });
  });
  app.addHook('onSend', async (request, reply) => {
    // while stopping: a connection kept alive would delay the stop until its time limit
    if (!isReady() || isUnread(request)) reply.header('connection', 'close');
  });
  app.addHook('onResponse', async (request) => {
    if (isUnread(request)) closeSoon(request.raw);
  });
}

/** Counts and logs each response. */
function addRequestLog(app: FastifyInstance, { metrics, logger }: HttpContext): void {
  app.addHook('onResponse', async (request, reply) => {
    const { id, method, apiKeyId } = request;
    const { statusCode: status, elapsedTime } = reply;
    const endpoint = request.routeOptions.url ?? 'unmatched';
    const ms = Math.round(elapsedTime * 100) / 100;
    metrics.countRequest({ endpoint, method, status, seconds: elapsedTime / 1000 });
    logger.info(
      {
        requestId: id,
        method,
        route: endpoint,
        status,
        ms,
        ...(apiKeyId === undefined ? {} : { key: apiKeyId }),
        ...findLoggedPredictions(request),
      },
      'request',
    );
  });
}

/**
 * An unknown path is a 404; a known one with another method a 405 that names the methods, or their list for OPTIONS. It answers
 * before a body is read, so that no rule for bodies comes first.
 */
function addNotFoundHandler(app: FastifyInstance, table: RouteTable, { metrics }: HttpContext): void {
  const answer = (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const methods = table.listMethods(request.url);
    if (methods.length > 0 && request.method === 'OPTIONS')
      return reply.code(204).header('allow', formatAllow(methods)).send();
    const error =
      methods.length > 0 ? createMethodError(methods, request.method) : appError('ROUTE_NOT_FOUND');
    metrics.countError(error.code);
    return sendProblem(reply, error, request);
  };
  app.setNotFoundHandler(answer);
  // after the hooks of the guard, which are added when its plugins are loaded
  app.after(() => {
    app.addHook('onRequest', async (request, reply) =>
      request.is404 || isOfOtherPath(request, table) ? answer(request, reply) : undefined,
    );
  });
}

/** The router took a word for an id, because the path of that word has no such method: DELETE /v1/runs/events. */
function isOfOtherPath({ method, url, routeOptions }: FastifyRequest, table: RouteTable): boolean {
  return routeOptions.url?.includes('/:') === true && !table.listMethods(url).includes(method);
}

/** Is a part of the body still to arrive? */
function isUnread(request: FastifyRequest): boolean {
  return request.raw.complete === false && hasBody(request);
}

/** Node would read a refused body for ever; closing the socket at once could lose the response. */
function closeSoon({ socket }: IncomingMessage): void {
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once('close', () => clearTimeout(timer));
}
