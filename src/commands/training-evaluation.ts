// The trained model as it will be served, judged on its own test split and on the other collections of the
// configuration; the reports stay with the run.
import { readSplit } from '../data/index.ts';
import { evaluateClassifier, type LabelledArticle } from '../evaluate/classifier-evaluation.ts';
import { createTrainingIndex } from '../evaluate/training-index.ts';
import type { Classifier } from '../predict/classifier.ts';
import { loadClassifier } from '../predict/load-classifier.ts';
import type { EvaluationReport } from '../records/evaluation.ts';
import { type OtherCollection, openOtherCollection } from './other-collection.ts';
import type { TrainingSession } from './training-session.ts';

/**
 * Evaluates the run's model folder and writes the reports beside it.
 * @returns the test split's report first
 * @throws MODEL_UNUSABLE, and what reading the collections throws; the signal's reason when it is aborted
 */
export async function evaluateTrainedModel(session: TrainingSession): Promise<EvaluationReport[]> {
  const { config, inputs, store, run, context } = session;
  const { manifest } = inputs;
  const { home, say } = context;
  const paths = store.paths(run.id);
  const classifier = await loadClassifier(paths.model, { threads: config.threads });
  try {
    const test = await judge(session, classifier, readSplit(home, manifest, 'test'), {
      collection: `${manifest.name} (test split)`,
      testSet: `${manifest.id}/test`,
      outOfSource: false,
      synthetic: manifest.synthetic,
      total: manifest.splits.test.rows,
      // No near-duplicate group lies in two splits.
      wasInTraining: () => false,
    });
    const reports = [test];
    for (const other of config.evaluate.collections)
      reports.push(await judgeOther(session, classifier, other));
    store.saveEvaluations(run.id, reports);
    for (const { collection, metrics, n } of reports) {
      say(
        `${collection}: accuracy ${metrics.accuracy.toFixed(4)}, macro F1 ${metrics.macroF1.toFixed(4)} on ${n} articles`,
      );
    }
    say(`wrote ${paths.evaluation}`);
    return reports;
  } finally {
    await classifier.dispose();
  }
}

async function judgeOther(
  session: TrainingSession,
  classifier: Classifier,
  other: OtherCollection,
): Promise<EvaluationReport> {
  const { inputs, config, context } = session;
  const model = { classNames: inputs.manifest.classNames, strip: config.data.strip };
  const { articles, about } = await openOtherCollection(other, model, context.workingDirectory);
  // By title and text: the same story has another id in another file.
  const trained = await createTrainingIndex(readSplit(context.home, inputs.manifest, 'train'));
  const report = await judge(session, classifier, articles, {
    ...about,
    total: 0,
    wasInTraining: (article) => trained.has(article),
  });
  const skipped = Object.values(articles.counts.skipped).reduce((sum, count) => sum + count, 0);
  if (skipped > 0)
    context.say(
      `${other.name}: ${skipped} of ${articles.counts.read} rows skipped: ${Object.keys(articles.counts.skipped).join(', ')}`,
    );
  return report;
}

interface Judged {
  readonly collection: string;
  readonly testSet: string;
  readonly outOfSource: boolean;
  readonly synthetic: boolean;
  /** Articles to come, for the bar; 0 where that is not known. */
  readonly total: number;
  readonly wasInTraining?: (article: LabelledArticle) => boolean;
}

async function judge(
  { config, inputs, run, context }: TrainingSession,
  classifier: Classifier,
  articles: AsyncIterable<LabelledArticle>,
  { total, ...judged }: Judged,
): Promise<EvaluationReport> {
  const bar = context.progress(`evaluate ${judged.collection}`, total, 'articles');
  try {
    return await evaluateClassifier(classifier, articles, {
      ...judged,
      parents: [run.id, inputs.manifest.id],
      bootstrap: config.evaluate.bootstrap,
      seed: config.seed,
      clock: context.clock,
      signal: context.signal,
      onProgress: (done) => bar.update(done),
    });
  } finally {
    bar.stop();
  }
}
