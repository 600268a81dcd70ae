// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${…} is what is tested here
// Tests properties of any input: parsing never ends in INTERNAL_BUG, and formatting and parsing are inverse.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { findClosest } from '../../src/foundation/config/closest-name.ts';
import { createNode, type PlainValue } from '../../src/foundation/config/config-node.ts';
import {
  formatConfig,
  parseOverride,
  quoteText,
  toPlain,
  toPlainValue,
} from '../../src/foundation/config/index.ts';
import { isAppError } from '../../src/foundation/core/errors.ts';

const scalar = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
  fc.constant(null),
);
const key = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
  .filter((text) => text !== '__proto__' && text !== '<<');
const { value } = fc.letrec<{ value: PlainValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    scalar,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(key, tie('value'), { maxKeys: 4 }),
  ),
}));
const map = fc.dictionary(key, value, { maxKeys: 5 });

/** Replaces -0 by 0, because our YAML has no spelling for -0. */
const withoutNegativeZero = (json: unknown): unknown => JSON.parse(JSON.stringify(json));

describe('properties', () => {
  it('a text quoted by quoteText parses to itself', () => {
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.oneof(
            fc.constantFrom('\\', "'", '"', ',', '$', '{', ' '),
            fc.string({ minLength: 1, maxLength: 1 }),
          ),
        }),
        (text) => {
          expect(toPlainValue(parseOverride(`a=${quoteText(text)}`).value!)).toBe(text);
        },
      ),
    );
  });

  it('any override is either parsed or refused with OVERRIDE_SYNTAX', () => {
    const word = fc.constantFrom(
      'a',
      '1',
      '1e3',
      'true',
      'null',
      '=',
      ',',
      '[',
      ']',
      '{',
      '}',
      '(',
      ')',
      ':',
      ' ',
      '\\',
      "'",
      '"',
      '${a}',
      '+',
      '~',
      '.',
      '@',
      '/',
      'range',
      'choice',
      'é',
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 14 }), (words) => {
        try {
          parseOverride(words.join(''));
        } catch (error) {
          if (!isAppError(error) || error.code !== 'OVERRIDE_SYNTAX') throw error;
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('a configuration written as YAML parses to itself', () => {
    fc.assert(
      fc.property(map, (config) => {
        const node = createNode(config, { kind: 'command line', override: 'x=1' });
        expect(withoutNegativeZero(parse(formatConfig(node)) ?? {})).toEqual(
          withoutNegativeZero(toPlain(node)),
        );
      }),
      { numRuns: 500 },
    );
  });

  it('the closest name to a known name is that name', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.stringMatching(/^[a-z_]{1,12}$/), { minLength: 1 }), (names) => {
        for (const name of names) expect(findClosest(name, names)).toBe(name);
      }),
    );
  });
});
