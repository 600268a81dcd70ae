// The first pass over the raw files: reads, cleans and hashes each row. Texts go to a scratch file, one line of JSON for
// each row; the hashes that find duplicates stay in memory as typed arrays.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { appError } from '../../foundation/core/index.ts';
import { cleanArticle, cleaningRules } from '../../text/clean/index.ts';
import type { BadRow } from './csv-parser.ts';
import { isBadRow } from './csv-parser.ts';
import { type LabelledRow, readLabelledRow } from './labelled-rows.ts';
import { type Bands, chooseBands, createMinHasher, hashBands } from './min-hash.ts';
import type { DataContext, DataOptions } from './options.ts';
import { readRawRows } from './raw-rows.ts';
import { createColumn, type KeyColumn } from './row-table.ts';
import { createScratchWriter } from './scratch-file.ts';
import type { SourceFile } from './source-files.ts';
import { createWordHashes, fillWordHashes, hashSequence } from './word-hashes.ts';

/** Shorter titles ("Letters", "Live blog") are too generic to identify an article. */
const MIN_TITLE_WORDS = 3;
/** Shorter texts with a title ("Watch the video") are boilerplate, not duplicates. */
const MIN_TEXT_WORDS = 8;
const MAX_CLASSES = 1000;

/** One entry for each row that is usable and not empty, in the order of the lines of `textsPath`. */
export interface Ingested {
  readonly rows: number;
  readonly read: number;
  readonly empty: number;
  readonly rejected: number;
  readonly rejectReasons: ReadonlyMap<string, number>;
  /** Index into `labelNames`. */
  readonly label: Uint16Array;
  readonly labelNames: readonly string[];
  readonly file: Uint8Array;
  readonly line: Uint32Array;
  /** Bit i: cleaning rule i changed the article. */
  readonly cleaning: Uint32Array;
  /** The first 64 bits of the md5 of the cleaned title and text. */
  readonly content: KeyColumn;
  /** Hash of the id that the file gives; no key if the file gives none. */
  readonly givenId: KeyColumn;
  /** Hash of the normalised title; no key if the title is too short. */
  readonly title: KeyColumn;
  /** Hash of the normalised text; no key if the text is too short. */
  readonly text: KeyColumn;
  /** Position in the signatures file; -1 if the text is too short for a signature. */
  readonly signature: Int32Array;
  readonly permutations: number;
  readonly bands: Bands;
  /** [bands][rows that have a signature] */
  readonly bandHashes: readonly Int32Array[];
  readonly textsPath: string;
  readonly signaturesPath: string;
  readonly rejectsPath: string;
}

/**
 * Reads all files into a scratch folder.
 * @throws DATA_COLUMN_MISSING, DATA_FILE_INVALID, DATA_LABELS, DISK_FULL; the signal's reason when it is aborted
 */
export async function ingestFiles(
  files: readonly SourceFile[],
  options: DataOptions,
  scratch: string,
  context: Pick<DataContext, 'progress' | 'signal'>,
): Promise<Ingested> {
  const bands = chooseBands(options.near_duplicates.permutations, options.near_duplicates.threshold);
  const withSignatures = options.near_duplicates.threshold < 1;
  const hasher = createMinHasher(options.near_duplicates.permutations, options.near_duplicates.shingle_words);
  const columns = {
    label: createColumn('u16'),
    file: createColumn('u8'),
    line: createColumn('u32'),
    cleaning: createColumn('u32'),
    signature: createColumn('i32'),
    content: createKeys(),
    givenId: createKeys(),
    title: createKeys(),
    text: createKeys(),
  };
  const bandHashes = Array.from({ length: bands.bands }, () => createColumn('i32'));
  const texts = createScratchWriter(join(scratch, 'texts.jsonl'));
  const signatures = createScratchWriter(join(scratch, 'signatures.bin'));
  const rejects = createScratchWriter(join(scratch, 'rejects.jsonl'));
  const rejectReasons = new Map<string, number>();
  const labels = new Map<string, number>();
  const ruleBits = new Map(cleaningRules.map((rule, i) => [rule.name, 1 << i]));
  const words = createWordHashes();
  const signature = new Int32Array(hasher.permutations);
  const rowBands = new Int32Array(bands.bands);
  let read = 0;
  let empty = 0;
  let signed = 0;

  const addReject = (file: SourceFile, row: BadRow): void => {
    rejectReasons.set(row.reason, (rejectReasons.get(row.reason) ?? 0) + 1);
    rejects.write(Buffer.from(formatReject(file.name, row)));
  };

  const addRow = (fileIndex: number, row: LabelledRow): void => {
    const { article, applied } = cleanArticle(row, options);
    if (article.text === '') {
      empty++;
      return;
    }
    const content = createHash('md5').update(article.title).update('\0').update(article.text).digest();
    columns.content.push(content.readUInt32BE(0), content.readUInt32BE(4));
    if (row.id === null) columns.givenId.push(0, 0);
    else {
      const id = createHash('md5').update(row.id).digest();
      columns.givenId.push(id.readUInt32BE(0), id.readUInt32BE(4));
    }
    fillWordHashes(article.title, words);
    const hasTitle = words.count > 0;
    const titleKey = words.count >= MIN_TITLE_WORDS ? hashSequence(words) : undefined;
    fillWordHashes(article.text, words);
    const textKey =
      words.count >= (hasTitle ? MIN_TEXT_WORDS : MIN_TITLE_WORDS) ? hashSequence(words) : undefined;
    columns.title.push(...(titleKey ?? ([0, 0] as const)));
    columns.text.push(...(textKey ?? ([0, 0] as const)));
    if (withSignatures && words.count >= MIN_TEXT_WORDS) {
      hasher.sign(words, signature);
      signatures.write(new Uint8Array(signature.buffer));
      hashBands(signature, bands, rowBands);
      for (let band = 0; band < bands.bands; band++) bandHashes[band]?.push(rowBands[band] as number);
      columns.signature.push(signed++);
    } else columns.signature.push(-1);
    columns.label.push(numberOfLabel(labels, row.label, options.name));
    columns.file.push(fileIndex);
    columns.line.push(row.line);
    columns.cleaning.push(applied.reduce((bits, name) => bits | (ruleBits.get(name) ?? 0), 0));
    const stored = {
      id: row.id ?? `a-${content.toString('hex', 0, 8)}`,
      title: article.title,
      text: article.text,
      source: row.source,
      publishedAt: row.publishedAt,
    };
    texts.write(Buffer.from(`${JSON.stringify(stored)}\n`));
  };

  const totalBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
  const bar = context.progress('reading', Math.max(1, Math.round(totalBytes / 1e6)), 'MB');
  let doneBytes = 0;
  try {
    for (const [fileIndex, file] of files.entries()) {
      for await (const batch of readRawRows(file)) {
        context.signal.throwIfAborted();
        for (const raw of batch.rows) {
          read++;
          const row = readLabelledRow(raw, file, options);
          if (isBadRow(row)) addReject(file, row);
          else addRow(fileIndex, row);
        }
        bar.update(Math.round((doneBytes + batch.bytesRead) / 1e6), `${read} rows`);
      }
      doneBytes += file.sizeBytes;
    }
  } finally {
    bar.stop();
    texts.close();
    signatures.close();
    rejects.close();
  }
  return {
    rows: columns.label.values.length,
    read,
    empty,
    rejected: [...rejectReasons.values()].reduce((sum, n) => sum + n, 0),
    rejectReasons,
    label: columns.label.values,
    labelNames: [...labels.keys()],
    file: columns.file.values,
    line: columns.line.values,
    cleaning: columns.cleaning.values,
    content: columns.content.values,
    givenId: columns.givenId.values,
    title: columns.title.values,
    text: columns.text.values,
    signature: columns.signature.values,
    permutations: hasher.permutations,
    bands,
    bandHashes: bandHashes.map((column) => column.values),
    textsPath: texts.path,
    signaturesPath: signatures.path,
    rejectsPath: rejects.path,
  };
}

/** Formats a line of the rejects file, which never holds the text of the row. */
export function formatReject(file: string, row: BadRow): string {
  return `${JSON.stringify({ file, line: row.line, reason: row.reason })}\n`;
}

function numberOfLabel(labels: Map<string, number>, label: string, name: string): number {
  const known = labels.get(label);
  if (known !== undefined) return known;
  if (labels.size === MAX_CLASSES) {
    throw appError('DATA_LABELS', {
      name,
      expected: `at most ${MAX_CLASSES} different labels`,
      got: 'more: is that the label column?',
    });
  }
  labels.set(label, labels.size);
  return labels.size - 1;
}

function createKeys(): { readonly values: KeyColumn; push(high: number, low: number): void } {
  const high = createColumn('u32');
  const low = createColumn('u32');
  return {
    get values() {
      return { high: high.values, low: low.values };
    },
    push: (h, l) => {
      high.push(h);
      low.push(l);
    },
  };
}
