import { expect, test } from 'vitest';
import type { GradientProgram } from './gradient-program.ts';
import { computeGaussLegendre, integrateGradients } from './integrated-gradients.ts';

test('Gauss-Legendre places integrate polynomials up to degree 2n - 1 over [0, 1]', () => {
  for (const n of [1, 2, 5, 16, 64]) {
    const { nodes, shares } = computeGaussLegendre(n);
    for (const degree of [0, 1, n, 2 * n - 1]) {
      const found = nodes.reduce((sum, x, i) => sum + shares[i]! * x ** degree, 0);
      expect(found).toBeCloseTo(1 / (degree + 1), 10);
    }
  }
});

/** margin = sum over words of x0 * x1^3, with vectors of width 2; its gradient is known. */
const program: GradientProgram = {
  weights: 'own',
  width: 2,
  vectorOf: (id) => Float32Array.of(id, 1 + id / 2),
  run: async (vectors, size, length) => {
    const margins = new Float32Array(size);
    const gradients = new Float32Array(vectors.length);
    for (let row = 0; row < size; row++) {
      for (let t = 0; t < length; t++) {
        const at = (row * length + t) * 2;
        const [x, y] = [vectors[at]!, vectors[at + 1]!];
        margins[row]! += x * y ** 3;
        gradients[at] = y ** 3;
        gradients[at + 1] = 3 * x * y ** 2;
      }
    }
    return { margins, gradients };
  },
  dispose: async () => {},
};

test('shares sum to the difference, each to what its own word changes, and the frame has none', async () => {
  const ids = Int32Array.of(7, 3, 2, 7);
  const options = { weights: [1, -1], maskId: 1, steps: 4, maxSteps: 4 };
  const { shares, baselineMargin, gap } = await integrateGradients(program, ids, options);
  const marginOf = (id: number): number => id * (1 + id / 2) ** 3;
  expect([shares[0], shares[3]]).toEqual([0, 0]);
  expect(shares[1]).toBeCloseTo(marginOf(3) - marginOf(1), 3);
  expect(shares[2]).toBeCloseTo(marginOf(2) - marginOf(1), 3);
  expect(baselineMargin).toBeCloseTo(2 * marginOf(1) + 2 * marginOf(7), 2);
  expect(Math.abs(gap)).toBeLessThan(1e-3);
});

test('takes more steps only if the gap requires them', async () => {
  const ids = Int32Array.of(7, 5, 7);
  const few = await integrateGradients(program, ids, { weights: [1], maskId: 1, steps: 1, maxSteps: 8 });
  expect(few.steps).toBe(2); // a polynomial of degree 3 along the way needs two
});
