// Compares ids and offsets of every title and text of the real collections, with BERT's own vocabulary, with digests of the
// Rust library's. Only digests are stored; the articles are read from ../shared/data, and without it the tests are skipped.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import Papa from 'papaparse';
import { describe, expect, test } from 'vitest';
import { loadWordPieceTokenizer, parseVocabularyText } from '../../src/text/tokenize/wordpiece-file.ts';
import { FUZZ_GROUPS, fuzzGroup } from './fuzz-text.ts';
import { digestEncodings, REFERENCE, shortDigest } from './reference-digests.ts';

const SHARED = fileURLToPath(new URL('../../../shared/data/', import.meta.url));
const isThere = existsSync(SHARED);
if (!isThere) console.log('skipped: ../shared/data is absent, so real articles cannot be compared');

describe.skipIf(!isThere)('with BERT\u2019s vocabulary', () => {
  const tokenizer = isThere ? loadWordPieceTokenizer(`${SHARED}bert-base-uncased`) : undefined;

  test('vocab.txt and tokenizer.json give the same vocabulary', () => {
    const path = `${SHARED}bert-base-uncased/vocab.txt`;
    const fromText = parseVocabularyText(readFileSync(path, 'utf8'), path);
    expect(fromText.vocabulary.pieces).toEqual(tokenizer!.vocabulary.pieces);
    expect(fromText.vocabulary.size).toBe(30522);
  });

  test('fuzzed texts equal the Rust library\u2019s', () => {
    const got = Array.from({ length: FUZZ_GROUPS }, (_, group) =>
      digestEncodings(tokenizer!, fuzzGroup(group)),
    );
    expect(got).toEqual(REFERENCE.bertFuzz);
  });

  for (const [name, reference] of Object.entries(REFERENCE.shared)) {
    test(`every row of ${name} equals the Rust library's`, () => {
      const csv = readFileSync(SHARED + name, 'utf8').replace(/^\ufeff/, '');
      const { data } = Papa.parse<Record<string, string>>(csv, { header: true, skipEmptyLines: true });
      expect(data).toHaveLength(reference.rows);
      const texts = data.flatMap((row) => reference.columns.map((column) => row[column] ?? ''));
      expect(shortDigest([texts.join('\n')])).toBe(reference.texts);
      expect(digestEncodings(tokenizer!, texts)).toBe(reference.encodings);
    });
  }
});
