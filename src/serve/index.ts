// Public API `veracity/serve`: the HTTP application and a server around it.

export { type AppOptions, createApp } from './app.ts';
export type { ExampleArticle, ServeLimits } from './app-context.ts';
export { type RunningServer, type ServerOptions, startServer } from './server.ts';
