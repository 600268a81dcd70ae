// The protocol for comparing models trained from scratch with fastText and with each other: titles of the full ISOT set,
// in lower case, a space in place of each punctuation mark, one row for each group of titles that are equal without
// punctuation, 20% of the groups held out. Both programs read the same two files in fastText's format; ours trains with the
// defaults of model=linear.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Papa from 'papaparse';
import { learningRateAt } from '../../src/engine/optim/schedule.ts';
import { createRandom } from '../../src/foundation/core/random.ts';
import { planModel } from '../../src/learning/models/families.ts';
import { createLearner, type LearnerModel } from '../../src/learning/train/create-learner.ts';
import type { Learner } from '../../src/learning/train/learner.ts';
import { planTraining } from '../../src/learning/train/plan.ts';
import type { ArticleEncoder, TokenizedSplit } from '../../src/text/tokenize/article-encoder.ts';
import { collateBatch, planEvaluationBatches } from '../../src/text/tokenize/batches.ts';
import { createHashedNgramEncoder } from '../../src/text/tokenize/hashed-ngrams.ts';
import { tokenizeSplit } from '../../src/text/tokenize/tokenized-split.ts';
import { trainVocabulary } from '../../src/text/tokenize/train-vocabulary.ts';
import { createWordPieceEncoder } from '../../src/text/tokenize/wordpiece-encoder.ts';
import { loadTrainConfig } from '../../src/workflows/configuration/index.ts';
import { buildFineTuning } from '../../src/workflows/train/fine-tuning.ts';

export const TITLES = fileURLToPath(new URL('../../../shared/data/isot-titles.csv', import.meta.url));
export const TITLES_ABSENT = existsSync(TITLES) ? null : '../shared/data/isot-titles.csv is not here';
const HELD_OUT = 0.2;
const CLASS_NAMES = ['FAKE', 'REAL'];
const PREFIX = '__label__';

export interface TitleFiles {
  readonly train: string;
  readonly test: string;
  readonly groups: number;
}

/** Writes the two sides of the split into `folder`. */
export function writeTitleFiles(folder: string, seed: number): TitleFiles {
  const { data } = Papa.parse<{ title: string; label: string }>(readFileSync(TITLES, 'utf8'), {
    header: true,
    skipEmptyLines: true,
  });
  const groups = new Map<string, string>();
  for (const { title, label } of data) {
    const key = normalize(title, '');
    if (!groups.has(key)) groups.set(key, `${PREFIX}${label} ${normalize(title, ' ')}\n`);
  }
  const lines = createRandom(seed, 'titles').shuffle([...groups.values()]);
  const heldOut = Math.round(lines.length * HELD_OUT);
  const files = { train: join(folder, 'train.txt'), test: join(folder, 'test.txt'), groups: lines.length };
  writeFileSync(files.test, lines.slice(0, heldOut).join(''));
  writeFileSync(files.train, lines.slice(heldOut).join(''));
  return files;
}

export interface TrainedTitles {
  readonly learner: Learner;
  readonly encoder: ArticleEncoder;
  readonly settings: TrainingSettings;
  /** Time of reading the file, hashing and learning, without any evaluation, as in fastText. */
  readonly seconds: number;
}

export type TrainingSettings = ReturnType<typeof loadTrainConfig>['config'];

/**
 * Trains on a file in fastText's format: the whole file is for training, and no other file is read.
 * @param overrides  of the configuration, as on the command line; the default is `model=linear`
 */
export async function trainOnFile(path: string, overrides: readonly string[] = []): Promise<TrainedTitles> {
  const { config } = loadTrainConfig(['model=linear', 'seed=0', ...overrides]);
  const startMs = performance.now();
  const { model, optimizer, train, schedule, seed, threads } = config;
  const encoder = await createEncoder(model, path);
  const split = await loadSplit(path, encoder);
  const { lr, weight_decay: weightDecay, ...rule } = optimizer;
  const learner = await createLearner(
    planModel(model) as LearnerModel,
    {
      seed,
      classNames: CLASS_NAMES,
      classWeights: null,
      labelSmoothing: train.label_smoothing,
      clipNorm: train.clip_norm,
      optimizer: { ...rule, weightDecay },
      threads: model.kind === 'linear' ? 1 : threads,
    },
    encoder,
    buildFineTuning(train),
    null,
  );
  const { totalSteps, batchesOf } = planTraining({
    lengths: Int32Array.from(split.labels, (_, i) => split.offsets[i + 1]! - split.offsets[i]!),
    seed,
    epochs: train.epochs,
    maxSteps: null,
    batchSize: train.batch_size,
    maxTokens: train.max_tokens,
    accumulate: 1,
    limitTrainBatches: null,
  });
  let step = 0;
  for (let epoch = 0; step < totalSteps; epoch++) {
    for (const rows of batchesOf(epoch)) {
      const learningRate = learningRateAt(schedule, lr, step, totalSteps);
      await learner.step([collateBatch(split, rows, encoder.padId)], { step, learningRate });
      step++;
    }
  }
  return { learner, encoder, settings: config, seconds: (performance.now() - startMs) / 1000 };
}

async function createEncoder(model: TrainingSettings['model'], path: string): Promise<ArticleEncoder> {
  const { truncation, max_length: maxTokens } = model;
  if (model.kind === 'linear') {
    const { buckets, word_ngrams: wordNgrams } = model;
    return createHashedNgramEncoder({ buckets, wordNgrams, maxWords: maxTokens, truncation });
  }
  if (model.kind !== 'compact') throw new Error('the protocol trains from scratch');
  const titles = readLines(path).map((line) => line.slice(line.indexOf(' ') + 1));
  const vocabulary = await trainVocabulary(titles, { size: model.vocabulary });
  return createWordPieceEncoder({ vocabulary, maxTokens, truncation });
}

/** Accuracy: the share of a file's lines for which the model predicts the label of the line. */
export async function measureAccuracy({ learner, encoder }: TrainedTitles, path: string): Promise<number> {
  const split = await loadSplit(path, encoder);
  const lengths = Int32Array.from(split.labels, (_, i) => split.offsets[i + 1]! - split.offsets[i]!);
  let right = 0;
  for (const rows of planEvaluationBatches({ lengths, maxArticles: 256, maxTokens: 8192 })) {
    const batch = collateBatch(split, rows, encoder.padId);
    const logits = await learner.computeLogits(batch);
    for (const [i, label] of batch.labels.entries()) {
      if ((logits[2 * i + 1]! > logits[2 * i]! ? 1 : 0) === label) right++;
    }
  }
  return right / split.labels.length;
}

function normalize(title: string, mark: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\p{M}\s]/gu, mark)
    .trim()
    .split(/\s+/u)
    .join(' ');
}

function loadSplit(path: string, encoder: ArticleEncoder): Promise<TokenizedSplit> {
  const articles = readLines(path).map((line, i) => {
    const space = line.indexOf(' ');
    const label = CLASS_NAMES.indexOf(line.slice(PREFIX.length, space));
    const id = `t-${i}`;
    return { id, group: id, title: '', text: line.slice(space + 1), label, source: null, publishedAt: null };
  });
  return tokenizeSplit(articles, encoder);
}

function readLines(path: string): string[] {
  return readFileSync(path, 'utf8').split('\n').filter(Boolean);
}
