// Parses one row of CSV in a buffer, and helps to move through its bytes line by line.
import type { RejectReason } from './reject-reason.ts';

const QUOTE = 0x22;
export const LF = 0x0a;
export const CR = 0x0d;

export interface RowSyntax {
  readonly separator: number;
  /** Whether a quote at the start of a field opens a quoted field. */
  readonly quotes: boolean;
  /** Whether a quote that does not enclose a whole field is an ordinary character; otherwise its row is bad. */
  readonly lenient: boolean;
  /** The offset of a quote that is an ordinary character in any case, or -1. */
  readonly textQuoteAt: number;
  /** Whether the bytes hold the end of the file. */
  readonly final: boolean;
}

export type ParsedRow =
  /** `end` is the offset of the next row; `spanningAt` is where the first field with a line break begins, or -1. */
  | {
      readonly kind: 'row';
      readonly fields: string[];
      /** Whether each field is quoted. */
      readonly quoted: boolean[];
      readonly end: number;
      readonly spanningAt: number;
    }
  /** `closeAt` is where the quote closes, or -1 if it does not. */
  | { readonly kind: 'bad'; readonly reason: RejectReason; readonly closeAt: number }
  /** `quoteAt` is where a quote is open, or -1. */
  | { readonly kind: 'incomplete'; readonly quoteAt: number };

/** Parses the row that begins at `start`. */
export function parseRow(bytes: Buffer, start: number, syntax: RowSyntax): ParsedRow {
  const { separator, final } = syntax;
  const fields: string[] = [];
  const quoted: boolean[] = [];
  let at = start;
  let spanningAt = -1;
  for (;;) {
    let isText = bytes[at] !== QUOTE || !syntax.quotes || at === syntax.textQuoteAt;
    if (!isText) {
      const close = findClosingQuote(bytes, at + 1, bytes.length);
      const after = bytes[close + 1];
      if (!final && (close === -1 || after === undefined)) return { kind: 'incomplete', quoteAt: at };
      if (close !== -1 && (after === undefined || after === separator || after === LF || after === CR)) {
        const value = bytes.toString('utf8', at + 1, close);
        if (spanningAt === -1 && (value.includes('\n') || value.includes('\r'))) spanningAt = at;
        fields.push(value.includes('"') ? value.replaceAll('""', '"') : value);
        quoted.push(true);
        at = close + 1;
      } else if (syntax.lenient) isText = true;
      else
        return {
          kind: 'bad',
          reason: { code: close === -1 ? 'QUOTE_UNCLOSED' : 'QUOTE_TEXT_AFTER' },
          closeAt: close,
        };
    }
    if (isText) {
      const from = at;
      while (at < bytes.length && bytes[at] !== separator && bytes[at] !== LF && bytes[at] !== CR) at++;
      fields.push(bytes.toString('utf8', from, at));
      quoted.push(false);
    }
    if (!final && (at === bytes.length || (at + 1 === bytes.length && bytes[at] !== LF)))
      return { kind: 'incomplete', quoteAt: -1 };
    if (bytes[at] === separator) {
      at++;
      continue;
    }
    const width = bytes[at] === CR && bytes[at + 1] === LF ? 2 : 1;
    return { kind: 'row', fields, quoted, end: Math.min(bytes.length, at + width), spanningAt };
  }
}

/** The offset of the first quote in [from, to) that is not doubled, or -1. */
export function findClosingQuote(bytes: Buffer, from: number, to: number): number {
  let close = bytes.indexOf(QUOTE, from);
  while (close !== -1 && close < to && bytes[close + 1] === QUOTE) close = bytes.indexOf(QUOTE, close + 2);
  return close < to ? close : -1;
}

/** The offset after the next line break in [from, to), or -1. */
export function findNextLine(bytes: Buffer, from: number, lineBreak: number): number {
  const end = bytes.indexOf(lineBreak, from);
  return end === -1 ? -1 : end + 1;
}

/** Splits one line into fields; a quote that does not enclose a whole field is an ordinary character. */
export function splitLine(line: string, separator: string): string[] {
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    let end = -1;
    if (line[at] === '"') {
      let close = line.indexOf('"', at + 1);
      while (close !== -1 && line[close + 1] === '"') close = line.indexOf('"', close + 2);
      if (close !== -1 && (close + 1 === line.length || line[close + 1] === separator)) end = close + 1;
    }
    if (end === -1) {
      end = line.indexOf(separator, at);
      if (end === -1) end = line.length;
    }
    fields.push(line.slice(at, end));
    if (end >= line.length) return fields;
    at = end + 1;
  }
}

/** Counts line breaks in [from, to): each LF, and each CR that no LF follows. */
export function countLines(bytes: Buffer, from: number, to: number): number {
  const part = bytes.subarray(from, to);
  for (const byte of [LF, CR]) {
    let lines = 0;
    for (let at = part.indexOf(byte); at !== -1; at = part.indexOf(byte, at + 1)) lines++;
    if (lines > 0) return lines;
  }
  return 0;
}

/** True if a line break ends at `end`. */
export function endsLine(bytes: Buffer, end: number): boolean {
  return bytes[end - 1] === LF || bytes[end - 1] === CR;
}
