// Predictions for a file of articles, read and written as a stream: one JSON object per row, in the order of the rows.
import { createWriteStream, existsSync, statSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { basename } from 'node:path';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { appError, asDiskError } from '../../foundation/core/index.ts';
import { buildWarningAnswer } from '../../foundation/records/index.ts';
import {
  type ArticleRow,
  type DetailedClassifier,
  predictStream,
  type RowResult,
} from '../../judging/predict/index.ts';
import { ARTICLE_COLUMNS, formatOfFile, readArticleRow, readRawRows } from '../../learning/data/index.ts';
import type { WorkflowContext } from '../context/index.ts';
import { withModel } from '../locate-model/index.ts';

export interface PredictFileRequest {
  /** Absolute path of a CSV or JSON Lines file with the columns title and text. */
  readonly file: string;
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
}

interface RowCounts {
  predicted: number;
  failed: number;
}

/**
 * Predicts every row of a file. The file `out` appears under its name only when it is complete.
 * @throws FILE_NOT_FOUND, DATA_FILE_INVALID, DISK_FULL, and what locating and loading a model throw
 */
export async function predictFile(
  request: PredictFileRequest,
  context: WorkflowContext,
): Promise<FilePrediction> {
  const { threads, model } = request;
  return withModel(model, { threads }, context, ({ classifier }) =>
    writePredictions(request, classifier, context),
  );
}

async function writePredictions(
  { file, out }: PredictFileRequest,
  classifier: DetailedClassifier,
  { clock, progress, signal }: WorkflowContext,
): Promise<FilePrediction> {
  const startMs = clock.monotonicMs();
  if (!existsSync(file) || !statSync(file).isFile())
    throw appError('FILE_NOT_FOUND', { path: file, kind: 'file' });
  const counts: RowCounts = { predicted: 0, failed: 0 };
  const bar = progress('predict', statSync(file).size, 'bytes');
  const rows = readArticleRows(file, signal, (bytes) => bar.update(bytes, `${counts.predicted} articles`));
  const lines = formatLines(predictStream(rows, classifier), counts);
  try {
    if ('stream' in out) await pipeline(Readable.from(lines), out.stream, { end: false });
    else await pipeline(Readable.from(lines), createWriteStream(partialPath(out.path)));
  } catch (error) {
    throw asDiskError(error, 'stream' in out ? 'standard output' : out.path);
  } finally {
    bar.stop();
  }
  const seconds = Math.round((clock.monotonicMs() - startMs) / 10) / 100;
  const stopped = signal.aborted;
  const written = { ...counts, seconds, modelVersion: classifier.modelVersion, stopped };
  if ('stream' in out) return { ...written, out: null };
  if (stopped) return { ...written, out: partialPath(out.path) };
  await rename(partialPath(out.path), out.path);
  return { ...written, out: out.path };
}

function partialPath(path: string): string {
  return `${path}.partial`;
}

/** @param onBytes  receives the number of bytes read so far */
async function* readArticleRows(
  path: string,
  signal: AbortSignal,
  onBytes: (bytesRead: number) => void,
): AsyncGenerator<ArticleRow> {
  const name = basename(path);
  const format = formatOfFile(path);
  for await (const { rows, bytesRead } of readRawRows({ path, format, columns: ARTICLE_COLUMNS })) {
    for (const row of rows) {
      if (signal.aborted) return;
      yield readArticleRow(name, format, row);
    }
    onBytes(bytesRead);
  }
}

async function* formatLines(rows: AsyncIterable<RowResult>, counts: RowCounts): AsyncGenerator<string> {
  for await (const row of rows) {
    if ('error' in row) {
      counts.failed++;
      yield `${JSON.stringify(row)}\n`;
    } else {
      counts.predicted++;
      const { warnings, ...prediction } = row;
      const { warningFacts } = buildWarningAnswer(warnings);
      yield `${JSON.stringify({ ...prediction, warningFacts })}\n`;
    }
  }
}
