import { expect, test } from 'vitest';
import { hashWords, locateWords } from './word-hashes.ts';

const ALL = Number.POSITIVE_INFINITY;
const same = (a: string, b: string): void =>
  expect(hashWords(a, ALL), `${a} | ${b}`).toEqual(hashWords(b, ALL));
const count = (text: string): number => hashWords(text, ALL).length;

test('takes runs of letters, digits and marks as words, whatever stands between them', () => {
  same('two  words', '\ttwo\nwords ');
  same('two\u00a0words', 'two\u3000words');
  same('zero\u200bwidth', 'zero width');
  expect(count('Ελλάδα, 2024')).toBe(3);
  expect(count('हिन्दी भाषा')).toBe(2);
  expect(count('café 1st')).toBe(2);
});

test('takes each other visible character as a word of its own', () => {
  same("don't", "don ' t");
  same('a--b', 'a - - b');
  expect(count('$5.50!')).toBe(5);
  expect(count('👍👍')).toBe(2);
});

test('takes each character of scripts without spaces as a word', () => {
  expect(count('東京は晴れ')).toBe(5);
  expect(count('𠮷野家')).toBe(3);
  same('東京 news', '東 京 news');
});

test('folds case', () => {
  same('BREAKING News', 'breaking news');
  same('ΕΛΛΆΔΑ ÉTÉ', 'ελλάδα été');
});

test('gives different words different hashes, in order', () => {
  const words = Array.from({ length: 2000 }, (_, i) => `w${i.toString(36)}`);
  expect(new Set(hashWords(words.join(' '), ALL)).size).toBe(words.length);
  expect(hashWords('a b', ALL)).toEqual([...hashWords('b a', ALL)].reverse());
});

test('stops at the limit, also in the middle of a text', () => {
  expect(hashWords('one two three', 2)).toEqual(hashWords('one two', ALL));
  expect(hashWords('one, two', 2)).toEqual(hashWords('one,', ALL));
});

test('survives lone surrogates, control characters and an empty text', () => {
  expect(hashWords('', ALL)).toEqual([]);
  same('a\ud800b', 'a b');
  same('a\udc00 b', 'a b');
  same('a\u0000b', 'a b');
});

test('finds each word where it stands, whatever its case, script and length when folded', () => {
  const text = 'İstanbul’s 2 ships, 𝔘nd 東京 go…';
  const { starts, ends } = locateWords(text, 100);
  const words = Array.from(starts, (start, i) => text.slice(start, ends[i]));
  expect(words).toEqual(['İstanbul', '’', 's', '2', 'ships', ',', '𝔘nd', '東', '京', 'go', '…']);
  expect(words.length).toBe(hashWords(text, 100).length);
});
