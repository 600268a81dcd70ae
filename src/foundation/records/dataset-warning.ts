// Warnings about a dataset, as facts: which rows are lost, which labels look like one class under several spellings, and what is
// wrong with a file that can be read all the same. They hold labels, names of columns and line numbers, never the text of an
// article. `learning/data/dataset-warning-sentences.ts` has the sentences.
import { z } from 'zod';

/** A row by the name of its file and its line, from 1. */
export const rowPlaceSchema = z.strictObject({ file: z.string(), line: z.int() });
/** A label, and how many rows have it. */
const label = z.strictObject({ name: z.string(), rows: z.int() });
/** Class names by the labels of the file; null: rows with that label are left out. */
const labelMap = z.record(z.string(), z.string().nullable());

/** A share of the rows above the limit of a warning is set aside for one reason. */
const rowsSetAside = z.strictObject({
  code: z.literal('ROWS_SET_ASIDE'),
  /** EMPTY, CONFLICTING, or the code of a reason why rows are unusable. */
  reason: z.string(),
  /** The reason in words. */
  words: z.string(),
  rows: z.int(),
  /** All rows that were read. */
  read: z.int(),
  perClass: z.array(label),
  /** The first of these rows. */
  examples: z.array(rowPlaceSchema),
});

/** Labels look like one class under several spellings, stand for a missing label, or are very rare. */
const labelsAlike = z.strictObject({
  code: z.literal('LABELS_ALIKE'),
  alike: z.array(
    z.strictObject({
      labels: z.array(label),
      differIn: z.array(z.enum(['case', 'spaces', 'punctuation', 'number format', 'one letter'])),
    }),
  ),
  /** Spellings of a missing label, such as nan. */
  missing: z.array(label),
  /** Classes with few rows. */
  rare: z.array(label),
  /** A setting of data.labels that joins what is alike and leaves out what is missing. */
  labels: labelMap,
});

/** Rows have labels that data.labels or data.classes do not name. */
const labelsUnmapped = z.strictObject({
  code: z.literal('LABELS_UNMAPPED'),
  setting: z.enum(['data.labels', 'data.classes']),
  rows: z.int(),
  read: z.int(),
  /** The labels with most rows; empty if there are so many that they may not be labels. */
  values: z.array(label.extend({ examples: z.array(rowPlaceSchema) })),
  /** How many other labels there are. */
  others: z.int(),
  examples: z.array(rowPlaceSchema),
  /** A setting of data.labels that names them; null if there are too many. */
  labels: labelMap.nullable(),
});

/** The header of a file names a column several times; the first one is read. */
const columnRepeated = z.strictObject({
  code: z.literal('COLUMN_REPEATED'),
  file: z.string(),
  column: z.string(),
  times: z.int(),
});
/** Rows of JSON hold NaN or Infinity, which are read as no value. */
const notANumber = z.strictObject({ code: z.literal('NOT_A_NUMBER'), file: z.string(), rows: z.int() });
/** Rows of JSON have a comma before a closing bracket or at the end, which is not read. */
const commaExtra = z.strictObject({ code: z.literal('COMMA_EXTRA'), file: z.string(), rows: z.int() });

/** Rows were read as one although their lines look like rows, because a quote opens in the first of them. */
const linesJoined = z.strictObject({
  code: z.literal('LINES_JOINED'),
  file: z.string(),
  rows: z.int(),
  /** The first and the last line of the first of them. */
  line: z.int(),
  lastLine: z.int(),
});

/** Text that is not UTF-8 was read in the most likely encoding. */
const encodingAssumed = z.strictObject({
  code: z.literal('ENCODING_ASSUMED'),
  file: z.string(),
  encoding: z.string(),
});
/** A file is of another format than its name or the configuration says. */
const formatFound = z.strictObject({
  code: z.literal('FORMAT_FOUND'),
  file: z.string(),
  format: z.enum(['csv', 'jsonl', 'parquet']),
});
/** A column of Parquet holds lists or records, and is not read. */
const columnNested = z.strictObject({
  code: z.literal('COLUMN_NESTED'),
  file: z.string(),
  column: z.string(),
});
/** Files in an archive are not read, because their names are not those of data. */
const membersLeftOut = z.strictObject({
  code: z.literal('MEMBERS_LEFT_OUT'),
  file: z.string(),
  /** The first of them. */
  members: z.array(z.string()),
  count: z.int(),
});

/** Rows are not used, because a copy or near-copy stands in a later one of the splits that are kept as given. */
const splitsOverlap = z.strictObject({ code: z.literal('SPLITS_OVERLAP'), rows: z.int() });

const fileNotes = [
  columnRepeated,
  notANumber,
  commaExtra,
  linesJoined,
  encodingAssumed,
  formatFound,
  columnNested,
  membersLeftOut,
] as const;
const fileNoteSchema = z.discriminatedUnion('code', fileNotes);
/** What is not as it should be about a file whose rows can be read. */
export type FileNote = z.infer<typeof fileNoteSchema>;

export const datasetWarningSchema = z.discriminatedUnion('code', [
  rowsSetAside,
  labelsAlike,
  labelsUnmapped,
  splitsOverlap,
  ...fileNotes,
]);
export type DatasetWarning = z.infer<typeof datasetWarningSchema>;
export type RowPlace = z.infer<typeof rowPlaceSchema>;
