// Splits a command-line override into tokens, in two modes: before the first `=` (keys) and after it (values).
// The longest match wins; of equally long matches, the first in the table. Source: Hydra 1.3's override grammar
// (hydra.cc/docs/advanced/override_grammar). It accepts two things more: letters outside ASCII, and a `~/` at the start of a
// value, need no quotes.
import { appError } from '../core/index.ts';

export type TokenType =
  // keys
  | 'equal'
  | 'tilde'
  | 'plus'
  | 'at'
  | 'slash'
  | 'dotPath'
  | 'specialKey'
  // values
  | 'parenOpen'
  | 'parenClose'
  | 'comma'
  | 'bracketOpen'
  | 'bracketClose'
  | 'braceOpen'
  | 'braceClose'
  | 'float'
  | 'int'
  | 'bool'
  | 'null'
  | 'other'
  | 'escape'
  | 'space'
  | 'quoted'
  | 'interpolation'
  // both
  | 'id'
  | 'colon'
  | 'end';

export interface Token {
  readonly type: TokenType;
  readonly text: string;
  /** Offset in the override, from 0. */
  readonly start: number;
}

const integer = '(?:0|[1-9](?:_?[0-9])*)';
const pointFloat = `(?:${integer}?\\.[0-9](?:_?[0-9])*|${integer}\\.)`;
const exponentFloat = `(?:(?:${pointFloat}|${integer})[eE][+-]?[0-9](?:_?[0-9])*)`;
const id = '[a-zA-Z_][a-zA-Z0-9_-]*';
const specialKey = '[a-zA-Z_$][a-zA-Z0-9_$-]*';
const space = '[ \\t]*';

type Rules = readonly (readonly [TokenType, RegExp])[];
const rule = (type: TokenType, source: string, flags = ''): [TokenType, RegExp] => [
  type,
  new RegExp(source, `${flags}y`),
];

const keyRules: Rules = [
  rule('equal', `=${space}`),
  rule('tilde', '~'),
  rule('plus', '\\+'),
  rule('at', '@'),
  rule('colon', ':'),
  rule('slash', '/'),
  rule('id', id),
  rule('specialKey', specialKey),
  rule('dotPath', `(?:${specialKey}|${integer})(?:\\.(?:${specialKey}|${integer}))+`),
];

const commonRules: Rules = [
  rule('parenOpen', `${space}\\(${space}`),
  rule('comma', `${space},${space}`),
  rule('parenClose', `${space}\\)`),
  rule('bracketOpen', `\\[${space}`),
  rule('bracketClose', `${space}\\]`),
  rule('braceOpen', `\\{${space}`),
  rule('braceClose', `${space}\\}`),
  rule('colon', `${space}:${space}`),
  rule('equal', `${space}=${space}`),
  rule('float', `[+-]?(?:${exponentFloat}|${pointFloat}|inf|nan)`, 'i'),
  rule('int', `[+-]?${integer}`),
  rule('bool', 'true|false', 'i'),
  rule('null', 'null', 'i'),
  rule('other', '[/\\-\\\\+.$%*@?|]|[^\\x00-\\x7f]', 'u'),
  rule('id', id),
  rule('escape', '(?:\\\\[\\\\()\\[\\]{}:=, \\t])+'),
  rule('space', '[ \\t]+'),
  rule('interpolation', '\\$\\{[^}]+\\}'),
];

// A path below the home folder, which shells do not open behind an equals sign.
const homeRule = rule('other', '(?<=[=,:[{(][ \\t]*)~(?=/)');
const valueRules: Rules = [...commonRules, homeRule];

const argumentRules = commonRules.filter(([type]) => type !== 'interpolation');

/**
 * Splits an override into tokens; the last one has the type `end`.
 * @throws OVERRIDE_SYNTAX
 */
export function lexOverride(override: string): Token[] {
  const tokens: Token[] = [];
  let rules = keyRules;
  for (let start = 0; start < override.length; ) {
    const token = longestToken(override, start, rules);
    if (token === undefined) {
      const char = override[start]!;
      const expected =
        rules === keyRules
          ? 'a key'
          : /["']/.test(char)
            ? `a closing ${char}`
            : 'quotes around special characters';
      throw overrideSyntax(override, start, expected, /["']/.test(char) ? 'the end' : `"${char}"`);
    }
    if (rules === keyRules && token.type === 'equal') rules = valueRules;
    tokens.push(token);
    start += token.text.length;
  }
  tokens.push({ type: 'end', text: '', start: override.length });
  return tokens;
}

/**
 * The token of a value at `start`, without quoted strings and interpolations; undefined where none begins. The grammar of
 * OmegaConf's resolver arguments has the same tokens.
 */
export function scanValueToken(text: string, start: number): Token | undefined {
  return longestToken(text, start, argumentRules);
}

/** A plain value; isFloat for a number that was written as a float. */
export interface Word {
  readonly value: string | number | boolean | null;
  readonly isFloat: boolean;
}

/** The value of a single token; `refused` says what was expected instead of it. */
export function parseWord({ type, text }: Token): Word | { readonly refused: string } {
  if (type === 'int') {
    const value = Number(text.replaceAll('_', '')) + 0; // -0 is 0 as an integer
    if (!Number.isSafeInteger(value)) return { refused: LARGEST_INTEGER };
    return { value, isFloat: false };
  }
  if (type === 'float') return { value: parseFloatWord(text), isFloat: true };
  if (type === 'null') return { value: null, isFloat: false };
  if (type === 'bool') return { value: text.toLowerCase() === 'true', isFloat: false };
  return { value: type === 'escape' ? unescapeRun(text) : text, isFloat: false };
}

/** What is expected in place of an integer that a number cannot hold exactly. */
export const LARGEST_INTEGER = `a whole number up to ${Number.MAX_SAFE_INTEGER}, or quotes around a text of digits`;

function parseFloatWord(text: string): number {
  const word = text.toLowerCase().replace(/^[+-]/, '');
  if (word === 'nan') return Number.NaN;
  if (word === 'inf') return text.startsWith('-') ? -Infinity : Infinity;
  return Number(text.replaceAll('_', ''));
}

/** Removes the backslash of each escaped character: `\,\ ` becomes `, `. */
export function unescapeRun(text: string): string {
  return text.replace(/\\(.)/gs, '$1');
}

/** The name of a file in place of `key=value`. */
const DATA_FILE = /^[^=]+\.(?:csv|tsv|txt|jsonl|ndjson|json)$/i;

/** The error for column `start` (from 0) of `override`. */
export function overrideSyntax(override: string, start: number, expected: string, got: string): Error {
  const hint = DATA_FILE.test(override)
    ? `A file has a key before it: data.path=${override}, with data=csv or data=jsonl.`
    : adviseSyntax(override.slice(0, start), expected, got);
  return appError('OVERRIDE_SYNTAX', { override, column: start + 1, expected, got, hint });
}

/** What to do about it, given what was typed before the place. It never advises quotes where there are quotes. */
function adviseSyntax(before: string, expected: string, got: string): string {
  const quote = /^a closing (["'])$/.exec(expected)?.[1];
  if (quote !== undefined)
    return `End the quoted text with ${quote}; inside it, write the quote as \\${quote} or use the other kind of quotes.`;
  if (/["'][^"',[\]{}]*$/.test(before) && got !== 'the end')
    return 'Quotes go around a whole value or a whole key: key="a b", key={"a: b": c}.';
  if (got === 'the end')
    return `If the shell split the text at a space or took quotes away, put the whole in single quotes: 'key={"a: b": c}'.`;
  if (expected === 'quotes around special characters')
    return `Put the value in quotes, and the whole in single quotes for the shell: 'key="a, b"'.`;
  return `Write key=value, a list as key=[a, b], a map as 'key={a: b, "c: d": e}'.`;
}

function longestToken(text: string, start: number, rules: Rules): Token | undefined {
  let best: Token | undefined;
  for (const [type, pattern] of rules) {
    pattern.lastIndex = start;
    const match = pattern.exec(text)?.[0];
    if (match !== undefined && match.length > (best?.text.length ?? 0)) best = { type, text: match, start };
  }
  const quoted = rules === valueRules ? quotedAt(text, start) : undefined;
  return quoted !== undefined && quoted.length > (best?.text.length ?? 0)
    ? { type: 'quoted', text: quoted, start }
    : best;
}

/** The quoted string at `start`, with its quotes. It ends at the next same quote after an even number of backslashes. */
function quotedAt(text: string, start: number): string | undefined {
  const quote = text[start];
  if (quote !== '"' && quote !== "'") return undefined;
  let backslashes = 0;
  for (let i = start + 1; i < text.length; i++) {
    if (text[i] === quote && backslashes % 2 === 0) return text.slice(start, i + 1);
    backslashes = text[i] === '\\' ? backslashes + 1 : 0;
  }
  return undefined;
}
