// Reads a data file of any kind as a stream of rows: CSV, JSON Lines, a list of JSON objects or Parquet, plain or in gzip or zip.
// The file's content decides what it is. Rows come in batches that each hold the rows of one chunk. Every line of a text file,
// except blank ones and the header, belongs to one row or one bad row.
import { statSync } from 'node:fs';
import type { FileReading } from '../../foundation/records/index.ts';
import { formatOfName, readFileStart } from './file-start.ts';
import type { ParquetRequest } from './parquet-rows.ts';
import type { RawBatch, RawFile, RowLimits } from './raw-row.ts';
import { assertKnownReading, DEFAULT_READING, nameSeparator, type RawNote } from './reading.ts';
import { decodeText, type TextEncoding } from './text-encoding.ts';
import { createCsvRowParser, createJsonRowParser, type RowParser } from './text-rows.ts';
import { type InputPart, nameWithoutPacking, openParts, type RawInput } from './unpack.ts';
import { UnpackBudget } from './unpack-budget.ts';

/** Names of files that a note lists. */
const MAX_NAMES = 5;

/**
 * Streams the rows of a file.
 * @param input  where the bytes come from; absent: the file at `file.path`
 * @throws DATA_COLUMN_MISSING, DATA_FILE_INVALID, ENCODING_UNKNOWN, SEPARATOR_UNKNOWN, and what a stream throws
 */
export async function* readRawRows(
  file: RawFile,
  input: RawInput = { path: file.path },
  limits: RowLimits = {},
): AsyncGenerator<RawBatch> {
  assertKnownReading(file.reading ?? DEFAULT_READING);
  const counted = { bytesRead: 0 };
  const onBytes = (bytes: number): void => {
    counted.bytesRead += bytes;
  };
  const budget = new UnpackBudget(file.path, limits.maxUnpackedBytes ?? null);
  const request = { path: file.path, budget, onBytes };
  for await (const part of openParts(input, request)) {
    const { member, unpacked, content } = part;
    const inner = member === null ? file : { ...file, path: `${file.path}/${member}` };
    const batches =
      content.kind === 'parquet'
        ? readParquet(content.path, inner, member ?? file.path, { limits, budget })
        : readText(content.chunks, inner, nameWithoutPacking(member ?? file.path), limits);
    const sizeBytes = 'path' in input && unpacked.length === 0 ? statSync(input.path).size : 0;
    let notes = noteLeftOut(part);
    for await (const { share, reading, ...batch } of batches) {
      yield {
        rows: batch.rows,
        member,
        bytesRead: Math.max(counted.bytesRead, Math.round(share * sizeBytes)),
        notes: [...notes, ...batch.notes],
        reading: reading === null ? null : { ...reading, unpacked: [...unpacked] },
      };
      notes = [];
    }
  }
}

/** The name of the rows' file in messages: of a file in a zip archive, after the name of the archive. */
export function namePart({ name }: { readonly name: string }, { member }: Pick<RawBatch, 'member'>): string {
  return member === null ? name : `${name}/${member}`;
}

function noteLeftOut({ leftOut }: InputPart): RawNote[] {
  if (leftOut.length === 0) return [];
  return [{ code: 'MEMBERS_LEFT_OUT', members: leftOut.slice(0, MAX_NAMES), count: leftOut.length }];
}

interface PartBatch {
  readonly rows: RawBatch['rows'];
  readonly notes: RawBatch['notes'];
  /** The share of the rows that are read; 0: not known. */
  readonly share: number;
  readonly reading: Omit<FileReading, 'file' | 'unpacked'> | null;
}

async function* readText(
  chunks: AsyncIterable<Buffer>,
  file: RawFile,
  name: string,
  limits: RowLimits,
): AsyncGenerator<PartBatch> {
  let found: TextEncoding = { encoding: 'utf-8', from: 'found' };
  const notes: RawNote[] = [];
  const text = decodeText(chunks, {
    path: file.path,
    encoding: file.reading?.encoding ?? null,
    usual: file.model?.reading?.encoding ?? null,
    argument: file.encodingArgument ?? 'data.encoding=',
    onFound: (encoding) => {
      found = encoding;
      if (encoding.from === 'assumed') notes.push({ code: 'ENCODING_ASSUMED', encoding: encoding.encoding });
    },
  });
  const start = await readFileStart(text, { ...file, name });
  if (start.isOtherFormat) notes.push({ code: 'FORMAT_FOUND', format: start.format });
  const parser =
    start.format === 'csv' ? createCsvRowParser(file, start, limits) : createJsonRowParser(file, limits);
  const names = file.labelNames ?? null;
  const finish = (rows: PartBatch['rows']): Omit<PartBatch, 'reading'> => ({
    rows: nameLabels(rows, file.columns.label, names),
    share: 0,
    notes: [...notes.splice(0), ...parser.takeNotes()],
  });
  for await (const bytes of start.chunks) yield { ...finish(parser.push(bytes)), reading: null };
  const last = finish(parser.end());
  const separator = describeSeparator(parser, start);
  const encoding = { encoding: found.encoding, encodingFrom: found.from };
  yield { ...last, reading: { format: start.format, ...encoding, ...separator, labelNames: names } };
}

function describeSeparator(
  { separator: read }: RowParser,
  { separator, separatorFrom }: Awaited<ReturnType<typeof readFileStart>>,
): Pick<FileReading, 'separator' | 'separatorFrom'> {
  if (read === null) return { separator: null, separatorFrom: null };
  const name = nameSeparator(read.separator);
  return { separator: name, separatorFrom: separator === null ? read.from : separatorFrom };
}

async function* readParquet(
  path: string,
  file: RawFile,
  name: string,
  request: Pick<ParquetRequest, 'limits' | 'budget'>,
): AsyncGenerator<PartBatch> {
  const { readParquetRows } = await import('./parquet-rows.ts'); // its codecs take time to load
  let labelNames: readonly string[] | null = null;
  const isExpected = (file.format ?? formatOfName(name)) === null;
  const notes: RawNote[] = isExpected ? [] : [{ code: 'FORMAT_FOUND', format: 'parquet' }];
  for await (const batch of readParquetRows({ path, file, ...request })) {
    labelNames = file.labelNames === undefined ? batch.labelNames : file.labelNames;
    const rows = nameLabels(batch.rows, file.columns.label, labelNames);
    yield { rows, share: batch.share, notes: [...notes.splice(0), ...batch.notes], reading: null };
  }
  const none = { encoding: null, encodingFrom: null, separator: null, separatorFrom: null };
  yield { rows: [], share: 1, notes: [], reading: { format: 'parquet', ...none, labelNames } };
}

/** Puts class names in place of labels that are their numbers; -1 stands for no label, as in the `datasets` library. */
function nameLabels(
  rows: PartBatch['rows'],
  column: string | null,
  names: readonly string[] | null,
): PartBatch['rows'] {
  if (names === null || column === null) return rows;
  const rename = (label: string | null): string | null => {
    if (label === null || !/^-?\d+(\.0+)?$/.test(label)) return label;
    return Number(label) === -1 ? '' : (names[Number(label)] ?? label);
  };
  return rows.map((row) =>
    'reason' in row
      ? row
      : { ...row, get: (name) => (name === column ? rename(row.get(name)) : row.get(name)) },
  );
}
