import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../foundation/core/index.ts';
import {
  BLOCK,
  factorCholesky,
  invertCholesky,
  solveLower,
  solveLowerBlock,
  solveUpper,
} from './cholesky.ts';

/** A positive definite matrix: A Aᵀ + 1. */
function positiveDefinite(n: number): Float64Array {
  const random = createRandom(n);
  const a = Float64Array.from({ length: n * n }, () => random.normal());
  const matrix = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      let sum = i === j ? 1 : 0;
      for (let k = 0; k < n; k++) sum += a[i * n + k]! * a[j * n + k]!;
      matrix[i * n + j] = sum;
    }
  }
  return matrix;
}

describe('Cholesky factors', () => {
  // Sizes around the blocks of two and four rows.
  it.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 30])('solve and invert a matrix of size %i', (n) => {
    const matrix = positiveDefinite(n);
    const factor = matrix.slice();
    expect(factorCholesky(factor, n)).toBe(true);
    const random = createRandom('right side', n);
    const solution = Float64Array.from({ length: n }, () => random.normal());
    const product = solution.map((_, i) => solution.reduce((sum, x, j) => sum + matrix[i * n + j]! * x, 0));
    const solved = product.slice();
    solveLower(factor, n, solved);
    const block = new Float64Array(n * BLOCK).map(
      (_, at) => product[Math.floor(at / BLOCK)]! * ((at % BLOCK) + 1),
    );
    solveLowerBlock(factor, n, block);
    for (let at = 0; at < n * BLOCK; at++) {
      expect(block[at]).toBeCloseTo(solved[Math.floor(at / BLOCK)]! * ((at % BLOCK) + 1), 9);
    }
    solveUpper(factor, n, solved);
    const inverse = new Float64Array(n * n);
    invertCholesky(factor, n, inverse, new Float64Array(n * n));
    for (let i = 0; i < n; i++) {
      expect(solved[i]).toBeCloseTo(solution[i]!, 8);
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let k = 0; k < n; k++) sum += inverse[Math.max(i, k) * n + Math.min(i, k)]! * matrix[k * n + j]!;
        expect(sum).toBeCloseTo(i === j ? 1 : 0, 8);
      }
    }
  });

  it('say that a matrix is not positive definite, unless pivots are raised', () => {
    const matrix = Float64Array.of(1, 0, 2, 1);
    expect(factorCholesky(matrix.slice(), 2)).toBe(false);
    expect(factorCholesky(matrix.slice(), 2, 1e-12)).toBe(true);
  });
});
