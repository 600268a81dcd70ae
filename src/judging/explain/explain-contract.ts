// What the thread that explains predictions can be asked.
import type { ArticleText, Explanation } from '../../foundation/records/index.ts';
import { WorkerContract } from '../../foundation/threads/index.ts';
import type { SimilarArticle } from '../out-of-distribution/index.ts';
import type { ExplainerOptions } from './explainer.ts';

export interface ExplainMethods {
  load(request: { readonly folder: string; readonly options: ExplainerOptions }): void;
  explain(article: ArticleText): Explanation;
  /** null where the model version keeps no index of its training articles. */
  findSimilar(request: { readonly article: ArticleText; readonly k: number }): SimilarArticle[] | null;
}

export const EXPLAIN_WORKER = new WorkerContract<ExplainMethods>('judging/explain/explain-worker.js');
