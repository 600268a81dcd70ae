// The worker thread that explains predictions: one model, one article after the other.
import { parentPort } from 'node:worker_threads';
import { invariant } from '../../foundation/core/index.ts';
import { serveWorker } from '../../foundation/threads/index.ts';
import { EXPLAIN_WORKER } from './explain-contract.ts';
import { type Explainer, loadExplainer } from './explainer.ts';

let explainer: Explainer | undefined;

const loaded = (): Explainer => {
  invariant(explainer !== undefined, 'asked before a model was loaded');
  return explainer;
};

serveWorker(EXPLAIN_WORKER, parentPort, {
  load: async ({ folder, options }) => {
    explainer = await loadExplainer(folder, options);
  },
  explain: (article) => loaded().explain(article),
  findSimilar: ({ article, k }) => loaded().findSimilar(article, k),
});
