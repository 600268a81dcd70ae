import { describe, expect, it } from 'vitest';
import { writeOnnx } from '../graph/onnx-writer.ts';
import { float32Tensor } from '../graph/tensor.ts';
import { createOnnxSession } from '../runtime/session/onnx-session.ts';
import { GraphBuilder } from './graph-builder.ts';
import { lowerToOnnx } from './lower.ts';

const mismatch = expect.objectContaining({ code: 'SHAPE_MISMATCH' });

describe('GraphBuilder', () => {
  it('refuses shapes that do not fit, naming operator and shapes', () => {
    const b = new GraphBuilder();
    const [x, y] = [b.input('x', 'float32', ['B', 3]), b.input('y', 'float32', ['B', 4])];
    expect(() => b.add(x, y)).toThrow(/Add: expected shapes that broadcast, got \[B, 3\] and \[B, 4\]/);
    expect(() => b.matMul(x, y)).toThrow(mismatch);
    expect(() => b.reshape(x, ['B', 4])).toThrow(mismatch);
    expect(() => b.reshape(x, ['T', 3])).toThrow(mismatch);
    expect(() => b.transpose(x, [0, 0])).toThrow(mismatch);
    expect(() => b.split(x, [1, 1], 1)).toThrow(mismatch);
    expect(() => b.slice(x, 1, 2, 5)).toThrow(mismatch);
    expect(() => b.concat([x, b.input('z', 'float32', ['C', 2])], 1)).toThrow(mismatch);
    expect(() => b.layerNormalization(x, b.parameter('gain', [4]), null, 1e-5)).toThrow(mismatch);
    expect(() => b.reduceSum(x, [2])).toThrow(mismatch);
  });

  it('keeps a named dimension equal only to itself', () => {
    const b = new GraphBuilder();
    expect(() => b.add(b.input('x', 'float32', ['B']), b.input('y', 'float32', ['T']))).toThrow(mismatch);
  });

  it('makes one constant of equal scalars', () => {
    const b = new GraphBuilder();
    expect(b.scalar(0.5)).toBe(b.scalar(0.5));
  });
});

describe('lowerToOnnx', () => {
  it('writes one graph that serves every batch size and length, also where two dimensions must be looked up', async () => {
    const b = new GraphBuilder();
    const x = b.input('x', 'float32', ['B', 'T', 4]);
    const swapped = b.transpose(b.reshape(x, ['B', 'T', 2, 2]), [0, 2, 1, 3]); // [B, 2, T, 2]
    const flat = b.reshape(swapped, ['B*T', 4]);
    const back = b.reshape(flat, ['B', 'T', 4]);
    const model = lowerToOnnx(b.graph, { outputs: { back } });
    const session = await createOnnxSession(new Uint8Array(Buffer.concat(writeOnnx(model))), { threads: 1 });
    for (const [B, T] of [
      [1, 1],
      [2, 3],
      [3, 5],
    ] as const) {
      const { back: found } = await session.run({ x: float32Tensor([B, T, 4], new Float32Array(B * T * 4)) });
      expect(found!.shape).toEqual([B, T, 4]);
    }
    await session.dispose();
  });

  it('leaves out the nodes and inputs that no output needs', () => {
    const b = new GraphBuilder();
    const [x, y] = [b.input('x', 'float32', [2]), b.input('y', 'float32', [2])];
    const kept = b.mul(x, 2);
    b.add(x, y);
    const model = lowerToOnnx(b.graph, { outputs: { kept } });
    expect(model.nodes.map(({ opType }) => opType)).toEqual(['Mul']);
    expect(model.inputs.map(({ name }) => name)).toEqual(['x']);
  });
});
