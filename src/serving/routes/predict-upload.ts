// Predictions for a file of any length: rows in, lines out, two chunks in progress. Memory does not grow with the file. A row
// that cannot be read becomes a line too. While the server is busy, the file waits.
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { type AppError, appError, isAppError } from '../../foundation/core/index.ts';
import type { ModelFolder } from '../../foundation/records/index.ts';
import { refuseWithoutText } from '../../judging/predict/index.ts';
import {
  ArticleReader,
  ArticleRejects,
  articleRoles,
  type ColumnRequest,
  formatArticleFileNote,
  formatColumnNote,
  type ReadArticleRow,
  type ReadingOptions,
  readRawRows,
} from '../../learning/data/index.ts';
import { createProblem, problemSchema } from '../http/index.ts';
import type { NamedPrediction } from '../live/index.ts';
import { answerSchema, createAnswer } from './answer.ts';
import type { AppContext } from './app-context.ts';
import { predictForRequest } from './predict-request.ts';
import { keepReceipts, type RequestOrigin } from './receipts.ts';

const place = {
  file: z.string().optional().meta({ description: 'The file in a zip archive; absent outside of one.' }),
  line: z.int().meta({ description: 'Line of the file, from 1; in Parquet, the number of the row.' }),
  id: z.string().optional(),
  row: z.record(z.string(), z.unknown()).optional().meta({
    description: 'All other columns of the row, by name; absent if there are none.',
  }),
};
const columnName = z.string().nullable();
const noteFacts = { role: z.enum(articleRoles), message: z.string() };
const columnNoteSchema = z.discriminatedUnion('code', [
  z.object({ code: z.literal('COLUMN_OTHER_NAME'), column: z.string(), expected: z.string(), ...noteFacts }),
  z.object({ code: z.literal('COLUMN_OTHER_CASE'), column: z.string(), expected: z.string(), ...noteFacts }),
  z.object({ code: z.literal('COLUMN_MISSING'), expected: z.string(), ...noteFacts }),
  z.object({ code: z.literal('COLUMN_NOT_READ'), column: z.string(), ...noteFacts }),
  z.object({ code: z.literal('COLUMN_REPEATED'), column: z.string(), ...noteFacts }),
]);
const fileNoteSchema = z.discriminatedUnion('code', [
  z.object({ code: z.literal('NOT_A_NUMBER'), rows: z.int(), message: z.string() }),
  z.object({ code: z.literal('COMMA_EXTRA'), rows: z.int(), message: z.string() }),
  z.object({
    code: z.literal('LINES_JOINED'),
    rows: z.int(),
    line: z.int(),
    lastLine: z.int(),
    message: z.string(),
  }),
  z.object({ code: z.literal('ENCODING_ASSUMED'), encoding: z.string(), message: z.string() }),
  z.object({
    code: z.literal('FORMAT_FOUND'),
    format: z.enum(['csv', 'jsonl', 'parquet']),
    message: z.string(),
  }),
  z.object({ code: z.literal('COLUMN_NESTED'), column: z.string(), message: z.string() }),
  z.object({
    code: z.literal('MEMBERS_LEFT_OUT'),
    members: z.array(z.string()),
    count: z.int(),
    message: z.string(),
  }),
  z.object({ code: z.literal('COLUMN_RENAMED'), column: z.string(), times: z.int(), message: z.string() }),
]);
const counts = { rows: z.int(), judged: z.int(), rejected: z.int() };

/** One line of the response. The last is `done`, or `failed` if the file ends too soon. */
export const uploadLineSchema = z
  .discriminatedUnion('type', [
    z.object({ type: z.literal('verdict'), ...place, ...answerSchema.shape }),
    z.object({
      type: z.literal('rejected'),
      ...place,
      error: z.object({ code: z.string(), message: z.string() }),
    }),
    z.object({
      type: z.literal('progress'),
      ...counts,
      bytes: z.int().meta({ description: 'Bytes of the file read so far, after decompression.' }),
    }),
    z.object({
      type: z.literal('done'),
      ...counts,
      seconds: z.number(),
      columns: z.object({ title: columnName, text: columnName, id: columnName }).meta({
        description: 'The columns that were read; null: none.',
      }),
      columnNotes: z.array(columnNoteSchema).meta({
        description: 'Columns that differ from what was expected; message is the sentence.',
      }),
      fileNotes: z.array(fileNoteSchema).meta({
        description: 'Other notes on the file: NaN or extra commas in JSON, columns that share a name.',
      }),
      modelVersion: z.string(),
      requestId: z.string(),
    }),
    z.object({ type: z.literal('failed'), ...counts, problem: problemSchema }),
  ])
  .meta({ id: 'BatchLine' });
export type UploadLine = z.infer<typeof uploadLineSchema>;

const CHUNK_ROWS = 64;
/** A chunk of long articles is no larger than a request may be. */
const CHUNK_CHARS = 1 << 20;
const PROGRESS_EVERY_MS = 500;
const RETRY_MS = 250;

interface Chunk {
  readonly rows: readonly ReadArticleRow[];
  readonly bytes: number;
}

export interface UploadRequest extends RequestOrigin {
  /** null: found from its content. */
  readonly format: 'csv' | 'jsonl' | null;
  readonly columns: ColumnRequest;
  /** Its encoding is null: the bytes are UTF-8, or in the encoding of the model's training file. */
  readonly reading: ReadingOptions;
  /** Added to each line number: the file is a part of another. */
  readonly lineOffset: number;
  readonly chunks: AsyncIterable<Buffer>;
  readonly requestId: string;
  /** Aborted when the client has disconnected. */
  readonly signal: AbortSignal;
}

/**
 * The lines of the response. A failure after the first line becomes a line too, and so does a file without any article.
 * @throws ARTICLE_COLUMNS_MISSING, DATA_FILE_INVALID, NOTHING_PREDICTED if there is no row, and what the upload throws, before the first line
 */
export async function* predictUpload(context: AppContext, upload: UploadRequest): AsyncGenerator<UploadLine> {
  const { clock } = context;
  const startMs = clock.monotonicMs();
  const counted = { rows: 0, judged: 0, rejected: 0 };
  let saidMs = Number.NEGATIVE_INFINITY;
  let { modelVersion } = context.classifier;
  const rejects = new ArticleRejects();
  const { info } = context.classifier;
  const about = { name: 'upload', format: upload.format, argument: '?columns=' };
  try {
    const reader = new ArticleReader({
      ...about,
      path: 'upload',
      encodingArgument: 'content-type: text/csv; charset=',
      reading: upload.reading,
      model: info,
      request: upload.columns,
      listsColumns: false, // a proxy may log the answer
      lineOffset: upload.lineOffset,
    });
    for await (const { chunk, predictions } of predictChunks(context, upload, reader)) {
      let next = 0;
      for (const row of chunk.rows) {
        const line = buildLine(row, () => predictions[next++]!, context.classifier.info);
        counted.rows++;
        if (line.type === 'verdict') {
          counted.judged++;
          modelVersion = line.modelVersion;
        } else counted.rejected++;
        if ('code' in row.article) rejects.add(row.line, row.article);
        yield line;
      }
      const nowMs = clock.monotonicMs();
      if (nowMs - saidMs < PROGRESS_EVERY_MS) continue;
      saidMs = nowMs;
      yield { type: 'progress', ...counted, bytes: chunk.bytes };
    }
    if (counted.judged === 0) throw rejects.createError({ ...about, hasHeader: reader.hasHeader });
    reader.finish();
    yield {
      type: 'done',
      ...counted,
      seconds: Math.round(clock.monotonicMs() - startMs) / 1000,
      columns: reader.columns,
      columnNotes: reader.notes.map((note) => ({ ...note, message: formatColumnNote(note) })),
      fileNotes: reader.fileNotes.map((note) => ({ ...note, message: formatArticleFileNote(note) })),
      modelVersion,
      requestId: upload.requestId,
    };
  } catch (thrown) {
    const error = isAppError(thrown) ? thrown : interrupted(thrown);
    if (counted.rows === 0) throw error;
    context.metrics.countError(error.code);
    yield { type: 'failed', ...counted, problem: createProblem(error, upload.requestId) };
  }
}

/** Chunks in the file's order with their predictions; while one is in the model, the next is read. */
async function* predictChunks(
  context: AppContext,
  upload: UploadRequest,
  reader: ArticleReader,
): AsyncGenerator<{ chunk: Chunk; predictions: NamedPrediction[] }> {
  let underWay: { chunk: Chunk; answers: Promise<NamedPrediction[]> } | undefined;
  for await (const chunk of cutIntoChunks(context, upload, reader)) {
    const answers = predictWhenFree(context, chunk, upload);
    answers.catch(() => {}); // it is awaited in turn; until then a failure is not unhandled
    if (underWay !== undefined) yield { chunk: underWay.chunk, predictions: await underWay.answers };
    underWay = { chunk, answers };
  }
  if (underWay !== undefined) yield { chunk: underWay.chunk, predictions: await underWay.answers };
}

async function* cutIntoChunks(
  { limits, classifier }: AppContext,
  upload: UploadRequest,
  reader: ArticleReader,
): AsyncGenerator<Chunk> {
  const limit = { maxRowBytes: limits.maxBodyBytes, maxUnpackedBytes: limits.maxUploadBytes };
  let rows: ReadArticleRow[] = [];
  let chars = 0;
  let bytes = 0;
  for await (const batch of readRawRows(reader.file, { stream: upload.chunks }, limit)) {
    bytes = batch.bytesRead;
    reader.addFileNotes(batch.notes);
    for (const raw of batch.rows) {
      const row = refuseRow(reader.read(raw, batch.member), classifier.info);
      rows.push(row);
      chars += 'title' in row.article ? row.article.title.length + row.article.text.length : 0;
      if (rows.length < CHUNK_ROWS && chars < CHUNK_CHARS) continue;
      yield { rows, bytes };
      rows = [];
      chars = 0;
    }
  }
  if (rows.length > 0) yield { rows, bytes };
}

/** A row whose article holds no text becomes a rejected one. */
function refuseRow(row: ReadArticleRow, info: ModelFolder): ReadArticleRow {
  if (!('title' in row.article)) return row;
  const refusal = refuseWithoutText(row.article, info, `upload:${row.line}`);
  return refusal === null ? row : { ...row, article: refusal };
}

async function predictWhenFree(
  context: AppContext,
  { rows }: Chunk,
  { signal, ...origin }: UploadRequest,
): Promise<NamedPrediction[]> {
  const articles = rows.flatMap(({ article }) => ('title' in article ? [article] : []));
  if (articles.length === 0) return [];
  for (;;) {
    signal.throwIfAborted();
    try {
      const { predictions } = await predictForRequest(context, articles, { signal, priority: 'background' });
      return keepReceipts(context, articles, predictions, origin);
    } catch (error) {
      if (!isAppError(error) || error.code !== 'SERVER_BUSY') throw error;
    }
    await sleep(RETRY_MS, undefined, { signal });
  }
}

function buildLine(
  { article, ...about }: ReadArticleRow,
  nextAnswer: () => NamedPrediction,
  info: ModelFolder,
): UploadLine {
  if (!('title' in article)) {
    const { code, message } = article;
    return { type: 'rejected', ...about, error: { code, message } };
  }
  return { type: 'verdict', ...about, ...createAnswer(nextAnswer(), info) };
}

/** The message of a broken stream is dropped: it may hold a part of the file. */
function interrupted(cause: unknown): AppError {
  return appError('REQUEST_REFUSED', { reason: 'the upload broke off' }, { cause });
}
