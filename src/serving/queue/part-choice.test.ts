import { describe, expect, test } from 'vitest';
import { choosePart } from './part-choice.ts';

const waiting = (...tokens: number[]) => tokens.map((count, index) => ({ tokens: count, tag: index }));

describe('choosePart', () => {
  test('always takes the next, however long', () => {
    expect(choosePart(waiting(900, 10), 512)).toEqual([0]);
    expect(choosePart([], 512)).toEqual([]);
  });

  test('takes company of like length from behind, up to the limit with padding', () => {
    expect(choosePart(waiting(100, 20, 110, 95, 100), 330)).toEqual([0, 2, 3]);
  });

  test('takes nobody where the limit is one article', () => {
    expect(choosePart(waiting(100, 100), 100)).toEqual([0]);
  });
});
