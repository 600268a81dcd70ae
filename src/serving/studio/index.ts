// The room's door: what other rooms may use.
export type { ServedLineage, ServedName, ServedRegistry, ServedStageChange } from './registry-schemas.ts';
export {
  type CurvesQuery,
  type ServedChanges,
  type ServedCurves,
  type ServedDifferences,
  type ServedResume,
  type ServedRun,
  type ServedRunDetails,
  type ServedRunLog,
  toMetricValue,
} from './run-schemas.ts';
export type { Studio } from './studio.ts';
export { createStudioContext, type StudioContext } from './studio-context.ts';
export { listStudioRoutes } from './studio-routes.ts';
export type { ServedImportance, ServedPareto, ServedSweep, ServedSweepDetails } from './sweep-schemas.ts';
