// What a reader of raw files hands on, and what it is told: the types that the readers of all formats share.
import type { FileReading, ModelFolder } from '../../foundation/records/index.ts';
import type { BadRow } from './csv-parser.ts';
import type { ColumnMap } from './options.ts';
import type { RawNote, ReadingOptions } from './reading.ts';

export interface RawRow {
  /** The line on which the row starts, from 1; in Parquet, the number of the row. */
  readonly line: number;
  /** The names of the columns of this row. */
  readonly columns: readonly string[];
  /** The value of a column; null if the row has none. */
  readonly get: (column: string) => string | null;
  /** All values of the row by their columns: texts in CSV, any values in JSON. */
  readonly values: () => Readonly<Record<string, unknown>>;
}

export interface RawBatch {
  readonly rows: readonly (RawRow | BadRow)[];
  /** The path of the file in a zip archive that holds the rows; null outside of one. */
  readonly member: string | null;
  /** How many bytes of the file have been read so far. */
  readonly bytesRead: number;
  /** What the reader noticed about the file since the batch before. */
  readonly notes: readonly RawNote[];
  /** How the file, or the file in the archive, was read; null before its last batch. */
  readonly reading: Omit<FileReading, 'file'> | null;
}

export interface RawFile {
  /** The file; where the bytes come from elsewhere, its name in messages. */
  readonly path: string;
  /** What the file is expected to be; null: what its name says. The content decides where they differ. */
  readonly format: 'csv' | 'jsonl' | null;
  readonly columns: ColumnMap;
  /** Absent: everything is found from the file. */
  readonly reading?: ReadingOptions;
  /** The training file of a model: a file with its columns is read as it was, unless `reading` says how. */
  readonly model?: Pick<ModelFolder, 'columns' | 'reading'>;
  /** The class names of labels that are numbers; absent: those that a Parquet file holds; null: labels stay as they are. */
  readonly labelNames?: readonly string[] | null;
  /** How the caller can name the encoding, for messages; default `data.encoding=`. */
  readonly encodingArgument?: string;
  /** Receives the header of CSV or Parquet before the rows, also if there are none. */
  readonly onHeader?: (header: readonly string[]) => void;
}

export interface RowLimits {
  readonly maxRowBytes?: number;
  /** The most bytes that may come out of all archives and compressed pages of an input together. */
  readonly maxUnpackedBytes?: number;
}
