// Tells a quoted field with line breaks from a lone quote that swallowed the rows up to the next quote. Both are valid
// CSV. A field has swallowed rows if each of its lines, by itself, has as many fields as the header, the fields do not begin
// with a space as prose goes on after a comma, and the lines also resemble the rows of the file: in a column with few
// different values (a class, a date, a number) all have such a value, or they are about as long as a row while the field is
// much longer.
import { CR, endsLine, LF, splitLine } from './csv-row.ts';

/** The lines after a suspicious row, up to this many bytes, show what the file's rows look like. */
const LOOK_AHEAD_BYTES = 8192;
/** A column with more different values than this identifies no row. */
const MAX_VALUES = 50;
const MAX_VALUE_CHARS = 40;
/** Fewer lines say nothing without a column of few values: with two columns, one comma makes a line look like a row. */
const MIN_LINES = { twoColumns: 3, more: 2 };
/** The number of lines that decide without any other row. */
const MIN_LINES_ALONE = { twoColumns: 8, more: 4 };
/** The share of lines in which no field begins with a space. */
const MIN_UNSPACED = 0.8;
const LINE = /\r\n|\n|\r/;

export interface RowSpan {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
  /** Whether the bytes hold the end of the file. */
  readonly final: boolean;
}

/** The memory of one file. */
export class RowLikeness {
  #width = 0;
  #rows = 0;
  #logSizes = 0;
  /** The kinds of value of each column; null for a column with too many. */
  #kinds: (Set<string> | null)[] = [];
  /** Whether each column has had a field that begins with a space. */
  #spaced: boolean[] = [];

  /** Learns from a row that was read, the header first. `sizeBytes` is the length of all its lines. */
  learn(fields: readonly string[], sizeBytes: number): void {
    if (this.#width === 0) {
      this.#width = fields.length;
      this.#kinds = fields.map(() => new Set());
      this.#spaced = fields.map((field) => field.startsWith(' '));
      return;
    }
    this.#rows++;
    this.#logSizes += Math.log(sizeBytes);
    for (const [column, field] of fields.entries()) {
      if (field.startsWith(' ')) this.#spaced[column] = true;
      const kinds = this.#kinds[column];
      const kind = kinds === null || kinds === undefined ? undefined : kindOf(field);
      if (kind === undefined) continue;
      kinds?.add(kind);
      if ((kinds?.size ?? 0) > MAX_VALUES) this.#kinds[column] = null;
    }
  }

  /** Whether the row at this place holds other rows; undefined: more bytes are needed to tell. */
  hasSwallowed(
    { bytes, start, end, final }: RowSpan,
    separator: number,
    fieldCount: number,
  ): boolean | undefined {
    const width = this.#width;
    if (width < 2) return false;
    if (fieldCount !== width) return this.holdsRows(bytes, findLineEnd(bytes, start, end), end, separator);
    const [first] = splitLines(bytes, start, findLineEnd(bytes, start, end), separator);
    if (first?.length !== width) return false;
    const lines = splitLines(bytes, start, end, separator);
    if (lines.length < 2 || lines.some((fields) => fields.length !== width)) return false;
    if (lines.filter((fields) => this.#isUnspaced(fields)).length < lines.length * MIN_UNSPACED) return false;
    if (!final && bytes.length < end + LOOK_AHEAD_BYTES) return undefined;
    const ahead = splitLines(bytes, end, Math.min(bytes.length, end + LOOK_AHEAD_BYTES), separator);
    const following = ahead.slice(0, -1).filter((fields) => fields.length === width);
    if (this.#hasKnownColumn(lines, following)) return true;
    const columns = width === 2 ? 'twoColumns' : 'more';
    if (lines.length < MIN_LINES[columns]) return false;
    if (lines.length > 2 && hasRepeatingColumn(lines)) return true;
    const usual = this.#measureUsualRow(following);
    if (usual === undefined) return lines.length >= MIN_LINES_ALONE[columns];
    const whole = Math.log(end - start);
    const line = whole - Math.log(lines.length);
    return Math.abs(line - usual) < Math.abs(whole - usual);
  }

  /** Whether most of the complete lines in [from, to) look like rows. */
  holdsRows(bytes: Buffer, from: number, to: number, separator: number): boolean {
    const lines = splitLines(bytes, from, to, separator);
    // The last line may be cut.
    if (!endsLine(bytes, to) && lines.length > 1) lines.pop();
    const similar = lines.filter((fields) => fields.length === this.#width && this.#isUnspaced(fields));
    return this.#width >= 2 && similar.length * 2 > lines.length;
  }

  #isUnspaced(fields: readonly string[]): boolean {
    return !fields.some(
      (field, column) => column > 0 && field.startsWith(' ') && this.#spaced[column] !== true,
    );
  }

  /** Whether there is a column of few values in which each line has such a value. */
  #hasKnownColumn(lines: readonly string[][], following: readonly string[][]): boolean {
    return this.#kinds.some((kinds, column) => {
      if (kinds === null) return false;
      const known = new Set(kinds);
      for (const fields of following) {
        const kind = kindOf(fields[column] as string);
        if (kind !== undefined) known.add(kind);
      }
      if (known.size > MAX_VALUES || (this.#rows === 0 && known.size > following.length / 2)) return false;
      return lines.every((fields) => {
        const kind = kindOf(fields[column] as string);
        return kind !== undefined && known.has(kind);
      });
    });
  }

  /** The mean of the logarithm of the rows' sizes; undefined if there is no row. */
  #measureUsualRow(following: readonly string[][]): number | undefined {
    const similar = following.filter((fields) => this.#isUnspaced(fields));
    const sizes = similar.map((fields) => Math.log(Buffer.byteLength(fields.join(',')) + 1));
    const samples = this.#rows + sizes.length;
    return samples === 0 ? undefined : sizes.reduce((sum, size) => sum + size, this.#logSizes) / samples;
  }
}

function splitLines(bytes: Buffer, from: number, to: number, separator: number): string[][] {
  const lines = bytes.toString('utf8', from, to).split(LINE);
  return lines.filter((line) => line !== '').map((line) => splitLine(line, String.fromCharCode(separator)));
}

function hasRepeatingColumn(lines: readonly string[][]): boolean {
  return (lines[0] as string[]).some((_, column) => {
    const found = lines.map((fields) => kindOf(fields[column] as string));
    return found.every((kind) => kind !== undefined) && new Set(found).size <= found.length / 2;
  });
}

function findLineEnd(bytes: Buffer, from: number, to: number): number {
  let at = from;
  while (at < to && bytes[at] !== LF && bytes[at] !== CR) at++;
  return at;
}

/** What values of a column have in common: the value itself with each number replaced; undefined for long and empty ones. */
function kindOf(field: string): string | undefined {
  if (field.length > MAX_VALUE_CHARS) return undefined;
  const value = field.replace(/^"|"$/g, '').trim();
  return value === '' ? undefined : value.replace(/\d+/g, '0');
}
