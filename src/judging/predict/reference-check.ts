// Reference predictions: stored when a model is exported, and repeated before it may take over in a server. The articles are
// invented here and stored with the model, so that a change of this list does not affect older models.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { appError } from '../../foundation/core/index.ts';
import type { ArticleText, ModelFolder } from '../../foundation/records/index.ts';
import {
  loadRecord,
  REFERENCE_FILE,
  referencePredictionsRecord,
  saveRecord,
} from '../../foundation/records/index.ts';
import type { DetailedClassifier } from './detailed-prediction.ts';

type Predictor = Pick<DetailedClassifier, 'predictDetailed'>;

const LONG =
  'The council met on Monday and put the decision about the water pipes off, for the second time this season. ';

/** Short, long, truncated, nearly empty, and unlike anything the model knows. */
const ARTICLES: readonly ArticleText[] = [
  { title: 'Ferry resumes service', text: 'The ferry sailed again on Tuesday, the harbour office said.' },
  {
    title: 'SHOCKING: the moon was SOLD!!!',
    text: 'They do not want you to know who bought it. Share this now!',
  },
  { title: 'Council puts pipes off', text: LONG.repeat(4) },
  { title: 'Council puts pipes off again', text: LONG.repeat(60) },
  {
    title: '',
    text: 'Prices rose by 2.4% in May (1.9% in April), according to figures that were not published.',
  },
  { title: 'Only a title', text: '' },
  { title: 'Été à Zürich — naïve façade', text: 'Ærø, Łódź, Çeşme: “quoted” … and so on, 12 €.' },
  { title: '速報', text: 'Новости 12:30 🚢🚢🚢 https://example.org/a?b=c&d=e <b>bold</b>' },
];

/**
 * How far a probability may lie from the stored one: other processors and devices add in another order, and 8-bit kernels
 * round differently.
 */
const TOLERANCE: Readonly<Record<NonNullable<ModelFolder['precision']>, number>> = {
  fp32: 0.01,
  fp16: 0.03,
  int8: 0.05,
};

/** Predicts the reference articles and stores the probabilities in the model folder. @throws DISK_FULL */
export async function saveReferencePredictions(
  folder: string,
  classifier: Predictor & { readonly info: ModelFolder },
): Promise<void> {
  const { createdAt, runId } = classifier.info;
  const predictions = await classifier.predictDetailed(ARTICLES);
  saveRecord(referencePredictionsRecord, join(folder, REFERENCE_FILE), {
    schemaVersion: 1,
    createdAt,
    parents: [runId],
    answers: ARTICLES.map(({ title, text }, row) => ({
      title,
      text,
      probabilities: predictions[row]!.prediction.probabilities,
    })),
  });
}

export interface ReferenceCheck {
  /** Articles compared; 0 where the model folder has no reference predictions. */
  readonly articles: number;
  /** Largest difference of a probability. */
  readonly maxDifference: number;
}

/**
 * Repeats the reference predictions with a loaded model.
 * @throws MODEL_CHECK_FAILED when a probability differs from the stored one by more than rounding explains; RECORD_INVALID
 */
export async function checkReferencePredictions(
  folder: string,
  classifier: Predictor & { readonly info: ModelFolder; readonly modelVersion: string },
): Promise<ReferenceCheck> {
  const path = join(folder, REFERENCE_FILE);
  if (!existsSync(path)) return { articles: 0, maxDifference: 0 };
  const { answers } = loadRecord(referencePredictionsRecord, path);
  const predictions = await classifier.predictDetailed(answers.map(({ title, text }) => ({ title, text })));
  const differences = answers.map(({ probabilities }, row) => {
    const got = predictions[row]!.prediction.probabilities;
    return Math.max(
      ...classifier.info.classNames.map((name) => Math.abs((probabilities[name] ?? 0) - (got[name] ?? 0))),
    );
  });
  const maxDifference = Math.max(0, ...differences);
  const tolerance = TOLERANCE[classifier.info.precision ?? 'fp32'];
  if (!(maxDifference <= tolerance)) {
    throw appError('MODEL_CHECK_FAILED', {
      model: classifier.modelVersion,
      expected: `its reference predictions within ${tolerance}`,
      got: `a probability ${maxDifference.toFixed(4)} away, on article ${differences.indexOf(maxDifference) + 1} of ${answers.length}`,
    });
  }
  return { articles: answers.length, maxDifference };
}
