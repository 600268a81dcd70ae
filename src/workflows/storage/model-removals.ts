// Plans the removal of model versions: those that are named, or those that are neither in a stage nor new.
import { appError } from '../../foundation/core/index.ts';
import { findRegistryLeftovers, type RegisteredModel } from '../../keeping/registry/index.ts';
import type { WorkflowContext } from '../context/index.ts';
import { buildLeftoverRemoval, type Removal, type RemovalPlan, type RemovalReason } from './removal.ts';

/**
 * Plans the deletion of the named versions.
 * @param references  NAME@NUMBER
 * @param options.force  also those in a stage
 * @throws MODEL_NOT_FOUND, MODEL_REFERENCE_INVALID, MODEL_IN_STAGE
 */
export async function planModelDeletion(
  references: readonly string[],
  { force }: { readonly force: boolean },
  context: WorkflowContext,
): Promise<RemovalPlan> {
  const { registry } = context.stores;
  const { models, damaged } = await registry.list();
  const removals: Removal[] = [];
  for (const reference of new Set(references)) {
    const broken = damaged.find((version) => version.reference === reference);
    const model = models.find((version) => version.reference === reference);
    const stages = (broken ?? model)?.stages ?? [];
    if (stages.length > 0 && !force)
      throw appError('MODEL_IN_STAGE', { reference, stages: stages.join(' and ') });
    if (broken === undefined && model === undefined) {
      await registry.resolve(reference); // says what is wrong with the reference
      throw appError('USAGE', {
        where: reference,
        problem: 'expected the number of one version, such as sample@3',
        hint: 'List the versions with: veracity models list',
      });
    }
    removals.push(buildModelRemoval(reference, model, 'named', force, context));
  }
  return { removals, notes: [] };
}

/**
 * Plans the removal of half-written versions.
 * @param options.keep  also of every version that is in no stage, except the newest `keep` of each name; null: all stay
 */
export async function planModelCleanup(
  { keep }: { readonly keep: number | null },
  context: WorkflowContext,
): Promise<RemovalPlan> {
  const { stores, home, clock } = context;
  const { models, damagedLogs } = await stores.registry.list();
  const unknown = new Set(damagedLogs.map(({ name }) => name));
  const newest = new Map<string, number>();
  const removals: Removal[] = [];
  for (const model of models.toReversed()) {
    const seen = newest.get(model.name) ?? 0;
    newest.set(model.name, seen + 1);
    if (keep === null || seen < keep || model.stages.length > 0 || unknown.has(model.name)) continue;
    removals.unshift(buildModelRemoval(model.reference, model, 'old', false, context));
  }
  const leftovers = findRegistryLeftovers(home, Date.parse(clock.nowIso()));
  const notes =
    keep === null ? [] : [...unknown].map((name) => `${name} is kept: its stage log cannot be read`);
  return { removals: [...removals, ...leftovers.map(buildLeftoverRemoval)], notes };
}

/** @param model  undefined: its record cannot be read, so its size is not known */
function buildModelRemoval(
  reference: string,
  model: RegisteredModel | undefined,
  reason: RemovalReason,
  force: boolean,
  { stores }: WorkflowContext,
): Removal {
  return {
    kind: 'model version',
    name: reference,
    reason,
    sizeBytes: model?.record.files.reduce((sum, file) => sum + file.sizeBytes, 0) ?? 0,
    remove: () => stores.registry.delete(reference, { force }),
  };
}
