// Predicts more articles than fit in memory: rows in, results out in the same order, two chunks at a time. A row that could
// not be read becomes a result too, so that none is lost.
import type { AppError } from '../../foundation/core/index.ts';
import type { ArticleText, Prediction, Warning } from '../../foundation/records/index.ts';
import { refuseWithoutText } from './article-refusal.ts';
import type { DetailedClassifier } from './detailed-prediction.ts';

/** One row of a file: an article, or the error that reading it gave. */
export interface ArticleRow {
  /** The file in an archive that holds the row; absent outside of one. */
  readonly file?: string;
  /** Line of the file on which the row starts, from 1. */
  readonly line: number;
  /** The id that the file gives the row. */
  readonly id?: string;
  readonly article: ArticleText | AppError;
  /** Further values of the row, which the result repeats. */
  readonly row?: Readonly<Record<string, unknown>>;
}

interface RowFacts {
  readonly file?: string;
  readonly line: number;
  readonly id?: string;
  readonly row?: Readonly<Record<string, unknown>>;
}

/** The result of one row. */
export type RowResult =
  | (RowFacts & { readonly prediction: Prediction; readonly warnings: readonly Warning[] })
  | (RowFacts & { readonly error: AppError });

const CHUNK_ROWS = 128;
/** While one chunk runs in the model, the next is cleaned and encoded. */
const CONCURRENT_CHUNKS = 2;

/** Yields the result of each row, in the order of the rows; memory does not grow with their number. */
export async function* predictStream(
  rows: AsyncIterable<ArticleRow> | Iterable<ArticleRow>,
  classifier: Pick<DetailedClassifier, 'predictDetailed' | 'info'>,
  chunkRows = CHUNK_ROWS,
): AsyncGenerator<RowResult> {
  const pending: Promise<RowResult[]>[] = [];
  for await (const chunk of cutIntoChunks(rows, chunkRows)) {
    const results = predictChunk(
      chunk.map((row) => refuseRow(row, classifier)),
      classifier,
    );
    results.catch(() => {}); // it is awaited in its turn below; until then a failure is not unhandled
    pending.push(results);
    if (pending.length >= CONCURRENT_CHUNKS) yield* await pending.shift()!;
  }
  for (const results of pending) yield* await results;
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

/** A row whose article holds no text gets the error as its article. */
function refuseRow(row: ArticleRow, { info }: Pick<DetailedClassifier, 'info'>): ArticleRow {
  if ('code' in row.article) return row;
  const refusal = refuseWithoutText(row.article, info, `line ${row.line}`);
  return refusal === null ? row : { ...row, article: refusal };
}

async function predictChunk(
  chunk: readonly ArticleRow[],
  classifier: Pick<DetailedClassifier, 'predictDetailed' | 'info'>,
): Promise<RowResult[]> {
  const articles = chunk.flatMap((row) => ('code' in row.article ? [] : [row.article]));
  const predictions = articles.length === 0 ? [] : await classifier.predictDetailed(articles);
  let next = 0;
  return chunk.map((row) => {
    const { article, ...facts } = row;
    if ('code' in article) return { ...facts, error: article };
    const { prediction, warnings } = predictions[next++]!;
    return { ...facts, prediction, warnings };
  });
}
