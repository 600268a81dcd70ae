// A split as ids: made once from its articles, kept in one binary file.
// File: "VTOK", uint32 format version, uint32 header bytes, header JSON, then little-endian ids (int32), offsets
// (uint32), labels (int32); it ends with a sha256 of everything before, so that a cut or changed file is noticed.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import {
  appError,
  errorCodeOf,
  type ProgressFactory,
  silentProgress,
  writeFileAtomic,
} from '../../foundation/core/index.ts';
import type { DatasetArticle } from '../../foundation/records/index.ts';
import type { ArticleEncoder, TokenizedSplit } from './article-encoder.ts';

const MAGIC = Buffer.from('VTOK');
const FORMAT_VERSION = 1;
const PREFIX_BYTES = 12;
const DIGEST_BYTES = 32;
const PROGRESS_EVERY = 256;

const headerSchema = z.strictObject({
  articles: z.int().min(0),
  tokens: z.int().min(0),
  truncated: z.int().min(0),
  articleIds: z.array(z.string()),
  sources: z.array(z.string().nullable()),
});

export interface TokenizeOptions {
  readonly progress?: ProgressFactory;
  /** Articles to come, for the bar. */
  readonly total?: number;
}

/** Encodes every article, one at a time: memory holds ids, never the texts. */
export async function tokenizeSplit(
  articles: AsyncIterable<DatasetArticle> | Iterable<DatasetArticle>,
  encoder: ArticleEncoder,
  { progress = silentProgress, total = 0 }: TokenizeOptions = {},
): Promise<TokenizedSplit> {
  const bar = progress('tokenize', total, 'articles');
  let ids = new Int32Array(1 << 16);
  let length = 0;
  let truncated = 0;
  const offsets: number[] = [0];
  const labels: number[] = [];
  const articleIds: string[] = [];
  const sources: (string | null)[] = [];
  try {
    for await (const article of articles) {
      const encoded = encoder.encode(article);
      if (length + encoded.ids.length > ids.length) {
        const larger = new Int32Array(Math.max(ids.length * 2, length + encoded.ids.length));
        larger.set(ids.subarray(0, length));
        ids = larger;
      }
      ids.set(encoded.ids, length);
      length += encoded.ids.length;
      if (encoded.truncated) truncated++;
      offsets.push(length);
      labels.push(article.label);
      articleIds.push(article.id);
      sources.push(article.source);
      if (labels.length % PROGRESS_EVERY === 0) bar.update(labels.length);
    }
  } finally {
    bar.stop();
  }
  return {
    ids: ids.slice(0, length),
    offsets: Uint32Array.from(offsets),
    labels: Int32Array.from(labels),
    articleIds,
    sources,
    truncated,
  };
}

/** Writes a split atomically. @throws DISK_FULL */
export function saveTokenizedSplit(path: string, split: TokenizedSplit): void {
  const header = Buffer.from(
    JSON.stringify({
      articles: split.labels.length,
      tokens: split.ids.length,
      truncated: split.truncated,
      articleIds: split.articleIds,
      sources: split.sources,
    }),
  );
  const prefix = Buffer.alloc(PREFIX_BYTES);
  MAGIC.copy(prefix);
  prefix.writeUInt32LE(FORMAT_VERSION, 4);
  prefix.writeUInt32LE(header.length, 8);
  const parts = [prefix, header, bytesOf(split.ids), bytesOf(split.offsets), bytesOf(split.labels)];
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  writeFileAtomic(path, [...parts, hash.digest()]);
}

/**
 * Reads what `saveTokenizedSplit` wrote.
 * @throws FILE_NOT_FOUND, FILE_CORRUPT
 */
export function loadTokenizedSplit(path: string): TokenizedSplit {
  const file = readBytes(path);
  const corrupt = (expected: string, got: string): Error =>
    appError('FILE_CORRUPT', { path, expected, got, remedy: 'veracity train (delete the file first)' });
  if (file.length < PREFIX_BYTES + DIGEST_BYTES || !file.subarray(0, 4).equals(MAGIC)) {
    throw corrupt('a token cache', 'another kind of file');
  }
  const version = file.readUInt32LE(4);
  if (version !== FORMAT_VERSION) throw corrupt(`format version ${FORMAT_VERSION}`, String(version));
  const body = file.subarray(0, file.length - DIGEST_BYTES);
  const digest = createHash('sha256').update(body).digest();
  if (!digest.equals(file.subarray(body.length)))
    throw corrupt('content that matches its digest', 'other content');

  const headerEnd = PREFIX_BYTES + file.readUInt32LE(8);
  const header = headerSchema.parse(JSON.parse(body.toString('utf8', PREFIX_BYTES, headerEnd)));
  let at = headerEnd;
  /** Copies, so that the numbers are aligned and the file's bytes can go. */
  const take = (count: number): ArrayBuffer => {
    const bytes = Uint8Array.from(body.subarray(at, at + count * 4));
    at += count * 4;
    return bytes.buffer;
  };
  return {
    ids: new Int32Array(take(header.tokens)),
    offsets: new Uint32Array(take(header.articles + 1)),
    labels: new Int32Array(take(header.articles)),
    articleIds: header.articleIds,
    sources: header.sources,
    truncated: header.truncated,
  };
}

function bytesOf(values: Int32Array | Uint32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

function readBytes(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') throw appError('FILE_NOT_FOUND', { path, kind: 'token cache' });
    throw error;
  }
}
