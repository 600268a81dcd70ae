// Measures a loaded model on collections of articles. Training and evaluation share it, so that a figure means the same
// in both.

import { hashFile } from '../../foundation/core/index.ts';
import type { DatasetManifest, EvaluationReport } from '../../foundation/records/index.ts';
import {
  type ClassifierEvaluationOptions,
  createTrainingIndex,
  evaluateClassifier,
  type LabelledArticle,
} from '../../judging/evaluate/index.ts';
import type { Classifier } from '../../judging/predict/index.ts';
import { formatRejectReason } from '../../learning/data/index.ts';
import type { EvaluateConfig } from '../configuration/index.ts';
import type { WorkflowContext } from '../context/index.ts';
import { openOtherCollection } from './other-collection.ts';

export type WasInTraining = (article: LabelledArticle) => boolean;

/** What a report says about its articles. */
export type EvaluatedCollection = Pick<
  ClassifierEvaluationOptions,
  'collection' | 'outOfSource' | 'synthetic' | 'parents'
> & {
  readonly testSet: string;
  /** Number of articles, for the progress bar; 0: not known. */
  readonly total: number;
  /** null: not looked up. */
  readonly wasInTraining: WasInTraining | null;
};

interface EvaluatorSettings {
  readonly evaluate: EvaluateConfig;
  readonly seed: number;
}

/** Evaluates one loaded model. The code that loaded the model disposes of it. */
export class Evaluator {
  readonly #classifier: Classifier;
  readonly #settings: EvaluatorSettings;
  readonly #context: WorkflowContext;

  constructor(classifier: Classifier, settings: EvaluatorSettings, context: WorkflowContext) {
    this.#classifier = classifier;
    this.#settings = settings;
    this.#context = context;
  }

  /** @throws what evaluateClassifier throws; the signal's reason when it is aborted */
  async evaluateArticles(
    articles: AsyncIterable<LabelledArticle>,
    { total, wasInTraining, ...about }: EvaluatedCollection,
  ): Promise<EvaluationReport> {
    const { progress, clock, signal } = this.#context;
    const { evaluate, seed } = this.#settings;
    const bar = progress(`evaluate ${about.collection}`, total, 'articles');
    try {
      return await evaluateClassifier(this.#classifier, articles, {
        ...about,
        ...(wasInTraining === null ? {} : { wasInTraining }),
        bootstrap: evaluate.bootstrap,
        seed,
        clock,
        signal,
        onProgress: (done) => bar.update(done),
      });
    } finally {
      bar.stop();
    }
  }

  /**
   * Measures the test split of the dataset that the model was trained on; validation if there is no test split.
   * @throws as evaluateArticles, and what reading the split throws
   */
  async evaluateOwn(manifest: DatasetManifest, parents: readonly string[]): Promise<EvaluationReport> {
    const split = manifest.splits.test.rows > 0 ? 'test' : 'validation';
    return this.evaluateArticles(this.#context.stores.datasets.readSplit(manifest, split), {
      parents,
      collection: `${nameData(manifest)} (${split} split)`,
      testSet: `${manifest.id}/${split}`,
      outOfSource: false,
      synthetic: manifest.synthetic,
      total: manifest.splits[split].rows,
      // A group of near-duplicates never lies in two splits, so none of these articles was trained on.
      wasInTraining: () => false,
    });
  }

  /** Measures every collection of `evaluate.collections`, in their order. @throws as evaluateArticles, and FILE_NOT_FOUND */
  async evaluateCollections(
    about: Pick<EvaluatedCollection, 'parents' | 'wasInTraining'>,
  ): Promise<EvaluationReport[]> {
    const { classNames, cleaning } = this.#classifier.info;
    const reports: EvaluationReport[] = [];
    for (const other of this.#settings.evaluate.collections) {
      const model = { classNames, strip: cleaning.strip };
      const opened = await openOtherCollection(other, model, this.#context.workingDirectory);
      const { parents } = about;
      reports.push(
        await this.evaluateArticles(opened.articles, {
          ...{ ...opened.about, ...about, total: 0 },
          parents: [...parents, `md5:${await hashFile(opened.path, 'md5')}`],
        }),
      );
      const skipped = opened.articles.counts.skipped
        .list()
        .map(({ reason, count }): [string, number] => [formatRejectReason(reason), count]);
      saySkipped(other.name, Object.fromEntries(skipped), this.#context);
    }
    return reports;
  }
}

/**
 * Indexes the train split by title and text, since the same story has another id in another file.
 * @returns null if the training data is not in this home; a line says so
 */
export async function indexTraining(
  datasetVersion: string,
  { stores: { datasets }, warn }: Pick<WorkflowContext, 'stores' | 'warn'>,
): Promise<WasInTraining | null> {
  if (!(await datasets.has(datasetVersion))) {
    warn(
      `${datasetVersion} is not in this home: cannot check which of the articles the model was trained on`,
      {
        code: 'DATASET_NOT_HERE',
        datasetVersion,
      },
    );
    return null;
  }
  const index = await createTrainingIndex(datasets.readSplit(await datasets.load(datasetVersion), 'train'));
  return (article) => index.has(article);
}

/** Says how many articles were left out, by reason. */
export function saySkipped(
  collection: string,
  skipped: Readonly<Record<string, number>>,
  { warn }: Pick<WorkflowContext, 'warn'>,
): void {
  const reasons = Object.entries(skipped).map(([reason, count]) => `${count} ${reason}`);
  if (reasons.length > 0)
    warn(`${collection}: skipped ${reasons.join(', ')}`, { code: 'ROWS_SKIPPED', collection, skipped });
}

/** The dataset's name for people: the configured one, or else the names of its files. */
export function nameData(manifest: Pick<DatasetManifest, 'name' | 'files'>): string {
  return isFormatName(manifest.name) ? manifest.files.map((file) => file.name).join(', ') : manifest.name;
}

/** True if the dataset has no name of its own: it is called after its file, by early versions after the file's format. */
export function isNamedAfterFile({ name, files }: Pick<DatasetManifest, 'name' | 'files'>): boolean {
  return isFormatName(name) || files.some((file) => file.name === name);
}

/** The names that configs/data of early versions gave to files. */
function isFormatName(name: string): boolean {
  return name === 'csv' || name === 'jsonl';
}
