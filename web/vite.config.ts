// Builds the page into dist/web. Everything is a file of its own, for the server's policy allows nothing inline, and
// every address is relative, so that the page also works behind a path prefix.
import { defineConfig } from 'vite';

// `npx vite web` serves the sources and passes everything else on to a server on its usual port.
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
