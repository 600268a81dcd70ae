// The room's door: what other rooms may use.
export { type AppContext, defaultLimits, type ServeLimits } from './app-context.ts';
export { addDocsRoutes } from './docs.ts';
export { createHealthRoute } from './health.ts';
export { createMetricsRoute } from './metrics.ts';
export { findLoggedPredictions } from './receipts.ts';
export { listRoutes } from './routes.ts';
export { buildVersionFacts, type ServedVersionFacts } from './version-facts.ts';
