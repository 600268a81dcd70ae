// What routes know of versions that come and go.

import type { ArticleText } from '../../foundation/records/index.ts';
import type { DetailedPrediction } from '../../judging/predict/index.ts';
import type { RolloutState } from './rollout-state.ts';

/** A detailed under the id it was answered with. */
export interface NamedPrediction extends DetailedPrediction {
  readonly predictionId: string;
}

export interface LiveView {
  describe(): RolloutState;
  /** Called with every answer, for the shadow; waits for nothing. */
  onAnswers(articles: readonly ArticleText[], answers: readonly NamedPrediction[]): void;
}
