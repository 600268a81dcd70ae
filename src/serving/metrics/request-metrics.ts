// Prometheus metrics. The first three names and their labels are those of the system before ours: dashboards rely
// on them. `endpoint` is the route's pattern, never the URL, so that the number of series stays bounded.
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { ModelFolder, Prediction } from '../../foundation/records/index.ts';

export interface RequestMetrics {
  readonly registry: Registry;
  /** The registry as Prometheus text. */
  format(): Promise<{ contentType: string; text: string }>;
  countRequest(request: { endpoint: string; method: string; status: number; seconds: number }): void;
  countError(code: string): void;
  countPredictions(predictions: readonly Prediction[], seconds: number): void;
  /** Explanations and similar articles, and how long they took, waiting included. */
  observeEvidence(kind: 'explanation' | 'similar', seconds: number): void;
  /** Receipts that were not kept. */
  countLostReceipts(receipts: number): void;
  /** Opinions of readers; whether they agree, where they say so. */
  countFeedback(agrees: boolean | undefined): void;
  /** Prediction requests under way; returns the new number. */
  changeInFlight(by: 1 | -1): number;
  /** Which model answers from now on. */
  setModel(model: { readonly info: ModelFolder; readonly modelVersion: string }): void;
  /** Unhooks the process metrics. */
  dispose(): void;
}

// From 1 ms (a cached page) to 10 s (a batch of 256 on a slow machine).
const SECONDS_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const KNOWN_METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Creates the metrics of one server; every class starts at 0, so that rates exist from the first scrape. */
export function createRequestMetrics(model: { info: ModelFolder; modelVersion: string }): RequestMetrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });

  const requests = new Counter({
    name: 'api_requests_total',
    help: 'Requests answered.',
    labelNames: ['endpoint', 'method'],
    registers,
  });
  const latency = new Histogram({
    name: 'api_request_latency_seconds',
    help: 'Time from the request line to the last byte of the answer.',
    labelNames: ['endpoint'],
    buckets: SECONDS_BUCKETS,
    registers,
  });
  const predictions = new Counter({
    name: 'api_predictions_total',
    help: 'Articles judged, by verdict (also when the model abstained).',
    labelNames: ['prediction'],
    registers,
  });
  const responses = new Counter({
    name: 'veracity_responses_total',
    help: 'Responses by route and status code.',
    labelNames: ['endpoint', 'status'],
    registers,
  });
  const errors = new Counter({
    name: 'veracity_errors_total',
    help: 'Requests refused or failed, by error code.',
    labelNames: ['code'],
    registers,
  });
  const abstentions = new Counter({
    name: 'veracity_abstentions_total',
    help: 'Articles on which the model was not sure.',
    registers,
  });
  const confidence = new Histogram({
    name: 'veracity_prediction_probability',
    help: 'Calibrated probability of the winning class.',
    buckets: [0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1],
    registers,
  });
  const predictionSeconds = new Histogram({
    name: 'veracity_prediction_seconds',
    help: 'Time to judge the articles of one request, waiting for the model included.',
    buckets: SECONDS_BUCKETS,
    registers,
  });
  const evidenceSeconds = new Histogram({
    name: 'veracity_evidence_seconds',
    help: 'Time to explain an answer, or to find similar articles alone; waiting included.',
    labelNames: ['kind'],
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers,
  });
  const lostReceipts = new Counter({
    name: 'veracity_receipts_lost_total',
    help: 'Answers whose receipt could not be kept: the disk was too slow, or full.',
    registers,
  });
  const feedback = new Counter({
    name: 'veracity_feedback_total',
    help: 'Opinions of readers, by whether they agree with the answer.',
    labelNames: ['agrees'],
    registers,
  });
  const inFlight = new Gauge({
    name: 'veracity_predictions_in_flight',
    help: 'Prediction requests under way.',
    registers,
  });
  const modelInfo = new Gauge({
    name: 'veracity_model_info',
    help: 'Which model answers; always 1.',
    labelNames: ['version', 'run', 'dataset_version'],
    registers,
  });

  const setModel: RequestMetrics['setModel'] = ({ info, modelVersion }) => {
    modelInfo.reset();
    modelInfo.set({ version: modelVersion, run: info.runId, dataset_version: info.datasetVersion }, 1);
  };
  setModel(model);
  for (const name of model.info.classNames) predictions.inc({ prediction: formatNewsLabel(name) }, 0);
  let underWay = 0;
  return {
    registry,
    format: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
    countRequest: ({ endpoint, method, status, seconds }) => {
      requests.inc({ endpoint, method: KNOWN_METHODS.has(method) ? method : 'other' });
      latency.observe({ endpoint }, seconds);
      responses.inc({ endpoint, status: String(status) });
    },
    countError: (code) => errors.inc({ code }),
    countPredictions: (answers, seconds) => {
      predictionSeconds.observe(seconds);
      for (const answer of answers) {
        predictions.inc({ prediction: formatNewsLabel(answer.label) });
        confidence.observe(answer.probability);
        if (answer.abstained) abstentions.inc();
      }
    },
    observeEvidence: (kind, seconds) => evidenceSeconds.observe({ kind }, seconds),
    countLostReceipts: (receipts) => lostReceipts.inc(receipts),
    countFeedback: (agrees) => feedback.inc({ agrees: agrees === undefined ? 'unsaid' : String(agrees) }),
    changeInFlight: (by) => {
      underWay += by;
      inFlight.set(underWay);
      return underWay;
    },
    setModel,
    dispose: () => registry.clear(),
  };
}

/** `REAL NEWS`: the verdict as the system before ours names it. */
export function formatNewsLabel(className: string): string {
  return `${className} NEWS`;
}
