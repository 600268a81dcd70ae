import { describe, expect, it } from 'vitest';
import { loadOptimizerReference, OPTIMIZER_RULES } from '../../../test/fixtures/optimizer-rules.ts';
import { createRandom } from '../../foundation/core/random.ts';
import { stateNames, updateParameter } from './optimizer.ts';
import { createUpdateKernel } from './update-kernel.ts';

const reference = loadOptimizerReference();
const rules = OPTIMIZER_RULES;
const random = createRandom('update-kernel');
const drawNormal = (length: number): Float32Array => Float32Array.from({ length }, () => random.normal());

describe('createUpdateKernel', () => {
  it.each(Object.keys(rules))('follows torch.optim through ten updates: %s', (name) => {
    const options = rules[name]!;
    const kernel = createUpdateKernel(options);
    const weights = Float32Array.from(reference.start);
    const state = stateNames(options).map(() => new Float32Array(weights.length));
    for (const [step, gradient] of reference.gradients.entries()) {
      const update = { learningRate: 0.01, gradientScale: 1, step, decay: true };
      kernel.update(weights, Float32Array.from(gradient), state, update);
    }
    for (const [i, expected] of reference.results[name]!.entries())
      expect(Math.abs(weights[i]! - expected)).toBeLessThan(1e-6);
  });

  it.each(
    Object.keys(rules).flatMap((rule) => [1, 3, 16_384, 16_385, 40_001].map((length) => ({ rule, length }))),
  )('agrees with the rule in plain code: $rule, $length elements', ({ rule, length }) => {
    const options = rules[rule]!;
    const kernel = createUpdateKernel(options);
    const start = drawNormal(length);
    const found = { weights: start.slice(), state: stateNames(options).map(() => new Float32Array(length)) };
    const expected = structuredClone(found);
    for (let step = 0; step < 5; step++) {
      const gradient = drawNormal(length);
      const update = { learningRate: 0.01, gradientScale: 0.5, step, decay: step % 2 === 0 };
      kernel.update(found.weights, gradient, found.state, update);
      updateParameter(options, expected.weights, gradient, expected.state, update);
    }
    expect(largestDifference(found.weights, expected.weights)).toBeLessThan(1e-6);
    for (const [i, state] of found.state.entries())
      expect(largestDifference(state, expected.state[i]!)).toBeLessThan(1e-6);
  });

  it('decays weights exactly as an update whose gradient and state are zeros does', () => {
    const kernel = createUpdateKernel(rules.adamw!);
    const update = { learningRate: 0.01, gradientScale: 1, step: 3, decay: true };
    const start = drawNormal(1001);
    const [decayed, updated] = [start.slice(), start.slice()];
    kernel.decay(decayed, update);
    kernel.update(updated, null, [new Float32Array(1001), new Float32Array(1001)], update);
    expect(decayed).toEqual(updated);
    expect(decayed).not.toEqual(start);
    kernel.decay(decayed, { ...update, decay: false });
    expect(decayed).toEqual(updated);
  });

  it('adds squares up in float64, whatever the last piece is', () => {
    const kernel = createUpdateKernel(rules.sgd!);
    expect(kernel.sumSquares(Float32Array.of(3, 4))).toBe(25);
    for (const length of [16_384, 16_387, 33_333, 5]) {
      const values = drawNormal(length);
      const expected = values.reduce((sum, value) => sum + value * value, 0);
      expect(Math.abs(kernel.sumSquares(values) / expected - 1)).toBeLessThan(1e-12);
    }
    expect(kernel.sumSquares(Float32Array.of(1, Number.NaN, 1))).toBeNaN();
    expect(kernel.sumSquares(Float32Array.of(1))).toBe(1);
    expect(kernel.sumSquares(new Float32Array(0))).toBe(0);
  });

  it('adds arrays', () => {
    const target = Float32Array.of(1, 2, 3, 4, 5);
    createUpdateKernel(rules.sgd!).add(target, Float32Array.of(10, 20, 30, 40, 50));
    expect([...target]).toEqual([11, 22, 33, 44, 55]);
  });
});

function largestDifference(a: Float32Array, b: Float32Array): number {
  return a.reduce((largest, value, i) => Math.max(largest, Math.abs(value - b[i]!)), 0);
}
