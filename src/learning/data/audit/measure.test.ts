import { describe, expect, it } from 'vitest';
import { measureBits, measureGuesses, measureMark } from './measure.ts';

describe('measureMark', () => {
  it('measures one bit for a mark that separates two equal classes and none for one that does not', () => {
    expect(measureMark([50, 0], [50, 50])).toMatchObject({ share: [1, 0], accuracyAlone: 1, separation: 1 });
    expect(measureMark([50, 0], [50, 50]).bits).toBeCloseTo(1);
    expect(measureMark([25, 25], [50, 50])).toMatchObject({ accuracyAlone: 0.5, bits: 0, separation: 0.5 });
    // By hand: H(Y) - H(Y|X) = 1 - 0.5 * 0.8113 - 0.5 * 0.8113.
    expect(measureMark([75, 25], [100, 100]).bits).toBeCloseTo(0.1887, 4);
  });

  it('names the class that has the mark, and one that lacks it where that says more', () => {
    expect(measureMark([5, 95], [100, 100])).toMatchObject({ given: 1, separation: 0.95 });
    expect(measureMark([95, 5], [100, 100])).toMatchObject({ given: 0, separation: 0.95 });
    expect(measureMark([100, 0, 100], [100, 100, 100])).toMatchObject({ given: 1, separation: 1 });
  });

  it('does not take a large class for something that is known', () => {
    expect(measureMark([0, 0], [950, 50])).toMatchObject({ accuracyAlone: 0.95, separation: 0.5 });
  });

  it('is certain of much only with many rows', () => {
    const low = (rows: number): number => measureMark([rows, 0], [rows, rows]).low;
    expect(low(10)).toBeLessThan(0.85);
    expect(low(55)).toBeGreaterThan(0.95);
    expect(low(1000)).toBeGreaterThan(0.99);
    expect(low(10)).toBeLessThan(low(55));
  });
});

describe('measureGuesses', () => {
  it('measures the class that is told best, of any number of classes', () => {
    const guesses = measureGuesses([
      [50, 50, 0],
      [50, 50, 0],
      [0, 0, 100],
    ]);
    expect(guesses).toMatchObject({ given: 2, separation: 1 });
    expect(guesses.accuracyAlone).toBeCloseTo(2 / 3);
  });

  it('measures chance for guesses that do not depend on the class', () => {
    const guesses = measureGuesses([
      [45, 45],
      [5, 5],
    ]);
    expect(guesses.separation).toBeCloseTo(0.5);
    expect(guesses.bits).toBeCloseTo(0);
  });
});

describe('measureBits', () => {
  it('is the entropy of the classes where each value has one class', () => {
    expect(
      measureBits([
        [10, 0, 0, 0],
        [0, 10, 0, 0],
        [0, 0, 10, 0],
        [0, 0, 0, 10],
      ]),
    ).toBeCloseTo(2);
  });
});
