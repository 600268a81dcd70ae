// Sends requests over kept-alive sockets with very little work for this process: Node's own HTTP client needs more time
// for a refusal than the server does, and in a test of overload both share the same cores.
import { connect, type Socket } from 'node:net';

export interface Received {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly ms: number;
}

export interface LightSender {
  /** @param dueMs  performance.now() at which it should have been sent: latency counts from there */
  post(path: string, body: string, dueMs?: number): Promise<Received>;
  close(): void;
}

interface Line {
  readonly socket: Socket;
  /** Takes received bytes; true once the response is complete. */
  waiting: ((head: string) => void) | null;
  received: Buffer;
}

/** Responses must have a content-length. Opens as many connections as are needed at once. */
export function createLightSender(url: string): LightSender {
  const { hostname, port, host } = new URL(url);
  const free: Line[] = [];
  const all = new Set<Line>();

  const read = (line: Line, chunk: Buffer): void => {
    line.received = line.received.length === 0 ? chunk : Buffer.concat([line.received, chunk]);
    const headEnd = line.received.indexOf('\r\n\r\n');
    if (headEnd === -1) return;
    const head = line.received.toString('latin1', 0, headEnd);
    const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
    if (length === undefined) throw new Error(`an answer without content-length: ${head}`);
    if (line.received.length < headEnd + 4 + Number(length)) return;
    line.received = Buffer.alloc(0);
    const { waiting } = line;
    line.waiting = null;
    if (/\r\nconnection: close/i.test(head)) line.socket.destroy();
    else free.push(line);
    waiting?.(head);
  };

  const open = (): Line => {
    const line: Line = {
      socket: connect({ host: hostname, port: Number(port), noDelay: true }),
      waiting: null,
      received: Buffer.alloc(0),
    };
    all.add(line);
    line.socket.on('data', (chunk) => read(line, chunk));
    line.socket.on('close', () => {
      all.delete(line);
      const index = free.indexOf(line);
      if (index !== -1) free.splice(index, 1);
    });
    return line;
  };

  return {
    post: (path, body, dueMs = performance.now()) =>
      new Promise((resolve, reject) => {
        const line = free.pop() ?? open();
        const fail = (error?: Error): void => {
          if (line.waiting !== null) reject(error ?? new Error('the connection was closed before an answer'));
          line.waiting = null;
        };
        line.waiting = (head) => {
          line.socket.off('error', fail).off('close', fail);
          resolve({
            status: Number(head.slice(9, 12)),
            retryAfter: /\r\nretry-after: (\S+)/i.exec(head)?.[1],
            ms: performance.now() - dueMs,
          });
        };
        line.socket.once('error', fail).once('close', fail);
        line.socket.write(
          `POST ${path} HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
        );
      }),
    close: () => {
      for (const { socket } of all) socket.destroy();
    },
  };
}
