// A prediction with what was measured on the article and what is unusual about it.
import type {
  ArticleText,
  Measures,
  ModelFolder,
  Prediction,
  Warning,
} from '../../foundation/records/index.ts';
import type { Classifier } from './classifier.ts';

export interface DetailedPrediction {
  readonly prediction: Prediction;
  readonly measures: Measures;
  /** Facts; `formatWarning` makes a sentence of each. Empty when there is nothing unusual. */
  readonly warnings: readonly Warning[];
}

/** A classifier that also returns the measures and warnings of each article. */
export interface DetailedClassifier extends Classifier {
  /** Inside the program: predicts every text, also one that `predict` refuses; `loadClassifier` of the package refuses it. */
  predictDetailed(articles: readonly ArticleText[]): Promise<DetailedPrediction[]>;
}

/** The warnings about an article's length. */
export function listLengthWarnings(
  { tokens, articleTokens, truncated }: { tokens: number; articleTokens: number; truncated: boolean },
  { usualTokens, maxTokens, truncation, traits: { unit } }: ModelFolder,
): Warning[] {
  const warnings: Warning[] = [];
  if (tokens < usualTokens.low)
    warnings.push({ code: 'ARTICLE_SHORT', tokens, usualTokens: usualTokens.low, unit });
  if (truncated)
    warnings.push({ code: 'ARTICLE_TRUNCATED', articleTokens, maxTokens, kept: truncation, unit });
  return warnings;
}
