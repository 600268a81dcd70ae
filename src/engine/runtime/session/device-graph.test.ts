import { describe, expect, it } from 'vitest';
import { compileSmallModel, smallInputs } from '../../../../test/gpu/small-model.ts';
import { parseOnnx } from '../../graph/onnx-reader.ts';
import { writeOnnx } from '../../graph/onnx-writer.ts';
import type { TensorData } from '../../graph/tensor.ts';
import { fitModelToDevice, unfuseProducts } from './device-graph.ts';
import { createOnnxSession } from './onnx-session.ts';

const program = compileSmallModel();
const countFused = (model: Uint8Array): number =>
  parseOnnx(model).nodes.filter(({ opType }) => opType === 'FusedMatMul').length;

describe('a graph fitted to WebGPU', () => {
  it('has none of the fused products that WebGPU lacks, in the step and in the forward pass', () => {
    for (const model of [program.step, program.forward]) {
      expect(countFused(model)).toBeGreaterThan(0);
      expect(countFused(fitModelToDevice(model, 'webgpu'))).toBe(0);
    }
  });

  it('stays as it is where fused products are there', () => {
    for (const device of ['cpu', 'cuda', 'dml'] as const)
      expect(fitModelToDevice(program.step, device)).toBe(program.step);
  });

  it('computes the same loss and gradients', async () => {
    const [fused, plain] = await Promise.all(
      [program.step, fitModelToDevice(program.step, 'webgpu')].map(runStep),
    );
    expect(Object.keys(plain!)).toEqual(Object.keys(fused!));
    for (const [name, { data }] of Object.entries(fused!)) {
      const other = plain![name]!.data as Float32Array;
      for (const [i, value] of (data as Float32Array).entries())
        expect(Math.abs(value - other[i]!)).toBeLessThan(1e-5);
    }
  });

  it('keeps a product whose operands have unknown ranks', () => {
    const model = parseOnnx(program.forward);
    const odd = { ...model.nodes[0]!, opType: 'NobodyKnows', outputs: ['odd'] };
    const product = model.nodes.find(({ opType }) => opType === 'FusedMatMul')!;
    const nodes = [odd, { ...product, inputs: ['odd', 'odd'] }];
    expect(unfuseProducts({ ...model, nodes }).nodes).toEqual(nodes);
  });

  it('can be written and read again', () => {
    const model = unfuseProducts(parseOnnx(program.forward));
    const written = new Uint8Array(Buffer.concat(writeOnnx(model)));
    expect(parseOnnx(written).nodes).toEqual(model.nodes);
  });
});

async function runStep(model: Uint8Array): Promise<Record<string, TensorData>> {
  const session = await createOnnxSession(model, { threads: 1 });
  try {
    return await session.run(smallInputs(program, session.inputNames));
  } finally {
    await session.dispose();
  }
}
