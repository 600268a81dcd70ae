// Every route that is described, in the order of the documentation. To add one, add a file in routes/ and a line here.
import type { AppContext } from './app-context.ts';
import type { RouteDefinition } from './route.ts';
import { describeBatchRoute } from './routes/batch.ts';
import { describeExamplesRoute } from './routes/examples.ts';
import { describeFeedbackRoute } from './routes/feedback.ts';
import { describeHealthRoute, describeReadyRoute } from './routes/health.ts';
import { describeHuggingFaceRoute } from './routes/hugging-face.ts';
import { describeMetricsRoute } from './routes/metrics.ts';
import { describeModelFactsRoute, describeModelRoute } from './routes/model.ts';
import { describeNewsRoute } from './routes/news.ts';
import { describeOpenInferenceRoutes } from './routes/open-inference.ts';
import { describePredictRoute } from './routes/predict.ts';
import { describePredictionRoute } from './routes/predictions.ts';

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
