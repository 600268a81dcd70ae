// QueuedClassifier more articles than fit in memory: rows in, answers out in the same order, a few chunks under way at a time.
// A row that could not be read becomes an answer too: nothing is dropped in silence.
import type { AppError } from '../../foundation/core/index.ts';
import type { ArticleText, Prediction } from '../../foundation/records/index.ts';
import type { Classifier } from './classifier.ts';

/** One row of a file: an article, or why it is none. */
export interface ArticleRow {
  /** Line of the file on which the row starts, from 1. */
  readonly line: number;
  /** The file's own id of it. */
  readonly id?: string;
  readonly article: ArticleText | AppError;
}

/** What is written for one row. */
export type RowAnswer =
  | (Prediction & { readonly id?: string })
  | {
      readonly id?: string;
      readonly line: number;
      readonly error: { readonly code: string; readonly message: string };
    };

const CHUNK_ROWS = 128;
/** While one chunk is in the model, the next is cleaned and encoded. */
const CHUNKS_UNDER_WAY = 2;

/** Answers each row, in the order of the rows; memory does not grow with their number. */
export async function* predictStream(
  rows: AsyncIterable<ArticleRow> | Iterable<ArticleRow>,
  classifier: Pick<Classifier, 'predict'>,
  chunkRows = CHUNK_ROWS,
): AsyncGenerator<RowAnswer> {
  const underWay: Promise<RowAnswer[]>[] = [];
  for await (const chunk of cutIntoChunks(rows, chunkRows)) {
    const answers = predictChunk(chunk, classifier);
    answers.catch(() => {}); // it is awaited in turn below; until then a failure is not unhandled
    underWay.push(answers);
    if (underWay.length >= CHUNKS_UNDER_WAY) yield* await underWay.shift()!;
  }
  for (const answers of underWay) yield* await answers;
}

async function* cutIntoChunks(
  rows: AsyncIterable<ArticleRow> | Iterable<ArticleRow>,
  size: number,
): AsyncGenerator<ArticleRow[]> {
  let chunk: ArticleRow[] = [];
  for await (const row of rows) {
    chunk.push(row);
    if (chunk.length === size) {
      yield chunk;
      chunk = [];
    }
  }
  if (chunk.length > 0) yield chunk;
}

async function predictChunk(
  chunk: readonly ArticleRow[],
  classifier: Pick<Classifier, 'predict'>,
): Promise<RowAnswer[]> {
  const articles = chunk.flatMap((row) => ('code' in row.article ? [] : [row.article]));
  const predictions = articles.length === 0 ? [] : await classifier.predict(articles);
  let next = 0;
  return chunk.map((row) => {
    const id = row.id === undefined ? {} : { id: row.id };
    if ('code' in row.article) {
      return { ...id, line: row.line, error: { code: row.article.code, message: row.article.message } };
    }
    return { ...id, ...predictions[next++]! };
  });
}
