// Public API `veracity/serve`: the HTTP application and a server around it.

export type { ExampleArticle } from '../learning/data/index.ts';
export {
  type AppOptions,
  createApp,
  type RunningServer,
  type ServerOptions,
  startServer,
} from '../serving/app/index.ts';
export type { ServeLimits } from '../serving/routes/index.ts';
