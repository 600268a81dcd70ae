// The models whose capacity bench/capacity.ts measures, as an export writes them, and articles of an exact length for each.
// Weights are random: they take as much time as trained ones. Words are invented, and each is one piece of the vocabulary.
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createRandom } from '../src/foundation/core/random.ts';
import { type ModelFolder, modelFolderRecord } from '../src/foundation/records/model-folder.ts';
import { saveRecord } from '../src/foundation/records/record.ts';
import { compressFolder } from '../src/learning/compress/compress-folder.ts';
import { createScratchModel, type EncoderModel } from '../src/learning/models/encoder-model.ts';
import { createEncoderWeights } from '../src/learning/models/first-weights.ts';
import { createLinearModel } from '../src/learning/models/linear/model.ts';
import { defineModernBert } from '../src/learning/models/modernbert/definition.ts';
import { createCompactConfig } from '../src/learning/models/modernbert/family.ts';
import { createModernBertWeights } from '../src/learning/models/modernbert/weights.ts';
import { exportEncoder } from '../src/learning/train/encoder-export.ts';
import { createSparseLearner } from '../src/learning/train/sparse-learner.ts';
import { createHashedNgramEncoder } from '../src/text/tokenize/hashed-ngrams.ts';
import { loadArticleEncoder } from '../src/text/tokenize/load-article-encoder.ts';
import { buildVocabulary, SPECIAL_TOKENS } from '../src/text/tokenize/vocabulary.ts';
import { createWordPieceEncoder } from '../src/text/tokenize/wordpiece-encoder.ts';
import { DISTILBERT } from './distilbert-case.ts';

export type ModelName = 'linear' | 'compact' | 'DistilBERT-size';

export interface CapacityModel {
  readonly name: ModelName;
  readonly precision: 'fp32' | 'int8';
  readonly folder: string;
  /** Size of onnx/model.onnx. */
  readonly bytes: number;
  /** Lengths of articles: tokens, including special ones; words for the linear model. */
  readonly lengths: readonly number[];
}

const CLASS_NAMES = ['FAKE', 'REAL'];
const MAX_TOKENS = 256;
/** The sizes of configs/model/compact.yaml. */
const COMPACT = createCompactConfig({
  ...{ vocabularySize: 8192, width: 256, layers: 4, heads: 4, feedForward: 384, maxTokens: MAX_TOKENS },
  padId: 0,
  dropout: { token: 0, embedding: 0, attention: 0, hidden: 0, classifier: 0 },
});
/** The sizes of configs/model/linear.yaml. */
const LINEAR = { buckets: 1_048_576, dim: 16, wordNgrams: 2, maxWords: 2048 };
/** The load test appends a number of six digits to each title: six pieces. */
const TITLE = 'report';
export const FIRST_NUMBER = 100_000;

/** Writes all folders below `root`. */
export async function createModels(root: string): Promise<CapacityModel[]> {
  const describe = (
    name: ModelName,
    precision: 'fp32' | 'int8',
    lengths: readonly number[],
  ): CapacityModel => {
    const folder = join(root, `${name}-${precision}`);
    return { name, precision, folder, bytes: statSync(join(folder, 'onnx/model.onnx')).size, lengths };
  };
  await createLinear(join(root, 'linear-fp32'));
  const compact = createScratchModel(defineModernBert(COMPACT), CLASS_NAMES, () =>
    createModernBertWeights(COMPACT, CLASS_NAMES, 1),
  );
  await createEncoder(root, 'compact', COMPACT.vocabularySize, compact);
  const distilbert = createScratchModel(DISTILBERT, CLASS_NAMES, () =>
    createEncoderWeights(DISTILBERT, CLASS_NAMES, 1),
  );
  await createEncoder(root, 'DistilBERT-size', DISTILBERT.vocabularySize, distilbert);
  return [
    describe('linear', 'fp32', [64, 256]),
    describe('compact', 'fp32', [64, 256]),
    describe('compact', 'int8', [64, 256]),
    describe('DistilBERT-size', 'fp32', [64, 128, 256]),
    describe('DistilBERT-size', 'int8', [64, 128, 256]),
  ];
}

/** An article that has `length` tokens (words for the linear model) after six digits are appended to its title. */
export async function createArticle(
  model: CapacityModel,
  length: number,
): Promise<{ title: string; text: string }> {
  // [CLS], title, six digits, [SEP]; or title and number, because the linear model reads words
  const others = model.name === 'linear' ? 2 : 9;
  const random = createRandom('capacity', length);
  const words = Array.from({ length: length - others }, () => formatWord(random.integer(4000)));
  const article = { title: TITLE, text: words.join(' ') };
  if (model.name === 'linear') return article;
  const encoder = await loadArticleEncoder(model.folder, { maxTokens: MAX_TOKENS, truncation: 'head' });
  const { ids, truncated } = encoder.encode({ ...article, title: `${TITLE} ${FIRST_NUMBER}` });
  if (ids.length !== length || truncated)
    throw new Error(`${model.name}: expected an article of ${length} tokens, got ${ids.length}: not timed`);
  return article;
}

async function createLinear(folder: string): Promise<void> {
  const { buckets, dim, wordNgrams, maxWords } = LINEAR;
  const encoder = createHashedNgramEncoder({ buckets, wordNgrams, maxWords, truncation: 'head' });
  const learner = createSparseLearner(
    {
      ...{
        seed: 1,
        classNames: CLASS_NAMES,
        classWeights: null,
        labelSmoothing: 0,
        clipNorm: null,
        threads: 1,
      },
      optimizer: { kind: 'sgd', momentum: 0, weightDecay: 0 },
    },
    'linear',
    createLinearModel({ buckets, dim, classNames: CLASS_NAMES, seed: 1 }),
  );
  mkdirSync(join(folder, 'onnx'), { recursive: true });
  await learner.exportModel(folder, []);
  encoder.save(folder);
  saveInfo(folder, { family: 'linear', model: 'linear', maxTokens: encoder.maxTokens });
}

/** Writes the model in fp32 with the exporter of training, and from that in int8. */
async function createEncoder(
  root: string,
  name: ModelName,
  vocabularySize: number,
  model: EncoderModel,
): Promise<void> {
  const [folder, int8] = [join(root, `${name}-fp32`), join(root, `${name}-int8`)];
  mkdirSync(join(folder, 'onnx'), { recursive: true });
  mkdirSync(int8);
  await exportEncoder(folder, [], model, new Map(), () => Promise.reject(new Error('nothing is compared')));
  const pieces: string[] = [...SPECIAL_TOKENS, TITLE];
  for (const digit of '0123456789') pieces.push(digit, `##${digit}`);
  for (let i = 0; pieces.length < vocabularySize; i++) pieces.push(formatWord(i));
  const vocabulary = buildVocabulary(
    pieces.map((piece, id): [string, number] => [piece, id]),
    'bench',
  );
  createWordPieceEncoder({ vocabulary, maxTokens: MAX_TOKENS, truncation: 'head' }).save(folder);
  const info = saveInfo(folder, { family: model.family, model: name, maxTokens: MAX_TOKENS });
  compressFolder(folder, info, int8, { precision: 'int8', heads: null });
  saveRecord(modelFolderRecord, join(int8, 'veracity.json'), { ...info, precision: 'int8' });
}

function saveInfo(folder: string, own: Pick<ModelFolder, 'family' | 'model' | 'maxTokens'>): ModelFolder {
  const info = { ...modelFolderRecord.example, ...own, usualTokens: { low: 10, high: own.maxTokens } };
  saveRecord(modelFolderRecord, join(folder, 'veracity.json'), info);
  return info;
}

/** An invented word of four to eight letters for each index. */
function formatWord(index: number): string {
  const syllables: string[] = [];
  for (let rest = index + 60; rest > 0; rest = Math.floor(rest / 60))
    syllables.push(`${'bdfgklmnprst'[rest % 12]}${'aeiou'[Math.floor(rest / 12) % 5]}`);
  return `${syllables.join('')}n`;
}
