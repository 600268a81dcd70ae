// Predictions for a file of articles, read and written as a stream: one JSON object per row, in the order of the rows.
import { createWriteStream, existsSync, statSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { appError, asDiskError, assertFileWritable, makeFolder } from '../../foundation/core/index.ts';
import {
  buildWarningAnswer,
  type FileReading,
  type Nouns,
  nameNouns,
} from '../../foundation/records/index.ts';
import {
  type ArticleRow,
  type DetailedClassifier,
  predictStream,
  type RowResult,
} from '../../judging/predict/index.ts';
import {
  type ArticleColumns,
  type ArticleFileNote,
  ArticleReader,
  ArticleRejects,
  type ColumnNote,
  type ColumnRequest,
  formatArticleFileNote,
  formatColumnNote,
  parseColumnRequest,
  type RawBatch,
  type RawInput,
  type ReadingOptions,
  readRawRows,
} from '../../learning/data/index.ts';
import type { WorkflowContext } from '../context/index.ts';
import { withModel } from '../locate-model/index.ts';

export interface PredictFileRequest {
  /** Absolute path of a file that `data` can read, or a stream of its bytes such as standard input. */
  readonly file: { readonly path: string } | { readonly stream: Readable };
  /** null: by the name of the file, else by its first character. */
  readonly format: 'csv' | 'jsonl' | null;
  /** null: UTF-8, or as the model's training file was read. */
  readonly reading: ReadingOptions;
  /** `title=NAME,text=NAME,id=NAME`; null: the columns of the model's training file, else title, text and id. */
  readonly columns: string | null;
  /** Where the predictions go. A stream is left open. */
  readonly out: { readonly path: string } | { readonly stream: Writable };
  /** NAME, NAME@VERSION, a run id or a folder; null: production, else the newest. */
  readonly model: string | null;
  /** 0: one per core. */
  readonly threads: number;
}

export interface FilePrediction {
  readonly predicted: number;
  /** Rows that could not be read; each has an error line instead. */
  readonly failed: number;
  readonly seconds: number;
  /** File with the predictions, `…partial` if stopped; null: they went to a stream. */
  readonly out: string | null;
  readonly modelVersion: string;
  /** Whether the signal ended it before the last row. */
  readonly stopped: boolean;
  /** The columns that were read. */
  readonly columns: ArticleColumns;
  /** What was not as expected about them, with its sentence. */
  readonly columnNotes: readonly (ColumnNote & { readonly message: string })[];
  /** How the file, or each file in an archive, was read. */
  readonly readings: readonly FileReading[];
  /** What else was not as expected about the file. */
  readonly fileNotes: readonly (ArticleFileNote & { readonly message: string })[];
}

/** How the columns are named on the command line. */
const ARGUMENT = '--columns ';

interface RowCounts {
  predicted: number;
  failed: number;
  readonly rejects: ArticleRejects;
}

/**
 * Predicts every row of a file. The file `out` appears under its name only when it is complete.
 * @throws FILE_NOT_FOUND, COLUMNS_INVALID, ENCODING_UNKNOWN, SEPARATOR_UNKNOWN, ARTICLE_COLUMNS_MISSING, DATA_FILE_INVALID,
 *   NOTHING_PREDICTED, DISK_FULL, and what locating and loading a model throw
 */
export async function predictFile(
  request: PredictFileRequest,
  context: WorkflowContext,
): Promise<FilePrediction> {
  const { file, columns, threads, model } = request;
  const wanted = columns === null ? {} : parseColumnRequest(columns, '--columns');
  if ('path' in file && (!existsSync(file.path) || !statSync(file.path).isFile()))
    throw appError('FILE_NOT_FOUND', { path: file.path, kind: 'file' });
  if ('path' in request.out) assertFileWritable(request.out.path);
  return withModel(model, { threads }, context, ({ classifier }) =>
    writePredictions(request, wanted, classifier, context),
  );
}

async function writePredictions(
  { file, format, reading, out }: PredictFileRequest,
  request: ColumnRequest,
  classifier: DetailedClassifier,
  { clock, progress, warn, signal }: WorkflowContext,
): Promise<FilePrediction> {
  const startMs = clock.monotonicMs();
  const counts: RowCounts = { predicted: 0, failed: 0, rejects: new ArticleRejects() };
  const place = locateFile(file);
  const reader = new ArticleReader({
    ...place,
    ...{ format, reading, request },
    model: classifier.info,
    argument: ARGUMENT,
    encodingArgument: '--encoding ',
    listsColumns: true,
  });
  const bar = progress('predict', place.sizeBytes, 'bytes');
  const readings: FileReading[] = [];
  const onRead = ({ bytesRead, reading: how, member }: RawBatch): void => {
    bar.update(bytesRead, `${counts.predicted} articles`);
    if (how === null) return;
    readings.push({ file: member === null ? place.name : `${place.name}/${member}`, ...how });
  };
  const rows = readArticleRows(file, reader, { onRead, warn, signal });
  const lines = formatLines(predictStream(rows, classifier), counts, nameNouns(classifier.info));
  try {
    if ('stream' in out) await pipeline(Readable.from(lines), out.stream, { end: false });
    else {
      makeFolder(dirname(out.path));
      await pipeline(Readable.from(lines), createWriteStream(partialPath(out.path)));
    }
  } catch (error) {
    if ('path' in out) await rm(partialPath(out.path), { force: true });
    throw asDiskError(error, 'stream' in out ? 'standard output' : out.path);
  } finally {
    bar.stop();
  }
  const stopped = signal.aborted;
  if (counts.predicted === 0 && !stopped) {
    if ('path' in out) await rm(partialPath(out.path), { force: true });
    throw counts.rejects.createError({ ...place, argument: ARGUMENT, hasHeader: reader.hasHeader });
  }
  const written = {
    predicted: counts.predicted,
    failed: counts.failed,
    seconds: Math.round((clock.monotonicMs() - startMs) / 10) / 100,
    modelVersion: classifier.modelVersion,
    stopped,
    columns: reader.columns,
    columnNotes: reader.notes.map((note) => ({ ...note, message: formatColumnNote(note) })),
    readings,
    fileNotes: reader.fileNotes.map((note) => ({ ...note, message: formatArticleFileNote(note) })),
  };
  if ('stream' in out) return { ...written, out: null };
  if (stopped) return { ...written, out: partialPath(out.path) };
  await rename(partialPath(out.path), out.path);
  return { ...written, out: out.path };
}

interface FilePlace {
  readonly path: string;
  /** In messages. */
  readonly name: string;
  /** 0: not known. */
  readonly sizeBytes: number;
}

function locateFile(file: PredictFileRequest['file']): FilePlace {
  if ('stream' in file) return { path: 'standard input', name: 'standard input', sizeBytes: 0 };
  return { path: file.path, name: basename(file.path), sizeBytes: statSync(file.path).size };
}

function partialPath(path: string): string {
  return `${path}.partial`;
}

interface ReadingContext extends Pick<WorkflowContext, 'warn' | 'signal'> {
  /** Receives each batch once its rows are passed on. */
  readonly onRead: (batch: RawBatch) => void;
}

/** Reads the rows as articles, and says at once what is not as expected about the file and its columns. */
async function* readArticleRows(
  file: RawInput,
  reader: ArticleReader,
  { onRead, warn, signal }: ReadingContext,
): AsyncGenerator<ArticleRow> {
  const said = { columns: 0, file: 0 };
  const sayNotes = (): void => {
    for (const note of reader.notes.slice(said.columns)) warn(formatColumnNote(note, ARGUMENT), note);
    for (const note of reader.fileNotes.slice(said.file)) warn(formatArticleFileNote(note), note);
    said.columns = reader.notes.length;
    said.file = reader.fileNotes.length;
  };
  try {
    const input = 'path' in file ? file : { stream: untilStopped(file.stream, signal) };
    for await (const batch of readRawRows(reader.file, input)) {
      for (const row of batch.rows) {
        if (signal.aborted) return;
        yield reader.read(row, batch.member);
      }
      reader.addFileNotes(batch.notes);
      sayNotes();
      onRead(batch);
    }
    reader.finish();
  } catch (error) {
    if (signal.aborted) return; // what is wrong about the file is that its end was not read
    throw error;
  }
  sayNotes();
}

/** Ends the chunks when the signal is aborted, also while none comes. */
async function* untilStopped(chunks: AsyncIterable<Buffer>, signal: AbortSignal): AsyncGenerator<Buffer> {
  const iterator = chunks[Symbol.asyncIterator]();
  const stopped = new Promise<IteratorResult<Buffer>>((resolve) => {
    signal.addEventListener('abort', () => resolve({ done: true, value: undefined }), { once: true });
  });
  try {
    while (!signal.aborted) {
      const next = await Promise.race([iterator.next(), stopped]);
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    const closed = iterator.return?.();
    if (!signal.aborted) await closed; // else a stream that is silent would hold the program
  }
}

async function* formatLines(
  results: AsyncIterable<RowResult>,
  counts: RowCounts,
  nouns: Nouns,
): AsyncGenerator<string> {
  for await (const result of results) {
    const { file, line, id, row } = result;
    const place = { ...(file === undefined ? {} : { file }), ...(id === undefined ? {} : { id }), line };
    const others = row === undefined ? {} : { row };
    if ('error' in result) {
      const { code, message } = result.error;
      counts.failed++;
      counts.rejects.add(line, result.error);
      yield `${JSON.stringify({ ...place, error: { code, message }, ...others })}\n`;
    } else {
      counts.predicted++;
      const { warningFacts } = buildWarningAnswer(result.warnings, nouns);
      yield `${JSON.stringify({ ...place, ...result.prediction, warningFacts, ...others })}\n`;
    }
  }
}
