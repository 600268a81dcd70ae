// Every route that is described, in the order of the documentation. To add one, add a file in routes/ and a line here.

import type { RouteDefinition } from '../http/index.ts';
import type { AppContext } from './app-context.ts';
import { describeBatchRoute } from './batch.ts';
import { describeExamplesRoute } from './examples.ts';
import { describeFeedbackRoute } from './feedback.ts';
import { describeHealthRoute, describeReadyRoute } from './health.ts';
import { describeHuggingFaceRoute } from './hugging-face.ts';
import { describeMetricsRoute } from './metrics.ts';
import { describeModelFactsRoute, describeModelRoute } from './model.ts';
import { describeNewsRoute } from './news.ts';
import { describeOpenInferenceRoutes } from './open-inference.ts';
import { describePredictRoute } from './predict.ts';
import { describePredictionRoute } from './predictions.ts';

export function listRoutes(context: AppContext): readonly RouteDefinition[] {
  return [
    describePredictRoute(context),
    describeBatchRoute(context),
    describePredictionRoute(context),
    describeFeedbackRoute(context),
    describeModelFactsRoute(context),
    describeExamplesRoute(context),
    describeNewsRoute(context),
    describeModelRoute(context),
    describeHuggingFaceRoute(context),
    ...describeOpenInferenceRoutes(context),
    describeHealthRoute(),
    describeReadyRoute(context),
    describeMetricsRoute(context),
  ];
}
