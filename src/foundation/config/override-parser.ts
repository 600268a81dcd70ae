// Parses command-line overrides in Hydra's grammar: `group=choice`, `a.b=value`, `+a=1`, `++a=1`, `~a`, lists, maps,
// quoted strings, functions and sweeps. It is a recursive-descent parser over the tokens of override-lexer.ts, with the
// rules of Hydra 1.3's OverrideParser.

import type { Override, OverrideValue } from './override.ts';
import { callFunction, type FunctionArguments } from './override-function.ts';
import {
  lexOverride,
  overrideSyntax,
  parseWord,
  type Token,
  type TokenType,
  unescapeRun,
  type Word,
} from './override-lexer.ts';

const primitiveTypes: ReadonlySet<TokenType> = new Set([
  'id',
  'null',
  'int',
  'float',
  'bool',
  'interpolation',
  'other',
  'colon',
  'escape',
  'space',
]);
const mapKeyTypes: ReadonlySet<TokenType> = new Set([
  'id',
  'null',
  'int',
  'float',
  'bool',
  'other',
  'escape',
  'space',
]);

/** @throws OVERRIDE_SYNTAX */
export function parseOverride(text: string): Override {
  const reader = new TokenReader(text);
  let action: Override['action'] = 'change';
  if (reader.skip('tilde')) action = 'delete';
  else if (reader.skip('plus')) action = reader.skip('plus') ? 'set' : 'add';
  const key = parseKey(reader);
  let value: OverrideValue | null = null;
  if (action !== 'delete' || reader.next.type !== 'end') {
    reader.take('equal', 'key=value');
    value = reader.next.type === 'end' ? { kind: 'scalar', value: '' } : parseValue(reader);
  }
  reader.take('end', 'the end');
  return { action, ...key, value, text };
}

/** Parses `group`, `group/sub` or `a.b.c`, each with an optional `@package`; the empty key stands for the root. */
function parseKey(reader: TokenReader): { key: string; package: string | null } {
  let key = '';
  if (reader.next.type === 'id') {
    key = reader.take('id').text;
    while (reader.skip('slash')) key += `/${reader.take('id', 'a name after /').text}`;
  } else key = parsePackage(reader);
  return { key, package: reader.skip('at') ? parsePackage(reader) : null };
}

function parsePackage(reader: TokenReader): string {
  const isName =
    reader.next.type === 'id' || reader.next.type === 'specialKey' || reader.next.type === 'dotPath';
  return isName ? reader.take(reader.next.type).text : '';
}

function parseValue(reader: TokenReader): OverrideValue {
  const items = [parseElement(reader)];
  while (reader.skip('comma')) items.push(parseElement(reader));
  return items.length === 1 ? items[0]! : { kind: 'choice', items, simple: true, shuffle: false, tags: [] };
}

function parseElement(reader: TokenReader): OverrideValue {
  const { type } = reader.next;
  if (type === 'quoted') return parseQuoted(reader.take('quoted').text);
  if (type === 'bracketOpen') return parseList(reader);
  if (type === 'braceOpen') return parseMap(reader);
  if (type === 'id' && reader.after.type === 'parenOpen') return parseFunction(reader);
  const { value, isFloat } = parsePrimitive(reader, primitiveTypes);
  return { kind: 'scalar', value, ...(isFloat && { isFloat }) };
}

function parseList(reader: TokenReader): OverrideValue {
  reader.take('bracketOpen');
  const items: OverrideValue[] = [];
  if (reader.next.type !== 'bracketClose') {
    do items.push(parseElement(reader));
    while (reader.skip('comma'));
  }
  reader.take('bracketClose', '"," or "]"');
  return { kind: 'list', items };
}

function parseMap(reader: TokenReader): OverrideValue {
  reader.take('braceOpen');
  const entries = new Map<string, OverrideValue>();
  if (reader.next.type !== 'braceClose') {
    do {
      const key = parseMapKey(reader);
      reader.take('colon', '":" after a key');
      entries.set(key, parseElement(reader));
    } while (reader.skip('comma'));
  }
  reader.take('braceClose', '"," or "}"');
  return { kind: 'map', entries: [...entries] };
}

/** Keys are strings: `{1.0: FAKE}` means the file's "1.0". Unlike in Hydra, they may be quoted: `{"a: b": FAKE}`. */
function parseMapKey(reader: TokenReader): string {
  if (reader.next.type === 'quoted') return parseQuoted(reader.take('quoted').text).value;
  const tokens: Token[] = [];
  while (mapKeyTypes.has(reader.next.type)) tokens.push(reader.take(reader.next.type));
  if (tokens[0]?.type === 'space') tokens.shift();
  if (tokens.at(-1)?.type === 'space') tokens.pop();
  if (tokens.length === 0) throw reader.unexpected('a key');
  return tokens.map(({ type, text }) => (type === 'escape' ? unescapeRun(text) : text)).join('');
}

function parseFunction(reader: TokenReader): OverrideValue {
  const start = reader.next.start;
  const name = reader.take('id').text;
  reader.take('parenOpen');
  const given: FunctionArguments = { positional: [], named: new Map() };
  if (reader.next.type !== 'parenClose') {
    do {
      if (reader.next.type === 'id' && reader.after.type === 'equal') {
        const argument = reader.take('id').text;
        reader.take('equal');
        given.named.set(argument, parseElement(reader));
      } else if (given.named.size > 0) throw reader.unexpected('name=value after a named argument');
      else given.positional.push(parseElement(reader));
    } while (reader.skip('comma'));
  }
  reader.take('parenClose', '"," or ")"');
  const result = callFunction(name, given);
  if ('problem' in result) throw overrideSyntax(reader.text, start, result.expected, result.problem);
  return result.value;
}

/** Parses a word, number, boolean or null; several tokens in a row are one string, trimmed. */
function parsePrimitive(reader: TokenReader, types: ReadonlySet<TokenType>): Word {
  const tokens: Token[] = [];
  while (types.has(reader.next.type)) tokens.push(reader.take(reader.next.type));
  if (tokens.length > 0 && tokens[0]?.type === 'space') tokens.shift();
  if (tokens.length > 0 && tokens.at(-1)?.type === 'space') tokens.pop();
  const [only] = tokens;
  if (only === undefined) throw reader.unexpected('a value');
  if (tokens.length > 1) {
    const texts = tokens.map((t) => (t.type === 'escape' ? unescapeRun(t.text) : t.text));
    return { value: texts.join(''), isFloat: false };
  }
  const word = parseWord(only);
  if ('refused' in word) throw overrideSyntax(reader.text, only.start, word.refused, `"${only.text}"`);
  return word;
}

/** Only backslashes before a quote or before the end are escapes; all others are ordinary characters. */
function parseQuoted(text: string): Extract<OverrideValue, { kind: 'quoted' }> {
  const quote = text[0] === '"' ? '"' : "'";
  const runs = quote === '"' ? /(\\+)(?="|$)/g : /(\\+)(?='|$)/g;
  const body = text.slice(1, -1).replace(runs, (run: string) => '\\'.repeat(Math.floor(run.length / 2)));
  return { kind: 'quoted', value: body, quote };
}

class TokenReader {
  readonly text: string;
  readonly #tokens: readonly Token[];
  #position = 0;

  constructor(text: string) {
    this.text = text;
    this.#tokens = lexOverride(text);
  }
  get next(): Token {
    return this.#tokens[this.#position]!;
  }
  get after(): Token {
    return this.#tokens[this.#position + 1] ?? this.next;
  }
  take(type: TokenType, expected = type as string): Token {
    const token = this.next;
    if (token.type !== type) throw this.unexpected(expected);
    this.#position++;
    return token;
  }
  skip(type: TokenType): boolean {
    if (this.next.type !== type) return false;
    this.#position++;
    return true;
  }
  unexpected(expected: string): Error {
    const { type, text, start } = this.next;
    return overrideSyntax(this.text, start, expected, type === 'end' ? 'the end' : `"${text}"`);
  }
}
