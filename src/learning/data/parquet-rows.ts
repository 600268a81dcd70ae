// Reads a Parquet file as rows, one row group at a time, with hyparquet. Dates become YYYY-MM-DD or ISO 8601 in UTC, whole numbers
// beyond 2^53 texts, as in JSON. Columns of lists and records are not read. The `line` of a row is its number, from 1.
import { isUtf8 } from 'node:buffer';
import { open } from 'node:fs/promises';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import {
  type AsyncBuffer,
  type Compressors,
  type FileMetaData,
  type ParquetParsers,
  parquetMetadataAsync,
  parquetRead,
  parquetSchema,
} from 'hyparquet';
import { compressors as libraryCompressors } from 'hyparquet-compressors';
import { appError, isAppError, systemCodeOf } from '../../foundation/core/index.ts';
import type { BadRow } from './csv-parser.ts';
import { fieldText } from './jsonl-parser.ts';
import type { ColumnMap, ColumnRole } from './options.ts';
import type { RawFile, RawRow, RowLimits } from './raw-row.ts';
import type { RawNote } from './reading.ts';
import { columnMissing } from './text-rows.ts';
import type { UnpackBudget } from './unpack-budget.ts';
import { unpackZstdPage } from './zstd-page.ts';

/** Rows that are handed on together. */
const BATCH_ROWS = 1000;
/** A row group is in memory as a whole. */
const MAX_GROUP_BYTES = 1.5 * 1024 ** 3;
const MAX_GROUP_ROWS = 10_000_000;
/** The largest ratio of unpacked to stored bytes, before dictionaries are looked up. */
const MAX_RATIO = 10_000;

export interface ParquetBatch {
  readonly rows: readonly (RawRow | BadRow)[];
  /** The share of the rows that are read. */
  readonly share: number;
  readonly notes: readonly RawNote[];
  /** The class names of the column of labels, by number, that the file holds; null: none. */
  readonly labelNames: readonly string[] | null;
}

export interface ParquetRequest {
  /** The file on disk; `file.path` is its name in messages. */
  readonly path: string;
  readonly file: RawFile;
  readonly limits: RowLimits;
  /** Of all that is unpacked. */
  readonly budget: UnpackBudget;
}

/**
 * Streams the rows of a Parquet file.
 * @throws DATA_FILE_INVALID, DATA_COLUMN_MISSING
 */
export async function* readParquetRows(request: ParquetRequest): AsyncGenerator<ParquetBatch> {
  const { path, file } = request;
  const handle = await open(path);
  try {
    const { size } = await handle.stat();
    const buffer: AsyncBuffer = {
      byteLength: size,
      slice: async (start, end = size) => {
        const bytes = new Uint8Array(Math.max(0, end - start));
        const { bytesRead } = await handle.read(bytes, 0, bytes.byteLength, start);
        if (bytesRead < bytes.byteLength) throw new Error('a column lies beyond the end');
        return bytes.buffer;
      },
    };
    const metadata = await guard(file.path, () => readMetadata(buffer));
    yield* readGroups(buffer, metadata, request);
  } finally {
    await handle.close();
  }
}

async function readMetadata(buffer: AsyncBuffer): Promise<FileMetaData> {
  const tail = buffer.byteLength < 12 ? '' : await buffer.slice(buffer.byteLength - 4);
  const mark = tail === '' ? '' : Buffer.from(tail).toString('latin1');
  if (mark === 'PARE') throw new Error(ENCRYPTED);
  if (mark !== 'PAR1') throw new Error(CUT_SHORT);
  const metadata = await parquetMetadataAsync(buffer, { geoparquet: false });
  if (metadata.row_groups.some(({ columns }) => columns.some(({ meta_data }) => meta_data === undefined)))
    throw new Error(ENCRYPTED);
  return metadata;
}

async function* readGroups(
  buffer: AsyncBuffer,
  metadata: FileMetaData,
  { file, limits, budget }: ParquetRequest,
): AsyncGenerator<ParquetBatch> {
  const maxBytes = Math.min(limits.maxUnpackedBytes ?? MAX_GROUP_BYTES, MAX_GROUP_BYTES);
  const { children } = parquetSchema(metadata);
  const names = children.map(({ element }) => element.name);
  const nested = children
    .filter(({ children: inner, element }) => inner.length > 0 || element.repetition_type === 'REPEATED')
    .map(({ element }) => element.name);
  assertParquetColumns(file, names, nested);
  file.onHeader?.(names);
  const flat = names.filter((name) => !nested.includes(name));
  let notes: RawNote[] = nested.map((column) => ({ code: 'COLUMN_NESTED', column }));
  const labelNames = findLabelNames(metadata, file.columns.label);
  const totalRows = Number(metadata.num_rows);
  let line = 1;
  for (const group of metadata.row_groups) {
    const count = Number(group.num_rows);
    assertGroupSize(file.path, group, flat, maxBytes);
    let unpackedBytes = 0;
    const codecs = limitCodecs((bytes) => {
      unpackedBytes += bytes;
      if (unpackedBytes > maxBytes) throw groupTooLarge(file.path, maxBytes, unpackedBytes, count);
      budget.spend(bytes);
    });
    const rows = await guard(file.path, async () => {
      const range = { rowStart: line - 1, rowEnd: line - 1 + count };
      const read = await readGroup({ file: buffer, metadata, columns: flat, ...range, compressors: codecs });
      if (read.length !== count) throw new Error(`${read.length} rows where ${count} should be`);
      return read;
    });
    for (let from = 0; from < rows.length; from += BATCH_ROWS) {
      const batch = rows
        .slice(from, from + BATCH_ROWS)
        .map((values, i) =>
          createRow(line + from + i, values, { names, flat, columns: file.columns, limits }),
        );
      yield { rows: batch, share: (line - 1 + from + batch.length) / totalRows, notes, labelNames };
      notes = [];
    }
    line += count;
  }
  yield { rows: [], share: 1, notes, labelNames };
}

type Group = FileMetaData['row_groups'][number];

/** @throws DATA_FILE_INVALID */
function assertGroupSize(
  path: string,
  { columns, num_rows }: Group,
  flat: readonly string[],
  maxBytes: number,
): void {
  let unpackedBytes = 0;
  let packedBytes = 0;
  for (const { meta_data: about } of columns) {
    if (about === undefined || !flat.includes(about.path_in_schema[0] ?? '')) continue;
    unpackedBytes += Number(about.total_uncompressed_size);
    packedBytes += Number(about.total_compressed_size);
  }
  const isTooLarge = unpackedBytes > maxBytes || unpackedBytes > MAX_RATIO * Math.max(packedBytes, 1e4);
  if (isTooLarge || num_rows > MAX_GROUP_ROWS)
    throw groupTooLarge(path, maxBytes, unpackedBytes, Number(num_rows));
}

function groupTooLarge(path: string, maxBytes: number, bytes: number, rows: number): Error {
  return appError('DATA_FILE_INVALID', {
    path,
    expected: `row groups of at most ${Math.round(maxBytes / 1e6)} MB and ${MAX_GROUP_ROWS / 1e6} million rows`,
    got: `${Math.round(bytes / 1e6)} MB in ${rows} rows`,
    remedy: 'Write it again in smaller ones; in pyarrow: pq.write_table(table, FILE, row_group_size=10000)',
  });
}

/** The values of a row group by rows, in the order of the columns. */
function readGroup(group: {
  readonly file: AsyncBuffer;
  readonly metadata: FileMetaData;
  readonly columns: readonly string[];
  readonly rowStart: number;
  readonly rowEnd: number;
  readonly compressors: Compressors;
}): Promise<unknown[][]> {
  const { columns, rowStart, rowEnd } = group;
  if (columns.length === 0 || rowStart === rowEnd) return Promise.resolve([]);
  return new Promise((resolve, reject) => {
    parquetRead({
      ...{ ...group, columns: [...columns], parsers },
      geoparquet: false,
      rowFormat: 'array',
      onComplete: resolve,
    }).catch(reject);
  });
}

const compressors: Compressors = {
  ...libraryCompressors,
  // Node's own are faster; the length is that of the page's header.
  GZIP: (input, length) => gunzipSync(input, { maxOutputLength: Math.max(1, length) }),
  BROTLI: (input, length) => brotliDecompressSync(input, { maxOutputLength: Math.max(1, length) }),
  ZSTD: unpackZstdPage, // that of the library has no limit
};

/** @param take  is told the bytes of each page before it is unpacked, and may throw: sizes in the metadata may be wrong */
function limitCodecs(take: (bytes: number) => void): Compressors {
  return Object.fromEntries(
    Object.entries(compressors).map(([codec, unpack]) => [
      codec,
      (input: Uint8Array, length: number) => {
        take(length);
        return unpack(input, length);
      },
    ]),
  );
}

/** Stands for a text that is not UTF-8. */
const NOT_UTF8 = Symbol('not UTF-8');

const formatTimestamp = (milliseconds: number): string | null => {
  const date = new Date(milliseconds);
  return Number.isNaN(date.getTime()) ? null : date.toISOString().replace('.000Z', 'Z');
};

const parsers: Partial<ParquetParsers> = {
  stringFromBytes: (bytes: Uint8Array | undefined) => {
    if (bytes === undefined) return undefined;
    if (!isUtf8(bytes)) return NOT_UTF8;
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  },
  dateFromDays: (days: number | undefined) =>
    days === undefined ? undefined : (formatTimestamp(days * 86_400_000)?.slice(0, 10) ?? null),
  timestampFromMilliseconds: (value: bigint | undefined) =>
    value === undefined ? undefined : formatTimestamp(Number(value)),
  timestampFromMicroseconds: (value: bigint | undefined) =>
    value === undefined ? undefined : formatTimestamp(Number(value / 1000n)),
  timestampFromNanoseconds: (value: bigint | undefined) =>
    value === undefined ? undefined : formatTimestamp(Number(value / 1_000_000n)),
};

interface RowShape {
  readonly names: readonly string[];
  /** The columns that are read, in the order of the values. */
  readonly flat: readonly string[];
  readonly columns: ColumnMap;
  readonly limits: RowLimits;
}

function createRow(
  line: number,
  values: readonly unknown[],
  { names, flat, columns, limits }: RowShape,
): RawRow | BadRow {
  const { maxRowBytes: limitBytes = Number.POSITIVE_INFINITY } = limits;
  if (limitBytes < Number.POSITIVE_INFINITY && measureValues(values) > limitBytes)
    return { line, reason: { code: 'ROW_TOO_LONG', limitBytes } };
  const isUsed = (column: string): boolean =>
    Object.values(columns).every((name) => name === null) || Object.values(columns).includes(column);
  if (values.includes(NOT_UTF8) && flat.some((name, i) => values[i] === NOT_UTF8 && isUsed(name)))
    return { line, reason: { code: 'ENCODING_INVALID' } };
  return {
    line,
    columns: names,
    get: (column) => {
      const index = flat.indexOf(column);
      return index === -1 ? null : readText(values[index]);
    },
    values: () => Object.fromEntries(flat.map((name, i) => [name, readValue(values[i])])),
  };
}

function measureValues(values: readonly unknown[]): number {
  let bytes = 0;
  for (const value of values)
    if (typeof value === 'string') bytes += Buffer.byteLength(value);
    else if (value instanceof Uint8Array) bytes += value.byteLength;
  return bytes;
}

/** The text of a value as the same value has it in JSON; null if it is none. */
function readText(value: unknown): string | null {
  const plain = readValue(value);
  return plain === null ? '' : fieldText(plain);
}

function readValue(value: unknown): unknown {
  if (value === undefined || value === NOT_UTF8) return null;
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value !== 'bigint') return value;
  return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
}

/** @throws DATA_COLUMN_MISSING, DATA_FILE_INVALID */
function assertParquetColumns(
  { path, columns }: RawFile,
  names: readonly string[],
  nested: readonly string[],
): void {
  for (const [role, column] of Object.entries(columns) as [ColumnRole, string | null][]) {
    if (column === null) continue;
    if (!names.includes(column)) throw columnMissing(path, role, column, names);
    if (!nested.includes(column)) continue;
    throw appError('DATA_FILE_INVALID', {
      path,
      expected: `texts, numbers or dates in the column ${column}`,
      got: 'lists or records',
      remedy: `Write the column as text; in pandas, for lists of words: table["${column}"] = table["${column}"].str.join(" ")`,
    });
  }
}

/** The names of a ClassLabel, which the `datasets` library of Hugging Face writes into the metadata. */
function findLabelNames({ key_value_metadata: pairs = [] }: FileMetaData, column: string | null) {
  const text = pairs.find(({ key }) => key === 'huggingface')?.value;
  if (text === undefined || column === null) return null;
  try {
    const { info } = JSON.parse(text) as { info?: { features?: Record<string, { names?: unknown }> } };
    const names = info?.features?.[column]?.names;
    return Array.isArray(names) && names.every((name) => typeof name === 'string') ? names : null;
  } catch {
    return null; // the metadata of another program
  }
}

const ENCRYPTED = 'it is encrypted';
const CUT_SHORT = 'its end is missing';

/** hyparquet throws plain errors for damaged files. @throws DATA_FILE_INVALID */
async function guard<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (isAppError(error) || systemCodeOf(error) !== undefined) throw error;
    const message = error instanceof Error ? error.message : '';
    const isEncrypted = message === ENCRYPTED;
    throw appError(
      'DATA_FILE_INVALID',
      {
        path,
        expected: 'a whole Parquet file',
        got: isEncrypted ? 'an encrypted one' : `a damaged one (${message.slice(0, 80)})`,
        remedy: isEncrypted
          ? 'Decrypt it where the key is, and write it without encryption.'
          : 'Download or copy it again; in Python: pyarrow.parquet.read_table(FILE) tests it.',
      },
      { cause: error },
    );
  }
}
