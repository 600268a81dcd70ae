// The interface through which routes see the versions of a running server.

import type { ArticleText } from '../../foundation/records/index.ts';
import type { DetailedPrediction } from '../../judging/predict/index.ts';
import type { RolloutState } from './rollout-state.ts';

/** A prediction under the id that the client got; null: it has no receipt, and so no id. */
export interface NamedPrediction extends DetailedPrediction {
  readonly predictionId: string | null;
}

export interface LiveView {
  /** The latest change of versions, the canary and the shadow. */
  rollout(): RolloutState;
  /** Called with every prediction that clients get, for the shadow; returns at once. */
  onAnswers(articles: readonly ArticleText[], answers: readonly NamedPrediction[]): void;
}
