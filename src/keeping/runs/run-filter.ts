// Filters of runs, such as `val_loss<0.2 and model=compact`: parsed once, then asked about each run.
//   filter     = and { "or" and }         and = not { "and" not }       not = [ "not" ] ( "(" filter ")" | comparison )
//   comparison = field ( = | == | != | < | <= | > | >= | ~ | !~ ) value
// A value is a number, null, true, false, a word, or a text in quotes. `~` means "contains", whatever the case of letters.
import { suggestPath } from '../../foundation/config/index.ts';
import { appError } from '../../foundation/core/index.ts';
import { isRunField, listRunFields, type RunFieldValue, readRunField } from './run-fields.ts';
import type { RunSummary } from './run-summary.ts';

type Operator = '=' | '!=' | '<' | '<=' | '>' | '>=' | '~' | '!~';
type Operand = string | number | boolean | null;

export type RunFilter =
  | { readonly kind: 'compare'; readonly field: string; readonly operator: Operator; readonly value: Operand }
  | { readonly kind: 'and' | 'or'; readonly left: RunFilter; readonly right: RunFilter }
  | { readonly kind: 'not'; readonly filter: RunFilter };

interface Token {
  readonly kind: 'word' | 'text' | 'operator' | '(' | ')' | 'end';
  readonly text: string;
  /** Characters before it. */
  readonly at: number;
}

const OPERATOR = /^(?:==|!=|<=|>=|!~|=|<|>|~)/;
const WORD = /^[^\s()=<>!~'"]+/;

/** @throws RUN_FILTER_INVALID */
export function parseRunFilter(text: string): RunFilter {
  return new FilterParser(text).parse();
}

/**
 * The runs that a filter lets through, in their order.
 * @throws RUN_FIELD_UNKNOWN if the filter names a field that none of the runs has
 */
export function filterRuns(filter: RunFilter, runs: readonly RunSummary[]): RunSummary[] {
  for (const field of listFields(filter)) assertRunField(runs, field);
  return runs.filter((run) => matchesRun(filter, run));
}

export function matchesRun(filter: RunFilter, run: RunSummary): boolean {
  switch (filter.kind) {
    case 'and':
      return matchesRun(filter.left, run) && matchesRun(filter.right, run);
    case 'or':
      return matchesRun(filter.left, run) || matchesRun(filter.right, run);
    case 'not':
      return !matchesRun(filter.filter, run);
    case 'compare':
      return compareField(readRunField(run, filter.field), filter.operator, filter.value);
  }
}

/** @throws RUN_FIELD_UNKNOWN if no run has such a field; there is nothing to say where there are no runs */
export function assertRunField(runs: readonly RunSummary[], field: string): void {
  if (runs.length === 0 || isRunField(runs, field)) return;
  throw appError('RUN_FIELD_UNKNOWN', { field, suggestion: suggestPath(field, listRunFields(runs)) });
}

/** Orders runs by a field; runs without it come last. Numbers count as numbers, NaN as missing. */
export function sortRuns(
  runs: readonly RunSummary[],
  field: string,
  direction: 'ascending' | 'descending',
): RunSummary[] {
  assertRunField(runs, field);
  const sign = direction === 'ascending' ? 1 : -1;
  const keyed = runs.map((run) => ({ run, key: sortKey(readRunField(run, field)) }));
  return keyed
    .sort((a, b) => {
      if (a.key === null || b.key === null) return Number(a.key === null) - Number(b.key === null);
      if (a.key === b.key) return 0;
      return sign * (isLess(a.key, b.key) ? -1 : 1);
    })
    .map(({ run }) => run);
}

function listFields(filter: RunFilter): string[] {
  if (filter.kind === 'compare') return [filter.field];
  if (filter.kind === 'not') return listFields(filter.filter);
  return [...listFields(filter.left), ...listFields(filter.right)];
}

function sortKey(value: RunFieldValue): string | number | null {
  if (typeof value === 'number') return Number.isNaN(value) ? null : value;
  if (value === null || typeof value === 'string') return value;
  return typeof value === 'boolean' ? String(value) : value.join(' ');
}

/** Numbers come before texts. */
function isLess(a: string | number, b: string | number): boolean {
  if (typeof a === 'number' && typeof b === 'number') return a < b;
  if (typeof a === 'string' && typeof b === 'string') return a < b;
  return typeof a === 'number';
}

/** Of a list, such as the tags, one item has to match; with `!=` and `!~` none may equal or contain the value. */
function compareField(field: RunFieldValue, operator: Operator, value: Operand): boolean {
  if (operator === '!=') return !compareField(field, '=', value);
  if (operator === '!~') return !compareField(field, '~', value);
  if (Array.isArray(field))
    return field.length === 0 ? value === null : field.some((item) => compareOne(item, operator, value));
  return compareOne(field as Exclude<RunFieldValue, readonly string[]>, operator, value);
}

function compareOne(field: Operand, operator: Operator, value: Operand): boolean {
  if (operator === '~') return field !== null && fold(String(field)).includes(fold(String(value)));
  if (operator === '=') return isEqual(field, value);
  if (field === null || value === null) return false;
  const [a, b] = typeof field === 'number' ? [field, Number(value)] : [String(field), String(value)];
  switch (operator) {
    case '<':
      return a < b;
    case '<=':
      return a <= b;
    case '>':
      return a > b;
    default:
      return a >= b;
  }
}

/** A text field equals what was typed, also where that looks like a number: `note=7`. */
function isEqual(field: Operand, value: Operand): boolean {
  if (typeof field === 'number' && typeof value === 'number')
    return field === value || (Number.isNaN(field) && Number.isNaN(value));
  return field === null || value === null ? field === value : String(field) === String(value);
}

function fold(text: string): string {
  return text.normalize('NFC').toLowerCase();
}

/** Parts lie within each other, and the stack has an end. */
const MOST_PARTS = 1000;

class FilterParser {
  readonly #text: string;
  #at = 0;
  /** Comparisons, brackets and nots so far. */
  #parts = 0;
  #next: Token;

  constructor(text: string) {
    this.#text = text;
    this.#next = this.#read();
  }

  parse(): RunFilter {
    const filter = this.#or();
    if (this.#next.kind !== 'end') this.#refuse('and, or, or the end');
    return filter;
  }

  #or(): RunFilter {
    let left = this.#and();
    while (this.#takeWord('or')) left = { kind: 'or', left, right: this.#and() };
    return left;
  }

  #and(): RunFilter {
    let left = this.#not();
    while (this.#takeWord('and')) left = { kind: 'and', left, right: this.#not() };
    return left;
  }

  #not(): RunFilter {
    if (++this.#parts > MOST_PARTS) this.#refuse(`at most ${MOST_PARTS} comparisons, brackets and nots`);
    if (this.#takeWord('not')) return { kind: 'not', filter: this.#not() };
    if (this.#next.kind !== '(') return this.#comparison();
    this.#take();
    const inner = this.#or();
    if (this.#peek() !== ')') this.#refuse('and, or, or )');
    this.#take();
    return inner;
  }

  #comparison(): RunFilter {
    if (this.#peek() !== 'word') this.#refuse('the name of a field');
    const field = this.#take().text;
    if (this.#peek() !== 'operator') this.#refuse('one of = != < <= > >= ~ !~');
    const typed = this.#take().text;
    if (!['word', 'text'].includes(this.#peek())) this.#refuse('a value');
    const value = this.#take();
    return {
      kind: 'compare',
      field,
      operator: typed === '==' ? '=' : (typed as Operator),
      value: value.kind === 'text' ? value.text : parseOperand(value.text),
    };
  }

  #takeWord(word: string): boolean {
    if (this.#next.kind !== 'word' || this.#next.text.toLowerCase() !== word) return false;
    this.#take();
    return true;
  }

  #peek(): Token['kind'] {
    return this.#next.kind;
  }

  #take(): Token {
    const token = this.#next;
    this.#next = this.#read();
    return token;
  }

  #read(): Token {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at++;
    const at = this.#at;
    const rest = this.#text.slice(at);
    const first = rest[0];
    if (first === undefined) return { kind: 'end', text: '', at };
    if (first === '(' || first === ')') return this.#token(first, first, first.length);
    const operator = OPERATOR.exec(rest)?.[0];
    if (operator !== undefined) return this.#token('operator', operator, operator.length);
    if (first === '"' || first === "'") {
      const end = rest.indexOf(first, 1);
      if (end < 0)
        return this.#refuse(`a closing ${first}`, { kind: 'end', text: '', at: this.#text.length });
      return this.#token('text', rest.slice(1, end), end + 1);
    }
    const word = WORD.exec(rest)?.[0];
    if (word === undefined)
      return this.#refuse('a field, a value or an operator', { kind: 'word', text: first, at });
    return this.#token('word', word, word.length);
  }

  #token(kind: Token['kind'], text: string, length: number): Token {
    const at = this.#at;
    this.#at += length;
    return { kind, text, at };
  }

  #refuse(expected: string, token: Token = this.#next): never {
    throw appError('RUN_FILTER_INVALID', {
      filter: this.#text,
      position: token.at + 1,
      expected,
      got: token.kind === 'end' ? 'the end' : token.text,
    });
  }
}

function parseOperand(word: string): Operand {
  const lower = word.toLowerCase();
  if (lower === 'null' || lower === 'none') return null;
  if (lower === 'true' || lower === 'false') return lower === 'true';
  if (lower === 'nan') return Number.NaN;
  if (/^[+-]?inf(?:inity)?$/.test(lower))
    return lower.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(word) ? Number(word) : word;
}
