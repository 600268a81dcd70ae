// What routes know of versions that come and go.
import type { Judgement } from '../../predict/judgement.ts';
import type { ArticleText } from '../../records/article.ts';
import type { RolloutState } from './rollout-state.ts';

/** A judgement under the id it was answered with. */
export interface NamedJudgement extends Judgement {
  readonly predictionId: string;
}

export interface LiveView {
  describe(): RolloutState;
  /** Called with every answer, for the shadow; waits for nothing. */
  onAnswers(articles: readonly ArticleText[], answers: readonly NamedJudgement[]): void;
}
