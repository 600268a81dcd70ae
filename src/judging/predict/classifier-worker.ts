// The worker thread of a served model: cleaning, encoding and the session run here, not on the HTTP thread.
import { setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import { disableSchemaCompilation, invariant } from '../../foundation/core/index.ts';
import { serveWorker } from '../../foundation/threads/index.ts';
import { CLASSIFIER_WORKER } from './classifier-contract.ts';
import type { ArticleClassifier } from './create-classifier.ts';
import { loadInlineClassifier } from './inline-classifier.ts';
import { loadModelInfo } from './load-classifier.ts';

disableSchemaCompilation();
let classifier: ArticleClassifier | null = null;

// The HTTP thread should get a core at once when it needs one, however busy the models are. On Linux a
// priority belongs to the calling thread (setpriority(2), "C library/kernel differences") and to those it starts, ONNX
// Runtime's; elsewhere it would be the whole process's.
const BELOW_NORMAL = 5;
if (process.platform === 'linux') setPriority(BELOW_NORMAL);

const loaded = (): ArticleClassifier => {
  invariant(classifier !== null, 'called before a model was loaded');
  return classifier;
};

serveWorker(CLASSIFIER_WORKER, parentPort, {
  load: async ({ folder, options }) => {
    classifier = await loadInlineClassifier(folder, loadModelInfo(folder), options);
  },
  predictDetailed: (articles) => loaded().predictDetailed(articles),
  computeLogits: (articles) => loaded().computeLogits(articles),
});
