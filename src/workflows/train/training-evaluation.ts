// Evaluates the trained model as it will be served, on its own test split and on the configuration's collections. The
// reports are kept with the run.

import type { EvaluationReport } from '../../foundation/records/index.ts';
import { loadClassifier, saveReferencePredictions } from '../../judging/predict/index.ts';
import { Evaluator, indexTraining } from '../evaluate/index.ts';
import type { TrainingJob } from './training-job.ts';

/**
 * Evaluates the run's model folder and writes the reports beside it.
 * @returns the report on the test split first; on validation if there is no test split
 * @throws MODEL_UNUSABLE, and what reading the collections throws; the signal's reason when it is aborted
 */
export async function evaluateTrainedModel(job: TrainingJob): Promise<EvaluationReport[]> {
  const { config, inputs, files, writer, run, context } = job;
  const { manifest } = inputs;
  const { stores, say } = context;
  const parents = [run.id, manifest.id];
  const classifier = await loadClassifier(files.model, { threads: config.threads, device: job.device });
  try {
    await saveReferencePredictions(files.model, classifier);
    const evaluator = new Evaluator(classifier, config, context);
    if (manifest.splits.test.rows === 0)
      context.warn(
        'no test split (data.split.test=0): evaluated on validation, on which the best step was chosen',
        { code: 'NO_TEST_SPLIT' },
      );
    const own = await evaluator.evaluateOwn(manifest, parents);
    const hasOthers = config.evaluate.collections.length > 0;
    const wasInTraining = hasOthers ? await indexTraining(manifest.id, context) : null;
    const reports = [own, ...(await evaluator.evaluateCollections({ parents, wasInTraining }))];
    await writer.saveEvaluations(reports);
    for (const { collection, metrics, n } of reports) {
      const figures = `accuracy ${metrics.accuracy.toFixed(4)}, macro F1 ${metrics.macroF1.toFixed(4)}`;
      say(`${collection}: ${figures} on ${n} articles`);
    }
    const { evaluation } = await stores.runs.locations(run.id);
    if (evaluation !== undefined) say(`wrote ${evaluation}`);
    return reports;
  } finally {
    await classifier.dispose();
  }
}
