// What a caller says about the columns of a file to predict, and its spelling: title=Betreff,text=Nachricht. A name with a
// comma, or with a quote at its start, stands in quotes, and the quotes in it are doubled, as in CSV.
import { type AppError, appError } from '../../foundation/core/index.ts';

/** What a column of a file to predict can be. */
export const articleRoles = ['title', 'text', 'id'] as const;
export type ArticleRole = (typeof articleRoles)[number];

/** The column of each role; null: the file has none for it; a role that is absent is found by its usual names. */
export type ColumnRequest = { readonly [R in ArticleRole]?: string | null };

/**
 * Parses `title=NAME,text=NAME,id=NAME`; an empty name means that there is no such column.
 * @param where  the argument, for the message
 * @throws COLUMNS_INVALID
 */
export function parseColumnRequest(text: string, where: string): ColumnRequest {
  const refuse = (got: string): AppError => appError('COLUMNS_INVALID', { where, got });
  const request: { [R in ArticleRole]?: string | null } = {};
  if (text.trim() === '') throw refuse('nothing');
  let rest = text;
  for (;;) {
    const [start, role = ''] = /^\s*([^=,"]*?)\s*=\s*/.exec(rest) ?? [];
    if (start === undefined) throw refuse('a part without "="');
    const known = articleRoles.find((name) => name === role.toLowerCase());
    if (known === undefined) throw refuse(`${role === '' ? 'no role' : role} before "="`);
    if (Object.hasOwn(request, known)) throw refuse(`${known} twice`);
    rest = rest.slice(start.length);
    const quoted = rest.startsWith('"');
    const [all, name = ''] = (quoted ? /^"((?:[^"]|"")*)"\s*(?=,|$)/ : /^([^,]*)/).exec(rest) ?? [];
    if (all === undefined) throw refuse('a quote that is not closed before the next comma');
    const value = quoted ? name.replaceAll('""', '"') : name.trim();
    request[known] = value === '' ? null : value;
    rest = rest.slice(all.length);
    if (rest === '') break;
    rest = rest.slice(1); // the comma
  }
  const { title, text: body } = request;
  if (title === null && body === null) throw refuse('neither a title nor a text');
  if (title !== undefined && title !== null && title === body)
    throw refuse(`${title} as both title and text`);
  return request;
}
