// Prometheus metrics of requests. The three names that begin with `api_` and their labels are those of the predecessor:
// dashboards rely on them. `endpoint` is the route's pattern, never the URL, so that the number of series stays bounded.
import { collectDefaultMetrics, Registry } from 'prom-client';
import type { ModelFolder, Prediction } from '../../foundation/records/index.ts';
import { Collectors } from './collectors.ts';

export interface RequestMetrics {
  readonly registry: Registry;
  /** The registry as Prometheus text. */
  format(): Promise<{ contentType: string; text: string }>;
  countRequest(request: { endpoint: string; method: string; status: number; seconds: number }): void;
  countError(code: string): void;
  countPredictions(predictions: readonly Prediction[], seconds: number): void;
  /** Records how long an explanation, or similar articles alone, took; waiting included. */
  observeEvidence(kind: 'explanation' | 'similar', seconds: number): void;
  /** Counts an opinion of a reader. @param agrees  with the prediction; undefined where the reader did not say */
  countFeedback(agrees: boolean | undefined): void;
  /** Changes the number of prediction requests in progress. @returns the new number */
  changeInFlight(by: 1 | -1): number;
  /** Names the model that predicts from now on. */
  setModel(model: { readonly info: ModelFolder; readonly modelVersion: string }): void;
  /** Removes all metrics from the registry. */
  dispose(): void;
}

// From 1 ms (a cached page) to 10 s (a batch of 256 on a slow machine).
const SECONDS_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const KNOWN_METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/**
 * Creates the metrics of one server; every class starts at 0, so that rates exist from the first scrape.
 * @param model  null: the server predicts nothing
 */
export function createRequestMetrics(
  model: { info: ModelFolder; modelVersion: string } | null,
): RequestMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const collectors = new Collectors(registry);
  const http = createHttpCollectors(collectors);
  const made = createPredictionCollectors(collectors);
  const kept = createFeedbackCollectors(collectors);
  const setModel: RequestMetrics['setModel'] = ({ info, modelVersion }) => {
    made.model.reset();
    made.model.set({ version: modelVersion, run: info.runId, dataset_version: info.datasetVersion }, 1);
  };
  if (model !== null) setModel(model);
  for (const name of model?.info.classNames ?? [])
    made.predictions.inc({ prediction: formatNewsLabel(name) }, 0);
  let underWay = 0;
  return {
    registry,
    format: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
    countRequest: ({ endpoint, method, status, seconds }) => {
      http.requests.inc({ endpoint, method: KNOWN_METHODS.has(method) ? method : 'other' });
      http.latency.observe({ endpoint }, seconds);
      http.responses.inc({ endpoint, status: String(status) });
    },
    countError: (code) => http.errors.inc({ code }),
    countPredictions: (predictions, seconds) => {
      made.seconds.observe(seconds);
      for (const prediction of predictions) {
        made.predictions.inc({ prediction: formatNewsLabel(prediction.label) });
        made.probability.observe(prediction.probability);
        if (prediction.abstained) made.abstentions.inc();
      }
    },
    observeEvidence: (kind, seconds) => made.evidenceSeconds.observe({ kind }, seconds),
    countFeedback: (agrees) =>
      kept.feedback.inc({ agrees: agrees === undefined ? 'unsaid' : String(agrees) }),
    changeInFlight: (by) => {
      underWay += by;
      made.inFlight.set(underWay);
      return underWay;
    },
    setModel,
    dispose: () => registry.clear(),
  };
}

function createHttpCollectors(collectors: Collectors) {
  return {
    requests: collectors.counter('api_requests_total', 'Requests answered.', ['endpoint', 'method']),
    latency: collectors.histogram(
      'api_request_latency_seconds',
      'Time from the request line to the last byte of the response.',
      SECONDS_BUCKETS,
      ['endpoint'],
    ),
    responses: collectors.counter('veracity_responses_total', 'Responses by route and status code.', [
      'endpoint',
      'status',
    ]),
    errors: collectors.counter('veracity_errors_total', 'Requests refused or failed, by error code.', [
      'code',
    ]),
  };
}

function createPredictionCollectors(collectors: Collectors) {
  return {
    predictions: collectors.counter(
      'api_predictions_total',
      'Articles predicted, by label (also when the model abstained).',
      ['prediction'],
    ),
    abstentions: collectors.counter('veracity_abstentions_total', 'Articles on which the model abstained.'),
    probability: collectors.histogram(
      'veracity_prediction_probability',
      'Calibrated probability of the winning class.',
      [0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1],
    ),
    seconds: collectors.histogram(
      'veracity_prediction_seconds',
      'Time to predict the articles of one request, waiting for the model included.',
      SECONDS_BUCKETS,
    ),
    evidenceSeconds: collectors.histogram(
      'veracity_evidence_seconds',
      'Time to explain a prediction, or to find similar articles alone; waiting included.',
      [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
      ['kind'],
    ),
    inFlight: collectors.gauge('veracity_predictions_in_flight', 'Prediction requests in progress.'),
    model: collectors.gauge('veracity_model_info', 'Which model predicts; always 1.', [
      'version',
      'run',
      'dataset_version',
    ]),
  };
}

function createFeedbackCollectors(collectors: Collectors) {
  return {
    feedback: collectors.counter(
      'veracity_feedback_total',
      'Feedback of readers, by whether it agrees with the prediction.',
      ['agrees'],
    ),
  };
}

/** `REAL NEWS`: the label as the predecessor names it. */
export function formatNewsLabel(className: string): string {
  return `${className} NEWS`;
}
