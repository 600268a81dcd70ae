// What is compared and counted: the articles of a dataset version, or those of raw files with the columns that their header
// names. A file without a column for labels has the label of its configuration, or none.
import { basename } from 'node:path';
import { appError } from '../../foundation/core/index.ts';
import { type DatasetManifest, splitNames } from '../../foundation/records/index.ts';
import type { DatasetStore } from '../../keeping/datasets/index.ts';
import { cleanArticle } from '../../text/clean/index.ts';
import {
  type ColumnMap,
  createLabelRules,
  formatOfName,
  isBadRow,
  parseIsoDate,
  type RawRow,
  type ReadingOptions,
  readRawRows,
  tidyLabel,
} from '../data/index.ts';
import { findUsualColumns } from './usual-columns.ts';

export interface TableArticle {
  readonly title: string;
  readonly text: string;
  /** null: the article has no label. */
  readonly label: string | null;
  readonly source: string | null;
  /** YYYY-MM-DD or longer; null: none, or none that can be read. */
  readonly publishedAt: string | null;
  /** The id that its source gives; null: none. */
  readonly id: string | null;
  /** Where it stands, for people: FILE:LINE, or the id in a dataset version. */
  readonly place: string;
}

export interface ArticleTable {
  readonly name: string;
  /** null: raw files. */
  readonly version: string | null;
  /** The files, or the splits of a version. */
  readonly files: readonly { readonly name: string; readonly sizeBytes: number }[];
  /** Streams the articles in an order that does not change; it can be called again. */
  readonly read: () => AsyncIterable<readonly TableArticle[]>;
  /** Rows that hold no article, so far in the current pass. */
  readonly unusable: () => number;
}

export interface TableFile {
  readonly path: string;
  readonly name: string;
  readonly sizeBytes: number;
}

export interface TableOptions {
  /** Columns that a person named; the others are found by their usual names. */
  readonly columns: ColumnMap;
  readonly labels: Readonly<Record<string, string | null>> | null;
  readonly reading: ReadingOptions;
  /** Cleans the articles as a dataset version has them; null: as the files have them. */
  readonly cleaning: { readonly strip: boolean } | null;
  readonly signal: AbortSignal;
}

const BATCH = 256;
/** The ids that preparing data gives to articles without one: a hash of their content. */
const CONTENT_ID = /^a-[0-9a-f]{16}$/;

export function openVersionTable(
  manifest: DatasetManifest,
  datasets: DatasetStore,
  signal: AbortSignal,
): ArticleTable {
  async function* read(): AsyncGenerator<TableArticle[]> {
    let batch: TableArticle[] = [];
    for (const split of splitNames) {
      for await (const { id, title, text, label, source, publishedAt } of datasets.readSplit(
        manifest,
        split,
      )) {
        const className = manifest.classNames[label] ?? null;
        const given = CONTENT_ID.test(id) ? null : id;
        batch.push({ title, text, label: className, source, publishedAt, id: given, place: id });
        if (batch.length < BATCH) continue;
        signal.throwIfAborted();
        yield batch;
        batch = [];
      }
    }
    yield batch;
  }
  return {
    name: `${manifest.name} ${manifest.id}`,
    version: manifest.id,
    files: splitNames.map((name) => ({ name, sizeBytes: manifest.splits[name].sizeBytes })),
    read,
    unusable: () => 0,
  };
}

/** @throws while it is read: ARTICLE_COLUMNS_MISSING, and what reading raw files throws */
export function openFileTable(
  name: string,
  files: readonly TableFile[],
  options: TableOptions,
): ArticleTable {
  let unusable = 0;
  async function* read(): AsyncGenerator<TableArticle[]> {
    unusable = 0;
    for (const file of files) {
      const reader = new RowReader(file, files.length > 1, options);
      const raw = {
        path: file.path,
        format: formatOfName(file.name),
        columns: NO_COLUMNS,
        reading: options.reading,
      };
      for await (const { rows } of readRawRows({ ...raw, onHeader: (header) => reader.start(header) })) {
        options.signal.throwIfAborted();
        const articles = rows.map((row) => (isBadRow(row) ? null : reader.read(row)));
        unusable += articles.filter((article) => article === null).length;
        yield articles.filter((article) => article !== null);
      }
    }
  }
  return { name, version: null, files, read, unusable: () => unusable };
}

const NO_COLUMNS: ColumnMap = { title: null, text: null, label: null, source: null, date: null, id: null };
/** The labels of the ISOT files, which have no column for them. */
const FILE_LABELS: Readonly<Record<string, string>> = { 'True.csv': 'REAL', 'Fake.csv': 'FAKE' };

class RowReader {
  private columns: ColumnMap | null = null;
  private readonly file: TableFile;
  private readonly isOneOfMany: boolean;
  private readonly options: TableOptions;
  private readonly rules;

  constructor(file: TableFile, isOneOfMany: boolean, options: TableOptions) {
    this.file = file;
    this.isOneOfMany = isOneOfMany;
    this.options = options;
    this.rules = createLabelRules({ labels: options.labels, classes: null });
  }

  /** @throws ARTICLE_COLUMNS_MISSING */
  start(names: readonly string[]): void {
    const columns = findUsualColumns(names, this.options.columns);
    if (columns.title === null && columns.text === null)
      throw appError('ARTICLE_COLUMNS_MISSING', {
        where: this.file.name,
        expected: 'a column for the title or the text',
        // The words of a first line that is no header would be those of an article.
        got: names.length === 1 ? '1 other column' : `${names.length} other columns`,
        argument: 'such as data.columns={title: NAME, text: NAME}. Here without braces: ',
      });
    this.columns = columns;
  }

  /** @returns null if the row has neither title nor text, or a label that data.labels leaves out */
  read(row: RawRow): TableArticle | null {
    if (this.columns === null) this.start(row.columns); // JSON has no header
    const { title, text, label, source, date, id } = this.columns!;
    const field = (column: string | null): string => (column === null ? '' : (row.get(column) ?? ''));
    const written = label === null ? this.labelOfFile() : tidyLabel(field(label));
    const choice = written === '' ? null : this.rules.choose(written, { ofFile: label === null });
    if (choice?.kind === 'left out') return null;
    const raw = { title: field(title), text: field(text) };
    const { cleaning } = this.options;
    const article = cleaning === null ? raw : cleanArticle(raw, cleaning).article;
    if (`${article.title}${article.text}`.trim() === '') return null;
    const given = field(id).trim();
    return {
      ...article,
      label: choice?.kind === 'class' ? choice.name : written === '' ? null : written,
      source: field(source).trim() || null,
      publishedAt: parseIsoDate(field(date)),
      id: given === '' ? null : given,
      place: `${this.file.name}:${row.line}`,
    };
  }

  /** Of several files without labels, each is one class: True.csv and Fake.csv. */
  private labelOfFile(): string {
    const name = basename(this.file.name);
    if (!this.isOneOfMany) return FILE_LABELS[name] ?? '';
    return FILE_LABELS[name] ?? name.replace(/\..*$/, '');
  }
}
