import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../ops/graph-builder.ts';
import { lowerToOnnx } from '../ops/lower.ts';
import type { OnnxModel } from './onnx-model.ts';
import { parseOnnx } from './onnx-reader.ts';
import { writeOnnx } from './onnx-writer.ts';
import { float32Tensor } from './tensor.ts';

function write(model: OnnxModel): Uint8Array {
  return new Uint8Array(Buffer.concat(writeOnnx(model)));
}

function buildModel(): OnnxModel {
  const b = new GraphBuilder();
  const x = b.input('x', 'float32', ['B', 3]);
  const weight = b.parameter('weight', [2, 3]);
  const norm = b.layerNormalization(x, b.constant(float32Tensor([3], Float32Array.of(1, 2, 3))), null, 1e-5);
  const y = b.reduceSum(b.linear(norm, weight), [-1]);
  const weights = new Map([
    [
      'weight',
      float32Tensor(
        [2, 3],
        Float32Array.from({ length: 6 }, (_, i) => i - 2.5),
      ),
    ],
  ]);
  return lowerToOnnx(b.graph, { outputs: { y }, weights, name: 'tiny' });
}

describe('parseOnnx', () => {
  it('reads back what writeOnnx wrote', () => {
    const model = buildModel();
    const read = parseOnnx(write(model));
    const rounded = {
      ...model,
      nodes: model.nodes.map((node) => ({ ...node, attributes: roundFloats(node.attributes) })),
    };
    expect(read).toEqual(rounded);
  });

  it('refuses a file that is cut short, wherever the cut is', () => {
    const bytes = write(buildModel());
    for (const share of [0.1, 0.5, 0.9]) {
      expect(() => parseOnnx(bytes.slice(0, Math.floor(bytes.length * share)))).toThrow(
        expect.objectContaining({ code: 'ONNX_INVALID' }),
      );
    }
  });

  it('refuses bytes that are not ONNX', () => {
    expect(() => parseOnnx(Buffer.from('{"not": "onnx"}'))).toThrow(
      expect.objectContaining({ code: 'ONNX_INVALID' }),
    );
    expect(() => parseOnnx(new Uint8Array())).toThrow(expect.objectContaining({ code: 'ONNX_INVALID' }));
  });
});

function roundFloats<T extends Record<string, { type: string; value: unknown }>>(attributes: T): T {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, attribute]) => [
      name,
      attribute.type === 'float' ? { ...attribute, value: Math.fround(Number(attribute.value)) } : attribute,
    ]),
  ) as T;
}
