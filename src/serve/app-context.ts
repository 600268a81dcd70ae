// What the routes are given: the model that answers, what is known about it, and where to count and log.
import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';
import type { Evidence } from '../explain/evidence.ts';
import type { FeedbackLog } from '../journal/feedback-log.ts';
import type { PredictionJournal } from '../journal/prediction-journal.ts';
import type { Judgement, JudgingClassifier } from '../predict/judgement.ts';
import type { ArticleText } from '../records/article.ts';
import type { EvaluationReport } from '../records/evaluation.ts';
import type { ModelFolder } from '../records/model-folder.ts';
import type { JudgeOptions } from './judging/judge-options.ts';
import type { LiveView } from './live/live-view.ts';
import type { RequestMetrics } from './request-metrics.ts';
import type { VersionFacts } from './version-facts.ts';

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

/** What the routes need of a model. `info` and `modelVersion` may change between requests: read them when answering. */
export interface ServingClassifier extends Pick<JudgingClassifier, 'info' | 'modelVersion'> {
  /** The facts of a version that answered lately; undefined: an unknown one. */
  findInfo?(modelVersion: string): ModelFolder | undefined;
  judge(articles: readonly ArticleText[], options?: JudgeOptions): Promise<Judgement[]>;
}

/** An article to try the model on, with the class it was written as. */
export interface ExampleArticle {
  readonly id: string;
  readonly title: string;
  readonly text: string;
  /** Class name. */
  readonly label: string;
  /** The invented outlet. */
  readonly source: string;
}

export interface AppContext {
  readonly classifier: ServingClassifier;
  /** Of the version that answers now; in-source first, those on other collections marked outOfSource. */
  readonly evaluations: readonly EvaluationReport[];
  /** Versions that come and go; null: the model stays. */
  readonly live: LiveView | null;
  readonly examples: readonly ExampleArticle[];
  /** The registered versions of the served model, newest first; asked for anew each time. */
  readonly listVersions: () => readonly VersionFacts[];
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
