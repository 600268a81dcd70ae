// Chooses the served version of a model by precision. An int8 copy is a separate version, whose record names its original;
// `veracity models export --precision int8 --register` makes it. The precision `auto` serves the copy if it is as accurate
// as its original and the caller did not name a version.
import { join } from 'node:path';
import { appError } from '../../foundation/core/index.ts';
import { loadRecord, modelFolderRecord } from '../../foundation/records/index.ts';
import type { ModelRegistry, RegisteredModel } from '../../keeping/registry/index.ts';
import type { ServeConfig } from '../configuration/index.ts';
import type { WorkflowContext } from '../context/index.ts';
import { type LocatedModel, locateModel } from './locate-model.ts';

export interface ServedModel extends LocatedModel {
  readonly choice: PrecisionChoice;
  /** NAME@VERSION that was requested, even if its int8 copy is served; null: a folder or a run. */
  readonly reference: string | null;
}

/** What `auto` decided about an int8 copy. */
export type PrecisionChoice =
  /** There was nothing to decide. */
  | { readonly kind: 'as-requested' }
  | { readonly kind: 'int8-copy'; readonly copy: string; readonly original: string }
  /** The newest copy is not served. */
  | { readonly kind: 'original'; readonly copy: string; readonly reason: CopyRefusal };

export type CopyRefusal = 'less-accurate' | 'too-few-articles';

/** Accuracy that int8 may cost, as a fraction: half a percentage point. */
const MAX_LOSS = 0.005;
/** With fewer articles, a loss of half a percentage point cannot be seen. */
const MIN_ARTICLES = 200;

/**
 * Locates the version to serve in the wanted precision.
 * @param isNamed  true if a person named the version; false if a stage of the registry did
 * @throws what locateModel throws; PRECISION_UNAVAILABLE
 */
export async function locateServedModel(
  { model: reference, precision }: Pick<ServeConfig['serve'], 'model' | 'precision'>,
  context: Pick<WorkflowContext, 'home' | 'stores' | 'workingDirectory'>,
  isNamed = reference?.includes('@') ?? false,
): Promise<ServedModel> {
  const located = await locateModel(reference, context);
  const asRequested: PrecisionChoice = { kind: 'as-requested' };
  const model = { ...located, reference: located.modelVersion ?? null, choice: asRequested };
  const info = loadRecord(modelFolderRecord, join(model.folder, 'veracity.json'));
  const has = info.precision ?? 'fp32';
  if (precision === has) return model;
  const { registry } = context.stores;
  if (precision === 'auto') {
    if (isNamed || has !== 'fp32' || model.modelVersion === undefined) return model;
    const choice = await choosePrecision(model.modelVersion, registry);
    if (choice.kind !== 'int8-copy') return { ...model, choice };
    return { ...model, ...(await locateModel(choice.copy, context)), choice };
  }
  const { models } = await registry.list();
  const [other] =
    precision === 'fp32'
      ? models.filter(({ reference }) => reference === info.parents[0])
      : listCopies(models, model.modelVersion ?? info.runId);
  if (other === undefined || (other.info.precision ?? 'fp32') !== precision) {
    throw appError('PRECISION_UNAVAILABLE', {
      model: model.modelVersion ?? info.runId,
      precision,
      has,
    });
  }
  return { ...model, ...(await locateModel(other.reference, context)) };
}

/** The int8 copy that `serve` takes for a version with serve.precision=auto; null: none. */
export async function findServedCopy(reference: string, registry: ModelRegistry): Promise<string | null> {
  const choice = await choosePrecision(reference, registry);
  return choice.kind === 'int8-copy' ? choice.copy : null;
}

/** What `auto` decides about the copies of a version. */
async function choosePrecision(reference: string, registry: ModelRegistry): Promise<PrecisionChoice> {
  const original = await registry.resolve(reference);
  const copies = listCopies((await registry.list()).models, original.reference);
  const copy = copies.find((candidate) => compareWithOriginal(candidate, original) === 'as-accurate');
  if (copy === undefined) return chooseOriginal(copies[0], original);
  return { kind: 'int8-copy', copy: copy.reference, original: original.reference };
}

/** Versions that differ from `original` only in being int8, the newest first. */
function listCopies(models: readonly RegisteredModel[], original: string): RegisteredModel[] {
  return models
    .filter(
      ({ info }) =>
        info.precision === 'int8' && info.parents[0] === original && info.prunedHeads === undefined,
    )
    .sort((a, b) => (a.record.createdAt < b.record.createdAt ? 1 : -1));
}

type CopyComparison = 'as-accurate' | CopyRefusal;

/**
 * Compares accuracy on a test split that both were measured on. Without one, compares labels: accuracy cannot fall by more
 * than the share of articles whose label changed.
 */
function compareWithOriginal(copy: RegisteredModel, original: RegisteredModel): CopyComparison {
  for (const { testSet, outOfSource, n, metrics } of copy.evaluations) {
    const before = original.evaluations.find((report) => report.testSet === testSet);
    if (before === undefined || outOfSource || n < MIN_ARTICLES) continue;
    return metrics.accuracy >= before.metrics.accuracy - MAX_LOSS ? 'as-accurate' : 'less-accurate';
  }
  const { articles, agreement = 0 } = copy.info.exportCheck;
  if (articles < MIN_ARTICLES) return 'too-few-articles';
  return agreement >= 1 - MAX_LOSS ? 'as-accurate' : 'less-accurate';
}

function chooseOriginal(copy: RegisteredModel | undefined, original: RegisteredModel): PrecisionChoice {
  if (copy === undefined) return { kind: 'as-requested' };
  const comparison = compareWithOriginal(copy, original);
  return comparison === 'as-accurate'
    ? { kind: 'as-requested' }
    : { kind: 'original', copy: copy.reference, reason: comparison };
}

/** What to say about the choice; null if there was none. */
export function formatPrecisionChoice(choice: PrecisionChoice): string | null {
  if (choice.kind === 'as-requested') return null;
  if (choice.kind === 'int8-copy') return `${choice.copy} is ${choice.original} in int8`;
  const reason =
    choice.reason === 'less-accurate'
      ? `it lost more than ${MAX_LOSS * 100} points of accuracy`
      : `fewer than ${MIN_ARTICLES} test articles cannot show that it is as accurate`;
  return `${choice.copy}, its int8 copy, is not served: ${reason}; serve.precision=int8 serves it all the same`;
}
