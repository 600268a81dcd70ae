// The files of the web page, built by vite into dist/web. A server without them serves the API, and says so at /.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { packageRoot } from '../../foundation/core/index.ts';

const NOT_BUILT = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Veracity</title>
<h1>Veracity</h1><p>The API is up; the page has not been built. Build it with <code>npm run build</code> and start again.</p>
<p><a href="/docs">The API's documentation</a></p></html>`;

export function locatePage(): string {
  return join(packageRoot, 'dist/web');
}

export async function addPage(app: FastifyInstance, folder: string): Promise<void> {
  if (!existsSync(join(folder, 'index.html'))) {
    app.get('/', { schema: { hide: true } }, async (_request, reply) =>
      reply.type('text/html; charset=utf-8').send(NOT_BUILT),
    );
    return;
  }
  await app.register(fastifyStatic, {
    root: folder,
    wildcard: false, // one route a file: an unknown path is a 404 problem, and metrics have bounded labels
    dotfiles: 'ignore',
    cacheControl: false, // set below
    // vite puts a content hash into the names below assets/: those never change
    setHeaders: (reply, path) => {
      const hashed = path.includes('/assets/') || path.includes('\\assets\\');
      reply.setHeader('cache-control', hashed ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
}

/** /studio leads to the studio's view of the page. The address is relative, for a server behind a path prefix. */
export function addStudioPage(app: FastifyInstance): void {
  app.get('/studio', { schema: { hide: true } }, async (request, reply) => {
    const up = /^[^?]*\/(?:\?|$)/.test(request.url) ? '../' : './';
    return reply.redirect(`${up}#/studio`, 302);
  });
}
