import { describe, expect, test } from 'vitest';
import { readProblem } from './api.ts';
import { formatFailure, listWords, strings } from './strings.ts';

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

  test('mention a frequency only if the probability is calibrated', () => {
    expect(strings.meaning({ kind: 'frequency', offBy: 0.109 }, 'REAL', 0.884)).toContain(
      'about 88 are REAL, give or take 11',
    );
    expect(strings.meaning({ kind: 'frequency', offBy: 0.001 }, 'REAL', 0.999)).toContain(
      'more than 99 are REAL, give or take 1',
    );
    expect(strings.meaning({ kind: 'rough', offBy: 0.2 }, 'REAL', 0.9)).toContain('off by 20 points');
    expect(strings.meaning({ kind: 'rough', offBy: 0.2 }, 'REAL', 0.9)).not.toContain('of 100');
    expect(strings.meaning({ kind: 'unchecked' }, 'REAL', 0.9)).not.toContain('of 100');
  });
});
