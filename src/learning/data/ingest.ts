// The first pass over the raw files: reads, cleans and hashes each row. Texts go to a scratch file, one line of JSON for
// each row; the hashes that find duplicates stay in memory as typed arrays.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { appError } from '../../foundation/core/index.ts';
import type { FileNote, FileReading, RowPlace, SplitName } from '../../foundation/records/index.ts';
import { cleanArticle, cleaningRules } from '../../text/clean/index.ts';
import { fillComparedWords, MIN_COMPARED_WORDS } from './compared-words.ts';
import type { BadRow } from './csv-parser.ts';
import { isBadRow } from './csv-parser.ts';
import { createLabelRules, type LabelRules } from './label-rules.ts';
import type { LabelCount } from './label-spellings.ts';
import { type LabelledRow, readLabelledRow, type UnnamedRow } from './labelled-rows.ts';
import { type Bands, chooseBands, createMinHasher, hashBands, type MinHasher } from './min-hash.ts';
import type { ColumnMap, DataContext, DataOptions } from './options.ts';
import type { RawRow } from './raw-row.ts';
import { namePart, readRawRows } from './raw-rows.ts';
import { formatFileReading } from './reading.ts';
import { formatRejectReason } from './reject-reason-sentences.ts';
import { type Loss, LossCounts, MAX_PLACES } from './row-loss.ts';
import { createColumn, type KeyColumn } from './row-table.ts';
import { createScratchWriter, type ScratchWriter } from './scratch-file.ts';
import type { SourceFile } from './source-files.ts';
import { createWordHashes, fillWordHashes, hashSequence } from './word-hashes.ts';

/** Shorter titles ("Letters", "Live blog") are too generic to identify an article. */
const MIN_TITLE_WORDS = 3;
const MAX_CLASSES = 1000;
const EMPTY_WORDS = 'no text is left after cleaning';
/** Lone quotes that are reported one by one; all of them stand in the list of rejected rows. */
const MAX_QUOTES_SAID = 5;
/** The key of rows that have none. */
const NO_KEY = [0, 0] as const;

/** One entry for each row that is usable and not empty, in the order of the lines of `textsPath`. */
export interface Ingested {
  readonly rows: number;
  readonly read: number;
  readonly empty: number;
  readonly rejected: number;
  /** What the reader noticed about the files. */
  readonly notes: readonly FileNote[];
  /** How each file was read. */
  readonly readings: readonly FileReading[];
  /** The files with usable rows, those in archives by their own. */
  readonly fileNames: readonly string[];
  /** The split that a dataset folder gives each of them. */
  readonly fileSplits: readonly (SplitName | null)[];
  /** Unusable rows by reason, then the empty ones. */
  readonly losses: readonly Loss[];
  /** The labels of usable rows as the file has them, with those of empty rows. */
  readonly labelCounts: readonly LabelCount[];
  /** Labels that data.labels or data.classes do not name. */
  readonly unnamed: readonly UnnamedLabel[];
  /** Index into `labelNames`. */
  readonly label: Uint16Array;
  readonly labelNames: readonly string[];
  /** Index into `fileNames`. */
  readonly file: Uint16Array;
  readonly line: Uint32Array;
  /** Bit i: cleaning rule i changed the article. */
  readonly cleaning: Uint32Array;
  /** The first 64 bits of the md5 of the cleaned title and text. */
  readonly content: KeyColumn;
  /** Hash of the id that the file gives; no key if the file gives none. */
  readonly givenId: KeyColumn;
  /** Hash of the normalised title; no key if the title is too short. */
  readonly title: KeyColumn;
  /** Hash of the normalised text, of title and text if the text is too short; no key if both are. */
  readonly text: KeyColumn;
  /** 1 if the text is so short that `text` and the signature are those of title and text together. */
  readonly short: Uint8Array;
  /** Position in the signatures file; -1 if the text is too short for a signature. */
  readonly signature: Int32Array;
  /** How many rows have a signature. */
  readonly signed: number;
  readonly permutations: number;
  readonly bands: Bands;
  /** [bands][rows that have a signature] */
  readonly bandHashes: readonly Int32Array[];
  readonly textsPath: string;
  /** The rows as the files have them: {title, text, columns}. */
  readonly rawsPath: string;
  readonly signaturesPath: string;
  readonly rejectsPath: string;
}

/** A label that the configuration does not name, and the first rows that have it. */
export interface UnnamedLabel {
  readonly name: string;
  readonly rows: number;
  readonly examples: readonly RowPlace[];
}

/**
 * Reads all files into a scratch folder.
 * @throws DATA_COLUMN_MISSING, DATA_FILE_INVALID, DATA_LABELS, DISK_FULL; the signal's reason when it is aborted
 */
export async function ingestFiles(
  files: readonly SourceFile[],
  options: DataOptions,
  scratch: string,
  context: Pick<DataContext, 'progress' | 'say' | 'signal'>,
): Promise<Ingested> {
  const ingestion = new Ingestion(options, scratch, context.say);
  const totalBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
  const bar = context.progress('reading', Math.max(1, Math.round(totalBytes / 1e6)), 'MB');
  let doneBytes = 0;
  try {
    for (const file of files) {
      for await (const batch of readRawRows(file)) {
        context.signal.throwIfAborted();
        const name = namePart(file, batch);
        for (const note of batch.notes) ingestion.notes.push({ ...note, file: name });
        for (const raw of batch.rows) ingestion.add(raw, file, name);
        if (batch.reading !== null) {
          ingestion.readings.push({ file: name, ...batch.reading });
          context.say(`${name}: ${formatFileReading(batch.reading)}`);
        }
        bar.update(Math.round((doneBytes + batch.bytesRead) / 1e6), `${ingestion.read} rows`);
      }
      doneBytes += file.sizeBytes;
    }
  } finally {
    bar.stop();
    ingestion.close();
  }
  return ingestion.finish();
}

/** Collects the rows of all files; texts, signatures and rejects go to files of the scratch folder. */
class Ingestion {
  read = 0;
  readonly notes: FileNote[] = [];
  readonly readings: FileReading[] = [];
  private readonly fileNames = new Map<string, number>();
  private readonly fileSplits: (SplitName | null)[] = [];
  private signed = 0;
  private readonly rules: LabelRules;
  private quotesSaid = 0;
  private readonly say: DataContext['say'];
  private readonly options: DataOptions;
  private readonly bands: Bands;
  private readonly hasher: MinHasher;
  private readonly columns = {
    label: createColumn('u16'),
    file: createColumn('u16'),
    line: createColumn('u32'),
    cleaning: createColumn('u32'),
    short: createColumn('u8'),
    signature: createColumn('i32'),
    content: createKeys(),
    givenId: createKeys(),
    title: createKeys(),
    text: createKeys(),
  };
  private readonly bandHashes;
  private readonly texts: ScratchWriter;
  private readonly raws: ScratchWriter;
  private readonly signatures: ScratchWriter;
  private readonly rejects: ScratchWriter;
  private readonly rejectLosses = new LossCounts();
  private readonly emptyLosses = new LossCounts();
  private readonly labelCounts = new Map<string, { className: string; rows: number }>();
  private readonly unnamed = new Map<string, { rows: number; examples: RowPlace[] }>();
  private readonly labels = new Map<string, number>();
  private readonly ruleBits = new Map(cleaningRules.map((rule, i) => [rule.name, 1 << i]));
  /** Buffers that every row reuses. */
  private readonly words = createWordHashes();
  private readonly rowSignature: Int32Array;
  private readonly rowBands: Int32Array;

  constructor(options: DataOptions, scratch: string, say: DataContext['say']) {
    this.say = say;
    const { permutations, threshold, shingle_words } = options.near_duplicates;
    this.options = options;
    this.rules = createLabelRules(options);
    this.bands = chooseBands(permutations, threshold);
    this.hasher = createMinHasher(permutations, shingle_words);
    this.bandHashes = Array.from({ length: this.bands.bands }, () => createColumn('i32'));
    this.texts = createScratchWriter(join(scratch, 'texts.jsonl'));
    this.raws = createScratchWriter(join(scratch, 'raws.jsonl'));
    this.signatures = createScratchWriter(join(scratch, 'signatures.bin'));
    this.rejects = createScratchWriter(join(scratch, 'rejects.jsonl'));
    this.rowSignature = new Int32Array(this.hasher.permutations);
    this.rowBands = new Int32Array(this.bands.bands);
  }

  /** Adds a row, or records why it is unusable. */
  add(raw: RawRow | BadRow, file: SourceFile, name: string): void {
    this.read++;
    const row = readLabelledRow(raw, file, this.rules);
    if (isBadRow(row) || isBadRow(raw)) this.addReject(name, isBadRow(row) ? row : (raw as BadRow));
    else this.addRow(name, row, raw, file);
  }

  private addReject(file: string, row: BadRow | UnnamedRow): void {
    const place = { file, line: row.line };
    this.rejectLosses.add(row.reason.code, formatRejectReason(row.reason), place);
    if ('quoteEndLine' in row && row.quoteEndLine !== undefined && this.quotesSaid++ < MAX_QUOTES_SAID) {
      const range = `lines ${row.line}-${row.quoteEndLine}: a quote opened in line ${row.line}`;
      this.say(`${file}: ${range}; that line is unusable, the others are read as rows`);
    }
    if ('unnamed' in row) this.addUnnamed(row.unnamed, place);
    this.rejects.write(Buffer.from(formatReject(file, row)));
  }

  private addUnnamed(label: string, place: RowPlace): void {
    const known = this.unnamed.get(label);
    if (known !== undefined) {
      known.rows++;
      if (known.examples.length < MAX_PLACES) known.examples.push(place);
    } else if (this.unnamed.size < MAX_CLASSES) this.unnamed.set(label, { rows: 1, examples: [place] });
  }

  private addRow(file: string, row: LabelledRow, raw: RawRow, { columns: named, split }: SourceFile): void {
    const { columns } = this;
    const { article, applied } = cleanArticle(row, this.options);
    this.countLabel(row);
    if (article.text === '') {
      this.emptyLosses.add('EMPTY', EMPTY_WORDS, { file, line: row.line }, row.label);
      return;
    }
    const content = createHash('md5').update(article.title).update('\0').update(article.text).digest();
    columns.content.push(content.readUInt32BE(0), content.readUInt32BE(4));
    if (row.id === null) columns.givenId.push(0, 0);
    else {
      const id = createHash('md5').update(row.id).digest();
      columns.givenId.push(id.readUInt32BE(0), id.readUInt32BE(4));
    }
    this.addHashes(article);
    columns.label.push(numberOfLabel(this.labels, row.label, this.options.name));
    columns.file.push(this.numberFile(file, split));
    columns.line.push(row.line);
    columns.cleaning.push(applied.reduce((bits, name) => bits | (this.ruleBits.get(name) ?? 0), 0));
    const stored = {
      id: row.id ?? `a-${content.toString('hex', 0, 8)}`,
      title: article.title,
      text: article.text,
      source: row.source,
      publishedAt: row.publishedAt,
    };
    this.texts.write(Buffer.from(`${JSON.stringify(stored)}\n`));
    this.raws.write(Buffer.from(`${JSON.stringify(formatRawRow(raw, named, row))}\n`));
  }

  private numberFile(name: string, split: SplitName | null): number {
    const known = this.fileNames.get(name);
    if (known !== undefined) return known;
    this.fileNames.set(name, this.fileNames.size);
    this.fileSplits.push(split);
    return this.fileNames.size - 1;
  }

  private countLabel({ written, label }: LabelledRow): void {
    const known = this.labelCounts.get(written);
    if (known !== undefined) known.rows++;
    else if (this.labelCounts.size <= MAX_CLASSES)
      this.labelCounts.set(written, { className: label, rows: 1 });
  }

  /** Adds the keys of title and text and, if there are enough words, a signature. */
  private addHashes(article: { readonly title: string; readonly text: string }): void {
    const { columns, words, bands } = this;
    fillWordHashes(article.title, words);
    const titleKey = words.count >= MIN_TITLE_WORDS ? hashSequence(words) : NO_KEY;
    const isShort = fillComparedWords(article, words);
    const textKey = words.count >= MIN_TITLE_WORDS ? hashSequence(words) : NO_KEY;
    columns.title.push(...titleKey);
    columns.text.push(...textKey);
    columns.short.push(isShort ? 1 : 0);
    if (this.options.near_duplicates.threshold === 1 || words.count < MIN_COMPARED_WORDS) {
      columns.signature.push(-1);
      return;
    }
    this.hasher.sign(words, this.rowSignature);
    this.signatures.write(new Uint8Array(this.rowSignature.buffer));
    hashBands(this.rowSignature, bands, this.rowBands);
    for (let band = 0; band < bands.bands; band++) this.bandHashes[band]?.push(this.rowBands[band] as number);
    columns.signature.push(this.signed++);
  }

  /** Closes the scratch files. */
  close(): void {
    this.texts.close();
    this.raws.close();
    this.signatures.close();
    this.rejects.close();
  }

  /** @returns the table of all rows, once the scratch files are closed */
  finish(): Ingested {
    const { columns } = this;
    const count = (losses: readonly Loss[]): number => losses.reduce((sum, { rows }) => sum + rows, 0);
    const [rejected, empty] = [this.rejectLosses.list(), this.emptyLosses.list()];
    return {
      rows: columns.label.values.length,
      read: this.read,
      empty: count(empty),
      rejected: count(rejected),
      notes: this.notes,
      readings: this.readings,
      fileNames: [...this.fileNames.keys()],
      fileSplits: this.fileSplits,
      losses: [...rejected, ...empty],
      labelCounts: [...this.labelCounts].map(([written, counts]) => ({ written, ...counts })),
      unnamed: [...this.unnamed].map(([name, counts]) => ({ name, ...counts })),
      label: columns.label.values,
      labelNames: [...this.labels.keys()],
      file: columns.file.values,
      line: columns.line.values,
      cleaning: columns.cleaning.values,
      content: columns.content.values,
      givenId: columns.givenId.values,
      title: columns.title.values,
      text: columns.text.values,
      short: columns.short.values,
      signature: columns.signature.values,
      signed: this.signed,
      permutations: this.hasher.permutations,
      bands: this.bands,
      bandHashes: this.bandHashes.map((column) => column.values),
      textsPath: this.texts.path,
      rawsPath: this.raws.path,
      signaturesPath: this.signatures.path,
      rejectsPath: this.rejects.path,
    };
  }
}

/** A row before cleaning: title and text, and the other columns. */
export interface ScratchRawRow {
  readonly title: string;
  readonly text: string;
  readonly columns: Readonly<Record<string, string>>;
}

function formatRawRow(raw: RawRow, named: ColumnMap, { title, text }: LabelledRow): ScratchRawRow {
  const others = raw.columns.filter((column) => column !== named.title && column !== named.text);
  return {
    title,
    text,
    columns: Object.fromEntries(others.map((column) => [column, raw.get(column) ?? ''])),
  };
}

/** Formats a line of the rejects file, which never holds the text of the row. Its bytes are part of the id of a version. */
export function formatReject(file: string, row: BadRow): string {
  const { line, lastLine, quoteEndLine } = row;
  return `${JSON.stringify({ file, line, lastLine, quoteEndLine, reason: formatRejectReason(row.reason) })}\n`;
}

function numberOfLabel(labels: Map<string, number>, label: string, name: string): number {
  const known = labels.get(label);
  if (known !== undefined) return known;
  if (labels.size === MAX_CLASSES) {
    throw appError('DATA_LABELS', {
      name,
      expected: `at most ${MAX_CLASSES} different labels`,
      got: 'more',
      hint: 'Is data.columns.label the right column?',
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
