// Registered versions, their stages and the changes of stages, as the studio shows them.
import { appError } from '../../foundation/core/index.ts';
import type { StageEvent } from '../../foundation/records/index.ts';
import type { RegisteredModel } from '../../keeping/registry/index.ts';
import type { ServedName, ServedRegistry, ServedStageChange } from '../../serving/studio/index.ts';
import type { WorkflowContext } from '../context/index.ts';
import { listModels, type PromotedModel } from '../models/index.ts';
import { pickFigures } from './run-details.ts';

export async function listRegistry(context: WorkflowContext): Promise<ServedRegistry> {
  const { models, damaged, damagedLogs, served, undecided } = await listModels(context);
  return {
    versions: models.map(describeVersion),
    damaged: [
      ...damaged.map(({ reference, error }) => ({ reference, code: error.code, message: error.message })),
      ...damagedLogs.map(({ name, error }) => ({
        reference: name,
        code: error.code,
        message: error.message,
      })),
    ],
    served: served?.reference ?? null,
    undecided: [...undecided],
  };
}

/** @throws MODEL_NOT_FOUND, RECORD_INVALID */
export async function showName(name: string, { stores }: WorkflowContext): Promise<ServedName> {
  const { registry } = stores;
  const { models, damaged } = await registry.list({ name });
  const history = await registry.history(name);
  if (models.length === 0 && damaged.length === 0 && history.length === 0)
    throw appError('MODEL_NOT_FOUND', {
      reference: name,
      known: 'List the models with: veracity models list',
    });
  return {
    name,
    versions: models.map(describeVersion),
    history: history.map(describeChange),
    rollbackTo: await registry.findRollback(name),
  };
}

export function describePromotion({
  event,
  previous,
  served,
  needsRestart,
}: PromotedModel): ServedStageChange {
  return { change: describeChange(event), previous, served: served?.reference ?? null, needsRestart };
}

function describeChange({ createdAt, stage, version, action, forced, note, reason }: StageEvent) {
  return { createdAt, stage, version, action, forced, note, reason: reason ?? null };
}

function describeVersion({ name, version, reference, record, info, stages, evaluations }: RegisteredModel) {
  return {
    ...{ name, version, reference, createdAt: record.createdAt },
    ...{ runId: info.runId, datasetVersion: info.datasetVersion, synthetic: info.synthetic },
    parameterCount: info.parameterCount,
    sizeBytes: record.files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    stages: [...stages],
    evaluations: evaluations.map(pickFigures),
  };
}
