// A located model, loaded for the time of one piece of work.
import {
  type DetailedClassifier,
  type LoadClassifierOptions,
  loadClassifier,
} from '../../judging/predict/index.ts';
import type { WorkflowContext } from '../context/index.ts';
import { type LocatedModel, locateModel } from './locate-model.ts';

export interface UsedModel extends LocatedModel {
  readonly classifier: DetailedClassifier;
}

/**
 * Locates and loads a model, does the work with it, and frees it.
 * @throws what locateModel, loadClassifier and the work throw
 */
export async function withModel<T>(
  reference: string | null,
  options: Omit<LoadClassifierOptions, 'modelVersion'>,
  context: Pick<WorkflowContext, 'home' | 'stores' | 'workingDirectory'>,
  work: (model: UsedModel) => Promise<T>,
): Promise<T> {
  const model = await locateModel(reference, context);
  const { folder, modelVersion } = model;
  const classifier = await loadClassifier(folder, {
    ...options,
    ...(modelVersion === undefined ? {} : { modelVersion }),
  });
  try {
    return await work({ ...model, classifier });
  } finally {
    await classifier.dispose();
  }
}
