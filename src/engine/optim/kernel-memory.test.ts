import { describe, expect, it } from 'vitest';
import { createRandom } from '../../foundation/core/random.ts';
import { countArrayBytes, createKernelMemory } from './kernel-memory.ts';
import { stateNames } from './optimizer.ts';
import { createUpdateKernel } from './update-kernel.ts';

const options = { kind: 'adamw', beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0.1 } as const;

describe('createKernelMemory', () => {
  it.each([false, true])(
    'holds arrays beside each other, and leaves out what finds no room (shared: %s)',
    (shared) => {
      const memory = createKernelMemory(countArrayBytes(17) + countArrayBytes(5), shared);
      const [first, second, third] = [17, 5, 5].map((length) => memory.allocate(length));
      const { buffer } = memory.memory;
      expect(first!.buffer === buffer && second!.buffer === buffer).toBe(true);
      expect(second!.byteOffset - first!.byteOffset).toBe(128); // 68 bytes, to the next line of 64
      expect(third!.buffer).not.toBe(buffer);
      expect(third!.buffer instanceof SharedArrayBuffer).toBe(shared);
      expect(third).toHaveLength(5);
    },
  );

  it.each([1, 3, 4, 16_384, 16_387, 40_001])(
    'is where %i elements are updated to the same bits as outside, and what lies beside them stays',
    (length) => {
      const lengths = [length, 3, length, length, length, 3];
      const memory = createKernelMemory(
        lengths.reduce((sum, size) => sum + countArrayBytes(size), 0),
        false,
      );
      const [weights, beside, gradient, ...more] = lengths.map(memory.allocate);
      const [state, last] = [more.slice(0, stateNames(options).length), more.at(-1)!];
      const random = createRandom('kernel-memory');
      for (const array of [weights!, gradient!]) array.set(Array.from({ length }, () => random.normal()));
      beside!.fill(7);
      last.fill(8);
      const outside = [weights!, gradient!, ...state].map((array) => array.slice());
      const inside = createUpdateKernel(options, memory);
      const plain = createUpdateKernel(options);
      for (let step = 0; step < 3; step++) {
        const update = { learningRate: 0.01, gradientScale: 0.5, step, decay: true };
        expect(inside.sumSquares(gradient!)).toBe(plain.sumSquares(outside[1]!));
        inside.update(weights!, gradient!, state, update);
        plain.update(outside[0]!, outside[1]!, outside.slice(2), update);
      }
      for (const [i, array] of [weights!, gradient!, ...state].entries()) expect(array).toEqual(outside[i]);
      expect([...beside!, ...last]).toEqual([7, 7, 7, 8, 8, 8]);
    },
  );

  it('keeps the rest of an array when a part of it is updated', () => {
    const memory = createKernelMemory(countArrayBytes(24), false);
    const weights = memory.allocate(24).fill(1);
    const kernel = createUpdateKernel(options, memory);
    const zeros = [new Float32Array(5), new Float32Array(5)];
    const update = { learningRate: 1, gradientScale: 1, step: 0, decay: true };
    kernel.update(weights.subarray(8, 13), null, zeros, update); // five: not a multiple of four
    expect([...weights.slice(0, 8), ...weights.slice(13)].every((value) => value === 1)).toBe(true);
    expect(weights[12]).toBeCloseTo(0.9);
  });
});
