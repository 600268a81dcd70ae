// The room's door: what other rooms may use.

export { toMetricValue } from './run-schemas.ts';
export type { Studio } from './studio.ts';
export { createStudioContext, type StudioContext } from './studio-context.ts';
export { listStudioRoutes } from './studio-routes.ts';
