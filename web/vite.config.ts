// Builds the page into dist/web. Scripts and styles are separate files, because the server's content security policy
// allows nothing inline. All addresses are relative, so that the page also works behind a path prefix.
import { defineConfig } from 'vite';

// `npx vite web` serves the sources and forwards requests to a server on its usual port.
const API = 'http://127.0.0.1:8000';

export default defineConfig({
  base: './',
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    proxy: Object.fromEntries(
      ['/v1', '/docs', '/metrics', '/readyz', '/openapi.json'].map((path) => [path, API]),
    ),
  },
});
