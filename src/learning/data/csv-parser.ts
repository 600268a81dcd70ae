// Parses CSV by RFC 4180 from bytes: quoted fields with line breaks and doubled quotes; LF, CRLF or CR; a byte order
// mark. Where the RFC is silent: blank lines are skipped, a quote inside an unquoted field is an ordinary character, and
// the separator is whichever of comma, semicolon and tab occurs most often in the header. A bad row is reported with its
// line, and parsing continues on the next line.
import { isUtf8 } from 'node:buffer';
import type { RejectReason } from './reject-reason.ts';

const QUOTE = 0x22;
const LF = 0x0a;
const CR = 0x0d;
const MAX_ROW_BYTES = 16 * 1024 * 1024;

export interface CsvRow {
  /** The line on which the row starts, from 1. */
  readonly line: number;
  readonly fields: readonly string[];
}

export interface BadRow {
  readonly line: number;
  readonly reason: RejectReason;
}

export interface CsvParser {
  /** Parses the rows that are complete so far. Rows are returned in order, the header first. */
  push(chunk: Buffer): (CsvRow | BadRow)[];
  end(): (CsvRow | BadRow)[];
}

export function isBadRow(row: object): row is BadRow {
  return 'reason' in row;
}

type Parsed =
  | { readonly kind: 'row'; readonly fields: string[]; readonly end: number }
  | { readonly kind: 'bad'; readonly reason: RejectReason; readonly end: number }
  | { readonly kind: 'incomplete' };

/** Creates a parser for one file. */
export function createCsvParser(options: { readonly maxRowBytes?: number } = {}): CsvParser {
  const maxRowBytes = options.maxRowBytes ?? MAX_ROW_BYTES;
  let pending: Buffer = Buffer.alloc(0);
  let line = 1;
  let separator = 0;

  const parse = (final: boolean): (CsvRow | BadRow)[] => {
    const rows: (CsvRow | BadRow)[] = [];
    let start = 0;
    if (separator === 0) {
      if (pending.length < 3 && !final) return rows;
      if (pending[0] === 0xef && pending[1] === 0xbb && pending[2] === 0xbf) start = 3;
      if (!final && pending.indexOf(LF) === -1 && pending.indexOf(CR) === -1 && pending.length < maxRowBytes)
        return rows;
      separator = guessSeparator(pending.subarray(start));
    }
    while (start < pending.length) {
      if (pending[start] === LF || pending[start] === CR) {
        if (pending[start] === CR && start + 1 === pending.length && !final) break;
        start += pending[start] === CR && pending[start + 1] === LF ? 2 : 1;
        line++;
        continue;
      }
      let parsed = parseRow(pending, start, separator, final);
      if (parsed.kind === 'incomplete') {
        if (pending.length - start <= maxRowBytes) break;
        parsed = {
          kind: 'bad',
          reason: { code: 'ROW_UNENDED', limitBytes: maxRowBytes },
          end: nextLine(pending, start),
        };
      }
      if (parsed.kind === 'bad') rows.push({ line, reason: parsed.reason });
      else if (isUtf8(pending.subarray(start, parsed.end))) rows.push({ line, fields: parsed.fields });
      else rows.push({ line, reason: { code: 'ENCODING_INVALID' } });
      line += countLines(pending, start, parsed.end);
      start = parsed.end;
    }
    pending = start === 0 ? pending : pending.subarray(start);
    return rows;
  };

  return {
    push: (chunk) => {
      pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
      return parse(false);
    },
    end: () => parse(true),
  };
}

/** Parses the row at `start`; `end` is the offset of the next row. */
function parseRow(bytes: Buffer, start: number, separator: number, final: boolean): Parsed {
  const fields: string[] = [];
  let at = start;
  for (;;) {
    if (bytes[at] === QUOTE) {
      let from = at + 1;
      let doubled = false;
      let close = bytes.indexOf(QUOTE, from);
      while (close !== -1 && bytes[close + 1] === QUOTE) {
        doubled = true;
        close = bytes.indexOf(QUOTE, close + 2);
      }
      if (close === -1)
        return final ? bad({ code: 'QUOTE_UNCLOSED' }, nextLine(bytes, start)) : { kind: 'incomplete' };
      if (close + 1 === bytes.length && !final) return { kind: 'incomplete' };
      const value = bytes.toString('utf8', from, close);
      fields.push(doubled ? value.replaceAll('""', '"') : value);
      from = close + 1;
      const next = bytes[from];
      if (next !== undefined && next !== separator && next !== LF && next !== CR) {
        return bad({ code: 'QUOTE_TEXT_AFTER' }, nextLine(bytes, from));
      }
      at = from;
    } else {
      const from = at;
      while (at < bytes.length && bytes[at] !== separator && bytes[at] !== LF && bytes[at] !== CR) at++;
      if (at === bytes.length && !final) return { kind: 'incomplete' };
      fields.push(bytes.toString('utf8', from, at));
    }
    if (bytes[at] === separator) {
      at++;
      continue;
    }
    if (bytes[at] === CR && at + 1 === bytes.length && !final) return { kind: 'incomplete' };
    const width = bytes[at] === CR && bytes[at + 1] === LF ? 2 : 1;
    return { kind: 'row', fields, end: Math.min(bytes.length, at + width) };
  }
}

function bad(reason: RejectReason, end: number): Parsed {
  return { kind: 'bad', reason, end };
}

function nextLine(bytes: Buffer, from: number): number {
  const end = bytes.indexOf(LF, from);
  return end === -1 ? bytes.length : end + 1;
}

/** Counts line breaks in [from, to): each LF, and each CR that no LF follows. */
function countLines(bytes: Buffer, from: number, to: number): number {
  let lines = 0;
  for (let at = bytes.indexOf(LF, from); at !== -1 && at < to; at = bytes.indexOf(LF, at + 1)) lines++;
  if (lines > 0) return lines;
  for (let at = bytes.indexOf(CR, from); at !== -1 && at < to; at = bytes.indexOf(CR, at + 1)) lines++;
  return lines;
}

function guessSeparator(bytes: Buffer): number {
  const end = bytes.findIndex((byte) => byte === LF || byte === CR);
  const header = bytes.toString('latin1', 0, end === -1 ? bytes.length : end);
  let best = ',';
  for (const candidate of [';', '\t']) {
    if (header.split(candidate).length > header.split(best).length) best = candidate;
  }
  return best.charCodeAt(0);
}
