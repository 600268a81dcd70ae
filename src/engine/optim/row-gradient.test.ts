import { describe, expect, it } from 'vitest';
import { createRowSum } from './row-gradient.ts';

const create = () => createRowSum(10, 2, (length) => new Float32Array(length));

describe('createRowSum', () => {
  it('adds up gradients of the same row, and lists rows in order', () => {
    const sum = create();
    sum.add(Int32Array.of(7, 2, 7), Float32Array.of(1, 2, 3, 4, 5, 6));
    sum.add(Int32Array.of(2, 0), Float32Array.of(10, 20, 30, 40));
    const { rows, places, values } = sum.read();
    expect([...rows]).toEqual([0, 2, 7]);
    expect([...rows].map((_, n) => [...values.subarray(places[n]! * 2, places[n]! * 2 + 2)])).toEqual([
      [30, 40],
      [13, 24],
      [6, 8],
    ]);
  });

  it('forgets the rows of the step before', () => {
    const sum = create();
    sum.add(Int32Array.of(3, 4), Float32Array.of(1, 1, 1, 1));
    sum.clear();
    sum.add(Int32Array.of(4), Float32Array.of(5, 6));
    const { rows, values } = sum.read();
    expect([...rows]).toEqual([4]);
    expect([...values]).toEqual([5, 6]);
  });
});
