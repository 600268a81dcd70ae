// The methods of the thread that explains predictions.
import type { ArticleExplanation, ArticleText } from '../../foundation/records/index.ts';
import { WorkerContract } from '../../foundation/threads/index.ts';
import type { NearestArticle } from '../out-of-distribution/index.ts';
import type { ExplainerOptions } from './explainer.ts';

export interface ExplainMethods {
  load(request: { readonly folder: string; readonly options: ExplainerOptions }): void;
  explain(article: ArticleText): ArticleExplanation;
  /** null where the model version keeps no index of its training articles. */
  findSimilar(request: { readonly article: ArticleText; readonly k: number }): NearestArticle[] | null;
}

export const EXPLAIN_WORKER = new WorkerContract<ExplainMethods>('judging/explain/explain-worker.js');
