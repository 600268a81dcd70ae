// Finds the model that a reference means: NAME, NAME@VERSION, a run id or a folder; without a reference the version in
// production, else the newest. The files of a registered version are checked against their digests.
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { appError } from '../../foundation/core/index.ts';
import type { EvaluationReport } from '../../foundation/records/index.ts';
import type { MaterializedModel, ModelRegistry } from '../../keeping/registry/index.ts';
import type { WorkflowContext } from '../context/index.ts';

export interface LocatedModel {
  readonly folder: string;
  /** NAME@VERSION; absent for a folder or a run, whose predictions carry the run id instead. */
  readonly modelVersion?: string;
  /** Own source first; empty if none is known. */
  readonly evaluations: readonly EvaluationReport[];
}

/** @throws MODEL_NONE, MODEL_NOT_FOUND, MODEL_REFERENCE_INVALID, MODEL_DIGEST_MISMATCH, MODEL_INCOMPLETE, RUN_NOT_FOUND */
export async function locateModel(
  reference: string | null,
  context: Pick<WorkflowContext, 'home' | 'stores' | 'workingDirectory'>,
): Promise<LocatedModel> {
  const { registry } = context.stores;
  if (reference === null)
    return toLocatedModel(await registry.materialize(await chooseDefault(registry, context.home.root)));
  if (reference.startsWith('run-')) return locateRun(reference, context);
  const folder = resolve(context.workingDirectory, reference);
  if (existsSync(join(folder, 'veracity.json'))) return { folder, evaluations: [] };
  if (/[\\/]/.test(reference))
    throw appError('MODEL_INCOMPLETE', { path: reference, missing: 'veracity.json' });
  return toLocatedModel(await registry.materialize(reference));
}

function toLocatedModel(model: MaterializedModel): LocatedModel {
  return { folder: model.folder, modelVersion: model.reference, evaluations: model.evaluations };
}

/** @throws MODEL_NONE; the damage of the version in production, since no other version may silently replace it */
async function chooseDefault(registry: ModelRegistry, home: string): Promise<string> {
  const { models, damaged } = await registry.list();
  const lost = damaged.find(({ stages }) => stages.includes('production'));
  if (lost !== undefined) throw lost.error;
  const inProduction = models.filter((model) => model.stages.includes('production'));
  const [chosen] = (inProduction.length > 0 ? inProduction : models).toSorted((a, b) =>
    a.record.createdAt < b.record.createdAt ? 1 : -1,
  );
  if (chosen === undefined) throw damaged[0]?.error ?? appError('MODEL_NONE', { home });
  return chosen.reference;
}

async function locateRun(
  id: string,
  { stores: { runs } }: Pick<WorkflowContext, 'stores'>,
): Promise<LocatedModel> {
  const { model: folder } = await runs.files((await runs.load(id)).id);
  if (!existsSync(join(folder, 'veracity.json'))) {
    throw appError('MODEL_INCOMPLETE', { path: folder, missing: 'the files of a finished run' });
  }
  return { folder, evaluations: await runs.loadEvaluations(id) };
}
