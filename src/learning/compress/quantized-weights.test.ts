import { describe, expect, it } from 'vitest';
import { createRandom } from '../../foundation/core/random.ts';
import { quantizeColumns, quantizeRows, zeroPoints } from './quantized-weights.ts';

const K = 6;
const N = 4;
const random = createRandom(7, 'weights');
const weight = Float32Array.from({ length: N * K }, () => random.normal()); // [N, K]
const transposed = Float32Array.from({ length: N * K }, (_, i) => weight[(i % N) * K + Math.floor(i / N)]!); // [K, N]

describe('weights of a product', () => {
  it.each(['int7', 'int8', 'uint8'] as const)(
    'come back within half a step of their channel from %s',
    (range) => {
      const { values, scales, zero } = quantizeColumns(weight, [K, N], { transposed: true, range });
      expect(values.shape).toEqual([K, N]);
      for (let n = 0; n < N; n++)
        for (let k = 0; k < K; k++) {
          const back = (Number(values.data[k * N + n]) - zero) * scales[n]!;
          expect(Math.abs(back - weight[n * K + k]!)).toBeLessThanOrEqual(scales[n]! / 2 + 1e-6);
        }
    },
  );

  it('are the same whichever way the matrix lies', () => {
    const one = quantizeColumns(weight, [K, N], { transposed: true, range: 'int7' });
    const other = quantizeColumns(transposed, [K, N], { transposed: false, range: 'int7' });
    expect(other).toEqual(one);
  });

  it('fit two products with the largest activation into 16 bits in the narrow range', () => {
    const { values } = quantizeColumns(weight, [K, N], { transposed: true, range: 'int7' });
    const largest = Math.max(...(values.data as Int8Array).map(Math.abs));
    expect(largest).toBe(64);
    expect(2 * 255 * largest).toBeLessThan(2 ** 15);
  });

  it('keep a channel of zeros at zero', () => {
    const { values, scales } = quantizeColumns(new Float32Array(4), [2, 2], {
      transposed: true,
      range: 'int7',
    });
    expect([...values.data, ...scales]).toEqual([0, 0, 0, 0, 1, 1]);
  });

  it('name the zero point', () => {
    expect(zeroPoints('uint8', 2).data).toEqual(Uint8Array.of(128, 128));
    expect(zeroPoints('int7', 2).data).toEqual(Int8Array.of(0, 0));
  });
});

describe('rows of a table', () => {
  it('have a scale each, so that a large row costs the others nothing', () => {
    const { values, scales } = quantizeRows(Float32Array.of(100, -25, 0.1, 0.05), [2, 2]);
    expect([...values.data]).toEqual([127, -32, 127, 64]);
    expect(scales[1]).toBeCloseTo(0.1 / 127, 8);
  });
});
