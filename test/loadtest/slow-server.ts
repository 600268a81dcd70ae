// A small real HTTP server whose speed is known: it takes one request after the other, each for the same time, and can
// stall or refuse. What a load test says of it can be worked out beforehand.
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface SlowServerOptions {
  /** For each request, one after the other; 0: at once, all side by side. */
  readonly serviceMs?: number;
  /** Answers nothing in this time after the first request. */
  readonly stall?: { readonly fromMs: number; readonly toMs: number };
  /** Requests that wait at once; further ones get 503 with Retry-After. */
  readonly queue?: number;
  readonly status?: number;
  readonly answer?: string;
}

export interface SlowServer {
  readonly url: string;
  readonly requests: { readonly headers: IncomingMessage['headers']; readonly body: string }[];
  /** Connections that were opened. */
  readonly connections: () => number;
  close(): Promise<void>;
}

export async function startSlowServer(options: SlowServerOptions = {}): Promise<SlowServer> {
  const { serviceMs = 0, stall, queue = Number.POSITIVE_INFINITY, status = 200 } = options;
  const answer = options.answer ?? '{"label":"REAL","probability":0.9}';
  const requests: { headers: IncomingMessage['headers']; body: string }[] = [];
  const timers = new Set<NodeJS.Timeout>();
  let [freeMs, waiting, firstMs, connections] = [0, 0, Number.NaN, 0];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      requests.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      if (waiting >= queue) {
        response.writeHead(503, { 'retry-after': '1' }).end();
        return;
      }
      const now = performance.now();
      if (Number.isNaN(firstMs)) firstMs = now;
      let startMs = Math.max(now, freeMs);
      if (stall !== undefined && startMs >= firstMs + stall.fromMs && startMs < firstMs + stall.toMs)
        startMs = firstMs + stall.toMs;
      freeMs = serviceMs > 0 ? startMs + serviceMs : freeMs;
      waiting++;
      const timer = setTimeout(
        () => {
          timers.delete(timer);
          waiting--;
          response.writeHead(status, { 'content-type': 'application/json' }).end(answer);
        },
        startMs + serviceMs - now,
      );
      timers.add(timer);
    });
  });
  server.on('connection', () => connections++);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    connections: () => connections,
    close: () => {
      for (const timer of timers) clearTimeout(timer);
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
