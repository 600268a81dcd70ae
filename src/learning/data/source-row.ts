// Reads one row of a raw file by its line, as preparing a dataset version would read it.
import { appError } from '../../foundation/core/index.ts';
import type { ArticleText, DatasetManifest } from '../../foundation/records/index.ts';
import { ArticleReader } from './article-row.ts';
import { isBadRow } from './csv-parser.ts';
import type { ColumnMap, DataOptions } from './options.ts';
import type { RawFile } from './raw-row.ts';
import { readRawRows } from './raw-rows.ts';
import { DEFAULT_READING } from './reading.ts';
import { resolveColumns, resolveReading } from './source-files.ts';

export interface RowPlaceRequest {
  /** Absolute path of the file. */
  readonly path: string;
  /** A file in a zip archive; null: the only one, or the first that has such a line. */
  readonly member: string | null;
  /** The line on which the row begins, from 1. */
  readonly line: number;
}

/**
 * The article of a row.
 * @param manifest  a version that was made from this file, whose columns are read; null: the columns are found by their names
 * @throws LINEAGE_ROW_MISSING, and what reading the file throws
 */
export async function readSourceRow(
  place: RowPlaceRequest,
  manifest: DatasetManifest | null,
): Promise<ArticleText> {
  const article = manifest === null ? await readUnknown(place) : await readConfigured(place, manifest);
  if (article !== null) return article;
  const { path, member, line } = place;
  throw appError('LINEAGE_ROW_MISSING', {
    ...{ path: member === null ? path : `${path}/${member}`, line },
    expected: 'a row with a title or a text',
  });
}

async function readConfigured(
  place: RowPlaceRequest,
  { config }: DatasetManifest,
): Promise<ArticleText | null> {
  const { kind, columns: given } = config as unknown as Pick<DataOptions, 'kind' | 'columns'>;
  const columns: ColumnMap = resolveColumns({ kind, columns: given });
  const format = kind === 'csv' || kind === 'jsonl' ? kind : null;
  const file: RawFile = { path: place.path, format, columns, reading: resolveReading(config) };
  const row = await findRow(file, place);
  if (row === null || isBadRow(row)) return null;
  const field = (column: string | null): string => (column === null ? '' : (row.get(column) ?? ''));
  return { title: field(columns.title), text: field(columns.text) };
}

async function readUnknown(place: RowPlaceRequest): Promise<ArticleText | null> {
  const { path } = place;
  const reader = new ArticleReader({
    ...{ path, name: path, format: null, model: {}, listsColumns: true, reading: DEFAULT_READING },
    ...{ request: {}, argument: 'data.columns.', encodingArgument: 'data.encoding=' },
  });
  const row = await findRow(reader.file, place);
  if (row === null) return null;
  const { article } = reader.read(row);
  return 'code' in article ? null : article;
}

async function findRow(file: RawFile, { member, line }: RowPlaceRequest) {
  for await (const batch of readRawRows(file)) {
    if (member !== null && batch.member !== member) continue;
    const row = batch.rows.find((one) => one.line === line);
    if (row !== undefined) return row;
  }
  return null;
}
