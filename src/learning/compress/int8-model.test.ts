import { describe, expect, it } from 'vitest';
import type { OnnxModel, OnnxNode } from '../../engine/graph/onnx-model.ts';
import { writeOnnx } from '../../engine/graph/onnx-writer.ts';
import { float32Tensor, type TensorData } from '../../engine/graph/tensor.ts';
import { createInferenceSession } from '../../engine/runtime/session/inference-session.ts';
import { createRandom } from '../../foundation/core/random.ts';
import { quantizeModel } from './int8-model.ts';
import type { WeightRange } from './quantized-weights.ts';

const K = 64;
const N = 96;
const random = createRandom(5, 'int8');
const fill = (length: number): Float32Array => Float32Array.from({ length }, () => random.normal());
const weight = fill(K * N);
const bias = fill(N);
const x = float32Tensor([3, K], fill(3 * K));

function node(opType: string, inputs: readonly string[], outputs: readonly string[], rest = {}): OnnxNode {
  return { name: outputs[0]!, opType, domain: '', inputs, outputs, attributes: {}, ...rest };
}

function model(nodes: readonly OnnxNode[], weightShape: readonly number[] = [K, N]): OnnxModel {
  return {
    irVersion: 9,
    producer: 'test',
    opsets: { '': 20 },
    graphName: 'test',
    nodes,
    initializers: new Map<string, TensorData>([
      ['w', float32Tensor(weightShape, weight)],
      ['b', float32Tensor([N], bias)],
    ]),
    inputs: [{ name: 'x', dtype: 'float32', shape: ['B', K] }],
    outputs: [{ name: 'y', dtype: 'float32', shape: ['B', N] }],
  };
}

async function run(onnx: OnnxModel): Promise<Float32Array> {
  const bytes = new Uint8Array(Buffer.concat(writeOnnx(onnx)));
  const session = await createInferenceSession(bytes, { threads: 1, inline: true });
  try {
    return (await session.run({ x })).y!.data as Float32Array;
  } finally {
    await session.dispose();
  }
}

const twice = { type: 'float', value: 2 } as const;
const one = { type: 'int', value: 1 } as const;

describe('quantizeModel', () => {
  const layers: [string, OnnxModel, number][] = [
    ['MatMul', model([node('MatMul', ['x', 'w'], ['y'])]), 1],
    ['MatMul and Add', model([node('MatMul', ['x', 'w'], ['p']), node('Add', ['b', 'p'], ['y'])]), 1],
    [
      'scaled, transposed FusedMatMul',
      model(
        [
          node('FusedMatMul', ['x', 'w'], ['y'], {
            domain: 'com.microsoft',
            attributes: { transB: one, alpha: twice },
          }),
        ],
        [N, K],
      ),
      1,
    ],
    ['Gemm', model([node('Gemm', ['x', 'w', 'b'], ['y'], { attributes: { transB: one } })], [N, K]), 1],
    [
      'a product that is read twice',
      model([
        node('MatMul', ['x', 'w'], ['p']),
        node('Add', ['p', 'b'], ['q']),
        node('Mul', ['p', 'q'], ['y']),
      ]),
      3,
    ],
  ];

  it.each(layers)('computes %s in integers', async (_, float, nodes) => {
    const { model: integers, quantized } = quantizeModel(float);
    expect(quantized).toEqual(['w']);
    expect(integers.nodes).toHaveLength(nodes);
    expect(integers.nodes[0]!.opType).toBe('DynamicQuantizeMatMul');
    expect(integers.initializers.has('w')).toBe(false);
    const [expected, found] = [await run(float), await run(integers)];
    let [difference, size] = [0, 0];
    for (const [i, value] of expected.entries()) {
      difference += (value - found[i]!) ** 2;
      size += value ** 2;
    }
    expect(Math.sqrt(difference / size)).toBeLessThan(nodes === 3 ? 0.05 : 0.025);
  });

  it.each(['int7', 'uint8'] as const)(
    'does not saturate in the range %s, however large weights and inputs are',
    async (range: WeightRange) => {
      const float = model([node('MatMul', ['x', 'w'], ['y'])]);
      const same = new Map<string, TensorData>([
        ['w', float32Tensor([K, N], new Float32Array(K * N).fill(1))],
      ]);
      const integers = quantizeModel({ ...float, initializers: same }, { range }).model;
      const session = await createInferenceSession(new Uint8Array(Buffer.concat(writeOnnx(integers))), {
        threads: 1,
        inline: true,
      });
      const outputs = await session.run({ x: float32Tensor([1, K], new Float32Array(K).fill(3)) });
      for (const value of outputs.y!.data as Float32Array) expect(value).toBeCloseTo(3 * K, 2);
      await session.dispose();
    },
  );

  it('does not quantise excluded and small weights', () => {
    const float = model([node('MatMul', ['x', 'w'], ['y'])]);
    expect(quantizeModel(float, { keepsFloat: (name) => name === 'w' }).quantized).toEqual([]);
    const small = new Map<string, TensorData>([['w', float32Tensor([K, 2])]]);
    expect(quantizeModel({ ...float, initializers: small }).quantized).toEqual([]);
  });
});
