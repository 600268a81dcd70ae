// Which version of a model is served, by precision. An int8 copy is a version of its own (`veracity models export
// --precision int8 --register`) whose record names its original, so answers name what gave them. `auto` takes the copy
// where it is as right as its original and the caller did not name a version himself.
import { join } from 'node:path';
import { appError } from '../../foundation/core/index.ts';
import { loadRecord, modelFolderRecord } from '../../foundation/records/index.ts';
import { createRegistry, type RegisteredModel } from '../../keeping/registry/index.ts';
import type { ServeConfig } from '../configuration/index.ts';
import type { WorkflowContext } from '../context/index.ts';
import { type LocatedModel, locateModel } from './locate-model.ts';

export interface ServedModel extends LocatedModel {
  /** What to tell about the choice; empty where nothing was chosen. */
  readonly note: string;
  /** NAME@VERSION that was asked for, also where its int8 copy is served; null: a folder or a run. */
  readonly reference: string | null;
}

/** Accuracy that int8 may cost, as a fraction: half a point. */
const MOST_LOSS = 0.005;
/** Fewer articles cannot show half a point. */
const FEWEST_ARTICLES = 200;

/**
 * @param isNamed  false where not a person but a stage of the registry named the version
 * @throws what locateModel throws; PRECISION_UNAVAILABLE
 */
export async function locateServedModel(
  { model: reference, precision }: Pick<ServeConfig['serve'], 'model' | 'precision'>,
  context: Pick<WorkflowContext, 'home' | 'clock' | 'workingDirectory'>,
  isNamed = reference?.includes('@') ?? false,
): Promise<ServedModel> {
  const located = await locateModel(reference, context);
  const model = { ...located, reference: located.modelVersion ?? null };
  const info = loadRecord(modelFolderRecord, join(model.folder, 'veracity.json'));
  const has = info.precision ?? 'fp32';
  if (precision === has) return { ...model, note: '' };
  const registry = createRegistry(context.home, context.clock);
  if (precision === 'auto') {
    if (isNamed || has !== 'fp32' || model.modelVersion === undefined) return { ...model, note: '' };
    const original = registry.resolve(model.modelVersion);
    const copies = listCopies(registry.list(), original.reference);
    const copy = copies.find((candidate) => compareWithOriginal(candidate, original) === 'as right');
    if (copy === undefined) return { ...model, note: describeRefusal(copies[0], original) };
    const int8 = await locateModel(copy.reference, context);
    return { ...model, ...int8, note: `${copy.reference} is ${original.reference} in int8` };
  }
  const [other] =
    precision === 'fp32'
      ? registry.list().filter(({ reference }) => reference === info.parents[0])
      : listCopies(registry.list(), model.modelVersion ?? info.runId);
  if (other === undefined || (other.info.precision ?? 'fp32') !== precision) {
    throw appError('PRECISION_UNAVAILABLE', {
      model: model.modelVersion ?? info.runId,
      precision,
      has,
    });
  }
  return { ...model, ...(await locateModel(other.reference, context)), note: '' };
}

/** Versions that are nothing but `original` in int8, the newest first. */
function listCopies(models: readonly RegisteredModel[], original: string): RegisteredModel[] {
  return models
    .filter(
      ({ info }) =>
        info.precision === 'int8' && info.parents[0] === original && info.prunedHeads === undefined,
    )
    .sort((a, b) => (a.record.createdAt < b.record.createdAt ? 1 : -1));
}

type Comparison = 'as right' | 'less right' | 'too few articles';

/**
 * On a test split that both were measured on accuracy tells; else the share of articles that got the same label, of
 * which no more can have become wrong.
 */
function compareWithOriginal(copy: RegisteredModel, original: RegisteredModel): Comparison {
  for (const { testSet, outOfSource, n, metrics } of copy.evaluations) {
    const before = original.evaluations.find((report) => report.testSet === testSet);
    if (before === undefined || outOfSource || n < FEWEST_ARTICLES) continue;
    return metrics.accuracy >= before.metrics.accuracy - MOST_LOSS ? 'as right' : 'less right';
  }
  const { articles, agreement = 0 } = copy.info.exportCheck;
  if (articles < FEWEST_ARTICLES) return 'too few articles';
  return agreement >= 1 - MOST_LOSS ? 'as right' : 'less right';
}

/** Why the newest copy is left aside; empty where there is none. */
function describeRefusal(copy: RegisteredModel | undefined, original: RegisteredModel): string {
  if (copy === undefined) return '';
  const reason =
    compareWithOriginal(copy, original) === 'less right'
      ? `it lost more than ${MOST_LOSS * 100} points of accuracy`
      : `fewer than ${FEWEST_ARTICLES} test articles cannot show that it is as right`;
  return `${copy.reference}, its int8 copy, is left aside: ${reason}; serve.precision=int8 takes it all the same`;
}
