import { describe, expect, test } from 'vitest';
import { findMissingText, type TextNeeds } from './missing-text.ts';

const ARTICLE: TextNeeds = { strip: true, words: 2, wordsBesideAddress: 4 };
const SHORT: TextNeeds = { strip: false, words: 1, wordsBesideAddress: 1 };
const find = (text: string, needs = ARTICLE, title = '') => findMissingText({ title, text }, needs);

describe('findMissingText', () => {
  test.each([
    ['https://example.com/news/ferry-resumes'],
    ['  \n\thttps://example.com/a?utm_source=mail&utm_medium=social  \n'],
    ['HTTP://EXAMPLE.COM'],
    ['<https://example.com/a>'],
    ['(https://example.com/a)'],
    ['https://example.com/a https://example.org/b\nwww.example.net/c'],
    ['https://example.com/very/long\n?utm_source=mail\nfbclid=IwAR0abc'],
    ['example.com/ferry'],
    ['news.example.co.uk'],
    ['desk@example.com'],
    ['mailto:desk@example.com'],
    ['Ada Orr <desk@example.com>'],
    ['[Ferry](https://example.com/a)'],
    ['<a href="https://example.com/a">https://example.com/a</a>'],
    ['Read more: https://example.com/a via @courier'],
    ['ftp://example.com/file.txt, https://bücher.example/ä'],
    ['https://example.com/a 😀 !!!'],
  ])('finds nothing but addresses in %j', (text) => {
    expect(find(text)).toBe('address');
    expect(find('', ARTICLE, text)).toBe('address');
  });

  test.each([
    ['', 'empty'],
    [' \n\t ', 'empty'],
    ['... !!! — ???', 'signs'],
    ['😀👍🏽 🇩🇪 1️⃣', 'signs'],
    ['12 345 2026-03-01', 'signs'],
    ['SEATTLE (Reuters) - ', 'give-aways'],
    ['BERLIN (dpa) –', 'give-aways'],
    ['BERLIN (dpa)', 'give-aways'],
    ['(AP) - ', 'give-aways'],
    ['Hello', 'word'],
    ['„Hallo!“', 'word'],
  ])('names what %j holds instead of a text', (text, gap) => {
    expect(find(text)).toBe(gap);
  });

  test.each([
    ['The ferry sails.'],
    ['Die Fähre fährt wieder, siehe https://example.com/faehre.'],
    ['今天渡轮恢复航行'],
    ['เรือข้ามฟากกลับมาให้บริการ'],
    ['Паром снова ходит'],
    ['SEATTLE (Reuters) - The ferry sails again.'],
    ['Ferry resumes.It sails daily.'],
    ['Ministry: "No comment" (AC)'],
  ])('finds a text in %j', (text) => {
    expect(find(text)).toBeNull();
  });

  test('takes a title for a text', () => {
    expect(find('', ARTICLE, 'Ferry resumes')).toBeNull();
    expect(find('https://example.com/a', ARTICLE, 'The ferry resumes on Tuesday')).toBeNull();
  });

  test('takes one word for a text where that is usual', () => {
    expect(find('Refund', SHORT)).toBeNull();
    expect(find('Refund? https://example.com/a', SHORT)).toBeNull();
    expect(find('https://example.com/a', SHORT)).toBe('address');
    expect(find('?!', SHORT)).toBe('signs');
  });

  test('reads long texts in linear time', () => {
    const startMs = performance.now();
    expect(find('https://example.com/a?b=c '.repeat(40_000))).toBe('address');
    expect(find('a.'.repeat(500_000))).toBe('word');
    expect(find('<a '.repeat(300_000))).toBeNull();
    expect(find(`${'!'.repeat(500_000)} ${'@'.repeat(500_000)}`)).toBe('signs');
    expect(performance.now() - startMs).toBeLessThan(3000);
  });
});
