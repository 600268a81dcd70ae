// Evaluates a loaded classifier on a stream of labelled articles. Only logits, labels, sources and groups are kept: memory
// does not grow with the length of the articles.

import type { EvaluationReport } from '../../foundation/records/index.ts';
import type { Classifier } from '../predict/index.ts';
import { type EvaluationInput, evaluateLogits } from './evaluation.ts';

/** Articles predicted in one call: enough to fill a batch, few enough for progress to move. */
const ARTICLES_PER_CALL = 64;

export interface LabelledArticle {
  readonly title: string;
  readonly text: string;
  /** Index into the classifier's class names. */
  readonly label: number;
  readonly source: string | null;
  /** Near-duplicate group, where known. */
  readonly group?: string;
}

type GivenByCaller = Omit<
  EvaluationInput,
  'logits' | 'labels' | 'sources' | 'groups' | 'classNames' | 'calibration' | 'seenInTraining'
>;

export interface ClassifierEvaluationOptions extends GivenByCaller {
  /** Tells whether the model was trained on an article; absent: not looked up. */
  readonly wasInTraining?: (article: LabelledArticle) => boolean;
  readonly onProgress?: (articles: number) => void;
  /** Checked between calls; an abort ends the evaluation with its reason. */
  readonly signal?: AbortSignal;
}

/**
 * Predicts every article and reports the figures, with the classifier's own calibration.
 * @throws EVALUATION_EMPTY, LOGITS_NOT_FINITE
 */
export async function evaluateClassifier(
  classifier: Classifier,
  articles: AsyncIterable<LabelledArticle>,
  options: ClassifierEvaluationOptions,
): Promise<EvaluationReport> {
  const { wasInTraining, onProgress, signal, ...given } = options;
  const logits: Float32Array[] = [];
  const labels: number[] = [];
  const sources: (string | null)[] = [];
  const groups: string[] = [];
  let seen = 0;
  let batch: LabelledArticle[] = [];
  const predictBatch = async (): Promise<void> => {
    if (batch.length === 0) return;
    signal?.throwIfAborted();
    logits.push(await classifier.computeLogits(batch));
    onProgress?.(labels.length);
    batch = [];
  };
  for await (const article of articles) {
    batch.push(article);
    labels.push(article.label);
    sources.push(article.source);
    if (article.group !== undefined) groups.push(article.group);
    if (wasInTraining?.(article)) seen++;
    if (batch.length === ARTICLES_PER_CALL) await predictBatch();
  }
  await predictBatch();
  return evaluateLogits({
    ...given,
    logits: concatenate(logits),
    labels: Int32Array.from(labels),
    sources,
    groups: groups.length === labels.length ? groups : undefined,
    classNames: classifier.info.classNames,
    calibration: classifier.info.calibration,
    seenInTraining: wasInTraining === undefined ? null : seen,
  });
}

function concatenate(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
