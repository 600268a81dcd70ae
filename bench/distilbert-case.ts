// Writes the input of the two sides of the DistilBERT bench: a folder with weights under the names of transformers, and
// case.json with each side's batches, as lists of token ids that the side pads itself.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRandom } from '../src/foundation/core/random.ts';
import { createCsvParser, isBadRow } from '../src/learning/data/csv-parser.ts';
import { DISTILBERT as LAYOUT } from '../src/learning/models/distilbert/config.ts';
import { createEncoderWeights } from '../src/learning/models/first-weights.ts';
import { definePostNorm } from '../src/learning/models/post-norm/definition.ts';
import { saveSafetensors } from '../src/learning/models/safetensors.ts';
import { planBatches } from '../src/text/tokenize/batches.ts';
import { wrapTokenizer } from '../src/text/tokenize/wordpiece-encoder.ts';
import { loadWordPieceTokenizer } from '../src/text/tokenize/wordpiece-file.ts';
import { repositoryRoot, THREADS } from './sides.ts';

/** distilbert-base-uncased: 66 M parameters. */
export const DISTILBERT = definePostNorm({
  ...{ layout: LAYOUT, vocabularySize: 30522, width: 768, layers: 6, heads: 12, feedForward: 3072 },
  ...{ maxPositions: 512, typeVocabulary: 0, normEpsilon: 1e-12, padId: 0 },
  dropout: { embedding: 0, attention: 0, hidden: 0, classifier: 0 },
});
export const CLASS_NAMES = ['FAKE', 'REAL'];

export interface Article {
  readonly ids: readonly number[];
  readonly label: number;
}

export interface SavedCase {
  /** Dropout rate of every site except tokens. */
  readonly dropout: number;
  readonly threads: number;
  readonly learningRate: number;
  /** The most tokens of an article; "max" pads to it. */
  readonly maxTokens: number;
  /** Batches in random order, as in common PyTorch code. */
  readonly random: readonly (readonly Article[])[];
  /** Batches as our training loop makes them. */
  readonly byLength: readonly (readonly Article[])[];
}

export interface DataSource {
  readonly name: string;
  readonly kind: 'titles' | 'articles';
  readonly maxTokens: number;
  readonly articles: number;
}

const BATCH = 16;
const dataFolder = join(repositoryRoot, '../shared/data');

/** Writes case.json. `weightsFrom` is a folder whose weights are linked to; without it none are linked. */
export function saveCase(folder: string, given: Omit<SavedCase, 'threads' | 'learningRate'>): void {
  mkdirSync(folder, { recursive: true });
  const saved: SavedCase = { ...given, threads: THREADS, learningRate: 1e-5 };
  writeFileSync(join(folder, 'case.json'), JSON.stringify(saved));
}

export function saveWeights(path: string): void {
  saveSafetensors(path, createEncoderWeights(DISTILBERT, CLASS_NAMES, 1), { format: 'pt' });
}

/** One batch of B articles that all have T tokens, so that no side gains by avoiding padding. */
export function createFullBatch(size: number, length: number): readonly Article[] {
  const random = createRandom('distilbert', size, length);
  const draw = (): number => 1000 + random.integer(DISTILBERT.vocabularySize - 1000);
  return Array.from({ length: size }, (_, i) => ({ ids: Array.from({ length }, draw), label: i % 2 }));
}

/** Real texts with their true lengths, truncated at maxTokens; null without the shared data. */
export function loadArticles({ kind, maxTokens, articles }: DataSource): readonly Article[] | null {
  const tokenizer = join(dataFolder, 'bert-base-uncased');
  if (!existsSync(tokenizer)) return null;
  const encoder = wrapTokenizer(loadWordPieceTokenizer(tokenizer), { maxTokens, truncation: 'head' });
  const rows = kind === 'titles' ? readTitles() : readArticles();
  createRandom('distilbert', kind).shuffle(rows);
  return rows.slice(0, articles).map(({ title, text, label }) => {
    const { ids } = encoder.encode({ title, text } as never);
    return { ids: [...ids], label };
  });
}

/** Each side's batches of the same articles. */
export function batchArticles(
  articles: readonly Article[],
  maxTokens: number,
): Pick<SavedCase, 'random' | 'byLength'> {
  const shuffled = createRandom('distilbert', 'order').shuffle([...articles]);
  const random = Array.from({ length: Math.ceil(shuffled.length / BATCH) }, (_, i) =>
    shuffled.slice(i * BATCH, (i + 1) * BATCH),
  );
  const lengths = articles.map(({ ids }) => ids.length);
  const plan = planBatches({
    ...{ lengths, maxArticles: BATCH, maxTokens: BATCH * maxTokens },
    ...{ seed: 1, epoch: 0, shuffle: true },
  });
  return { random, byLength: plan.map((rows) => Array.from(rows, (row) => articles[row]!)) };
}

type Row = { title: string; text: string; label: number };

function readTitles(): Row[] {
  return readCsv(join(dataFolder, 'isot-titles.csv')).map(({ title = '', label }) => ({
    ...{ title, text: '', label: label === 'REAL' ? 1 : 0 },
  }));
}

function readArticles(): Row[] {
  const folder = join(dataFolder, 'isot-sample');
  return readdirSync(folder)
    .filter((name) => name === 'Fake.csv' || name === 'True.csv')
    .flatMap((name) =>
      readCsv(join(folder, name)).map(({ title = '', text = '' }) => ({
        ...{ title, text, label: name === 'True.csv' ? 1 : 0 },
      })),
    );
}

function readCsv(path: string): Record<string, string>[] {
  const parser = createCsvParser();
  const rows = [...parser.push(readFileSync(path)), ...parser.end()].flatMap((row) =>
    isBadRow(row) ? [] : [row.fields],
  );
  const [header, ...rest] = rows;
  return rest.map((fields) => Object.fromEntries(header!.map((name, i) => [name, fields[i] ?? ''])));
}
