// Checks before every route: the origin of a browser's page, the rate of the address, the key and its scope, the rate of
// the key. A refusal says only what would have been accepted.
import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { appError } from '../../foundation/core/index.ts';
import type { RouteAccess } from '../http/index.ts';
import { type AccessOptions, isLoopback } from './access-options.ts';
import type { KeyLookup } from './key-ring.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Id of the key that was sent, where keys are required. */
    apiKeyId: string | undefined;
  }
}

const BEARER = /^bearer +(\S+)$/i; // RFC 6750
const MINUTE_MS = 60_000;
/** Addresses and keys whose requests are counted at once; the least recent is forgotten first. */
const COUNTED = 10_000;

export function addGuard(app: FastifyInstance, options: AccessOptions): void {
  const { keys, allowedOrigins = [], perMinute = { address: null, key: null } } = options;
  if (allowedOrigins.length > 0) {
    // loaded only where it is used: most servers allow no other origin
    app.register(import('@fastify/cors'), {
      origin: [...allowedOrigins],
      methods: ['GET', 'POST', 'DELETE'],
      exposedHeaders: ['x-request-id', 'x-model-version', 'retry-after'],
      maxAge: 600,
    });
  }
  app.decorateRequest('apiKeyId', undefined);
  app.register(rateLimit, { global: false, cache: COUNTED });
  let limitAddress: Limit = async () => {};
  let limitKey: Limit = async () => {};
  app.after(() => {
    if (perMinute.address !== null) limitAddress = createLimit(app, perMinute.address, 'address');
    if (perMinute.key !== null) limitKey = createLimit(app, perMinute.key, 'key');
    // after the CORS plugin's own hook: a page of an allowed origin may read why it was refused
    app.addHook('onRequest', async (request, reply) => {
      assertOrigin(request, allowedOrigins);
      const { definition } = request.routeOptions.config;
      const presented = keys === undefined ? undefined : readKey(request);
      const key = presented === undefined ? undefined : keys?.find(presented);
      request.apiKeyId = key?.id;
      if (definition?.limited !== false) {
        // a request with a key is counted by the key, so that a newsroom behind one address is not one client
        if (key !== undefined) await limitKey(request, reply);
        else if (!isLoopback(request.ip)) await limitAddress(request, reply);
      }
      const access = definition?.access ?? 'open';
      if (keys !== undefined) assertScope(key, access);
      else if (access === 'admin') assertLocal(request, options.proxies ?? 0);
    });
  });
}

function readKey({ headers }: FastifyRequest): string | undefined {
  return BEARER.exec(headers.authorization ?? '')?.[1];
}

/** @throws KEY_REQUIRED, KEY_SCOPE */
function assertScope(key: ReturnType<KeyLookup['find']>, access: RouteAccess): void {
  if (access === 'open') return;
  if (key === undefined) throw appError('KEY_REQUIRED');
  if (access !== 'any-key' && !key.scopes.includes(access)) throw appError('KEY_SCOPE', { scope: access });
}

/**
 * Without keys only people at the machine itself are admins, also where --insecure lets everybody predict. A name in the host
 * header that is not this machine's is a page elsewhere whose name was pointed here (DNS rebinding), and a header of a proxy
 * says that the client is another machine.
 * @throws ADMIN_ELSEWHERE
 */
function assertLocal({ ip, headers }: FastifyRequest, proxies: number): void {
  const name = (headers.host ?? '').replace(/:\d*$/, '');
  const isForwarded =
    proxies === 0 && (headers['x-forwarded-for'] !== undefined || headers.forwarded !== undefined);
  if (!isLoopback(ip) || !isLoopback(name) || isForwarded) throw appError('ADMIN_ELSEWHERE');
}

/**
 * A browser sends requests of any page, even to a server that only this machine reaches; it only keeps the page from
 * reading the response. A request that could change something is therefore refused.
 * @throws ORIGIN_REFUSED
 */
function assertOrigin({ headers, host, method }: FastifyRequest, allowedOrigins: readonly string[]): void {
  const { origin } = headers;
  if (origin === undefined || method === 'GET' || method === 'HEAD' || method === 'OPTIONS') return;
  // sec-fetch-site is right behind a proxy too, which may have changed the host
  const own = headers['sec-fetch-site'] === 'same-origin' || hostOf(origin) === host;
  if (!own && !allowedOrigins.includes(origin)) throw appError('ORIGIN_REFUSED');
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined; // "null" is what a sandboxed page sends
}

type Limit = (request: FastifyRequest, reply: FastifyReply) => Promise<void>;

/** @throws RATE_LIMITED from the limit it returns */
function createLimit(app: FastifyInstance, max: number, of: 'address' | 'key'): Limit {
  const count = app.createRateLimit({
    max,
    timeWindow: MINUTE_MS,
    ...(of === 'key' ? { keyGenerator: (request: FastifyRequest) => request.apiKeyId ?? '' } : {}),
  });
  return async (request, reply) => {
    const result = await count(request);
    if (result.isAllowed) return;
    reply.header('x-ratelimit-limit', max);
    reply.header('x-ratelimit-remaining', result.remaining);
    reply.header('x-ratelimit-reset', result.ttlInSeconds);
    if (!result.isExceeded) return;
    reply.header('retry-after', Math.max(1, result.ttlInSeconds));
    throw appError('RATE_LIMITED', { max, of });
  };
}
