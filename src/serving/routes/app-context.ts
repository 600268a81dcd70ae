// The context of the routes: the model, facts about it, limits, stores, metrics and the log.

import type { Clock, Logger } from '../../foundation/core/index.ts';
import type { EvaluationReport, KeptExample } from '../../foundation/records/index.ts';
import type { Evidence } from '../../judging/explain/index.ts';
import type { FeedbackLog, PredictionJournal } from '../../keeping/journal/index.ts';
import type { ExampleArticle } from '../../learning/data/index.ts';
import type { Incidents } from '../incidents/index.ts';
import type { LiveView, ServingClassifier } from '../live/index.ts';
import type { RequestMetrics } from '../metrics/index.ts';
import type { StudioContext } from '../studio/index.ts';
import type { ServedVersionFacts } from './version-facts.ts';

export interface ServeLimits {
  /** Bytes of a request's body. */
  readonly maxBodyBytes: number;
  /** Articles in one batch request. */
  readonly maxArticles: number;
  /** Prediction requests in progress at once; more get a 503. */
  readonly maxInFlight: number;
  /** Bytes of a file sent to POST /v1/batch, after inflating. */
  readonly maxUploadBytes: number;
  /** Uploaded files in progress at once. */
  readonly maxUploads: number;
  /** Bytes of a request's headers. */
  readonly maxHeaderBytes: number;
  /** Time for a request's headers to arrive. */
  readonly headerSeconds: number;
  /** Time for a request's body to arrive; an upload may fall this far behind 1 kB a second. */
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
  /** Reports of the live version; in-source first, those on other collections marked outOfSource. */
  readonly evaluations: readonly EvaluationReport[];
  /** The versions of the server; null: the model stays. */
  readonly live: LiveView | null;
  /** Articles that the caller offers for every model; empty: the two lists below decide. */
  readonly examples: readonly ExampleArticle[];
  /** The bundled articles, for models that learned from the bundled sample. */
  readonly sampleExamples: readonly ExampleArticle[];
  /** Validation articles that the live version keeps. */
  readonly keptExamples: () => readonly KeptExample[];
  /** The registered versions of the name of NAME@VERSION, newest first, as of now. */
  readonly listVersions: (modelVersion: string) => Promise<readonly ServedVersionFacts[]>;
  readonly limits: ServeLimits;
  readonly metrics: RequestMetrics;
  /** Explanations and similar articles; null: there are none. */
  readonly evidence: Evidence | null;
  /** Where receipts of predictions are kept; null: nowhere. */
  readonly journal: PredictionJournal | null;
  /** Where readers' opinions are kept; null: nowhere. */
  readonly feedback: FeedbackLog | null;
  /** What is lost while predictions go on. */
  readonly incidents: Incidents;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Did the last prediction fail? Then /readyz tries one. */
  readonly health: { failed: boolean };
  /** False once the server is stopping: load balancers should use another one. */
  readonly isReady: () => boolean;
  /** Runs, sweeps and the registry for admins; null: the server does not show them. */
  readonly studio: StudioContext | null;
}
