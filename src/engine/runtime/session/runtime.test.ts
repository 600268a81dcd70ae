import { describe, expect, it } from 'vitest';
import { writeOnnx } from '../../graph/onnx-writer.ts';
import { float32Tensor } from '../../graph/tensor.ts';
import { GraphBuilder } from '../../ops/graph-builder.ts';
import { lowerToOnnx } from '../../ops/lower.ts';
import { fillDropoutMask } from '../training/dropout-mask.ts';
import { createInferenceSession } from './inference-session.ts';
import { createOnnxSession } from './onnx-session.ts';

function doubling(): Uint8Array {
  const b = new GraphBuilder();
  const y = b.mul(b.input('x', 'float32', ['N', 2]), 2);
  return new Uint8Array(Buffer.concat(writeOnnx(lowerToOnnx(b.graph, { outputs: { y } }))));
}

describe('createInferenceSession', () => {
  it.each([true, false])('runs a model given as bytes (on the calling thread: %s)', async (inline) => {
    const session = await createInferenceSession(doubling(), { threads: 1, inline });
    expect(session.inputNames).toEqual(['x']);
    const { y } = await session.run({ x: float32Tensor([1, 2], Float32Array.of(1, 2)) });
    expect(y).toEqual({ dtype: 'float32', shape: [1, 2], data: Float32Array.of(2, 4) });
    await session.dispose();
  });

  it('answers calls in order, and refuses calls after it was disposed', async () => {
    const session = await createInferenceSession(doubling(), { threads: 1 });
    const answers = await Promise.all(
      [1, 2, 3].map((n) => session.run({ x: float32Tensor([1, 2], Float32Array.of(n, 0)) })),
    );
    expect(answers.map(({ y }) => y!.data[0])).toEqual([2, 4, 6]);
    await session.dispose();
    await expect(session.run({ x: float32Tensor([1, 2]) })).rejects.toMatchObject({ code: 'ENGINE_FAILED' });
  });

  it.each([true, false])(
    'says what could not be loaded or run (on the calling thread: %s)',
    async (inline) => {
      await expect(
        createInferenceSession(Buffer.from('no model'), { threads: 1, inline }),
      ).rejects.toMatchObject({ code: 'ENGINE_FAILED' });
      const session = await createInferenceSession(doubling(), { threads: 1, inline });
      await expect(session.run({ x: float32Tensor([1, 3]) })).rejects.toMatchObject({
        code: 'ENGINE_FAILED',
      });
      await session.dispose();
    },
  );
});

describe('createOnnxSession', () => {
  it('writes an output into the array it is given', async () => {
    const session = await createOnnxSession(doubling(), { threads: 1 });
    const out = float32Tensor([1, 2]);
    await session.run({ x: float32Tensor([1, 2], Float32Array.of(3, 5)) }, { y: out });
    expect([...out.data]).toEqual([6, 10]);
    await session.dispose();
  });
});

describe('fillDropoutMask', () => {
  const key = { seed: 42, step: 3, site: 1, microStep: 0 };
  const fill = (overrides: Partial<typeof key>, length = 10_001, rate = 0.1): Float32Array => {
    const mask = new Float32Array(length);
    fillDropoutMask(mask, rate, { ...key, ...overrides });
    return mask;
  };

  it('follows from seed, step, site and batch alone', () => {
    expect(fill({})).toEqual(fill({}));
    for (const other of [{ seed: 43 }, { step: 4 }, { site: 2 }, { microStep: 1 }])
      expect(fill(other)).not.toEqual(fill({}));
  });

  it('drops the wanted share and keeps the mean at 1', () => {
    const mask = fill({}, 200_000, 0.25);
    const dropped = mask.filter((value) => value === 0).length / mask.length;
    const mean = mask.reduce((sum, value) => sum + value, 0) / mask.length;
    expect(dropped).toBeCloseTo(0.25, 2);
    expect(mean).toBeCloseTo(1, 2);
  });
});
