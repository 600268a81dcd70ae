// Tests quoted keys of maps, integers and the hints of wrong overrides.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quoteText, toPlainValue } from '../../src/foundation/config/index.ts';
import { parseOverride } from '../../src/foundation/config/override-parser.ts';
import { type AppError, isAppError } from '../../src/foundation/core/errors.ts';
import { loadTrainConfig } from '../../src/workflows/configuration/index.ts';

const parse = (override: string): unknown => toPlainValue(parseOverride(override).value!);

function refusal(override: string): AppError {
  try {
    parseOverride(override);
  } catch (error) {
    if (isAppError(error)) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('quoted keys of maps', () => {
  it.each([
    ['a={"Frage?": question}', { 'Frage?': 'question' }],
    ['a={"0.0": REAL, "1.0": FAKE}', { '0.0': 'REAL', '1.0': 'FAKE' }],
    ['a={"a:b": x, "c,d": y, "e}f": z}', { 'a:b': 'x', 'c,d': 'y', 'e}f': 'z' }],
    [`a={' padded ': x}`, { ' padded ': 'x' }],
    [`a={"it's": 1, 'say "no"': 2}`, { "it's": 1, 'say "no"': 2 }],
    [`a={'it\\'s': 1, "b\\\\": 2}`, { "it's": 1, 'b\\': 2 }],
    ['a={"新聞": x, "größe (cm)": y, "🙂": z}', { 新聞: 'x', 'größe (cm)': 'y', '🙂': 'z' }],
    ['a={"": empty}', { '': 'empty' }],
    ['a={"null": x, null: y}', { null: 'y' }],
    ['a={ "x" : {"y=z": [1, {"[": 2}]} , plain: 3 }', { x: { 'y=z': [1, { '[': 2 }] }, plain: 3 }],
    ['a={größe: x, ja/nein: y}', { größe: 'x', 'ja/nein': 'y' }],
  ])('are read in %s', (override, expected) => {
    expect(parse(override)).toEqual(expected);
  });

  it('may hold any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), (key, other) => {
        if (key === '__proto__') return;
        const parsed = parse(`a={${quoteText(key)}: [${quoteText(other)}], z: 1}`);
        expect(parsed).toEqual({ [key]: [other], z: 1 });
      }),
    );
  });

  it('reach the labels of the data', () => {
    const labels = (override: string) =>
      loadTrainConfig(['data=csv', 'data.path=x', override], { environment: {} }).config.data.labels;
    expect(labels('data.labels={"0.0": REAL, "Frage: offen?": OPEN}')).toEqual({
      '0.0': 'REAL',
      'Frage: offen?': 'OPEN',
    });
    expect(labels('data.labels={0.0: REAL, 9007199254740993: BIG}')).toEqual({
      '0.0': 'REAL',
      '9007199254740993': 'BIG',
    });
  });
});

describe('integers that a number cannot hold', () => {
  it.each([
    'a=9007199254740993',
    'a=[1,-9007199254740993]',
    'a={k: 12345678901234567890}',
    'a=range(1,1_000_000_000_000_000_000)',
  ])('are refused in %s, never rounded', (override) => {
    expect(refusal(override)).toMatchObject({
      code: 'OVERRIDE_SYNTAX',
      details: { expected: expect.stringContaining('up to 9007199254740991') },
    });
  });

  it('are kept as texts in quotes, and the largest safe ones as numbers', () => {
    expect(parse("a='9007199254740993'")).toBe('9007199254740993');
    expect(parse('a=-9007199254740991')).toBe(-9007199254740991);
  });
});

describe('hints of OVERRIDE_SYNTAX', () => {
  it.each([
    ['a=x;y', 'Put the value in quotes'],
    ['a={b: x!}', 'Put the value in quotes'],
    ['a="b', 'End the quoted text with "'],
    ["a='it's'", "write the quote as \\'"],
    ['a={b:', 'put the whole in single quotes'],
    ['data.labels={Frage', 'put the whole in single quotes'],
    ['a="b"c', 'Quotes go around a whole value'],
    ['a={"b"c: 1}', 'Quotes go around a whole value'],
    ['a={b: 1]', 'Write key=value'],
  ])('fit %s', (override, hint) => {
    expect(refusal(override)).toMatchObject({ code: 'OVERRIDE_SYNTAX', hint: expect.stringContaining(hint) });
  });

  it('name the arguments that a function has', () => {
    expect(refusal('a=range(1,3,stride=2)').message).toContain(
      'expected only the named arguments start, stop, step in range(…), got stride=',
    );
    expect(refusal('a=choice(a,b,shuffle=true)').message).toContain('no named arguments in choice(…)');
    expect(refusal('a=sort(2,1,reverse=1)').message).toContain('reverse=true or reverse=false');
  });
});
