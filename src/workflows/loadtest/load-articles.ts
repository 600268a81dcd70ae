// The articles that a load test sends: the first ones of a file, limited by number and size.
import { existsSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { appError, isAppError, type Warn } from '../../foundation/core/index.ts';
import type { ArticleText } from '../../foundation/records/index.ts';
import {
  ArticleReader,
  ArticleRejects,
  formatArticleFileNote,
  formatColumnNote,
  parseColumnRequest,
  type ReadingOptions,
  readRawRows,
} from '../../learning/data/index.ts';

import type { TrainingFile } from './load-target.ts';

/** How the columns are named on the command line. */
const ARGUMENT = '--columns ';
const MOST_ARTICLES = 10_000;
const MOST_CHARACTERS = 64_000_000;

export interface ArticleSource {
  readonly path: string;
  /** `title=NAME,text=NAME`; null: the model's columns, else title and text. */
  readonly columns: string | null;
  /** null: UTF-8, or as the model's training file was read. */
  readonly reading: ReadingOptions;
  /** How the training file of the server's model was read, as far as it is known. */
  readonly model: TrainingFile;
  /** Receives what is not as expected about the file and its columns. */
  readonly warn: Warn;
}

/**
 * Reads the file's articles; rows that cannot be read are skipped.
 * @throws FILE_NOT_FOUND, COLUMNS_INVALID, ENCODING_UNKNOWN, SEPARATOR_UNKNOWN, ARTICLE_COLUMNS_MISSING, DATA_FILE_INVALID, NOTHING_PREDICTED
 */
export async function loadArticles({
  path,
  columns,
  reading,
  model,
  warn,
}: ArticleSource): Promise<ArticleText[]> {
  const request = columns === null ? {} : parseColumnRequest(columns, '--columns');
  if (!existsSync(path) || !statSync(path).isFile()) throw appError('FILE_NOT_FOUND', { path, kind: 'file' });
  const about = { name: basename(path), argument: ARGUMENT };
  const reader = new ArticleReader({
    ...about,
    ...{ path, reading, model, request },
    format: null,
    encodingArgument: '--encoding ',
    listsColumns: true,
  });
  const articles: ArticleText[] = [];
  const rejects = new ArticleRejects();
  let characters = 0;
  file: for await (const { rows, notes } of readRawRows(reader.file)) {
    reader.addFileNotes(notes);
    for (const row of rows) {
      const { article, line } = reader.read(row);
      if (isAppError(article)) {
        rejects.add(line, article);
        continue;
      }
      articles.push(article);
      characters += article.title.length + article.text.length;
      if (articles.length >= MOST_ARTICLES || characters >= MOST_CHARACTERS) break file;
    }
  }
  if (articles.length === 0) throw rejects.createError({ ...about, hasHeader: reader.hasHeader });
  reader.finish();
  for (const note of reader.notes) warn(formatColumnNote(note, ARGUMENT), note);
  for (const note of reader.fileNotes) warn(formatArticleFileNote(note), note);
  return articles;
}
