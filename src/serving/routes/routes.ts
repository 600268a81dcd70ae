// Every documented route, in the order of the documentation. To add one, add a file here and a line below.

import type { RouteDefinition } from '../http/index.ts';
import { listStudioRoutes } from '../studio/index.ts';
import type { AppContext } from './app-context.ts';
import { createBatchRoute } from './batch.ts';
import { createExamplesRoute } from './examples.ts';
import { createFeedbackRoute } from './feedback.ts';
import { createHealthRoute, createReadyRoute } from './health.ts';
import { createHuggingFaceRoute } from './hugging-face.ts';
import { createMetricsRoute } from './metrics.ts';
import { createModelFactsRoute, createModelRoute } from './model.ts';
import { createNewsRoute } from './news.ts';
import { createOpenInferenceRoutes } from './open-inference.ts';
import { createPredictRoute } from './predict.ts';
import { createPredictionRoute } from './predictions.ts';

export function listRoutes(context: AppContext): readonly RouteDefinition[] {
  return [
    createPredictRoute(context),
    createBatchRoute(context),
    createPredictionRoute(context),
    createFeedbackRoute(context),
    createModelFactsRoute(context),
    createExamplesRoute(context),
    createNewsRoute(context),
    createModelRoute(context),
    createHuggingFaceRoute(context),
    ...createOpenInferenceRoutes(context),
    createHealthRoute(),
    createReadyRoute(context),
    createMetricsRoute(context),
    ...(context.studio === null ? [] : listStudioRoutes(context.studio)),
  ];
}
