// Parses `${…}` in a value, in OmegaConf 2.3's grammar: `${a.b}`, `${.sibling}`, `${..uncle}`, `${list[0]}`, nested
// `${a.${b}}`, and resolvers such as `${oc.env:NAME,default}`, whose arguments are words, numbers, quoted strings, lists and
// maps. A backslash escapes an interpolation: `\${not}` is plain text.

import type { Scalar } from './config-node.ts';
import { parseWord, scanValueToken, type Token, type TokenType, unescapeRun } from './override-lexer.ts';

export type InterpolationPart =
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'reference';
      /** Dots before the key: 0 starts at the root, 1 at the map around the value, 2 at the map above that. */
      readonly level: number;
      /** Each key is a text or an interpolation. */
      readonly path: readonly InterpolationPart[];
    }
  | { readonly kind: 'resolver'; readonly name: string; readonly args: readonly Argument[] };

/** An argument of a resolver, or a part of one. */
export type Argument =
  | { readonly kind: 'word'; readonly value: Scalar; readonly isFloat: boolean }
  /** Joined to a text; one interpolation alone keeps its type unless it is quoted. */
  | { readonly kind: 'parts'; readonly parts: readonly InterpolationPart[]; readonly isQuoted: boolean }
  | { readonly kind: 'list'; readonly items: readonly Argument[] }
  | { readonly kind: 'map'; readonly entries: readonly (readonly [string, Argument])[] };

/** Says what is wrong with an interpolation; the caller adds the place. */
export class InterpolationSyntax extends Error {}

export function hasInterpolation(text: string): boolean {
  return text.includes('${');
}

/** @throws InterpolationSyntax */
export function parseInterpolation(text: string): InterpolationPart[] {
  return readText({ text, at: 0 }, undefined);
}

/**
 * Parses one value, as `oc.decode` does.
 * @throws InterpolationSyntax
 */
export function parseArgument(text: string): Argument {
  const reader = { text, at: 0 };
  const argument = readArgument(reader);
  if (reader.at < text.length) throw new InterpolationSyntax('one value');
  return argument;
}

/** Splits a key as written, such as `..a.b[0]`, into the dots before it and its parts; undefined if it is none. */
export function splitKey(text: string): { level: number; path: string[] } | undefined {
  const [, dots = '', first, rest = ''] =
    /^(\.*)([^.[\]]+|\[[^.[\]]+\])((?:\.[^.[\]]+|\[[^.[\]]+\])*)$/.exec(text) ?? [];
  if (first === undefined) return undefined;
  const path = `${first}${rest}`.split(/[.[\]]+/).filter((key) => key !== '');
  return { level: dots.length, path };
}

interface Reader {
  readonly text: string;
  at: number;
}

/**
 * Reads text and interpolations up to the end, or up to and including the closing `quote`. Backslashes are escapes only
 * before `${` and, within quotes, before the quote; two of them become one.
 */
function readText(reader: Reader, quote: string | undefined): InterpolationPart[] {
  const parts: InterpolationPart[] = [];
  let literal = '';
  const flush = (): void => {
    if (literal !== '') parts.push({ kind: 'text', text: literal });
    literal = '';
  };
  while (reader.at < reader.text.length) {
    const run = /^\\*/.exec(reader.text.slice(reader.at))![0].length;
    const after = reader.at + run;
    const isOpening = reader.text.startsWith('${', after);
    const isQuote = quote !== undefined && reader.text[after] === quote;
    if (!isOpening && !isQuote) {
      literal += reader.text.slice(reader.at, after + 1);
      reader.at = after + 1;
      continue;
    }
    literal += '\\'.repeat(Math.floor(run / 2));
    reader.at = after;
    const isEscaped = run % 2 === 1;
    if (isQuote) {
      reader.at++;
      if (!isEscaped) {
        flush();
        return parts;
      }
      literal += quote;
    } else if (isEscaped) {
      literal += '${';
      reader.at += 2;
    } else {
      flush();
      parts.push(readInterpolation(reader));
    }
  }
  if (quote !== undefined) throw new InterpolationSyntax(`a closing ${quote}`);
  flush();
  return parts;
}

function readInterpolation(reader: Reader): InterpolationPart {
  reader.at += 2;
  skip(reader, /^[ \t]*/);
  const resolver = skip(reader, /^[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)*:[ \t]*/);
  if (resolver !== '') {
    const name = resolver.slice(0, resolver.indexOf(':'));
    return { kind: 'resolver', name, args: readSequence(reader, 'braceClose') };
  }
  const level = skip(reader, /^\.*/).length;
  const path: InterpolationPart[] = [];
  do {
    const isBracket = skip(reader, /^\[/) !== '';
    path.push(readKey(reader));
    if (isBracket && skip(reader, /^\]/) === '') throw new InterpolationSyntax('a closing ]');
  } while (reader.text[reader.at] === '[' || skip(reader, /^\./) !== '');
  if (skip(reader, /^[ \t]*\}/) === '') throw new InterpolationSyntax('"." or "}" after a key');
  return { kind: 'reference', level, path };
}

function readKey(reader: Reader): InterpolationPart {
  if (reader.text.startsWith('${', reader.at)) return readInterpolation(reader);
  const text = skip(reader, /^[^\\${}()[\]:. \t'"]+/);
  if (text === '') throw new InterpolationSyntax('a key after the opening brace');
  return { kind: 'text', text };
}

/** Reads elements separated by commas up to and including the closing token; an absent element is an empty text. */
function readSequence(reader: Reader, closing: TokenType): Argument[] {
  if (takeToken(reader, closing)) return [];
  const items: Argument[] = [];
  do {
    const next = scan(reader)?.type;
    items.push(
      next === 'comma' || next === closing
        ? { kind: 'word', value: '', isFloat: false }
        : readArgument(reader),
    );
  } while (takeToken(reader, 'comma'));
  if (!takeToken(reader, closing))
    throw new InterpolationSyntax(`"," or "${closing === 'braceClose' ? '}' : ']'}" after an argument`);
  return items;
}

function readArgument(reader: Reader): Argument {
  const quote = reader.text[reader.at];
  if (quote === '"' || quote === "'") {
    reader.at++;
    return { kind: 'parts', parts: readText(reader, quote), isQuoted: true };
  }
  if (takeToken(reader, 'bracketOpen')) return { kind: 'list', items: readSequence(reader, 'bracketClose') };
  if (takeToken(reader, 'braceOpen')) return readMap(reader);
  return readPrimitive(reader, primitiveTypes);
}

function readMap(reader: Reader): Argument {
  const entries: (readonly [string, Argument])[] = [];
  if (takeToken(reader, 'braceClose')) return { kind: 'map', entries };
  do {
    const key = readMapKey(reader);
    if (!takeToken(reader, 'colon')) throw new InterpolationSyntax('":" after a key of a map');
    entries.push([key, readArgument(reader)]);
  } while (takeToken(reader, 'comma'));
  if (!takeToken(reader, 'braceClose')) throw new InterpolationSyntax('"," or "}" in a map');
  return { kind: 'map', entries };
}

/** A key of a map: its text as written, without the space around it. */
function readMapKey(reader: Reader): string {
  const start = reader.at;
  readPrimitive(reader, keyTypes);
  let key = '';
  for (let at = start; at < reader.at; ) {
    const token = scanValueToken(reader.text, at);
    if (token === undefined) throw new InterpolationSyntax('a key without interpolations');
    at += token.text.length;
    const isAround = token.type === 'space' && (key === '' || at === reader.at);
    if (!isAround) key += token.type === 'escape' ? unescapeRun(token.text) : token.text;
  }
  return key;
}

const keyTypes: readonly TokenType[] = ['id', 'null', 'int', 'float', 'bool', 'other', 'escape', 'space'];
const primitiveTypes: readonly TokenType[] = [...keyTypes, 'colon'];

/** Reads a word, number, boolean, null or interpolation; several in a row are one text, without the space around it. */
function readPrimitive(reader: Reader, types: readonly TokenType[]): Argument {
  const read: (Token | InterpolationPart)[] = [];
  for (;;) {
    if (reader.text.startsWith('${', reader.at)) {
      read.push(readInterpolation(reader));
      continue;
    }
    const token = scan(reader);
    if (token === undefined || !types.includes(token.type)) break;
    reader.at += token.text.length;
    read.push(token);
  }
  const isSpace = (part: Token | InterpolationPart | undefined): boolean =>
    part !== undefined && 'type' in part && part.type === 'space';
  if (isSpace(read[0])) read.shift();
  if (isSpace(read.at(-1))) read.pop();
  const [only] = read;
  if (only === undefined) throw new InterpolationSyntax('a value');
  if (read.length === 1 && 'type' in only) {
    const word = parseWord(only);
    if ('refused' in word) throw new InterpolationSyntax(word.refused);
    return { kind: 'word', ...word };
  }
  const parts = read.map((part): InterpolationPart => {
    if (!('type' in part)) return part;
    return { kind: 'text', text: part.type === 'escape' ? unescapeRun(part.text) : part.text };
  });
  return { kind: 'parts', parts, isQuoted: false };
}

function scan(reader: Reader): Token | undefined {
  return scanValueToken(reader.text, reader.at);
}

function takeToken(reader: Reader, type: TokenType): boolean {
  const token = scan(reader);
  if (token?.type !== type) return false;
  reader.at += token.text.length;
  return true;
}

/** Skips what `pattern` matches here, and returns it. */
function skip(reader: Reader, pattern: RegExp): string {
  const found = pattern.exec(reader.text.slice(reader.at))?.[0] ?? '';
  reader.at += found.length;
  return found;
}
