// Registered model versions: list them, show one, promote one, go back to the one before.
import { canonicalJson, isAppError } from '../../foundation/core/index.ts';
import type { StageEvent } from '../../foundation/records/index.ts';
import type {
  ModelList,
  Promotion,
  PromotionOptions,
  RegisteredModel,
} from '../../keeping/registry/index.ts';
import type { WorkflowContext } from '../context/index.ts';
import { findServedCopy, findServedReference } from '../locate-model/index.ts';
import { adviseComparison } from './comparison-advice.ts';

export interface ShownModel {
  readonly model: RegisteredModel;
  /** The model card in Markdown, with the evaluations that were made after registering. */
  readonly card: string;
  /** All changes of stage of the model's versions, oldest first. */
  readonly history: readonly StageEvent[];
}

export interface ServedVersion {
  /** NAME@VERSION that is used where no model is named. */
  readonly reference: string;
  /** Its int8 copy, which `serve` takes with serve.precision=auto; null: none. */
  readonly copy: string | null;
}

export interface ListedModels extends ModelList {
  /** null: there is none, or a person has to choose among those in production. */
  readonly served: ServedVersion | null;
  /** Versions in production of which a person has to choose the default. */
  readonly undecided: readonly string[];
}

/** What a change of stage did, and what is used from now on. */
export interface PromotedModel extends Promotion {
  readonly served: ServedVersion | null;
  /** Servers that run now keep the version before: their clients know its classes, in its order. */
  readonly needsRestart: boolean;
}

/** Lists all versions, those that can be read by name, then number. */
export async function listModels(context: WorkflowContext): Promise<ListedModels> {
  const { registry } = context.stores;
  const list = await registry.list();
  const served = await findServed(context);
  return { ...list, served, undecided: served === null ? await findUndecided(context) : [] };
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
 * @throws PROMOTION_WORSE, PROMOTION_NOT_COMPARABLE with the evaluations that are missing, PROMOTION_NEEDS_DEFAULT, and what resolving the reference throws
 */
export async function promoteModel(
  reference: string,
  options: PromotionOptions,
  context: WorkflowContext,
): Promise<PromotedModel> {
  const { registry } = context.stores;
  try {
    return await withServed(await registry.promote(reference, options), context);
  } catch (error) {
    if (isAppError(error) && error.code === 'PROMOTION_NOT_COMPARABLE')
      throw await adviseComparison(error, context);
    throw error;
  }
}

/** Puts the version that was in production before back. @throws ROLLBACK_IMPOSSIBLE */
export async function rollbackModel(
  name: string,
  context: WorkflowContext,
  options: Pick<PromotionOptions, 'reason'> = {},
): Promise<PromotedModel> {
  return withServed(await context.stores.registry.rollback(name, options), context);
}

async function withServed(promotion: Promotion, context: WorkflowContext): Promise<PromotedModel> {
  const needsRestart = await hasOtherClasses(promotion, context);
  return { ...promotion, served: await findServed(context), needsRestart };
}

/** Whether the version has other classes than the one before, or the same ones in another order. */
async function hasOtherClasses(
  { event, previous }: Promotion,
  { stores: { registry } }: WorkflowContext,
): Promise<boolean> {
  if (event.stage !== 'production' || event.version === null || previous === null) return false;
  try {
    const [now, before] = await Promise.all(
      [event.version, previous].map((version) => registry.resolve(`${event.model}@${version}`)),
    );
    return canonicalJson(now?.info.classNames) !== canonicalJson(before?.info.classNames);
  } catch (error) {
    if (isAppError(error)) return false; // the version before is damaged or gone
    throw error;
  }
}

async function findUndecided({ stores: { registry } }: WorkflowContext): Promise<readonly string[]> {
  try {
    const { chosen, others } = await registry.viewProduction();
    return chosen === null ? others : [];
  } catch (error) {
    if (isAppError(error)) return []; // a damaged log of stages; the list names what is damaged
    throw error;
  }
}

/** The version that is used where no model is named; null: there is none, or a person has to choose. */
async function findServed({ stores, home }: WorkflowContext): Promise<ServedVersion | null> {
  const { registry } = stores;
  try {
    const reference = await findServedReference(registry, home.root);
    return { reference, copy: await findServedCopy(reference, registry) };
  } catch (error) {
    if (isAppError(error)) return null;
    throw error;
  }
}
