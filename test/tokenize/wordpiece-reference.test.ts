// Compares our WordPiece with digests of the Rust library's results for the same 2,400 fuzzed texts: ids from the fast path,
// offsets from the aligned path. A failing group can be printed with reference/reference_digests.py --group N.
import { describe, expect, test } from 'vitest';
import { buildVocabulary } from '../../src/text/tokenize/vocabulary.ts';
import { createWordPieceTokenizer } from '../../src/text/tokenize/wordpiece.ts';
import { FUZZ_GROUPS, fuzzGroup, fuzzVocabulary } from './fuzz-text.ts';
import { digestEncodings, REFERENCE, shortDigest, VARIANTS } from './reference-digests.ts';

const entries = fuzzVocabulary();
const vocabulary = buildVocabulary(entries, 'fuzz');
const groups = Array.from({ length: FUZZ_GROUPS }, (_, group) => fuzzGroup(group));

describe('fuzzed texts', () => {
  test('the generator makes the texts and the vocabulary that the reference saw', () => {
    expect(shortDigest([groups.flat().join('\n')])).toBe(REFERENCE.texts);
    expect(shortDigest([[...entries.keys()].join('\n')])).toBe(REFERENCE.vocabulary);
  });

  for (const name of ['uncased', 'cased', 'uncased, accents kept'] as const) {
    test(`ids and offsets equal the Rust library's: ${name}`, () => {
      const tokenizer = createWordPieceTokenizer(vocabulary, VARIANTS[name]);
      const wrong = groups.flatMap((texts, group) =>
        digestEncodings(tokenizer, texts) === REFERENCE.fuzz[name][group] ? [] : [group],
      );
      expect(wrong).toEqual([]);
    });
  }
});
