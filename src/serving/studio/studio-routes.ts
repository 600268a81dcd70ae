// Every route of the studio, in the order of the documentation. To add one, add it to a file here and to the list below.
import type { RouteDefinition } from '../http/index.ts';
import {
  createLineageRoute,
  createNameRoute,
  createPromoteRoute,
  createRegistryRoute,
  createRollbackRoute,
} from './registry-routes.ts';
import {
  createCurvesRoute,
  createDifferencesRoute,
  createRunEventsRoute,
  createRunListRoute,
} from './run-list-routes.ts';
import {
  createDeleteRunRoute,
  createNoteRoute,
  createResumeRoute,
  createRunLogRoute,
  createRunRoute,
  createStopRoute,
  createTagsRoute,
} from './run-routes.ts';
import type { StudioContext } from './studio-context.ts';
import {
  createImportanceRoute,
  createParetoRoute,
  createSweepListRoute,
  createSweepRoute,
} from './sweep-routes.ts';

export function listStudioRoutes(context: StudioContext): readonly RouteDefinition[] {
  return [
    createRunListRoute(context),
    createRunEventsRoute(context),
    createCurvesRoute(context),
    createDifferencesRoute(context),
    createRunRoute(context),
    createDeleteRunRoute(context),
    createRunLogRoute(context),
    createTagsRoute(context),
    createNoteRoute(context),
    createStopRoute(context),
    createResumeRoute(context),
    createSweepListRoute(context),
    createSweepRoute(context),
    createImportanceRoute(context),
    createParetoRoute(context),
    createRegistryRoute(context),
    createNameRoute(context),
    createPromoteRoute(context),
    createRollbackRoute(context),
    createLineageRoute(context),
  ];
}
