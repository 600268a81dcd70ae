// The thread that explains: one model, one article after the other, away from the threads that answer.
import { parentPort } from 'node:worker_threads';
import { invariant } from '../../foundation/core/index.ts';
import type { ArticleText } from '../../foundation/records/index.ts';
import { serveWorker } from '../../foundation/threads/index.ts';
import { type Explainer, type ExplainerOptions, loadExplainer } from './explainer.ts';

invariant(parentPort !== null, 'explain-worker is a worker thread');
let explainer: Explainer | undefined;

const loaded = (): Explainer => {
  invariant(explainer !== undefined, 'asked before a model was loaded');
  return explainer;
};

serveWorker(parentPort, {
  load: async ({ folder, options }: { folder: string; options: ExplainerOptions }) => {
    explainer = await loadExplainer(folder, options);
    return { result: null };
  },
  explain: async (article: ArticleText) => ({ result: await loaded().explain(article) }),
  findSimilar: async ({ article, k }: { article: ArticleText; k: number }) => ({
    result: await loaded().findSimilar(article, k),
  }),
});
