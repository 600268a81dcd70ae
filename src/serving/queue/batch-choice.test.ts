import { describe, expect, test } from 'vitest';
import { chooseBatch } from './batch-choice.ts';

const waiting = (...tokens: number[]) => tokens.map((count, index) => ({ tokens: count, tag: index }));

describe('chooseBatch', () => {
  test('always takes the next article, however long', () => {
    expect(chooseBatch(waiting(900, 10), 512)).toEqual([0]);
    expect(chooseBatch([], 512)).toEqual([]);
  });

  test('adds later articles of similar length, up to the limit with padding', () => {
    expect(chooseBatch(waiting(100, 20, 110, 95, 100), 330)).toEqual([0, 2, 3]);
  });

  test('adds none when the limit is one article', () => {
    expect(chooseBatch(waiting(100, 100), 100)).toEqual([0]);
  });
});
