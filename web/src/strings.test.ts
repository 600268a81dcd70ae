import { describe, expect, test } from 'vitest';
import { readProblem } from './api.ts';
import { formatFailure, listWords, setNouns, strings } from './strings.ts';

describe('formatFailure', () => {
  test('shows the message of the server for a code without words of its own', () => {
    const facts = readProblem(
      { code: 'METHOD_NOT_ALLOWED', detail: 'expected POST, got GET', hint: 'Use POST.' },
      null,
    );
    expect(formatFailure(facts)).toEqual({
      title: 'The server refused this',
      advice: 'expected POST, got GET Use POST.',
    });
    expect(formatFailure({ code: 'X' }).advice).toBe('X');
  });

  test('says when to try again if the server is busy', () => {
    expect(formatFailure(readProblem({ code: 'SERVER_BUSY' }, '5')).advice).toContain('in 5 seconds');
    expect(formatFailure(readProblem({ code: 'SERVER_BUSY' }, '1')).advice).toContain('in a second');
    expect(formatFailure(readProblem({ code: 'SERVER_BUSY' }, null)).advice).toContain('in a second');
  });
});

describe('readProblem', () => {
  test('reads anything but a problem document as an unexpected response', () => {
    for (const value of [undefined, null, 'text', 7, [], {}, { code: 7 }])
      expect(readProblem(value, null)).toEqual({ code: 'UNEXPECTED_ANSWER' });
  });

  test('drops fields that are not strings', () => {
    expect(readProblem({ code: 'X', detail: 7, hint: '', requestId: 'r' }, 'soon')).toEqual({
      code: 'X',
      requestId: 'r',
    });
  });
});

describe('strings', () => {
  test('join class names with commas and "and"', () => {
    expect([[], ['a'], ['a', 'b'], ['a', 'b', 'c']].map(listWords)).toEqual([
      '',
      'a',
      'a and b',
      'a, b and c',
    ]);
  });

  const bin = { low: 0.8667, high: 0.9333, n: 50, of: 412 };
  const measured = { kind: 'measured', ...bin, right: 45, interval: [0.79, 0.957], claimed: null } as const;

  test('say what the test articles with a similar probability show', () => {
    expect(strings.meaning(measured)).toBe(
      'In its test on 412 articles, 50 had a probability between 87% and 93%, like this one. It was right on 45 of them (90%; likely between 79% and 96%). This may not hold for articles from other sources.',
    );
    expect(strings.meaning({ ...measured, right: 50 })).toContain('right on all of them');
    expect(strings.meaning({ ...measured, right: 30, claimed: 0.9 })).toContain(
      'too sure of itself there: its probability is 90% on average, and it is right on 60%',
    );
  });

  test('say that too few test articles had such a probability, or that nothing is known', () => {
    expect(strings.meaning({ kind: 'few', ...bin, n: 4 })).toContain('only 4 had a probability');
    expect(strings.meaning({ kind: 'few', ...bin, n: 0 })).toContain('none had a probability');
    expect(strings.meaning({ kind: 'unlike' })).toContain('is not known');
    for (const kind of ['unlike', 'unchecked'] as const) expect(strings.meaning({ kind })).not.toMatch(/\d/);
  });

  test('never show a probability as high as the threshold that it does not reach', () => {
    expect(strings.notSureBecause('FAKE', 0.8962, 0.9)).toBe(
      'It leans towards FAKE with 89.6%; it needs 90.0% to count as sure.',
    );
  });

  test('call the texts of a model what it calls them', () => {
    setNouns({ one: 'complaint', many: 'complaints', any: 'a complaint' });
    expect(strings.heading).toBe('Check a complaint');
    expect(strings.perClassNote('late')).toContain('of the complaints it called late, the share that are');
    expect(formatFailure({ code: 'ARTICLE_TEXT_MISSING' }).title).toBe('Paste the complaint’s text');
    const own: readonly unknown[] = Object.values(strings).filter((value) => typeof value === 'string');
    expect(own.filter((value) => /article/i.test(String(value)))).toEqual([]);
    setNouns(undefined);
    expect(strings.heading).toBe('Check an article');
  });
});
