// A prediction with what should be said beside it: how much of the article the model read, and plain warnings.
import type { ArticleText, ModelFolder, Prediction } from '../../foundation/records/index.ts';
import { traitsOf } from '../../foundation/records/index.ts';
import type { Classifier } from './classifier.ts';

export interface DetailedPrediction {
  readonly prediction: Prediction;
  /** Tokens (for `linear`: features) the model read, special tokens included. */
  readonly tokens: number;
  /** True when the article was longer than the model reads. */
  readonly truncated: boolean;
  /** Sentences for people; empty when there is nothing unusual. */
  readonly warnings: readonly string[];
}

/** A classifier that also says how much it read and what to mind. */
export interface DetailedClassifier extends Classifier {
  predictDetailed(articles: readonly ArticleText[]): Promise<DetailedPrediction[]>;
}

/** What to mind about an answer to an article of `tokens` tokens. Names no word of the article. */
export function listWarnings(
  article: { tokens: number; truncated: boolean },
  info: Pick<ModelFolder, 'usualTokens' | 'maxTokens' | 'truncation' | 'family' | 'traits'>,
): string[] {
  const { unit } = traitsOf(info);
  const warnings: string[] = [];
  if (article.tokens < info.usualTokens.low) {
    warnings.push(
      `The article is shorter than those the model learned from (${article.tokens} ${unit}, usually at least ${info.usualTokens.low}): treat the answer with care.`,
    );
  }
  if (article.truncated) {
    const part = info.truncation === 'head' ? 'beginning' : 'beginning and the end';
    warnings.push(
      `The article is longer than the model reads: only its ${part} was judged (${info.maxTokens} ${unit}).`,
    );
  }
  return warnings;
}
