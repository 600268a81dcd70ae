// Classifiers for programs that import Veracity: a model by name, as the command line finds it, or by folder.
import { systemClock } from '../../foundation/core/index.ts';
import { locateHome } from '../../foundation/records/index.ts';
import {
  assertArticlesHaveText,
  type DetailedClassifier,
  type LoadClassifierOptions,
  loadClassifier,
} from '../../judging/predict/index.ts';
import { createStores } from '../context/index.ts';
import { locateModel } from './locate-model.ts';

export interface LoadModelOptions extends Partial<Omit<LoadClassifierOptions, 'modelVersion'>> {
  /** Folder of the home in which names are looked up; default VERACITY_HOME, else .veracity in the working directory. */
  readonly home?: string;
  /** Name that predictions carry; default NAME@VERSION, or the run id of a folder. */
  readonly modelVersion?: string;
  /** Where relative folders start; default: the working directory of the process. */
  readonly workingDirectory?: string;
}

/**
 * Loads a model and predicts one probe, so that a model that cannot predict fails here.
 * @param model  NAME, NAME@VERSION, NAME@production, NAME@staging, NAME@latest, a run id or a model folder; default: the
 *   version in production, else the newest, which is also what `veracity serve` and `veracity predict` take
 * @throws MODEL_NONE, MODEL_UNDECIDED, MODEL_NOT_FOUND, MODEL_REFERENCE_INVALID, MODEL_DIGEST_MISMATCH, MODEL_INCOMPLETE,
 *   RECORD_INVALID, MODEL_UNUSABLE
 * @example
 * const classifier = await loadNamedClassifier('sample@production'); // `loadClassifier` of veracity/predict
 * const [prediction] = await classifier.predict([{ title: 'Ferry resumes', text: 'The ferry resumed on Tuesday.' }]);
 * await classifier.dispose();
 */
export async function loadNamedClassifier(
  model: string | null = null,
  options: LoadModelOptions = {},
): Promise<DetailedClassifier> {
  const { home: root, workingDirectory = process.cwd(), threads = 0, modelVersion, ...rest } = options;
  const home = locateHome(root);
  const stores = createStores(home, systemClock);
  const located = await locateModel(model, { home, stores, workingDirectory });
  const name = modelVersion ?? located.modelVersion;
  const classifier = await loadClassifier(located.folder, {
    ...rest,
    threads,
    ...(name === undefined ? {} : { modelVersion: name }),
  });
  return refuseBefore(classifier);
}

/** Both ways to predict refuse the same articles. */
function refuseBefore(classifier: DetailedClassifier): DetailedClassifier {
  const { info, modelVersion } = classifier;
  return {
    info,
    modelVersion,
    predict: (articles) => classifier.predict(articles),
    computeLogits: (articles) => classifier.computeLogits(articles),
    predictDetailed: async (articles) => {
      assertArticlesHaveText(articles, info);
      return classifier.predictDetailed(articles);
    },
    dispose: () => classifier.dispose(),
  };
}
