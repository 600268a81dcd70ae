import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cleanArticle, cleaningRules } from './index.ts';

const clean = (title: string, text: string, strip = true): { title: string; text: string } =>
  cleanArticle({ title, text }, { strip }).article;
const cleanText = (text: string): string => clean('', text).text;

describe('cleaning an article', () => {
  it.each([true, false])('leaves ordinary text as it was sent (strip %s)', (strip) => {
    expect(clean('a, "b"', 'one, two\nthree', strip)).toEqual({ title: 'a, "b"', text: 'one, two\nthree' });
    const text =
      'The ferry (built in 1971) is late; "it\'s" not the first time.\n\nMs. Orr, 41, of the U.S. said: no!'.replaceAll(
        '"',
        '',
      );
    expect(clean('Ferry: late again?', text, strip)).toEqual({ title: 'Ferry: late again?', text });
  });

  it('names the rules that changed something, in their order', () => {
    const { applied } = cleanArticle(
      { title: 'Late (VIDEO)', text: 'OSLO (Meridian) - It  wasn t.' },
      { strip: true },
    );
    expect(applied).toEqual(['white-space', 'dateline', 'media-tag', 'lost-apostrophe']);
  });

  it('removes no give-away without strip', () => {
    const text = 'OSLO (Meridian) - It wasn t “so”. Photo by Lee Park/Meridian Images';
    expect(clean('', text, false).text).toBe(text);
  });

  it('cleans a whole wire story', () => {
    const text =
      'NEW HAVEN/OSLO (Meridian) - The “old” ferry’s engine, repaired in May, failed again, officials told Meridian. It isn’t the first time… ';
    expect(cleanText(text)).toBe(
      "The old ferry's engine, repaired in May, failed again, officials told. It isn't the first time",
    );
  });

  it('cleans a whole blog post', () => {
    const text =
      'They just couldn t stop.What a mess! Ada Orr (@adaorr) May 2, 2017It s over. https://example.org/xFeatured image via Lee Park/Meridian Images';
    expect(cleanText(text)).toBe("They just couldn't stop. What a mess! Ada Orr It's over.");
  });

  it('has rules with different names', () => {
    expect(new Set(cleaningRules.map(({ name }) => name)).size).toBe(cleaningRules.length);
    expect(cleaningRules.length).toBeLessThanOrEqual(31); // a row's rules are kept as bits of one integer
  });

  it('never fails, and gives well-formed trimmed text, whatever comes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (title, text) => {
        const { article } = cleanArticle({ title, text }, { strip: true });
        expect(article.title).toBe(article.title.trim());
        expect(Buffer.from(article.text).toString()).toBe(article.text);
      }),
    );
  });

  // Patterns that backtrack would take minutes; 64 kB and 1 MB must stay in proportion.
  const hostile = {
    letters: 'a',
    capitals: 'A',
    spaces: ' ',
    'line breaks': '\n',
    brackets: '(',
    'agency-like': 'A (',
    quotes: '"',
    'quoted letters': "a'",
    ampersands: '&',
    dots: 'a.',
    'capital words': 'Aa ',
    dashes: 'A - ',
    'photo by': 'Photo by ',
    'read more': 'Read more ',
    addresses: 'http://',
    'lost tails': 'a s ',
    tags: ' (video ',
    'lone surrogates': '\ud800',
    combining: 'e\u0301',
  };
  it.each(Object.entries(hostile))('takes linear time on 1 MB of %s', (_, unit) => {
    const run = (chars: number): number => {
      const text = unit.repeat(Math.ceil(chars / unit.length));
      const startMs = performance.now();
      cleanArticle({ title: text, text }, { strip: true });
      return performance.now() - startMs;
    };
    run(1 << 16);
    expect(run(1 << 20)).toBeLessThan(30_000); // what is quadratic takes hours
  });
});
