import { describe, expect, it } from 'vitest';
import { countHistogram, spreadWholeEdges } from './histogram.ts';

describe('a histogram', () => {
  it('counts a value on a limit in the range above it, and one on the last limit in the last range', () => {
    expect(countHistogram([0, 0.25, 0.5, 0.9, 1], [0, 0.5, 1]).counts).toEqual([2, 3]);
  });

  it('leaves out what lies outside of its limits, and what is no number', () => {
    expect(countHistogram([-1, 2, Number.NaN], [0, 1]).counts).toEqual([0]);
  });

  it('has limits at whole numbers that hold every value', () => {
    const lengths = [3, 17, 256, 40];
    const edges = spreadWholeEdges(lengths, 20);
    expect(edges.every(Number.isInteger)).toBe(true);
    expect(edges.length).toBeLessThanOrEqual(21);
    expect(countHistogram(lengths, edges).counts.reduce((a, b) => a + b)).toBe(4);
  });

  it('has one range where all values are the same, or where there are none', () => {
    expect(spreadWholeEdges([5, 5], 20)).toEqual([5, 6]);
    expect(spreadWholeEdges([], 20)).toEqual([0, 1]);
  });
});
