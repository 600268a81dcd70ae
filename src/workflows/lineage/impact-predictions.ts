// The predictions behind an impact: those of versions that learned from the data, and those of the very article; one by one as
// they are read, and counted.
import type { ReceiptHead } from '../../keeping/journal/index.ts';
import type { WorkflowContext } from '../context/index.ts';
import type { Impact } from './impact.ts';

export interface ImpactPrediction extends ReceiptHead {
  /** A version made it that learned from the data. */
  readonly isAffected: boolean;
  /** It is a prediction of the article itself. */
  readonly isOfArticle: boolean;
}

/** Reads the prediction log once; holds none of the receipts. @throws the signal's reason when it is aborted */
export async function* scanImpactPredictions(
  { filter }: Pick<Impact, 'filter'>,
  { stores, signal }: Pick<WorkflowContext, 'stores' | 'signal'>,
): AsyncGenerator<ImpactPrediction> {
  const { models, runs, datasets, contents } = filter;
  if (models.size + runs.size + datasets.size + contents.size === 0) return;
  for await (const head of stores.predictions.scan(filter)) {
    signal.throwIfAborted();
    const isAffected =
      models.has(head.modelVersion) || runs.has(head.runId) || datasets.has(head.datasetVersion);
    yield { ...head, isAffected, isOfArticle: contents.has(head.contentSha256) };
  }
}

/** How many predictions, and from when to when. */
export interface PredictionCount {
  readonly count: number;
  readonly first: string | null;
  readonly last: string | null;
}

export interface PredictionTotals extends PredictionCount {
  /** By the version that predicted, most first. */
  readonly byModel: readonly (PredictionCount & { readonly model: string })[];
  /** Predictions of the article itself, by any version. */
  readonly ofArticle: PredictionCount;
}

const NONE: PredictionCount = { count: 0, first: null, last: null };

export class PredictionTally {
  #all = NONE;
  #ofArticle = NONE;
  readonly #byModel = new Map<string, PredictionCount>();

  add({ createdAt, modelVersion, isAffected, isOfArticle }: ImpactPrediction): void {
    if (isOfArticle) this.#ofArticle = extend(this.#ofArticle, createdAt);
    if (!isAffected) return;
    this.#all = extend(this.#all, createdAt);
    this.#byModel.set(modelVersion, extend(this.#byModel.get(modelVersion) ?? NONE, createdAt));
  }

  get totals(): PredictionTotals {
    const byModel = [...this.#byModel].map(([model, counts]) => ({ model, ...counts }));
    byModel.sort((a, b) => b.count - a.count);
    return { ...this.#all, byModel, ofArticle: this.#ofArticle };
  }
}

function extend({ count, first, last }: PredictionCount, at: string): PredictionCount {
  return {
    count: count + 1,
    first: first === null || at < first ? at : first,
    last: last === null || at > last ? at : last,
  };
}
