// A small real HTTP server with known speed: it handles one request after the other, each in the same time, and can stall or
// refuse. So the results of a load test can be computed in advance.
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createQueueModel, type QueueOptions } from './queue-model.ts';

export interface SlowServerOptions extends QueueOptions {
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
  const { status = 200 } = options;
  const answer = options.answer ?? '{"label":"REAL","probability":0.9}';
  const requests: { headers: IncomingMessage['headers']; body: string }[] = [];
  const timers = new Set<NodeJS.Timeout>();
  const model = createQueueModel(options);
  let connections = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      requests.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      const delayMs = model.admit(performance.now());
      if (delayMs === null) {
        response.writeHead(503, { 'retry-after': '1' }).end();
        return;
      }
      const timer = setTimeout(() => {
        timers.delete(timer);
        model.release();
        response.writeHead(status, { 'content-type': 'application/json' }).end(answer);
      }, delayMs);
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
