// Tells a quoted field with line breaks from a lone quote that swallowed the rows up to the next quote. Both are valid
// CSV. A field has swallowed rows only if its lines, read one by one, are rows as good as the others of the file:
// - the row is not one that a program has quoted throughout, and no column that the file always quotes is bare in its lines;
// - the lines have as many fields as the header, and do not go on after a comma with a space as prose does;
// - either a column of few values (a class) has one of these values in every line, or the fields of every line are about as
//   long as those of other rows in each column, while the field as a whole is longer.
// In a file that shows a strict writer (quotes doubled, line breaks quoted, no stray quote), lengths alone prove nothing.
import { CR, endsLine, LF, parseRow, splitLine } from './csv-row.ts';

/** Up to this many bytes after a suspicious row show what rows look like, at the beginning of a file. */
const LOOK_AHEAD_BYTES = 64 * 1024;
/** With this many rows read, nothing after a suspicious row is looked at. */
const ENOUGH_ROWS = 50;
/** A column with more different values than this is no class. */
const MAX_VALUES = 50;
const MAX_VALUE_CHARS = 40;
/** Fewer rows show neither classes nor usual lengths. */
const MIN_ROWS = 3;
/** In a column of classes, a value has at least this many rows on average. */
const MIN_ROWS_PER_VALUE = 1.5;
/** Fewer lines say nothing by their lengths: with two columns, one comma makes a line look like a row. */
const MIN_LINES = { twoColumns: 3, more: 2 };
/** The number of lines that decide without any other row. */
const MIN_LINES_ALONE = { twoColumns: 8, more: 4 };
/** The share of lines that have the form of a row; the first and the last always do. */
const MIN_FORMED = 0.9;
const MIN_UNSPACED = 0.8;
/** Fewer lines that look like rows are no reason for a word. */
const MIN_DOUBTFUL_LINES = 3;
/** The share of fields of usual length, and how many standard deviations are usual, of at least this size. */
const MIN_USUAL = 0.9;
const USUAL_DEVIATIONS = 2.5;
const MIN_DEVIATION = 0.25;
/** This many fields that only a strict writer writes, and no stray quote, show one. */
const MIN_STRICT = 2;
/** In such a file, so many lines of usual rows in the first or last column are no table; twice as many without a class. */
const MIN_LINES_OF_STRICT = 4;
const MIN_ROWS_OF_STRICT = 8;
const LINE = /\r\n|\n|\r/;

export interface RowSpan {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
  /** Whether the bytes hold the end of the file. */
  readonly final: boolean;
  readonly separator: number;
}

interface QuotedRow {
  readonly fields: readonly string[];
  /** Whether each field is quoted. */
  readonly quoted: readonly boolean[];
}

/** The memory of one file. */
export class RowLikeness {
  #rows = 0;
  #logSizes = 0;
  #columns: Column[] = [];
  /** Fields that only a strict writer writes: with doubled quotes or quoted line breaks. */
  #strictFields = 0;
  /** Quotes that a strict writer never writes. */
  #strayQuotes = 0;

  /** Learns from a row that was read, the header first. `sizeBytes` is the length of all its lines. */
  learn({ fields, quoted }: QuotedRow, sizeBytes: number, separator: number): void {
    if (this.#columns.length === 0) {
      this.#columns = fields.map((field) => new Column(field));
      return;
    }
    this.#rows++;
    this.#logSizes += Math.log(sizeBytes);
    const character = String.fromCharCode(separator);
    for (const [column, field] of fields.entries()) {
      const isQuoted = quoted[column] === true;
      const hasQuote = field.includes('"');
      if (isQuoted && isStrictField(field)) this.#strictFields++;
      else if (hasQuote) this.#strayQuotes++;
      this.#columns[column]?.learn(field, isQuoted, isQuoted && needsQuotes(field, character));
    }
  }

  /** Notes a row with a quote that no strict writer writes. */
  learnBadQuote(): void {
    this.#strayQuotes++;
  }

  /** Whether the row at this place holds other rows; undefined: more bytes are needed to tell. */
  hasSwallowed(span: RowSpan, { fields, quoted }: QuotedRow): boolean | undefined {
    const { bytes, start, end, final, separator } = span;
    const width = this.#columns.length;
    if (width < 2) return false;
    const firstEnd = findLineEnd(bytes, start, end);
    if (fields.length !== width) return this.holdsRows(bytes, firstEnd, end, separator);
    if (quoted.every((is) => is)) return false;
    const spanning = fields.findIndex((field) => LINE.test(field));
    const parts = (fields[spanning] as string).split(LINE);
    if (parts[0] === '' || parts.at(-1) === '') return false;
    const [first] = splitLines(bytes, start, firstEnd, separator);
    if (first?.length !== width) return false;
    const all = splitLines(bytes, start, end, separator);
    const lines = all.filter((line) => line.length === width);
    if (lines.length < Math.max(2, MIN_FORMED * (all.length + parts.filter((part) => part === '').length)))
      return false;
    if (all.at(-1)?.length !== width) return false;
    if (lines.filter((line) => this.#isUnspaced(line)).length < lines.length * MIN_UNSPACED) return false;
    if (this.#areBare(lines)) return false;

    let sample: Sample = { rows: [], strictFields: 0, strayQuotes: 0 };
    if (this.#rows < ENOUGH_ROWS) {
      if (!final && bytes.length < end + LOOK_AHEAD_BYTES) return undefined;
      sample = readSample(span, width);
    }
    const strayQuotes = this.#strayQuotes + sample.strayQuotes;
    const strictFields = this.#strictFields + sample.strictFields;
    const isStrict = strictFields >= MIN_STRICT && strayQuotes === 0;
    const isSloppy = strayQuotes > strictFields;
    const columns = this.#columns.map((column, i) =>
      column.withSample(sample.rows.map((row) => row[i] as string)),
    );
    const rows = this.#rows + sample.rows.length;
    const form = width === 2 ? 'twoColumns' : 'more';
    const isLong = lines.length >= MIN_LINES_ALONE[form];
    const hasEnoughRows = rows >= (isLong || isSloppy ? 1 : MIN_ROWS);
    // A table in a text has the form of rows if its heading or its last line has few commas, so only in the first or the
    // last column; elsewhere both the first and the last line of the text would have to be odd.
    const isAtEdge = spanning === 0 || spanning === width - 1;
    const areUsualRows = (): boolean =>
      areUsual(lines, columns) && this.#areNearer(lines.length, end - start, sample.rows);
    const isClassOfLines = (column: Column, i: number): boolean => {
      if (i === spanning) return false;
      // The first and the last line have the values that stand outside of the field in any case.
      const inner = i < spanning ? lines.slice(1) : lines.slice(0, -1);
      return column.isClassOf(
        inner.map((line) => unquote(line[i] as string).trim()),
        rows,
        isAtEdge,
      );
    };
    if (isStrict && isAtEdge) {
      const minLines = MIN_LINES_OF_STRICT * (columns.some(isClassOfLines) ? 1 : 2);
      return rows >= MIN_ROWS_OF_STRICT && lines.length >= minLines && areUsualRows();
    }
    // A cell of a table may well be a small number, so where classes are numbers, the other columns must fit too.
    const fits = ({ isNumeric }: Column): boolean =>
      !isNumeric ||
      lines.length > 3 ||
      (columns.every((column) => column.hasUsual) &&
        lines.every((line, n) =>
          line.every((field, i) => (n === 0 ? i !== spanning : i > spanning) || columns[i]?.isUsual(field)),
        ));
    if (hasEnoughRows && columns.some((column, i) => isClassOfLines(column, i) && fits(column))) return true;
    if (isLong && !isStrict && !isAtEdge && hasRepeatingColumn(lines, spanning)) return true;
    if (isStrict || lines.length < MIN_LINES[form]) return false;
    if (!hasEnoughRows || rows === 0) return isLong && hasRepeatingColumn(lines, spanning);
    return isSloppy ? areUsual(lines, columns) : areUsualRows();
  }

  /** Whether the lines of a row that was kept as one have the form of rows: worth a word, as a lone quote looks so. */
  isDoubtful({ bytes, start, end, separator }: RowSpan, { quoted }: QuotedRow): boolean {
    const width = this.#columns.length;
    if (width < 2 || quoted.every((is) => is)) return false;
    const all = splitLines(bytes, start, end, separator);
    const lines = all.filter((line) => line.length === width && this.#isUnspaced(line));
    return (
      lines.length >= MIN_DOUBTFUL_LINES && lines.length >= MIN_FORMED * all.length && !this.#areBare(lines)
    );
  }

  /** Whether most of the complete lines in [from, to) look like rows. */
  holdsRows(bytes: Buffer, from: number, to: number, separator: number): boolean {
    const lines = splitLines(bytes, from, to, separator);
    // The last line may be cut.
    if (!endsLine(bytes, to) && lines.length > 1) lines.pop();
    const width = this.#columns.length;
    const similar = lines.filter((fields) => fields.length === width && this.#isUnspaced(fields));
    return width >= 2 && similar.length * 2 > lines.length;
  }

  #isUnspaced(fields: readonly string[]): boolean {
    return !fields.some((field, i) => i > 0 && field.startsWith(' ') && this.#columns[i]?.isSpaced !== true);
  }

  /** Whether a column that the file quotes also without need is not quoted in most of these lines. */
  #areBare(lines: readonly string[][]): boolean {
    return this.#columns.some(
      (column, i) =>
        column.isAlwaysQuoted &&
        lines.filter((line) => line[i]?.startsWith('"') !== true).length * 2 > lines.length,
    );
  }

  /** Whether the lines are, on average, nearer to the usual size of a row than all of them together. */
  #areNearer(lines: number, sizeBytes: number, sample: readonly (readonly string[])[]): boolean {
    const usual = this.#measureUsualRow(sample);
    const whole = Math.log(sizeBytes);
    return Math.abs(whole - Math.log(lines) - usual) < Math.abs(whole - usual);
  }

  /** The mean of the logarithm of the rows' sizes. */
  #measureUsualRow(sample: readonly (readonly string[])[]): number {
    const sizes = sample.map((fields) => Math.log(Buffer.byteLength(fields.join(',')) + 1));
    return sizes.reduce((sum, size) => sum + size, this.#logSizes) / (this.#rows + sizes.length);
  }
}

/** Whether nearly all fields of the lines are usual in their columns. */
function areUsual(lines: readonly string[][], columns: readonly Column[]): boolean {
  const fields = lines.flatMap((line) => line.map((field, i) => columns[i]?.isUsual(field) === true));
  return fields.filter((isUsual) => isUsual).length >= MIN_USUAL * fields.length;
}

interface Sample {
  readonly rows: readonly (readonly string[])[];
  readonly strictFields: number;
  readonly strayQuotes: number;
}

/** The rows of one line after a suspicious one. */
function readSample({ bytes, end, final, separator }: RowSpan, width: number): Sample {
  const rows: (readonly string[])[] = [];
  let [strictFields, strayQuotes] = [0, 0];
  const to = Math.min(bytes.length, end + LOOK_AHEAD_BYTES);
  const part = bytes.subarray(0, to);
  const isFinal = final && to === bytes.length;
  for (let at = end; at < to && rows.length < ENOUGH_ROWS; ) {
    const row = parseRow(part, at, {
      separator,
      quotes: true,
      lenient: false,
      textQuoteAt: -1,
      final: isFinal,
    });
    if (row.kind === 'incomplete') break;
    if (row.kind === 'bad') {
      strayQuotes++;
      at = findLineEnd(bytes, at, to) + 1;
      continue;
    }
    for (const [i, field] of row.fields.entries()) {
      if (row.quoted[i] === true && isStrictField(field)) strictFields++;
      else if (field.includes('"')) strayQuotes++;
    }
    if (row.spanningAt === -1 && row.fields.length === width) rows.push(row.fields);
    at = row.end;
  }
  return { rows, strictFields, strayQuotes };
}

/** Whether a quoted field is one that only a strict writer writes. */
function isStrictField(field: string): boolean {
  return field.includes('"') || LINE.test(field);
}

/** What the fields of one column have in common. */
class Column {
  /** Whether a field has begun with a space. */
  isSpaced: boolean;
  /** Fields that need no quotes, and how many of them had some. */
  #plain = 0;
  #needless = 0;
  /** Sums of the logarithms of the lengths. */
  #count = 0;
  #sum = 0;
  #squares = 0;
  #hasEmpty = false;
  /** The different values; null if there are too many. */
  #values: Set<string> | null = new Set();
  /** The values with each number replaced, such as dates; null if there are too many. */
  #forms: Set<string> | null = new Set();

  constructor(name: string) {
    this.isSpaced = name.startsWith(' ');
  }

  get isAlwaysQuoted(): boolean {
    return this.#needless >= 2 && this.#needless >= 0.9 * this.#plain;
  }

  /** Whether there are enough fields to tell which length is usual. */
  get hasUsual(): boolean {
    return this.#count >= MIN_ROWS;
  }

  /** Whether a value is a number. */
  get isNumeric(): boolean {
    return [...(this.#values ?? [])].some((value) => /^[\d.,+-]*$/.test(value));
  }

  learn(field: string, isQuoted: boolean, isNeeded: boolean): void {
    if (field.startsWith(' ')) this.isSpaced = true;
    if (!isNeeded && field !== '') this.#plain++;
    if (isQuoted && !isNeeded) this.#needless++;
    this.#learnValue(field);
  }

  /** This column with the fields of more rows. */
  withSample(fields: readonly string[]): Column {
    if (fields.length === 0) return this;
    const column = new Column('');
    column.isSpaced = this.isSpaced;
    column.#count = this.#count;
    column.#sum = this.#sum;
    column.#squares = this.#squares;
    column.#hasEmpty = this.#hasEmpty;
    column.#values = this.#values === null ? null : new Set(this.#values);
    column.#forms = this.#forms === null ? null : new Set(this.#forms);
    for (const field of fields) column.#learnValue(field);
    return column;
  }

  /** Whether this column holds classes, and these values are some of them: all if `isExact`, else most. */
  isClassOf(found: readonly string[], rows: number, isExact: boolean): boolean {
    const values = this.#values;
    if (values === null || this.#hasEmpty || values.size === 0) return false;
    if (values.size > 1 && values.size * MIN_ROWS_PER_VALUE > rows) return false;
    const known = found.filter((value) => values.has(value)).length;
    if (isExact) return known === found.length && !this.isNumeric;
    const longest = Math.max(...[...values].map((value) => value.length));
    return known * 2 >= found.length && found.every((value) => value !== '' && value.length <= 2 * longest);
  }

  /** Whether a field fits in: by its form in a column of few forms, and by its length. */
  isUsual(field: string): boolean {
    const value = unquote(field);
    if (value === '') return this.#hasEmpty;
    const forms = this.#forms;
    if (forms !== null && forms.size * 4 <= this.#count && [...forms].every((form) => form.includes('0')))
      if (!forms.has(formOf(value))) return false;
    const mean = this.#sum / this.#count;
    const deviation = Math.sqrt(Math.max(0, this.#squares / this.#count - mean * mean));
    return Math.abs(Math.log(value.length) - mean) <= USUAL_DEVIATIONS * Math.max(MIN_DEVIATION, deviation);
  }

  #learnValue(field: string): void {
    if (field === '') {
      this.#hasEmpty = true;
      return;
    }
    const log = Math.log(field.length);
    this.#count++;
    this.#sum += log;
    this.#squares += log * log;
    const isShort = field.length <= MAX_VALUE_CHARS;
    this.#values = isShort ? addValue(this.#values, field.trim()) : null;
    this.#forms = isShort ? addValue(this.#forms, formOf(field)) : null;
  }
}

function addValue(values: Set<string> | null, value: string): Set<string> | null {
  if (values === null || values.has(value)) return values;
  return values.size === MAX_VALUES ? null : values.add(value);
}

function needsQuotes(field: string, separator: string): boolean {
  return field.includes(separator) || /["\r\n]|^\s|\s$/.test(field);
}

function unquote(field: string): string {
  return field.replace(/^"|"$/g, '');
}

function formOf(value: string): string {
  return value.trim().replace(/\d+/g, '0');
}

function splitLines(bytes: Buffer, from: number, to: number, separator: number): string[][] {
  const lines = bytes.toString('utf8', from, to).split(LINE);
  return lines.filter((line) => line !== '').map((line) => splitLine(line, String.fromCharCode(separator)));
}

/** Whether the lines have few different values in a column after the one that spans them, or before it. */
function hasRepeatingColumn(lines: readonly string[][], spanning: number): boolean {
  return (lines[0] as string[]).some((_, column) => {
    if (column === spanning) return false;
    const found = lines.map((fields) => unquote(fields[column] as string));
    if (found.some((value) => value === '' || value.length > MAX_VALUE_CHARS)) return false;
    return new Set(found).size <= found.length / 2;
  });
}

function findLineEnd(bytes: Buffer, from: number, to: number): number {
  let at = from;
  while (at < to && bytes[at] !== LF && bytes[at] !== CR) at++;
  return at;
}
