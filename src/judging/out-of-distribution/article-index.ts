// An index of the training articles, to find those nearest to an article. It holds a vector for each, one byte a dimension,
// with title, source and label, never the text. The mean is subtracted and vectors are scaled to length 1, so that what all
// articles have in common does not count. Rounding to bytes changes a similarity by less than 0.01.
import { cpSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomic } from '../../foundation/core/index.ts';
import { parseRecord, type RecordType } from '../../foundation/records/index.ts';

export const INDEX_FOLDER = 'similar';
const VECTORS = 'vectors.bin';
const ARTICLES = 'articles.jsonl';
const HEAD = 'index.json';
/** Longer titles are cut: a title column may hold anything. */
const MAX_TITLE = 300;

const headSchema = z.strictObject({
  schemaVersion: z.literal(1),
  articles: z.int().min(0),
  width: z.int().min(1),
  /** [D] */
  mean: z.array(z.number()),
});
const headRecord: RecordType<z.infer<typeof headSchema>> = {
  name: 'index of training articles',
  schemaVersion: 1,
  schema: headSchema,
  example: { schemaVersion: 1, articles: 2, width: 2, mean: [0.1, -0.2] },
};

export const indexedArticleSchema = z.strictObject({
  title: z.string(),
  source: z.string().nullable(),
  /** Class name. */
  label: z.string(),
});
export type IndexedArticle = z.infer<typeof indexedArticleSchema>;

export const nearestArticleSchema = indexedArticleSchema.extend({
  /** Cosine of the two vectors, from -1 to 1. */
  similarity: z.number(),
});
export type NearestArticle = z.infer<typeof nearestArticleSchema>;

/** Writes the index of N articles into a model's folder. @param vectors [N, D] */
export function saveArticleIndex(
  folder: string,
  articles: readonly IndexedArticle[],
  vectors: Float32Array,
): void {
  const width = vectors.length / Math.max(1, articles.length);
  const mean = new Float64Array(width);
  for (let i = 0; i < vectors.length; i++) mean[i % width]! += vectors[i]! / articles.length;
  const bytes = new Int8Array(vectors.length);
  for (let row = 0; row < articles.length; row++) {
    const unit = toUnit(vectors.subarray(row * width, (row + 1) * width), mean);
    // each vector has its own scale; dividing by its length in the search takes it out again
    const scale = 127 / Math.max(1e-12, ...unit.map(Math.abs));
    for (let d = 0; d < width; d++) bytes[row * width + d] = Math.round(unit[d]! * scale);
  }
  const at = join(folder, INDEX_FOLDER);
  const lines = articles.map(({ title, source, label }) =>
    JSON.stringify({ title: title.slice(0, MAX_TITLE), source, label } satisfies IndexedArticle),
  );
  writeFileAtomic(join(at, ARTICLES), `${lines.join('\n')}\n`);
  writeFileAtomic(join(at, VECTORS), new Uint8Array(bytes.buffer));
  const head = { schemaVersion: 1, articles: articles.length, width, mean: [...mean] };
  writeFileAtomic(join(at, HEAD), `${JSON.stringify(headSchema.parse(head))}\n`);
}

export interface ArticleIndex {
  /** The k nearest, nearest first. @param vector [D] */
  findNearest(vector: Float32Array, k: number): NearestArticle[];
}

export function hasArticleIndex(folder: string): boolean {
  return existsSync(join(folder, INDEX_FOLDER, HEAD));
}

/** Copies the index, where there is one, to the folder of a model with nearly the same vectors. */
export function copyArticleIndex(from: string, to: string): void {
  if (hasArticleIndex(from)) cpSync(join(from, INDEX_FOLDER), join(to, INDEX_FOLDER), { recursive: true });
}

/** @throws RECORD_INVALID, and what reading throws */
export function loadArticleIndex(folder: string): ArticleIndex {
  const at = join(folder, INDEX_FOLDER);
  const path = join(at, HEAD);
  const { articles, width, mean } = parseRecord(headRecord, readFileSync(path, 'utf8'), path);
  const file = readFileSync(join(at, VECTORS));
  const bytes = new Int8Array(file.buffer, file.byteOffset, file.byteLength);
  const lines = readFileSync(join(at, ARTICLES), 'utf8').split('\n');
  const lengths = new Float64Array(articles);
  for (let row = 0; row < articles; row++) {
    let squares = 0;
    for (let d = 0; d < width; d++) squares += bytes[row * width + d]! ** 2;
    lengths[row] = Math.sqrt(squares) || 1;
  }
  return {
    findNearest: (vector, k) => {
      const unit = toUnit(vector, mean);
      const similarities = new Float64Array(articles);
      for (let row = 0; row < articles; row++) {
        let sum = 0;
        for (let d = 0; d < width; d++) sum += bytes[row * width + d]! * unit[d]!;
        similarities[row] = sum / lengths[row]!;
      }
      const nearest = Array.from(similarities.keys())
        .sort((a, b) => similarities[b]! - similarities[a]! || a - b)
        .slice(0, k);
      return nearest.map((row) => ({
        ...indexedArticleSchema.parse(JSON.parse(lines[row]!)),
        similarity: Math.round(similarities[row]! * 1e4) / 1e4,
      }));
    },
  };
}

function toUnit(vector: ArrayLike<number>, mean: ArrayLike<number>): Float64Array {
  const centred = Float64Array.from({ length: vector.length }, (_, d) => vector[d]! - mean[d]!);
  const length = Math.hypot(...centred) || 1;
  return centred.map((value) => value / length);
}
