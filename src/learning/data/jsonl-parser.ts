// Parses JSON Lines: one object on each line, in UTF-8. Numbers and booleans become text; nested values do not. Whole numbers
// beyond 2^53 are texts from the start.
import { isUtf8 } from 'node:buffer';
import type { BadRow } from './csv-parser.ts';

const LF = 0x0a;
const MAX_ROW_BYTES = 16 * 1024 * 1024;

export interface JsonRow {
  /** Line number, from 1. */
  readonly line: number;
  readonly value: Readonly<Record<string, unknown>>;
}

export interface JsonlParser {
  push(chunk: Buffer): (JsonRow | BadRow)[];
  end(): (JsonRow | BadRow)[];
}

/** Creates a parser for one file. */
export function createJsonlParser(options: { readonly maxRowBytes?: number } = {}): JsonlParser {
  const maxRowBytes = options.maxRowBytes ?? MAX_ROW_BYTES;
  let pending: Buffer = Buffer.alloc(0);
  let line = 0;
  let skipping = false;

  const parseLine = (bytes: Buffer): JsonRow | BadRow | undefined => {
    line++;
    const from = line === 1 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
    if (!isUtf8(bytes)) return { line, reason: { code: 'ENCODING_INVALID' } };
    const text = bytes.toString('utf8', from).trim();
    if (text === '') return undefined;
    let value: unknown;
    try {
      value = JSON.parse(text);
      if (/\d{16}/.test(text)) value = JSON.parse(quoteLongIntegers(text));
    } catch {
      return { line, reason: { code: 'JSON_INVALID' } };
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return { line, reason: { code: 'JSON_NOT_OBJECT' } };
    return { line, value: value as Record<string, unknown> };
  };

  const parse = (final: boolean): (JsonRow | BadRow)[] => {
    const rows: (JsonRow | BadRow)[] = [];
    let start = 0;
    const take = (end: number): void => {
      const row = skipping ? undefined : parseLine(pending.subarray(start, end));
      skipping = false;
      if (row !== undefined) rows.push(row);
    };
    for (let end = pending.indexOf(LF); end !== -1; end = pending.indexOf(LF, start)) {
      take(end);
      start = end + 1;
    }
    if (final && start < pending.length) {
      take(pending.length);
      start = pending.length;
    }
    pending = pending.subarray(start);
    if (pending.length > maxRowBytes) {
      if (!skipping) rows.push({ line: ++line, reason: { code: 'ROW_TOO_LONG', limitBytes: maxRowBytes } });
      skipping = true;
      pending = Buffer.alloc(0);
    }
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
