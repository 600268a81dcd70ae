// A classifier that follows a rule, for tests of the HTTP layer alone: an article is FAKE when its title contains an
// exclamation mark. It records its articles, and can be made to wait or to fail.

import type { ArticleText } from '../../src/foundation/records/article.ts';
import { type ModelFolder, modelFolderRecord } from '../../src/foundation/records/model-folder.ts';
import type {
  DetailedClassifier,
  DetailedPrediction,
} from '../../src/judging/predict/detailed-prediction.ts';

export interface RuleClassifier extends DetailedClassifier {
  readonly seen: ArticleText[];
}

export interface RuleOptions {
  readonly info?: Partial<ModelFolder>;
  /** Awaited before each prediction. */
  readonly before?: (articles: readonly ArticleText[]) => Promise<void>;
}

export function createRuleClassifier(options: RuleOptions = {}): RuleClassifier {
  const info: ModelFolder = { ...modelFolderRecord.example, ...options.info };
  const [first, second] = info.classNames as [string, string];
  const seen: ArticleText[] = [];
  const predictDetailed = async (articles: readonly ArticleText[]): Promise<DetailedPrediction[]> => {
    seen.push(...articles);
    await options.before?.(articles);
    return articles.map((article) => {
      const fake = article.title.includes('!');
      return {
        prediction: {
          label: fake ? first : second,
          probability: 0.75,
          probabilities: { [first]: fake ? 0.75 : 0.25, [second]: fake ? 0.25 : 0.75 },
          abstained: article.text.includes('unsure'),
          modelVersion: 'compact@1',
        },
        measures: {
          tokens: article.text.length,
          articleTokens: article.text.length,
          truncated: false,
          letterScore: -7.5,
          distance: article.text.length / 100,
        },
        warnings:
          article.text.length < 5
            ? [{ code: 'ARTICLE_SHORT', tokens: article.text.length, usualTokens: 5, unit: 'tokens' }]
            : [],
      };
    });
  };
  return {
    info,
    modelVersion: 'compact@1',
    seen,
    predictDetailed,
    predict: async (articles) => (await predictDetailed(articles)).map((detailed) => detailed.prediction),
    computeLogits: async () => new Float32Array(0),
    dispose: async () => {},
  };
}
