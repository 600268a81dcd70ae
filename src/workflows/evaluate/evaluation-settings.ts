// The settings of an evaluation: those that the model was trained with, changed where the request says so.
import { isAppError } from '../../foundation/core/index.ts';
import type { ModelFolder } from '../../foundation/records/index.ts';
import { copyPaths, type DataConfig, type EvaluateConfig, type TrainConfig } from '../configuration/index.ts';
import type { WorkflowContext } from '../context/index.ts';
import { loadRunConfiguration } from '../runs/index.ts';
import type { EvaluationRequest } from './evaluation-request.ts';

export interface EvaluationSettings {
  readonly seed: number;
  readonly evaluate: EvaluateConfig;
  /** null: the request names no data. */
  readonly data: DataConfig | null;
  /** Configuration of the run that trained the model; null: that run is not in this home. */
  readonly trainedWith: TrainConfig | null;
}

type Changes = Pick<EvaluationRequest, 'config' | 'changed' | 'dataset'>;

/** @throws RECORD_INVALID where the run's files are damaged */
export async function resolveSettings(
  request: Changes,
  info: ModelFolder,
  context: WorkflowContext,
): Promise<EvaluationSettings> {
  return mergeSettings(request, await loadTrainedWith(info.runId, context));
}

/** Puts the changed paths of the request on top of the configuration that the model was trained with. */
export function mergeSettings(
  { config, changed, dataset }: Changes,
  trainedWith: TrainConfig | null,
): EvaluationSettings {
  const base = trainedWith ?? config;
  const isChanged = (group: string): boolean => changed.some((path) => path.split('.')[0] === group);
  const evaluate = mergeGroup('evaluate', changed, config.evaluate, base.evaluate);
  const asksForCollections = changed.some(
    (path) => path === 'evaluate' || path.startsWith('evaluate.collections'),
  );
  // With other articles, the run's own collections are left out: they were measured after training. So are the default
  // collections, if the run is not in this home: they do not belong to this model.
  const leaveOut = isChanged('data') || dataset !== null || trainedWith === null;
  return {
    seed: isChanged('seed') ? config.seed : base.seed,
    evaluate: leaveOut && !asksForCollections ? { ...evaluate, collections: [] } : evaluate,
    data: isChanged('data') ? mergeGroup('data', changed, config.data, base.data) : null,
    trainedWith,
  };
}

/** `base` with the values of `config` at the changed paths of this group. */
function mergeGroup<T>(group: string, changed: readonly string[], config: T, base: T): T {
  const paths = changed.filter((path) => path.split('.')[0] === group);
  return copyPaths(paths, { [group]: config }, { [group]: base })[group] as T;
}

async function loadTrainedWith(runId: string, { stores }: WorkflowContext): Promise<TrainConfig | null> {
  try {
    return await loadRunConfiguration(stores.runs, runId);
  } catch (error) {
    if (isAppError(error) && (error.code === 'RUN_NOT_FOUND' || error.code === 'RECORD_INVALID')) return null;
    throw error;
  }
}
