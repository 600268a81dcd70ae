import { describe, expect, it } from 'vitest';
import { writeOnnx } from '../../graph/onnx-writer.ts';
import { float32Tensor } from '../../graph/tensor.ts';
import { GraphBuilder } from '../../ops/graph-builder.ts';
import { lowerToOnnx } from '../../ops/lower.ts';
import { createInPlaceSession, createOnnxSession } from './onnx-session.ts';

const SIDE = 512;
const MB = 2 ** 20;

async function start(inPlace: boolean) {
  const b = new GraphBuilder();
  const x = b.input('x', 'float32', ['N', SIDE]);
  const outputs = { product: b.matMul(x, x, { transposeB: true }), sum: b.reduceSum(x, [0, 1], false) };
  const model = new Uint8Array(Buffer.concat(writeOnnx(lowerToOnnx(b.graph, { outputs }))));
  return (inPlace ? createInPlaceSession : createOnnxSession)(model, { threads: 1 });
}

const input = (rows: number) => ({
  x: float32Tensor([rows, SIDE], new Float32Array(rows * SIDE).fill(0.5)),
});
const createOutputs = () => ({ product: float32Tensor([SIDE, SIDE]), sum: float32Tensor([]) });

describe('a session whose outputs lie in place', () => {
  it('computes the same as other sessions, into given arrays, and names the same outputs', async () => {
    const [inPlace, plain] = [await start(true), await start(false)];
    expect(inPlace.outputNames).toEqual(plain.outputNames);
    const outputs = createOutputs();
    const found = await inPlace.run(input(SIDE), outputs);
    expect(found.product!.data).toBe(outputs.product.data);
    expect(outputs.sum.data[0]).toBe(SIDE * SIDE * 0.5);
    const expected = await plain.run(input(SIDE));
    expect(outputs.product.data).toEqual(expected.product!.data);
    const one = { sum: float32Tensor([]) };
    await inPlace.run(input(2), one);
    expect(one.sum.data[0]).toBe(SIDE);
    await inPlace.dispose();
    await plain.dispose();
  });

  it('leaves no copies of them behind', async () => {
    const session = await start(true);
    const [inputs, outputs] = [input(SIDE), createOutputs()];
    await session.run(inputs, outputs);
    const before = process.memoryUsage().arrayBuffers;
    for (let run = 0; run < 4; run++) await session.run(inputs, outputs);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(MB / 2); // a product is 1 MB
    await session.dispose();
  });

  it('still reports failures', async () => {
    const session = await start(true);
    const wrong = { x: float32Tensor([4, 3]) };
    await expect(session.run(wrong, createOutputs())).rejects.toMatchObject({ code: 'ENGINE_FAILED' });
    await session.dispose();
  });
});
