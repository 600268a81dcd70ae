import { describe, expect, test } from 'vitest';
import {
  countWords,
  formatBeside,
  formatCount,
  formatDate,
  formatPointsChange,
  formatPredicted,
  formatProbability,
  formatReadShare,
  formatSeconds,
  formatShare,
  formatSize,
  formatWholeShare,
} from './numbers.ts';

describe('numbers', () => {
  test('never show a model as certain', () => {
    expect([0, 0.004, 0.01, 0.5, 0.876, 0.99, 0.991, 1].map(formatProbability)).toEqual([
      '<1%',
      '<1%',
      '1%',
      '50%',
      '88%',
      '99%',
      '>99%',
      '>99%',
    ]);
  });

  test('give measured shares to a tenth', () => {
    expect([0, 0.9344, 1].map(formatShare)).toEqual(['0.0%', '93.4%', '100.0%']);
  });

  test('are short for sizes and grouped for counts', () => {
    expect([950, 1000, 558_082, 994_999, 995_000, 11_200_000].map(formatSize)).toEqual([
      '950',
      '1 thousand',
      '560 thousand',
      '990 thousand',
      '1 million',
      '11 million',
    ]);
    expect(formatCount(44_898)).toBe('44,898');
  });

  test('format dates the same in every time zone, and leave other texts unchanged', () => {
    expect(formatDate('2026-01-03T23:59:00.000Z')).toBe('3 January 2026');
    expect(formatDate('someday')).toBe('someday');
  });

  test('count words separated by any white space', () => {
    expect(['', '  \n', 'one', ' one\ntwo\tthree '].map(countWords)).toEqual([0, 0, 1, 3]);
  });

  test('round durations to a readable precision', () => {
    expect([420, 9940, 12_300, 99_000, 170_000].map(formatSeconds)).toEqual([
      '0.4 s',
      '9.9 s',
      '12 s',
      '99 s',
      '3 min',
    ]);
  });

  test.each([
    [0.5, 0.624, '+12'], // 50% and 62%
    [0.97, 0.94, '−3'],
    [0.966, 0.961, '−1'], // shown as 97% and 96%, though they differ by half a point
    [0.974, 0.755, '−21'], // 97% and 76%
    [0.971, 0.966, '0'], // both 97%
    [0.993, 0.999, '0'], // both >99%
    [0.9, 0.9, '0'],
    [0.992, 0.99, '<1'], // >99% and 99%
  ])('show the change from %d to %d as the numbers beside it suggest: %s', (from, to, shown) => {
    expect(formatPointsChange(from, to)).toBe(shown);
  });
});

test('show a configured share with no more digits than it has', () => {
  expect([0.1, 0.025, 1, 0.07].map(formatWholeShare)).toEqual(['10%', '2.5%', '100%', '7%']);
});

test.each([
  [0.896, 0.9, '89.6%', '90.0%'],
  [0.8955, 0.8962, '89.5%', '89.6%'],
  [0.89962, 0.9, '89.96%', '90.00%'],
  [0.992, 0.996, '99.2%', '99.6%'],
  [0.56, 0.7, '56%', '70%'],
])('show %d as lower than %d', (probability, threshold, shown, needed) => {
  expect(formatBeside(probability, threshold)).toEqual([shown, needed]);
});

test.each([
  [{ probability: 0.8996, abstained: true }, 0.9, '89.96%'],
  [{ probability: 0.9004, abstained: false }, 0.9, '90%'],
  [{ probability: 0.56, abstained: true }, 0.9, '56%'],
  [{ probability: 0.56, abstained: true }, 0, '56%'],
])('show a prediction of %o, threshold %d, as %s', (prediction, threshold, shown) => {
  expect(formatPredicted(prediction, threshold)).toBe(shown);
});

test('never say that nothing was read, or all of an article that was cut', () => {
  expect(formatReadShare(256, 1_000_000)).toBe('1%');
  expect(formatReadShare(256, 257)).toBe('99%');
  expect(formatReadShare(256, 1024)).toBe('25%');
});
