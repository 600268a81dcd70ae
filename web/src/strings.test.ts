import { describe, expect, test } from 'vitest';
import { readProblem } from './api.ts';
import { describeFailure, listWords, strings } from './strings.ts';

describe('describeFailure', () => {
  test('says what the server says for a code it has no words for', () => {
    const facts = readProblem(
      { code: 'METHOD_NOT_ALLOWED', detail: 'expected POST, got GET', hint: 'Use POST.' },
      null,
    );
    expect(describeFailure(facts)).toEqual({
      title: 'The server refused this',
      advice: 'expected POST, got GET Use POST.',
    });
    expect(describeFailure({ code: 'X' }).advice).toBe('X');
  });

  test('says when to come back to a busy server', () => {
    expect(describeFailure(readProblem({ code: 'SERVER_BUSY' }, '5')).advice).toContain('in 5 seconds');
    expect(describeFailure(readProblem({ code: 'SERVER_BUSY' }, '1')).advice).toContain('in a second');
    expect(describeFailure(readProblem({ code: 'SERVER_BUSY' }, null)).advice).toContain('in a second');
  });
});

describe('readProblem', () => {
  test('takes anything but a problem document for an unexpected answer', () => {
    for (const value of [undefined, null, 'text', 7, [], {}, { code: 7 }])
      expect(readProblem(value, null)).toEqual({ code: 'UNEXPECTED_ANSWER' });
  });

  test('keeps no field that is not text', () => {
    expect(readProblem({ code: 'X', detail: 7, hint: '', requestId: 'r' }, 'soon')).toEqual({
      code: 'X',
      requestId: 'r',
    });
  });
});

describe('strings', () => {
  test('list class names as people do', () => {
    expect([[], ['a'], ['a', 'b'], ['a', 'b', 'c']].map(listWords)).toEqual([
      '',
      'a',
      'a and b',
      'a, b and c',
    ]);
  });

  test('speak of a frequency only where there is one', () => {
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
