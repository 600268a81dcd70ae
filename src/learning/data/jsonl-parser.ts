// Parses JSON into objects, in UTF-8: JSON Lines (one object on each line), an array of objects, and objects that are
// written over several lines. Numbers and booleans become text; nested values do not. Whole numbers beyond 2^53 are texts
// from the start. Two faults are read past and counted:
// NaN and Infinity, which Python writes for missing numbers, and a comma too many. Every line that is not blank or a bracket
// belongs to one row or one bad row.
import { isUtf8 } from 'node:buffer';
import type { BadRow } from './csv-parser.ts';
import type { RejectReason } from './reject-reason.ts';

const LF = 0x0a;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const [OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET] = [0x7b, 0x7d, 0x5b, 0x5d];
const MAX_ROW_BYTES = 16 * 1024 * 1024;

export interface JsonRow {
  /** The line on which the row starts, from 1. */
  readonly line: number;
  readonly value: Readonly<Record<string, unknown>>;
}

/** How many rows had a fault that was read past. */
export interface JsonRepairs {
  notNumbers: number;
  commas: number;
}

export interface JsonlParser {
  push(chunk: Buffer): (JsonRow | BadRow)[];
  end(): (JsonRow | BadRow)[];
  readonly repairs: Readonly<JsonRepairs>;
  /** What is wrong with the end of a list of objects; null: nothing, or the file is no list. Known once `end` was called. */
  readonly listFault: ListFault | null;
}

/** cut: the end of the file is missing. followed: something else stands after the closing bracket, from this line on. */
export type ListFault = { readonly kind: 'cut' } | { readonly kind: 'followed'; readonly line: number };

/** Creates a parser for one file. */
export function createJsonlParser(options: { readonly maxRowBytes?: number } = {}): JsonlParser {
  return new Parser(options.maxRowBytes ?? MAX_ROW_BYTES);
}

/** An object, list or other value while its end is searched. */
interface OpenValue {
  readonly line: number;
  /** The brackets that are open. */
  readonly open: number[];
  inString: boolean;
  /** The last byte that is not white space, outside of strings. */
  last: number;
  /** Whether its beginning is dropped because it is longer than allowed. */
  tooLong: boolean;
}

class Parser implements JsonlParser {
  readonly repairs: JsonRepairs = { notNumbers: 0, commas: 0 };
  listFault: ListFault | null = null;
  /** How many lists around the values are open; null: the file is no list. */
  #lists: number | null = null;
  /** Whether a list has held an object; a list of other values is a row that cannot be used. */
  #listsHaveObjects = false;
  /** The last byte of the file so far that is not white space. */
  #lastByte = 0;
  readonly #maxRowBytes: number;
  #pending: Buffer = Buffer.alloc(0);
  /** The line at the beginning of `#pending`. */
  #line = 1;
  /** null: not yet known. */
  #isLines: boolean | null = null;
  /** Whether the rest of a line is skipped: the line was too long. */
  #skipsLine = false;
  #value: OpenValue | undefined;
  /** Whether lines are skipped up to one that begins with a brace; the line is that of the broken value. */
  #brokenLine: number | undefined;
  /** How far `#pending` has been searched. */
  #at = 0;
  #rows: (JsonRow | BadRow)[] = [];

  constructor(maxRowBytes: number) {
    this.#maxRowBytes = maxRowBytes;
  }

  push(chunk: Buffer): (JsonRow | BadRow)[] {
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    this.#lastByte = chunk.findLast((byte) => !isSpace(byte)) ?? this.#lastByte;
    return this.#parse(false);
  }

  end(): (JsonRow | BadRow)[] {
    return this.#parse(true);
  }

  #parse(final: boolean): (JsonRow | BadRow)[] {
    this.#rows = [];
    if (this.#isLines === null) this.#isLines = this.#begin(final);
    if (this.#isLines === true) this.#parseLines(final);
    else if (this.#isLines === false) this.#parseValues(final);
    return this.#rows;
  }

  /** Drops what stands before the first value. @returns whether it is JSON Lines; null if more bytes are needed */
  #begin(final: boolean): boolean | null {
    if (this.#line === 1 && this.#pending.length < 3 && !final) return null;
    if (this.#line === 1 && this.#pending.toString('hex', 0, 3) === 'efbbbf')
      this.#pending = this.#pending.subarray(3);
    let start = 0;
    while (start < this.#pending.length && isSpace(this.#pending[start] as number)) {
      if (this.#pending[start] === LF) this.#line++;
      start++;
    }
    this.#pending = this.#pending.subarray(start);
    const [first] = this.#pending;
    if (first === undefined) return null;
    if (first === OPEN_BRACKET) this.#lists = 0;
    if (first !== OPEN_BRACE) return first !== OPEN_BRACKET;
    const end = this.#pending.indexOf(LF);
    if (end === -1 && !final && this.#pending.length <= this.#maxRowBytes) return null;
    const line = this.#pending.toString('latin1', 0, end === -1 ? this.#pending.length : end).trimEnd();
    // An object that goes on in the next line has a bracket or a comma at the end of its first.
    return !(end !== -1 && /[{[,:]$/.test(line) && !/\},$/.test(line));
  }

  #parseLines(final: boolean): void {
    let start = 0;
    const pending = this.#pending;
    const take = (end: number): void => {
      if (!this.#skipsLine) this.#addRow(start, end, this.#line, this.#line);
      this.#skipsLine = false;
      this.#line++;
    };
    for (let end = pending.indexOf(LF); end !== -1; end = pending.indexOf(LF, start)) {
      take(end);
      start = end + 1;
    }
    if (final && start < pending.length) {
      take(pending.length);
      start = pending.length;
    }
    this.#pending = pending.subarray(start);
    if (this.#pending.length > this.#maxRowBytes) {
      if (!this.#skipsLine) this.#reject(this.#tooLong(), this.#line, this.#line);
      this.#skipsLine = true;
      this.#pending = Buffer.alloc(0);
    }
  }

  #parseValues(final: boolean): void {
    while (this.#at < this.#pending.length) {
      if (this.#brokenLine !== undefined) {
        if (!this.#skipBrokenValue(this.#brokenLine, final)) break;
      } else if (this.#value === undefined) this.#beginValue();
      else if (!this.#continueValue(this.#value)) break;
    }
    if (this.#value === undefined) this.#drop(this.#at);
    else if (this.#pending.length > this.#maxRowBytes) {
      this.#value.tooLong = true;
      this.#drop(this.#at);
    }
    if (!final) return;
    if (this.#isCut()) this.listFault = { kind: 'cut' };
    if (this.#value !== undefined)
      this.#endValue(this.#value, this.#pending.length, { code: 'JSON_INVALID' });
    if (this.#brokenLine !== undefined) this.#reject({ code: 'JSON_INVALID' }, this.#brokenLine, this.#line);
  }

  /** Whether a list ends before its closing bracket. */
  #isCut(): boolean {
    if (this.#lists === null) return false;
    if (this.#value !== undefined && this.#value.open.length > 0) return true;
    // A value with an open string hides the brackets after it.
    return this.#brokenLine === undefined ? this.#lists > 0 : this.#lastByte !== CLOSE_BRACKET;
  }

  /** Between two values: skips white space, commas and the brackets of the list. */
  #beginValue(): void {
    const byte = this.#pending[this.#at] as number;
    // Lists may follow each other; anything else after a list does not belong to it.
    if (
      this.#lists === 0 &&
      this.#listsHaveObjects &&
      !isSpace(byte) &&
      byte !== COMMA &&
      byte !== OPEN_BRACKET
    )
      this.listFault ??= { kind: 'followed', line: this.#line };
    if (this.#lists !== null && this.#lists > 0 && byte === OPEN_BRACE) this.#listsHaveObjects = true;
    if (this.#lists !== null && byte === OPEN_BRACKET) this.#lists++;
    if (this.#lists !== null && byte === CLOSE_BRACKET) this.#lists = Math.max(0, this.#lists - 1);
    if (
      byte === OPEN_BRACE ||
      !(isSpace(byte) || byte === COMMA || byte === OPEN_BRACKET || byte === CLOSE_BRACKET)
    ) {
      this.#drop(this.#at);
      this.#value = { line: this.#line, open: [], inString: false, last: 0, tooLong: false };
      return;
    }
    if (byte === LF) this.#line++;
    this.#at++;
  }

  /** Searches the end of a value in the pending bytes. @returns false if more bytes are needed */
  #continueValue(value: OpenValue): boolean {
    const pending = this.#pending;
    for (; this.#at < pending.length; this.#at++) {
      const byte = pending[this.#at] as number;
      if (value.inString) {
        if (byte === BACKSLASH) {
          if (this.#at + 1 === pending.length) return false;
          this.#at++;
        } else if (byte === QUOTE) value.inString = false;
        else if (byte === LF) {
          // A string never goes on in the next line.
          this.#brokenLine = value.line;
          this.#value = undefined;
          return true;
        }
        continue;
      }
      if (
        value.open.length === 0 &&
        value.last !== 0 &&
        (byte === COMMA || byte === LF || byte === CLOSE_BRACKET)
      ) {
        this.#endValue(value, this.#at);
        return true;
      }
      if (byte === LF) this.#line++;
      if (isSpace(byte)) continue;
      const { last, open } = value;
      value.last = byte;
      if (byte === QUOTE) value.inString = true;
      else if (byte === OPEN_BRACE && open.at(-1) === OPEN_BRACE && last !== COLON) {
        // A brace is missing before this object.
        this.#endValue(value, this.#at, { code: 'JSON_INVALID' });
        return true;
      } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) open.push(byte);
      else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
        const isListEnd = byte === CLOSE_BRACKET && open.length === 1 && open[0] === OPEN_BRACE;
        if (isListEnd && this.#lists !== null) this.#lists--; // the brace of the last object is missing
        open.pop();
        if (open.length > 0) continue;
        this.#at++;
        this.#endValue(value, this.#at);
        return true;
      }
    }
    return false;
  }

  /** Skips the rest of a value with an open string: up to a line that begins with a brace. */
  #skipBrokenValue(from: number, final: boolean): boolean {
    const pending = this.#pending;
    const lineEnd = pending.indexOf(LF, this.#at);
    if (lineEnd === -1) {
      if (final) this.#at = pending.length;
      return false;
    }
    let next = lineEnd + 1;
    while (next < pending.length && isSpace(pending[next] as number) && pending[next] !== LF) next++;
    if (next === pending.length && !final) return false;
    if (pending[next] === OPEN_BRACE) {
      this.#reject({ code: 'JSON_INVALID' }, from, this.#line);
      this.#brokenLine = undefined;
    }
    this.#line++;
    this.#at = next;
    this.#drop(next);
    return true;
  }

  #endValue({ line, tooLong }: OpenValue, end: number, fault?: RejectReason): void {
    const lastLine = this.#line - (fault !== undefined && end > 0 && this.#startsLine(end) ? 1 : 0);
    const reason = tooLong ? this.#tooLong() : fault;
    if (reason !== undefined) this.#reject(reason, line, Math.max(line, lastLine));
    else this.#addRow(0, end, line, lastLine);
    this.#value = undefined;
    this.#drop(end);
  }

  /** Whether only white space stands before `end` in its line, after an earlier line. */
  #startsLine(end: number): boolean {
    let at = end - 1;
    while (at >= 0 && isSpace(this.#pending[at] as number) && this.#pending[at] !== LF) at--;
    return this.#pending[at] === LF;
  }

  #drop(bytes: number): void {
    this.#pending = this.#pending.subarray(bytes);
    this.#at = Math.max(0, this.#at - bytes);
  }

  #addRow(start: number, end: number, line: number, lastLine: number): void {
    const bytes = this.#pending.subarray(start, end);
    if (bytes.length > this.#maxRowBytes || !isUtf8(bytes)) {
      const reason =
        bytes.length > this.#maxRowBytes ? this.#tooLong() : { code: 'ENCODING_INVALID' as const };
      this.#reject(reason, line, lastLine);
      return;
    }
    const text = bytes
      .toString('utf8')
      .replace(/^[\s\x1e]+/, '')
      .trimEnd();
    if (text === '') return;
    const value = parseJson(text, this.repairs);
    if (value === undefined) this.#addConcatenated(bytes, line, lastLine);
    else if (typeof value !== 'object' || value === null || Array.isArray(value))
      this.#reject({ code: 'JSON_NOT_OBJECT' }, line, lastLine);
    else this.#rows.push({ line, value: value as Record<string, unknown> });
  }

  /** Adds the objects that stand on one line, or rejects the line. */
  #addConcatenated(bytes: Buffer, line: number, lastLine: number): void {
    const rows = this.#isLines === true ? splitObjects(bytes, this.#maxRowBytes) : null;
    if (rows === null) this.#reject({ code: 'JSON_INVALID' }, line, lastLine);
    else this.#rows.push(...rows.map((value) => ({ line, value })));
  }

  #reject(reason: RejectReason, line: number, lastLine: number): void {
    this.#rows.push({ line, ...(lastLine > line ? { lastLine } : {}), reason });
  }

  #tooLong(): RejectReason {
    return { code: 'ROW_TOO_LONG', limitBytes: this.#maxRowBytes };
  }
}

/** White space, and the record separator that JSON text sequences (RFC 7464) put before each object. */
function isSpace(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d) || byte === 0x1e;
}

/** The objects of a line that holds several without a line break between them; null if it is no such line. */
function splitObjects(bytes: Buffer, maxRowBytes: number): JsonRow['value'][] | null {
  const text = bytes.toString('utf8');
  if (!/\}[\s\x1e]*\{/.test(text)) return null;
  // As a list, the line is read object by object.
  const parser = new Parser(maxRowBytes);
  const rows = [...parser.push(Buffer.from(`[${text.replace(/[\r\n]+/g, ' ')}]`)), ...parser.end()];
  const values = rows.map((row) => ('value' in row ? row.value : null));
  return values.length > 1 && values.every((value) => value !== null) ? values : null;
}

/** A string, or one of the faults that can be read past. */
const TOKENS = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\b(?:NaN|Infinity)\b|,(?=\s*(?:[}\]]|$))/g;

/** @throws SyntaxError if the text is no JSON */
function parseExactly(text: string): unknown {
  const value: unknown = JSON.parse(text);
  return /\d{16}/.test(text) ? JSON.parse(quoteLongIntegers(text)) : value;
}

/** @returns undefined if the text is no JSON */
function parseJson(text: string, repairs: JsonRepairs): unknown {
  try {
    return parseExactly(text);
  } catch {
    // most often it is no JSON at all
  }
  let notNumbers = 0;
  let commas = 0;
  const repaired = text.replace(TOKENS, (token) => {
    if (token.startsWith('"')) return token;
    if (token === ',') commas++;
    else notNumbers++;
    return token === ',' ? '' : 'null';
  });
  try {
    const value: unknown = parseExactly(repaired);
    if (notNumbers > 0) repairs.notNumbers++;
    if (commas > 0) repairs.commas++;
    return value;
  } catch {
    return undefined;
  }
}

/**
 * Puts whole numbers beyond 2^53 in quotes, such as ids of 19 digits: as numbers, their last digits would be lost.
 * @param json  valid JSON
 */
function quoteLongIntegers(json: string): string {
  const parts: string[] = [];
  for (let at = 0; at < json.length; ) {
    const open = json.indexOf('"', at);
    const outside = json.slice(at, open === -1 ? json.length : open);
    parts.push(
      outside.replace(/-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g, (number) =>
        /^-?\d+$/.test(number) && !Number.isSafeInteger(Number(number)) ? `"${number}"` : number,
      ),
    );
    if (open === -1) break;
    let close = json.indexOf('"', open + 1);
    while (isEscaped(json, close)) close = json.indexOf('"', close + 1);
    parts.push(json.slice(open, close + 1));
    at = close + 1;
  }
  return parts.join('');
}

/** Whether an odd number of backslashes stands before the character. */
function isEscaped(json: string, at: number): boolean {
  let first = at;
  while (json[first - 1] === '\\') first--;
  return (at - first) % 2 === 1;
}

/** Converts a JSON value to the text of a field; null if it is not a string, number or boolean. */
export function fieldText(value: unknown): string | null {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : null;
}
