// The articles that a load test sends: the first ones of a file, limited by number and size.
import { existsSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { appError, isAppError } from '../../foundation/core/index.ts';
import type { ArticleText } from '../../foundation/records/index.ts';
import { ARTICLE_COLUMNS, formatOfFile, readArticleRow, readRawRows } from '../../learning/data/index.ts';

const MOST_ARTICLES = 10_000;
const MOST_CHARACTERS = 64_000_000;

/**
 * Reads the file's articles; rows that cannot be read are skipped.
 * @throws FILE_NOT_FOUND, DATA_FILE_INVALID
 */
export async function loadArticles(path: string): Promise<ArticleText[]> {
  if (!existsSync(path) || !statSync(path).isFile()) throw appError('FILE_NOT_FOUND', { path, kind: 'file' });
  const format = formatOfFile(path);
  const articles: ArticleText[] = [];
  let characters = 0;
  for await (const { rows } of readRawRows({ path, format, columns: ARTICLE_COLUMNS })) {
    for (const row of rows) {
      const { article } = readArticleRow(basename(path), format, row);
      if (isAppError(article)) continue;
      articles.push(article);
      characters += article.title.length + article.text.length;
      if (articles.length >= MOST_ARTICLES || characters >= MOST_CHARACTERS) return articles;
    }
  }
  if (articles.length === 0)
    throw appError('DATA_FILE_INVALID', { path, expected: 'articles with title or text', got: 'none' });
  return articles;
}
