// Finds the model that a reference means: NAME, NAME@VERSION, a run id or a folder; without a reference the version in
// production (keeping/registry/production-choice.ts has the rule), else the newest. The files of a registered version are
// checked against their digests.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { appError, isAppError, resolveUserPath } from '../../foundation/core/index.ts';
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

/** @throws MODEL_NONE, MODEL_UNDECIDED, MODEL_NOT_FOUND, MODEL_REFERENCE_INVALID, MODEL_DIGEST_MISMATCH, MODEL_INCOMPLETE, RUN_NOT_FOUND */
export async function locateModel(
  reference: string | null,
  context: Pick<WorkflowContext, 'home' | 'stores' | 'workingDirectory'>,
): Promise<LocatedModel> {
  const { registry } = context.stores;
  if (reference === null)
    return toLocatedModel(await registry.materialize(await findServedReference(registry, context.home.root)));
  // An empty text is mostly a variable that was not set, and would mean the working directory.
  if (reference.trim() === '') throw appError('MODEL_REFERENCE_INVALID', { reference: '""' });
  if (reference.startsWith('run-')) return locateRun(reference, context);
  const folder = resolveUserPath(context.workingDirectory, reference);
  if (existsSync(join(folder, 'veracity.json'))) return { folder, evaluations: [] };
  if (/[\\/]/.test(reference))
    throw appError('MODEL_INCOMPLETE', { path: reference, missing: 'veracity.json' });
  try {
    return toLocatedModel(await registry.materialize(reference));
  } catch (error) {
    const isUnknown =
      isAppError(error) && ['MODEL_NOT_FOUND', 'MODEL_REFERENCE_INVALID'].includes(error.code);
    if (isUnknown && existsSync(folder))
      throw appError('MODEL_INCOMPLETE', { path: reference, missing: 'veracity.json' }, { cause: error });
    throw error;
  }
}

function toLocatedModel(model: MaterializedModel): LocatedModel {
  return { folder: model.folder, modelVersion: model.reference, evaluations: model.evaluations };
}

/**
 * NAME@VERSION of the version that is used where no model is named.
 * @throws MODEL_UNDECIDED if several names are in production and none is the default; MODEL_NONE; the damage of the only
 *   versions
 */
export async function findServedReference(registry: ModelRegistry, home: string): Promise<string> {
  const { chosen, others } = await registry.viewProduction();
  if (chosen !== null) return chosen;
  if (others.length > 0)
    throw appError('MODEL_UNDECIDED', { references: others.join(' and '), first: others[0] });
  const { models, damaged } = await registry.list();
  const [newest] = models.toSorted((a, b) => (a.record.createdAt < b.record.createdAt ? 1 : -1));
  if (newest === undefined) throw damaged[0]?.error ?? appError('MODEL_NONE', { home });
  return newest.reference;
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
