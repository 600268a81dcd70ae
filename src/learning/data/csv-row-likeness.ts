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

export interface RowPlace {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
  /** Whether the bytes hold the end of the file. */
  readonly final: boolean;
}

export interface RowLikeness {
  /** Learns from a row that was read. `sizeBytes` is the length of all its lines. */
  learn(fields: readonly string[], sizeBytes: number): void;
  /** Whether the row at this place holds other rows; undefined: more bytes are needed to tell. */
  hasSwallowed(place: RowPlace, separator: number, fieldCount: number): boolean | undefined;
  /** Whether most of the complete lines in [from, to) have as many fields as the header. */
  holdsRows(bytes: Buffer, from: number, to: number, separator: number): boolean;
}

/** Creates the memory of one file: the first row that it learns is the header. */
export function createRowLikeness(): RowLikeness {
  let width = 0;
  let rows = 0;
  let logSizes = 0;
  /** The kinds of value of each column; null for a column with too many. */
  let kinds: (Set<string> | null)[] = [];

  /** Whether each column has had a field that begins with a space. */
  let spaced: boolean[] = [];

  const isUnspaced = (fields: readonly string[]): boolean =>
    !fields.some((field, column) => column > 0 && field.startsWith(' ') && spaced[column] !== true);

  const split = (bytes: Buffer, from: number, to: number, separator: number): string[][] =>
    bytes
      .toString('utf8', from, to)
      .split(LINE)
      .filter((line) => line !== '')
      .map((line) => splitLine(line, String.fromCharCode(separator)));

  const holdsRows = (bytes: Buffer, from: number, to: number, separator: number): boolean => {
    const lines = split(bytes, from, to, separator);
    // The last line may be cut.
    if (!endsLine(bytes, to) && lines.length > 1) lines.pop();
    const similar = lines.filter((fields) => fields.length === width && isUnspaced(fields)).length;
    return width >= 2 && similar * 2 > lines.length;
  };

  const hasKnownColumn = (lines: readonly string[][], following: readonly string[][]): boolean => {
    for (let column = 0; column < width; column++) {
      const known = new Set(kinds[column] ?? []);
      if (kinds[column] === null) continue;
      for (const fields of following) {
        const kind = kindOf(fields[column] as string);
        if (kind !== undefined) known.add(kind);
      }
      if (known.size > MAX_VALUES || (rows === 0 && known.size > following.length / 2)) continue;
      const found = lines.map((fields) => kindOf(fields[column] as string));
      if (found.every((kind) => kind !== undefined && known.has(kind))) return true;
    }
    return false;
  };

  const hasRepeatingColumn = (lines: readonly string[][]): boolean => {
    for (let column = 0; column < width; column++) {
      const found = lines.map((fields) => kindOf(fields[column] as string));
      if (found.every((kind) => kind !== undefined) && new Set(found).size <= found.length / 2) return true;
    }
    return false;
  };

  return {
    learn: (fields, sizeBytes) => {
      if (width === 0) {
        width = fields.length;
        kinds = fields.map(() => new Set());
        spaced = fields.map((field) => field.startsWith(' '));
        return;
      }
      rows++;
      logSizes += Math.log(sizeBytes);
      for (let column = 0; column < width; column++) {
        if (fields[column]?.startsWith(' ')) spaced[column] = true;
        const values = kinds[column];
        if (values === null || values === undefined) continue;
        const kind = kindOf(fields[column] as string);
        if (kind === undefined) continue;
        values.add(kind);
        if (values.size > MAX_VALUES) kinds[column] = null;
      }
    },
    hasSwallowed: ({ bytes, start, end, final }, separator, fieldCount) => {
      if (width < 2) return false;
      if (fieldCount !== width) return holdsRows(bytes, findLineEnd(bytes, start, end), end, separator);
      const [first] = split(bytes, start, findLineEnd(bytes, start, end), separator);
      if (first?.length !== width) return false;
      const lines = split(bytes, start, end, separator);
      if (lines.length < 2 || lines.some((fields) => fields.length !== width)) return false;
      if (lines.filter(isUnspaced).length < lines.length * MIN_UNSPACED) return false;
      if (!final && bytes.length < end + LOOK_AHEAD_BYTES) return undefined;
      const ahead = split(bytes, end, Math.min(bytes.length, end + LOOK_AHEAD_BYTES), separator);
      const following = ahead.slice(0, -1).filter((fields) => fields.length === width);
      if (hasKnownColumn(lines, following)) return true;
      const columns = width === 2 ? 'twoColumns' : 'more';
      if (lines.length < MIN_LINES[columns]) return false;
      if (lines.length > 2 && hasRepeatingColumn(lines)) return true;
      const similar = following.filter(isUnspaced);
      const samples = rows + similar.length;
      if (samples === 0) return lines.length >= MIN_LINES_ALONE[columns];
      const sizes = similar.map((fields) => Math.log(Buffer.byteLength(fields.join(',')) + 1));
      const usual = sizes.reduce((sum, size) => sum + size, logSizes) / samples;
      const whole = Math.log(end - start);
      const line = whole - Math.log(lines.length);
      return Math.abs(line - usual) < Math.abs(whole - usual);
    },
    holdsRows,
  };
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
