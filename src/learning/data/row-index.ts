// The row index of a dataset version: hashes by which a row is found by its id, its content, its source, or a text that is
// nearly the same, without reading the articles. It lies in the cache of the home, about 100 bytes for each row; preparing
// data writes it, and where it is missing it is made again from the splits. It holds no text.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../../foundation/core/index.ts';
import {
  type DatasetArticle,
  type DatasetManifest,
  type Home,
  splitNames,
} from '../../foundation/records/index.ts';
import { fillComparedWords, MIN_COMPARED_WORDS } from './compared-words.ts';
import { type Bands, chooseBands, createMinHasher, hashBands, type MinHasher } from './min-hash.ts';
import type { DataContext, NearDuplicateOptions } from './options.ts';
import { createColumn } from './row-table.ts';
import { createWordHashes } from './word-hashes.ts';

/** Increase this when the file has another form, or hashes are computed in another way. */
const INDEX_VERSION = 1;
/** Columns of 32 bits before the hashes of the bands. */
const COLUMNS = [
  ...(['offset', 'offsetLow', 'content', 'contentLow'] as const),
  ...(['id', 'idLow', 'source', 'sourceLow', 'group', 'groupLow'] as const),
] as const;

/** The columns of one split; the rows are in the order of its lines. A 64-bit value has two columns. */
export interface IndexedSplit extends Readonly<Record<(typeof COLUMNS)[number], Uint32Array>> {
  readonly rows: number;
  /** [bands][rows]; 0 for a row that is too short for a signature. */
  readonly bands: readonly Int32Array[];
}

/** The splits in the order of `splitNames`. */
export type RowIndex = readonly IndexedSplit[];

/** 64 bits of the md5 of a text. */
export function hashText(...parts: readonly string[]): readonly [high: number, low: number] {
  const hash = createHash('md5');
  for (const [i, part] of parts.entries()) hash.update(i === 0 ? part : `\0${part}`);
  const digest = hash.digest();
  return [digest.readUInt32BE(0), digest.readUInt32BE(4)];
}

/** The settings by which this version compares texts. */
export function readComparison({ config }: Pick<DatasetManifest, 'config'>): NearDuplicateOptions {
  const found = config.near_duplicates as Partial<NearDuplicateOptions> | undefined;
  return { threshold: 0.8, shingle_words: 3, permutations: 128, ...found };
}

/** Signs texts as the rows of a dataset version were signed when near duplicates were grouped. */
export class ArticleSigner {
  readonly bands: Bands;
  readonly #hasher: MinHasher;
  readonly #words = createWordHashes();
  readonly #threshold: number;

  constructor({ threshold, shingle_words, permutations }: NearDuplicateOptions) {
    this.bands = chooseBands(permutations, threshold);
    this.#hasher = createMinHasher(permutations, shingle_words);
    this.#threshold = threshold;
  }

  /** The signature of a cleaned article; null if it is too short, or near duplicates are switched off. */
  sign(article: Pick<DatasetArticle, 'title' | 'text'>): Int32Array | null {
    fillComparedWords(article, this.#words);
    if (this.#threshold === 1 || this.#words.count < MIN_COMPARED_WORDS) return null;
    const signature = new Int32Array(this.#hasher.permutations);
    this.#hasher.sign(this.#words, signature);
    return signature;
  }

  hash(signature: Int32Array): Int32Array {
    const hashes = new Int32Array(this.bands.bands);
    hashBands(signature, this.bands, hashes);
    return hashes;
  }
}

/** What the index keeps of a row. */
export interface NewIndexedRow {
  /** Index into `splitNames`. */
  readonly split: number;
  readonly sizeBytes: number;
  readonly id: string;
  readonly source: string | null;
  readonly group: string;
  readonly content: readonly [high: number, low: number];
  /** The hash of each band; null: too short for a signature. */
  readonly band: ((band: number) => number) | null;
}

/** Collects the rows of a dataset version as they are written. */
export class RowIndexBuilder {
  readonly #bands: number;
  readonly #splits;

  constructor(options: NearDuplicateOptions) {
    this.#bands = chooseBands(options.permutations, options.threshold).bands;
    this.#splits = splitNames.map(() => ({
      at: 0,
      columns: COLUMNS.map(() => createColumn('u32')),
      bands: Array.from({ length: this.#bands }, () => createColumn('i32')),
    }));
  }

  add({ split, sizeBytes, id, source, group, content, band }: NewIndexedRow): void {
    const into = this.#splits[split]!;
    const place = [Math.floor(into.at / 2 ** 32), into.at % 2 ** 32];
    const values = [...place, ...content, ...hashText(id), ...hashSource(source), ...hashText(group)];
    for (const [i, column] of into.columns.entries()) column.push(values[i]!);
    for (const [i, column] of into.bands.entries()) column.push(band === null ? 0 : band(i));
    into.at += sizeBytes;
  }

  /** Writes the index of this version. A failure loses nothing: the index is made again when it is needed. */
  save(home: Pick<Home, 'cache'>, manifest: Pick<DatasetManifest, 'id'>): void {
    const head = {
      version: INDEX_VERSION,
      bands: this.#bands,
      rows: this.#splits.map(({ columns }) => columns[0]!.values.length),
    };
    const arrays = this.#splits.flatMap(({ columns, bands }) => [...columns, ...bands]);
    const parts = arrays.map(({ values }) =>
      Buffer.from(values.buffer, values.byteOffset, values.byteLength),
    );
    const line = JSON.stringify(head);
    // The columns begin at a multiple of four bytes.
    const padded = `${line.padEnd(Math.ceil((line.length + 1) / 4) * 4 - 1)}\n`;
    writeFileAtomic(locateIndex(home, manifest), Buffer.concat([Buffer.from(padded), ...parts]));
  }
}

/** Null stands for no source, which no search finds. */
export function hashSource(source: string | null): readonly [high: number, low: number] {
  return source === null ? [0, 0] : hashText(source);
}

function locateIndex(home: Pick<Home, 'cache'>, { id }: Pick<DatasetManifest, 'id'>): string {
  return join(home.cache, 'rows', `${id}.index`);
}

/**
 * The index of a dataset version, made from its splits where it is missing.
 * @throws FILE_NOT_FOUND, FILE_CORRUPT (of the splits); DISK_FULL
 */
export async function openRowIndex(
  manifest: DatasetManifest,
  context: Pick<DataContext, 'home' | 'stores' | 'progress' | 'signal'>,
): Promise<RowIndex> {
  const known = readIndex(manifest, context.home);
  if (known !== null) return known;
  await buildIndex(manifest, context);
  const made = readIndex(manifest, context.home);
  if (made === null) throw new Error(`the row index of ${manifest.id} cannot be read after it was written`);
  return made;
}

/** Null: it is missing, of another version, or does not fit the manifest. */
function readIndex(manifest: DatasetManifest, home: Pick<Home, 'cache'>): RowIndex | null {
  const path = locateIndex(home, manifest);
  if (!existsSync(path)) return null;
  const bytes = readFileSync(path);
  const end = bytes.indexOf(0x0a);
  const { bands } = chooseBandsOf(manifest);
  const rows = splitNames.map((name) => manifest.splits[name].rows);
  const expected = JSON.stringify({ version: INDEX_VERSION, bands, rows });
  if (bytes.toString('utf8', 0, end).trimEnd() !== expected) return null;
  const width = COLUMNS.length + bands;
  if (bytes.length !== end + 1 + 4 * width * rows.reduce((sum, n) => sum + n, 0)) return null;
  let at = end + 1;
  const { buffer, byteOffset } = bytes;
  return rows.map((count) => {
    const take = (): Uint32Array => {
      const column = new Uint32Array(buffer, byteOffset + at, count);
      at += 4 * count;
      return column;
    };
    const columns = Object.fromEntries(COLUMNS.map((name) => [name, take()])) as Record<
      (typeof COLUMNS)[number],
      Uint32Array
    >;
    const hashes = Array.from({ length: bands }, () => {
      const column = take();
      return new Int32Array(column.buffer, column.byteOffset, count);
    });
    return { rows: count, ...columns, bands: hashes };
  });
}

function chooseBandsOf(manifest: Pick<DatasetManifest, 'config'>): Bands {
  const { permutations, threshold } = readComparison(manifest);
  return chooseBands(permutations, threshold);
}

async function buildIndex(
  manifest: DatasetManifest,
  { home, stores, progress, signal }: Pick<DataContext, 'home' | 'stores' | 'progress' | 'signal'>,
): Promise<void> {
  const comparison = readComparison(manifest);
  const builder = new RowIndexBuilder(comparison);
  const signer = new ArticleSigner(comparison);
  const total = splitNames.reduce((sum, name) => sum + manifest.splits[name].rows, 0);
  const bar = progress(`indexing the rows of ${manifest.id}`, total, 'rows');
  let done = 0;
  try {
    for (const [split, name] of splitNames.entries()) {
      for await (const article of stores.datasets.readSplit(manifest, name)) {
        if (done % 1000 === 0) signal.throwIfAborted();
        const signature = signer.sign(article);
        const hashes = signature === null ? null : signer.hash(signature);
        builder.add({
          ...{ split, sizeBytes: Buffer.byteLength(formatLine(article)) },
          ...article,
          content: hashText(article.title, article.text),
          band: hashes === null ? null : (band) => hashes[band]!,
        });
        bar.update(++done);
      }
    }
  } finally {
    bar.stop();
  }
  builder.save(home, manifest);
}

/** A line of a split as it is written, with its line break. */
function formatLine({ id, title, text, source, publishedAt, group, label }: DatasetArticle): string {
  return `${JSON.stringify({ id, title, text, source, publishedAt, group, label })}\n`;
}
