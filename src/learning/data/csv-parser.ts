// Parses CSV by RFC 4180 from bytes: quoted fields with line breaks and doubled quotes; LF, CRLF or CR; a byte order
// mark; a first line `sep=;` as Excel writes it. Where the RFC is silent: blank lines are skipped, a quote inside an
// unquoted field is an ordinary character, and the separator is the one of , ; | and tab that occurs most often in the
// header. Every line belongs to one row or one bad row. After a bad quote, reading goes on at the line after the start of
// its row, so that a lone quote costs one row and not all rows up to the next quote.
import { isUtf8 } from 'node:buffer';
import {
  CR,
  countLines,
  endsLine,
  findClosingQuote,
  findNextLine,
  LF,
  type ParsedRow,
  parseRow,
} from './csv-row.ts';
import { RowLikeness } from './csv-row-likeness.ts';
import type { RejectReason } from './reject-reason.ts';

const TAB = 0x09;
const QUOTE = 0x22;
const SEPARATORS = [',', ';', '\t', '|'];
const MAX_ROW_BYTES = 16 * 1024 * 1024;

export interface CsvRow {
  /** The line on which the row starts, from 1. */
  readonly line: number;
  readonly fields: readonly string[];
}

export interface BadRow {
  readonly line: number;
  /** The last line of the bad row, if it has more than one. */
  readonly lastLine?: number;
  /** The line in which the quote closes that opened in `line`, if another one. The lines between are read as rows. */
  readonly quoteEndLine?: number;
  readonly reason: RejectReason;
}

export interface CsvParser {
  /** Parses the rows that are complete so far. Rows are returned in order, the header first. */
  push(chunk: Buffer): (CsvRow | BadRow)[];
  end(): (CsvRow | BadRow)[];
  /** Rows that were read as one although their lines look like rows; null if there are none so far. */
  readonly joinedLines: JoinedLines | null;
  /** What stands between two fields, and whether the first line or the header says so; null before the header is read. */
  readonly separator: { readonly separator: string; readonly from: 'declared' | 'found' } | null;
}

export interface JoinedLines {
  readonly rows: number;
  /** The first and the last line of the first of them. */
  readonly line: number;
  readonly lastLine: number;
}

export interface CsvOptions {
  readonly maxRowBytes?: number;
  /** One ASCII character; null: found from the header. */
  readonly separator?: string | null;
  /**
   * true: a field may be quoted; false: a quote is an ordinary character; null: as true, but between tabs a quote that
   * does not enclose a whole field is an ordinary character.
   */
  readonly quotes?: boolean | null;
}

export function isBadRow(row: object): row is BadRow {
  return 'reason' in row;
}

/** Creates a parser for one file. */
export function createCsvParser(options: CsvOptions = {}): CsvParser {
  return new Parser(options);
}

/** A row longer than allowed, while the rest of it is skipped. */
interface LongRow {
  readonly line: number;
  /** Whether a quote is open. */
  quoted: boolean;
  /** Whether the next byte begins a field. */
  fieldStart: boolean;
  /** Whether the skipped bytes hold the end of the line in which the quote opened. */
  pastFirstLine: boolean;
}

class Parser implements CsvParser {
  readonly #options: CsvOptions;
  readonly #maxRowBytes: number;
  readonly #likeness = new RowLikeness();
  joinedLines: JoinedLines | null = null;
  separator: CsvParser['separator'] = null;
  #pending: Buffer = Buffer.alloc(0);
  /** The offset in `#pending` of the next row. */
  #start = 0;
  /** The line at `#start`. */
  #line = 1;
  #separator = 0;
  /** LF, or CR in a file whose lines end in CR alone. */
  #lineBreak = LF;
  /** The number of fields of the header; 0 before it is read. */
  #width = 0;
  #long: LongRow | undefined;
  /** Whether the rest of the current line belongs to a bad row. */
  #dropsLine = false;
  #rows: (CsvRow | BadRow)[] = [];

  constructor(options: CsvOptions) {
    this.#options = options;
    this.#maxRowBytes = options.maxRowBytes ?? MAX_ROW_BYTES;
  }

  push(chunk: Buffer): (CsvRow | BadRow)[] {
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    return this.#parse(false);
  }

  end(): (CsvRow | BadRow)[] {
    return this.#parse(true);
  }

  #parse(final: boolean): (CsvRow | BadRow)[] {
    this.#rows = [];
    if (this.#separator === 0 && !this.#begin(final)) return this.#rows;
    while (this.#start < this.#pending.length) {
      let hasMoved: boolean;
      if (this.#dropsLine) hasMoved = this.#dropLine();
      else if (this.#long !== undefined) hasMoved = this.#skipLongRow(this.#long, final);
      else hasMoved = this.#skipLineBreak(final) ?? this.#parseRecord(final, -1);
      if (!hasMoved) break;
    }
    if (final && this.#long !== undefined) this.#endLongRow(this.#long, 'ROW_TOO_LONG');
    if (this.#start > 0) this.#pending = this.#pending.subarray(this.#start);
    this.#start = 0;
    return this.#rows;
  }

  /** Finds separator and line breaks, and skips `sep=;`. @returns whether the first line is complete */
  #begin(final: boolean): boolean {
    const pending = this.#pending;
    const end = pending.findIndex((byte) => byte === LF || byte === CR);
    if (!final && pending.length < this.#maxRowBytes && (end === -1 || end + 1 === pending.length))
      return false;
    const start = pending[0] === 0xef && pending[1] === 0xbb && pending[2] === 0xbf ? 3 : 0;
    if (end !== -1 && pending[end] === CR && pending[end + 1] !== LF) this.#lineBreak = CR;
    const first = pending.toString('latin1', start, end === -1 ? pending.length : end);
    const declared = /^"?sep=(.)"?$/i.exec(first)?.[1];
    const separator = this.#options.separator ?? declared ?? guessSeparator(first);
    this.separator = { separator, from: declared === undefined ? 'found' : 'declared' };
    this.#separator = separator.charCodeAt(0);
    if (declared === undefined) this.#start = start;
    else this.#moveTo(Math.max(start, findNextLine(pending, start, this.#lineBreak)));
    return true;
  }

  /** @returns undefined if there is no line break, false if more bytes are needed */
  #skipLineBreak(final: boolean): boolean | undefined {
    const [byte, next] = this.#pending.subarray(this.#start, this.#start + 2);
    if (byte !== LF && byte !== CR) return undefined;
    if (byte === CR && next === undefined && !final) return false;
    this.#start += byte === CR && next === LF ? 2 : 1;
    this.#line++;
    return true;
  }

  /**
   * Reads the next row or bad row.
   * @param textQuoteAt  the offset of a quote that is an ordinary character, or -1
   * @returns false if more bytes are needed
   */
  #parseRecord(final: boolean, textQuoteAt: number): boolean {
    const start = this.#start;
    const line = this.#line;
    const quotes = this.#options.quotes ?? null;
    const lenient = quotes === null && this.#separator === TAB;
    const parsed = parseRow(this.#pending, start, {
      separator: this.#separator,
      quotes: quotes !== false,
      lenient,
      textQuoteAt,
      final,
    });
    if (parsed.kind === 'incomplete') {
      if (this.#pending.length - start <= this.#maxRowBytes) return false;
      return this.#giveUp(parsed.quoteAt, lenient);
    }
    if (parsed.kind === 'bad') {
      const closeLine = line + countLines(this.#pending, start, Math.max(start, parsed.closeAt));
      return this.#rejectLine(parsed.reason, closeLine);
    }
    const { spanningAt, end } = parsed;
    const lineBreaks = countLines(this.#pending, start, end);
    const lastLine = spanningAt === -1 ? line : line + lineBreaks - (endsLine(this.#pending, end) ? 1 : 0);
    if (lastLine > line && this.#width > 0) {
      const span = { bytes: this.#pending, start, end, final, separator: this.#separator };
      const hasSwallowed = this.#likeness.hasSwallowed(span, parsed);
      if (hasSwallowed === undefined) return false;
      if (hasSwallowed) {
        if (lenient) return this.#parseRecord(final, spanningAt);
        return this.#rejectLine({ code: 'QUOTE_OVER_ROWS' }, lastLine);
      }
      if (this.#likeness.isDoubtful(span, parsed)) {
        const { joinedLines } = this;
        this.joinedLines =
          joinedLines === null ? { rows: 1, line, lastLine } : { ...joinedLines, rows: joinedLines.rows + 1 };
      }
    }
    this.#addRow(parsed, lastLine);
    this.#start = end;
    this.#line = line + lineBreaks;
    return true;
  }

  /** Adds the current line as a bad row; reading goes on at the next line. @returns true */
  #rejectLine(reason: RejectReason, quoteEndLine: number): boolean {
    const line = this.#line;
    this.#likeness.learnBadQuote();
    this.#rows.push({ line, ...(quoteEndLine > line ? { quoteEndLine } : {}), reason });
    this.#dropsLine = true;
    return true;
  }

  /** @returns false if the line goes on after the pending bytes */
  #dropLine(): boolean {
    const next = findNextLine(this.#pending, this.#start, this.#lineBreak);
    this.#moveTo(next === -1 ? this.#pending.length : next);
    this.#dropsLine = next === -1;
    return !this.#dropsLine;
  }

  #addRow({ fields: all, quoted, end }: ParsedRow & { kind: 'row' }, lastLine: number): void {
    // Some programs end each row, but not the header, in a separator.
    const extra = this.#width > 0 ? all.slice(this.#width) : [];
    const fields = extra.length > 0 && extra.every((field) => field === '') ? all.slice(0, this.#width) : all;
    const sizeBytes = end - this.#start;
    const line = this.#line;
    let reason: RejectReason | undefined;
    if (sizeBytes > this.#maxRowBytes) reason = { code: 'ROW_TOO_LONG', limitBytes: this.#maxRowBytes };
    else if (!isUtf8(this.#pending.subarray(this.#start, end))) reason = { code: 'ENCODING_INVALID' };
    else if (this.#width > 0 && fields.length !== this.#width)
      reason = { code: fields.length < this.#width ? 'FIELDS_MISSING' : 'FIELDS_EXTRA' };
    if (reason !== undefined) {
      this.#rows.push({ line, ...(lastLine > line ? { lastLine } : {}), reason });
      return;
    }
    this.#rows.push({ line, fields });
    this.#likeness.learn({ fields, quoted }, sizeBytes, this.#separator);
    if (this.#width === 0) this.#width = fields.length;
  }

  /** The row does not end within the limit: either it is too long, or a quote opens in it that was not meant to. */
  #giveUp(quoteAt: number, lenient: boolean): boolean {
    const next = findNextLine(this.#pending, this.#start, this.#lineBreak);
    if (quoteAt !== -1 && next !== -1 && this.#holdsRows(next, this.#pending.length)) {
      if (lenient) return this.#parseRecord(false, quoteAt);
      return this.#rejectLine({ code: 'ROW_UNENDED', limitBytes: this.#maxRowBytes }, this.#line);
    }
    const quoted = quoteAt !== -1;
    this.#long = { line: this.#line, quoted, fieldStart: !quoted, pastFirstLine: false };
    if (quoted) this.#moveTo(quoteAt + 1);
    return true;
  }

  /** @returns false if more bytes are needed */
  #skipLongRow(long: LongRow, final: boolean): boolean {
    const pending = this.#pending;
    if (!long.quoted) return this.#skipUnquoted(long, final);
    const close = findClosingQuote(pending, this.#start, pending.length);
    if (close !== -1 && close + 1 === pending.length && !final) return false;
    const isClosed = close !== -1;
    if (!long.pastFirstLine) {
      const next = findNextLine(pending, this.#start, this.#lineBreak);
      if (next !== -1 && (!isClosed || next <= close)) {
        this.#moveTo(next);
        long.pastFirstLine = true;
        return true;
      }
    } else if (isClosed || final || pending.length - this.#start > this.#maxRowBytes) {
      const to = isClosed ? close : pending.length;
      if ((final && !isClosed) || this.#holdsRows(this.#start, to)) {
        this.#endLongRow(long, 'ROW_UNENDED');
        return true;
      }
    } else return false;
    if (isClosed) {
      this.#moveTo(close + 1);
      long.quoted = false;
      long.fieldStart = false;
      return true;
    }
    // A quote at the end may be the first half of a doubled one.
    this.#moveTo(pending.length - (pending[pending.length - 1] === QUOTE && !final ? 1 : 0));
    return false;
  }

  #skipUnquoted(long: LongRow, final: boolean): boolean {
    const pending = this.#pending;
    let at = this.#start;
    for (; at < pending.length; at++) {
      const byte = pending[at];
      if (byte === QUOTE && long.fieldStart && this.#options.quotes !== false) {
        this.#moveTo(at + 1);
        long.quoted = true;
        long.pastFirstLine = false;
        return true;
      }
      if (byte === LF || byte === CR) {
        if (byte === CR && at + 1 === pending.length && !final) break;
        this.#endLongRow(long, 'ROW_TOO_LONG', countLines(pending, this.#start, at));
        this.#start = at;
        this.#skipLineBreak(final);
        return true;
      }
      long.fieldStart = byte === this.#separator;
    }
    this.#moveTo(at);
    return false;
  }

  /** Adds the long row as a bad row; it ends before the current line, or in it. */
  #endLongRow(
    { line, quoted, pastFirstLine }: LongRow,
    code: 'ROW_TOO_LONG' | 'ROW_UNENDED',
    moreLines = 0,
  ): void {
    const lastLine = this.#line + moreLines - (quoted && pastFirstLine && code === 'ROW_UNENDED' ? 1 : 0);
    this.#rows.push({
      line,
      ...(lastLine > line ? { lastLine } : {}),
      reason: { code, limitBytes: this.#maxRowBytes },
    });
    this.#long = undefined;
  }

  #holdsRows(from: number, to: number): boolean {
    return this.#likeness.holdsRows(this.#pending, from, to, this.#separator);
  }

  /** Moves within a row that is not read as a whole; a CR before an LF counts once, wherever a chunk ends. */
  #moveTo(offset: number): void {
    for (let at = this.#start; at < offset; at++) if (this.#pending[at] === this.#lineBreak) this.#line++;
    this.#start = offset;
  }
}

/** The separator of a table with one column; a comma in its rows belongs to their text. */
export const NO_SEPARATOR = '\x1f';

/** A comma before a space belongs to a name ("Text, whole") where another separator occurs. */
function guessSeparator(header: string): string {
  const unquoted = header.replace(/"[^"]*"/g, '');
  const isComma = SEPARATORS.slice(1).every((separator) => !unquoted.includes(separator));
  const counted = isComma ? unquoted : unquoted.replace(/, /g, ' ');
  const counts = SEPARATORS.map((separator) => counted.split(separator).length);
  const most = Math.max(...counts);
  return most === 1 ? NO_SEPARATOR : (SEPARATORS[counts.indexOf(most)] as string);
}
