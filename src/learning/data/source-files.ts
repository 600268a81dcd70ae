// Finds the raw files of a dataset and hashes them. The files of the ISOT dataset (Ahmed, Traore, Saad 2017; Kaggle
// clmentbisaillon/fake-and-real-news-dataset) are recognised by size and md5; other content is "a different edition".
import { existsSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { appError, expandHome, formatNames, hashFile, packageRoot } from '../../foundation/core/index.ts';
import { type SplitName, splitNames } from '../../foundation/records/index.ts';
import { readDatasetFolder } from './dataset-folder.ts';
import type { ColumnMap, DataOptions } from './options.ts';
import { DEFAULT_READING, type ReadingOptions } from './reading.ts';

export interface SourceFile {
  readonly path: string;
  readonly name: string;
  /** What the configuration says it is; null: its name or its content says it. */
  readonly format: 'csv' | 'jsonl' | null;
  readonly columns: ColumnMap;
  readonly reading: ReadingOptions;
  /** The split that a dataset folder gives the file; null: none. */
  readonly split: SplitName | null;
  /** The class names of labels that are numbers; absent: those that the file holds; null: labels stay as they are. */
  readonly labelNames?: readonly string[] | null;
  /** The label of every row if the file, not a column, determines it. */
  readonly fixedLabel: string | null;
  readonly sizeBytes: number;
  readonly md5: string;
  /** The edition of a known dataset; null for other files. */
  readonly edition: string | null;
}

const ISOT_FILES = [
  { name: 'True.csv', label: 'REAL', sizeBytes: 53_582_940, md5: '4c3c571205b62c7591c451cfe60d6af1' },
  { name: 'Fake.csv', label: 'FAKE', sizeBytes: 62_789_876, md5: 'edcb323a8ed3e9f4d5d84016553009eb' },
] as const;

const NO_COLUMNS: ColumnMap = { title: null, text: null, label: null, source: null, date: null, id: null };
// The columns of the kinds with a known layout; they are used when the configuration names no column.
const ISOT_COLUMNS: ColumnMap = { ...NO_COLUMNS, title: 'title', text: 'text', date: 'date' };
const SAMPLE_COLUMNS: ColumnMap = {
  title: 'title',
  text: 'text',
  label: 'label',
  source: 'source',
  date: 'date',
  id: 'id',
};

/** The path of the bundled sample. */
export const samplePath = join(packageRoot, 'sample/articles.jsonl');

/**
 * Finds and hashes the files of a dataset: one file, or those of a folder. With data.split.given, those of the test split come first,
 * so that of two copies the one there is kept.
 * @param say  receives what of a folder is not read
 * @throws FILE_NOT_FOUND, DATA_COLUMN_UNSET, DATA_FOLDER_INVALID
 */
export async function locateSourceFiles(
  options: Pick<DataOptions, 'kind' | 'path' | 'columns' | 'subset' | keyof ReadingOptions> &
    Partial<Pick<DataOptions, 'labels' | 'split'>>,
  say: (line: string) => void = () => {},
): Promise<SourceFile[]> {
  const reading = resolveReading(options);
  if (options.kind === 'sample') {
    const columns = resolveColumns(options);
    return [
      await loadSourceFile(resolve(expandHome(options.path ?? samplePath)), 'jsonl', columns, null, reading),
    ];
  }
  if (options.path === null) throw appError('DATA_PATH_UNSET', { kind: options.kind });
  const path = resolve(expandHome(options.path));
  if (options.kind === 'isot') {
    const columns = resolveColumns(options);
    return Promise.all(
      ISOT_FILES.map(async (known) => {
        const file = await loadSourceFile(join(path, known.name), 'csv', columns, known.label, reading);
        const same = file.md5 === known.md5 && file.sizeBytes === known.sizeBytes;
        return { ...file, edition: same ? 'Kaggle, 44,898 articles' : 'a different edition' };
      }),
    );
  }
  if (options.columns.label === null) throw appError('DATA_COLUMN_UNSET', { role: 'label' });
  const format = options.kind === 'file' ? null : options.kind;
  const numbers =
    options.labels != null && Object.keys(options.labels).every((label) => /^-?\d+$/.test(label));
  const named = { ...options, format, reading };
  const files = statSync(path, { throwIfNoEntry: false })?.isDirectory()
    ? await locateFolderFiles(path, named, say)
    : [await loadSourceFile(path, format, options.columns, null, reading)];
  return numbers ? files.map((file) => ({ ...file, labelNames: null })) : files;
}

async function locateFolderFiles(
  path: string,
  {
    format,
    columns,
    reading,
    subset,
    split,
  }: Pick<SourceFile, 'format' | 'columns' | 'reading'> &
    Pick<DataOptions, 'subset'> &
    Partial<Pick<DataOptions, 'split'>>,
  say: (line: string) => void,
): Promise<SourceFile[]> {
  const { files, labelNames, leftOut } = readDatasetFolder(path, subset ?? null);
  if (leftOut.length > 0) say(`${basename(path)}: left out: ${formatNames(leftOut)}`);
  const names = columns.label === null ? undefined : labelNames.get(columns.label);
  const isGiven = split?.given === true;
  const splits = [...new Set(files.map((file) => file.split).filter((name) => name !== null))];
  if (splits.length > 1 && !isGiven)
    say(
      `${basename(path)}: its splits (${splits.join(', ')}) are joined and split anew; data.split.given=true keeps them`,
    );
  const located: SourceFile[] = [];
  for (const file of files) {
    const loaded = await loadSourceFile(join(path, file.name), format, columns, null, reading);
    const given = { name: file.name, split: file.split };
    located.push({ ...loaded, ...given, ...(names === undefined ? {} : { labelNames: names }) });
  }
  const order = (file: SourceFile): number => (file.split === null ? 0 : splitNames.indexOf(file.split));
  return isGiven ? located.sort((a, b) => order(b) - order(a)) : located;
}

/**
 * The files of a collection on which a model is measured: one file, or of a folder those of its test split, else all.
 * @throws FILE_NOT_FOUND, DATA_COLUMN_UNSET, DATA_FOLDER_INVALID
 */
export async function locateCollectionFiles(
  path: string,
  columns: ColumnMap,
  reading: ReadingOptions = DEFAULT_READING,
): Promise<SourceFile[]> {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory())
    return [await loadSourceFile(path, null, columns, null, reading)];
  const named = { format: null, columns, reading, subset: null };
  const files = await locateFolderFiles(path, named, () => {});
  const test = files.filter(({ split }) => split === 'test');
  return test.length > 0 ? test : files;
}

/** The columns in which a dataset has its articles: the configured ones, else those that its kind is known to have. */
export function resolveColumns({ kind, columns }: Pick<DataOptions, 'kind' | 'columns'>): ColumnMap {
  if (kind === 'sample') return orDefault(columns, SAMPLE_COLUMNS);
  return kind === 'isot' ? { ...orDefault(columns, ISOT_COLUMNS), label: null } : columns;
}

/** The configured reading settings; null where they are found from the files. */
export function resolveReading({
  encoding = null,
  separator = null,
  quotes = null,
}: Partial<ReadingOptions>): ReadingOptions {
  return { encoding, separator, quotes };
}

/** Hashes one file. @throws FILE_NOT_FOUND, DATA_COLUMN_UNSET */
export async function loadSourceFile(
  path: string,
  format: SourceFile['format'],
  columns: ColumnMap,
  fixedLabel: string | null,
  reading: ReadingOptions = DEFAULT_READING,
): Promise<SourceFile> {
  if (columns.text === null) throw appError('DATA_COLUMN_UNSET', { role: 'text' });
  if (!existsSync(path) || !statSync(path).isFile()) throw appError('FILE_NOT_FOUND', { path, kind: 'file' });
  return {
    path,
    name: basename(path),
    format,
    columns,
    reading,
    split: null,
    fixedLabel,
    sizeBytes: statSync(path).size,
    md5: await hashFile(path, 'md5'),
    edition: null,
  };
}

function orDefault(columns: ColumnMap, fallback: ColumnMap): ColumnMap {
  return Object.values(columns).every((name) => name === null) ? fallback : columns;
}
