// Finds the columns of a file in which the articles to predict stand: those that the caller names, else those of the
// model's training file, else title, text and id. A name that fits only without regard to case is taken too; whatever is
// not read under exactly the expected name is a note.
import type { ModelColumns } from '../../foundation/records/index.ts';
import { type ArticleRole, articleRoles, type ColumnRequest } from './column-request.ts';

/** The columns that are read; null: none. */
export type ArticleColumns = { readonly [R in ArticleRole]: string | null };

/** What a person should know about the choice of the columns. It holds no name that only the file has. */
export type ColumnNote =
  /** The column has another of the expected names. */
  | {
      readonly code: 'COLUMN_OTHER_NAME';
      readonly role: ArticleRole;
      readonly column: string;
      readonly expected: string;
    }
  /** The column has an expected name in another case. */
  | {
      readonly code: 'COLUMN_OTHER_CASE';
      readonly role: ArticleRole;
      readonly column: string;
      readonly expected: string;
    }
  /** Articles are read without this part. */
  | { readonly code: 'COLUMN_MISSING'; readonly role: ArticleRole; readonly expected: string }
  /** The model was trained without this part, so that the file's column is passed through. */
  | { readonly code: 'COLUMN_NOT_READ'; readonly role: ArticleRole; readonly column: string }
  /** Several columns have this name: the first is read. */
  | { readonly code: 'COLUMN_REPEATED'; readonly role: ArticleRole; readonly column: string };

/**
 * The sentence of a note.
 * @param argument  how the caller can name columns, such as `--columns `
 */
export function formatColumnNote(note: ColumnNote, argument = ''): string {
  switch (note.code) {
    case 'COLUMN_OTHER_NAME':
      return `no column ${note.expected}: ${note.column} is read as the ${note.role}`;
    case 'COLUMN_OTHER_CASE':
      return `no column ${note.expected}: ${note.column}, in another case, is read as the ${note.role}`;
    case 'COLUMN_MISSING':
      return `no column ${note.expected}: articles are read without a ${note.role}${argument === '' ? '' : ` (${argument}${note.role}=NAME names another)`}`;
    case 'COLUMN_NOT_READ':
      return `the column ${note.column} is not read: the model was trained without a ${note.role}`;
    case 'COLUMN_REPEATED':
      return `several columns are called ${note.column}: the first is read as the ${note.role}`;
  }
}

const loosen = (name: string): string => name.normalize('NFC').trim().toLowerCase();

/** The column with this name, else the first whose name differs only in case. */
function findName(
  name: string,
  names: readonly string[],
  taken: readonly (string | null)[],
): string | undefined {
  const free = names.filter((other) => !taken.includes(other));
  return free.includes(name) ? name : free.find((other) => loosen(other) === loosen(name));
}

export class ColumnFinder {
  readonly #model: ModelColumns | null;
  readonly #request: ColumnRequest;
  readonly #found: { [R in ArticleRole]: string | null } = { title: null, text: null, id: null };
  readonly #notes: ColumnNote[] = [];
  readonly #noted = new Set<string>();

  /** @param model  the columns of the model's training file; null: not recorded */
  constructor(model: ModelColumns | null, request: ColumnRequest) {
    this.#model = model;
    this.#request = request;
  }

  /** The columns that are read, so far. */
  get columns(): ArticleColumns {
    return this.#found;
  }

  /** The notes, so far. */
  get notes(): readonly ColumnNote[] {
    return this.#notes;
  }

  /** Looks for the columns that are not found yet among the names of a header or of a row. */
  find(names: readonly string[]): void {
    // Own names first: a usual name may be the model's own name of another role.
    for (const rank of [0, 1]) {
      for (const role of articleRoles) {
        const expected = this.listNames(role);
        const name = expected[rank];
        if (this.#found[role] !== null || name === undefined) continue;
        const column = findName(name, names, this.#listTaken(role));
        if (column === undefined) continue;
        this.#found[role] = column;
        this.#noteChoice(role, column, expected, names);
      }
    }
    for (const role of articleRoles) this.#noteUnread(role, names);
  }

  /** Notes the parts of an article that no row had. */
  finish(): void {
    const { title, text } = this.#found;
    if (title === null && text === null) return; // an error says so
    for (const role of ['title', 'text'] as const) {
      const [expected] = this.listNames(role);
      if (this.#found[role] !== null || expected === undefined) continue;
      if (role === 'title' && this.#model === null && this.#request.title === undefined) continue;
      this.#note({ code: 'COLUMN_MISSING', role, expected });
    }
  }

  /** The names that a column of this role may have, the best first; none if it is not to be read. */
  listNames(role: ArticleRole): readonly string[] {
    const requested = this.#request[role];
    if (requested !== undefined) return requested === null ? [] : [requested];
    const own = this.#model?.[role];
    if (own === undefined || (own === null && role === 'id')) return [role];
    return own === null ? [] : own === role ? [role] : [own, role];
  }

  /** The requested columns that these names lack. */
  listLacking(names: readonly string[]): { readonly role: ArticleRole; readonly column: string }[] {
    return articleRoles.flatMap((role) => {
      const column = this.#request[role];
      const lacks = column !== undefined && column !== null && findName(column, names, []) === undefined;
      return lacks ? [{ role, column }] : [];
    });
  }

  /** The columns that are not free for a role; a caller may name one column for two roles. */
  #listTaken(role: ArticleRole): (string | null)[] {
    return this.#request[role] === undefined
      ? [...Object.values(this.#found), ...Object.values(this.#request)]
      : [];
  }

  #noteChoice(
    role: ArticleRole,
    column: string,
    expected: readonly string[],
    names: readonly string[],
  ): void {
    const [best] = expected as [string];
    if (column !== best) {
      const code = expected.includes(column) ? 'COLUMN_OTHER_NAME' : 'COLUMN_OTHER_CASE';
      this.#note({ code, role, column, expected: best });
    }
    if (names.indexOf(column) !== names.lastIndexOf(column))
      this.#note({ code: 'COLUMN_REPEATED', role, column });
  }

  /** Notes a column with the usual name that is not read because the model was trained without it. */
  #noteUnread(role: ArticleRole, names: readonly string[]): void {
    if (role === 'id' || this.#model?.[role] !== null || this.#request[role] !== undefined) return;
    const column = names.find((name) => loosen(name) === role);
    const isRead = column === undefined || Object.values(this.#found).includes(column);
    if (!isRead) this.#note({ code: 'COLUMN_NOT_READ', role, column });
  }

  #note(note: ColumnNote): void {
    const key = `${note.code} ${note.role}`;
    if (this.#noted.has(key)) return;
    this.#noted.add(key);
    this.#notes.push(note);
  }
}
