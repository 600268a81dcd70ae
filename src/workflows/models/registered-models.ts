// Registered model versions: list them, show one, promote one, go back to the one before.
import type { StageEvent, StageName } from '../../foundation/records/index.ts';
import type { ModelList, Promotion, RegisteredModel } from '../../keeping/registry/index.ts';
import type { WorkflowContext } from '../context/index.ts';

export interface ShownModel {
  readonly model: RegisteredModel;
  /** The model card in Markdown, with the evaluations that were made after registering. */
  readonly card: string;
  /** All changes of stage of the model's versions, oldest first. */
  readonly history: readonly StageEvent[];
}

/** Lists all versions, those that can be read by name, then number. */
export async function listModels({ stores }: WorkflowContext): Promise<ModelList> {
  return stores.registry.list();
}

/**
 * Loads one version after checking its files against their digests.
 * @param reference  NAME, NAME@VERSION or NAME@STAGE
 * @throws MODEL_REFERENCE_INVALID, MODEL_NOT_FOUND, MODEL_DIGEST_MISMATCH
 */
export async function showModel(
  reference: string,
  { stores: { registry } }: WorkflowContext,
): Promise<ShownModel> {
  const { buildModelCard } = await import('../../keeping/registry/index.ts'); // loads a YAML writer
  const model = await registry.materialize(reference);
  const card = buildModelCard({ ...model.record, evaluations: [...model.evaluations] }, model.info);
  return { model, card, history: await registry.history(model.name) };
}

/**
 * Puts a version into a stage; into production only if it is not worse than the version there.
 * @param options.force  promotes although the version is worse or cannot be compared
 * @throws PROMOTION_WORSE, PROMOTION_NOT_COMPARABLE, and what resolving the reference throws
 */
export async function promoteModel(
  reference: string,
  options: { readonly stage: StageName; readonly force: boolean },
  { stores }: WorkflowContext,
): Promise<Promotion> {
  return stores.registry.promote(reference, options);
}

/** Puts the version that was in production before back. @throws ROLLBACK_IMPOSSIBLE */
export async function rollbackModel(name: string, { stores }: WorkflowContext): Promise<Promotion> {
  return stores.registry.rollback(name);
}
