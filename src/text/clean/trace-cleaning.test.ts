import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cleanArticle } from './clean-article.ts';
import { alignTexts } from './text-map.ts';
import { traceCleaning } from './trace-cleaning.ts';

/** What the part `wanted` of the cleaned text was in the original. */
function originOf(text: string, wanted: string, strip = true): string {
  const map = traceCleaning({ title: '', text }, { strip }).text;
  const at = map.text.indexOf(wanted);
  expect(at, map.text).not.toBe(-1);
  return text.slice(map.starts[at], map.ends[at + wanted.length - 1]);
}

describe('tracing back', () => {
  test('finds words behind a dateline that was stripped, even where both begin alike', () => {
    const text = 'WASHINGTON (Reuters) - We are told that Washington waits.';
    expect(originOf(text, 'We')).toBe('We');
    expect(originOf(text, 'are told')).toBe('are told');
  });

  test('finds what typography, entities, combining marks, emoji and lost characters stood for', () => {
    const text =
      'Caf\u0065\u0301 &amp; bar \u201cLa Mer\u201d\u200b opened\u2026 \ud83d\ude80\ud83d\ude80 It\u2019s new \u2014 they say.';
    expect(originOf(text, 'Café')).toBe('Cafe\u0301');
    expect(originOf(text, 'La Mer')).toBe('La Mer');
    expect(originOf(text, "It's")).toBe('It\u2019s');
    expect(originOf(text, '\ud83d\ude80\ud83d\ude80')).toBe('\ud83d\ude80\ud83d\ude80');
    expect(originOf(text, 'they say')).toBe('they say');
    expect(originOf('One  \t two\r\n\r\n\r\n\r\nthree', 'two\n\nthree')).toBe('two\r\n\r\n\r\n\r\nthree');
  });

  test('passes over links, signatures and credits in the middle', () => {
    const text =
      'First part https://example.org/a?b=c goes on. pic.twitter.com/abc Second part (@someone) May 2, 2017 ends here.';
    for (const word of ['First part', 'goes on.', 'Second part', 'ends here'])
      expect(originOf(text, word)).toBe(word);
  });

  test('gives the same text as cleaning does, in order, each unit from within the original', () => {
    const pieces = fc.constantFrom(
      ...[
        'WASHINGTON (Reuters) - ',
        'the council said ',
        '&quot;',
        '\u201cnow\u201d ',
        '... ',
        'e\u0301',
        '\ud83d\ude80',
        '\ud83d',
      ],
      ...[
        ' ,',
        '\r\n',
        '\t',
        'year.What ',
        'https://t.co/x ',
        '(VIDEO) ',
        'dont ',
        '\u00ad',
        '1,000 ',
        '\u2014',
      ],
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 40 }), fc.boolean(), (parts, strip) => {
        const article = { title: parts.slice(0, 5).join(''), text: parts.join('') };
        const traced = traceCleaning(article, { strip });
        const { article: cleaned } = cleanArticle(article, { strip });
        for (const field of ['title', 'text'] as const) {
          const { text, starts, ends } = traced[field];
          expect(text).toBe(cleaned[field]);
          for (let i = 0; i < text.length; i++) {
            expect(starts[i]).toBeLessThanOrEqual(ends[i]!);
            expect(ends[i]).toBeLessThanOrEqual(article[field].length);
            if (i > 0) expect(starts[i]).toBeGreaterThanOrEqual(starts[i - 1]!);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  test('aligns equal characters with equal characters wherever nothing was written', () => {
    const before = `${'abc def ghi '.repeat(500)}END`;
    const after = before.slice(0, 1200) + before.slice(3600);
    const { starts } = alignTexts(before, after);
    for (let i = 0; i < after.length; i++) expect(before[starts[i]!]).toBe(after[i]);
  });

  test('takes the longest article that is explained in seconds', () => {
    const text = '\u201cIt\u2019s here,\u201d they said \u2014 again. '.repeat(5_000);
    const startMs = performance.now();
    traceCleaning({ title: '', text }, { strip: true });
    expect(performance.now() - startMs).toBeLessThan(60_000);
  });
});
