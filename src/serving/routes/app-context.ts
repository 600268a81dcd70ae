// What the routes are given: the model that answers, what is known about it, and where to count and log.

import type { Clock, Logger } from '../../foundation/core/index.ts';
import type { EvaluationReport } from '../../foundation/records/index.ts';
import type { Evidence } from '../../judging/explain/index.ts';
import type { FeedbackLog, PredictionJournal } from '../../keeping/journal/index.ts';
import type { ExampleArticle } from '../../learning/data/index.ts';
import type { LiveView, ServingClassifier } from '../live/index.ts';
import type { RequestMetrics } from '../metrics/index.ts';
import type { ServedVersionFacts } from './version-facts.ts';

export interface ServeLimits {
  /** Bytes of a request's body. */
  readonly maxBodyBytes: number;
  /** Articles in one batch request. */
  readonly maxArticles: number;
  /** Prediction requests under way at once; more are told to come back. */
  readonly maxInFlight: number;
  /** Bytes of a file sent to POST /v1/batch, after inflating. */
  readonly maxUploadBytes: number;
  /** Files judged at once. */
  readonly maxUploads: number;
  /** Bytes of a request's headers. */
  readonly maxHeaderBytes: number;
  /** Until a request's headers are there. */
  readonly headerSeconds: number;
  /** Until its body is there; an upload may fall as far behind 1 kB a second. */
  readonly bodySeconds: number;
}

export const defaultLimits: ServeLimits = {
  maxBodyBytes: 1_048_576,
  maxArticles: 256,
  maxInFlight: 256,
  maxUploadBytes: 1_073_741_824,
  maxUploads: 4,
  maxHeaderBytes: 16_384,
  headerSeconds: 10,
  bodySeconds: 30,
};

export interface AppContext {
  readonly classifier: ServingClassifier;
  /** Of the version that answers now; in-source first, those on other collections marked outOfSource. */
  readonly evaluations: readonly EvaluationReport[];
  /** Versions that come and go; null: the model stays. */
  readonly live: LiveView | null;
  readonly examples: readonly ExampleArticle[];
  /** The registered versions of the served model, newest first; asked for anew each time. */
  readonly listVersions: () => readonly ServedVersionFacts[];
  readonly limits: ServeLimits;
  readonly metrics: RequestMetrics;
  /** Why answers are as they are; null: that is not told. */
  readonly evidence: Evidence | null;
  /** Where receipts of answers are kept; null: nowhere. */
  readonly journal: PredictionJournal | null;
  /** Where readers' opinions are kept; null: nowhere. */
  readonly feedback: FeedbackLog | null;
  readonly logger: Logger;
  readonly clock: Clock;
  /** What the last prediction came to; /readyz looks again after a failure. */
  readonly health: { failed: boolean };
  /** False once the server was asked to stop: load balancers should go elsewhere. */
  readonly isReady: () => boolean;
}
