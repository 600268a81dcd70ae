// A local server with the routes of the Hub: revision, resolve (HEAD and GET), redirects to storage, etags, ranges. It
// serves small files directly, with git's sha1 as etag; large ones (`.safetensors`) redirect to /storage/SHA256, which has
// other headers. It can lose connections on purpose.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export const COMMIT = '0123456789abcdef0123456789abcdef01234567';

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly range: string | undefined;
  readonly authorization: string | undefined;
}

export interface HubServerOptions {
  readonly name?: string;
  readonly commit?: string;
  readonly files: Readonly<Record<string, Buffer>>;
  /** The first GETs of a file lose their connection after these numbers of bytes. */
  readonly dropAfter?: Readonly<Record<string, readonly number[]>>;
  /** Awaited before such a loss, which also loses bytes in transit; `endBytes` of the file are sent by then. */
  readonly beforeDrop?: (endBytes: number, isGone: () => boolean) => Promise<void>;
  /** After the first half of a file, the server waits until this resolves. */
  readonly gate?: Promise<void>;
  readonly ignoreRange?: boolean;
  /** The server to which large files redirect; '' means this one by a relative address, absent by an absolute one. */
  readonly storage?: string;
  /** Handles a request instead of the server; returns false for requests that it does not handle. */
  readonly answer?: (request: IncomingMessage, response: ServerResponse) => boolean;
  readonly linkedEtag?: string;
  readonly linkedSize?: number;
}

export interface HubServer extends AsyncDisposable {
  readonly endpoint: string;
  readonly requests: readonly SeenRequest[];
  /** The requests for the bytes of a file, direct or to the storage. */
  readsOf(file: string): readonly SeenRequest[];
  /** Resolves after this number of GET requests for files. */
  waitForReads(count: number): Promise<void>;
  close(): Promise<void>;
}

export async function startHubServer(options: HubServerOptions): Promise<HubServer> {
  const { name = 'org/tiny', commit = COMMIT, files } = options;
  const requests: SeenRequest[] = [];
  const waiting: { count: number; resolve: () => void }[] = [];
  const drops = Object.fromEntries(
    Object.entries(options.dropAfter ?? {}).map(([file, after]) => [file, [...after]]),
  );
  const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
  const isLarge = (file: string): boolean => file.endsWith('.safetensors');
  const fileOf = (path: string): string | undefined =>
    path.startsWith('/storage/')
      ? Object.keys(files).find((file) => sha256(files[file]!) === path.slice('/storage/'.length))
      : decodeURIComponent(path.slice(path.lastIndexOf('/') + 1));
  const isRead = ({ method, path }: SeenRequest): boolean =>
    method === 'GET' && (path.startsWith('/storage/') || (path.includes('/resolve/') && !isLarge(path)));
  const countReads = (): number => requests.filter(isRead).length;

  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    const { range, authorization } = request.headers;
    requests.push({ method: request.method ?? '', path, range, authorization });
    for (const wait of waiting) if (countReads() >= wait.count) wait.resolve();
    if (options.answer?.(request, response) === true) return;
    const refuse = (status: number, code: string): void => {
      response.writeHead(status, { 'x-error-code': code }).end();
    };
    if (path.startsWith('/storage/')) {
      const file = fileOf(path);
      if (file === undefined) return refuse(404, 'EntryNotFound');
      return void sendBytes(file, files[file]!, '"storage-etag"', request, response);
    }
    if (path.startsWith(`/api/models/${name}/tree/`)) return refuse(404, 'EntryNotFound'); // transformers sends this request
    if (path.startsWith('/api/models/')) {
      const [, repository, revision] = /^\/api\/models\/(.+)\/revision\/(.+)$/.exec(path) ?? [];
      if (repository !== name) return refuse(401, 'RepoNotFound');
      if (!['main', 'refs%2Fpr%2F1', commit].includes(revision ?? '')) return refuse(404, 'RevisionNotFound');
      const siblings = Object.keys(files).map((rfilename) => ({ rfilename }));
      response.writeHead(200, { 'content-type': 'application/json', 'x-repo-commit': commit });
      return void response.end(JSON.stringify({ id: name, sha: commit, siblings }));
    }
    const file = fileOf(path) ?? '';
    const bytes = files[file];
    if (!path.startsWith(`/${name}/resolve/`)) return refuse(404, 'RepoNotFound');
    if (bytes === undefined) return refuse(404, 'EntryNotFound');
    response.setHeader('x-repo-commit', commit);
    if (!isLarge(file)) {
      const sha1 = createHash('sha1').update(`blob ${bytes.byteLength}\0`).update(bytes).digest('hex');
      return void sendBytes(file, bytes, `"${sha1}"`, request, response);
    }
    response
      .writeHead(302, {
        location: `${options.storage ?? endpoint}/storage/${sha256(bytes)}`,
        'x-linked-etag': `"${options.linkedEtag ?? sha256(bytes)}"`,
        'x-linked-size': String(options.linkedSize ?? bytes.byteLength),
      })
      .end();
  });

  async function sendBytes(
    file: string,
    bytes: Buffer,
    etag: string,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const size = bytes.byteLength;
    const start =
      options.ignoreRange === true ? 0 : Number(/^bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
    if (start >= size && size > 0)
      return void response.writeHead(416, { 'content-range': `bytes */${size}` }).end();
    const body = bytes.subarray(start);
    response.writeHead(start > 0 ? 206 : 200, {
      etag,
      'content-length': body.byteLength,
      ...(start > 0 ? { 'content-range': `bytes ${start}-${size - 1}/${size}` } : {}),
    });
    if (request.method === 'HEAD') return void response.end();
    const after = drops[file]?.shift();
    if (after !== undefined) {
      response.flushHeaders();
      response.write(body.subarray(0, after));
      await options.beforeDrop?.(start + after, () => response.closed); // a client may give up meanwhile
      return void response.destroy();
    }
    if (options.gate !== undefined && isLarge(file)) {
      const half = Math.floor(body.byteLength / 2);
      response.write(body.subarray(0, half));
      await options.gate;
      return void response.end(body.subarray(half));
    }
    response.end(body);
  }

  await once(server.listen(0, '127.0.0.1'), 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = async (): Promise<void> => {
    if (!server.listening) return;
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  return {
    endpoint,
    requests,
    readsOf: (file) => requests.filter((seen) => isRead(seen) && fileOf(seen.path) === file),
    waitForReads: (count) =>
      new Promise((resolve) => {
        if (countReads() >= count) resolve();
        else waiting.push({ count, resolve });
      }),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** The files of a small repository; `seed` determines the bytes of the weights. */
export function tinyRepository(weightBytes = 300_000, seed = 7): Readonly<Record<string, Buffer>> {
  const weights = Buffer.alloc(weightBytes);
  for (let i = 0, state = seed; i < weightBytes; i++) {
    state = (state * 1103515245 + 12345) % 2147483648;
    weights[i] = state >> 16;
  }
  return {
    'config.json': Buffer.from('{"model_type": "distilbert"}\n'),
    'tokenizer.json': Buffer.from('{"version": "1.0"}\n'),
    'tokenizer_config.json': Buffer.from('{"do_lower_case": true}\n'),
    'vocab.txt': Buffer.from('[PAD]\n[UNK]\n'),
    'README.md': Buffer.from('# not needed\n'),
    'model.safetensors': weights,
  };
}
