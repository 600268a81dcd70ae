// Compares every operator and its gradient in ONNX Runtime with PyTorch's values. Reference: reference/operators.py.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { differentiate } from '../../src/engine/autodiff/differentiate.ts';
import type { Value } from '../../src/engine/graph/ir.ts';
import { writeOnnx } from '../../src/engine/graph/onnx-writer.ts';
import type { Operator, OperatorAttributes } from '../../src/engine/graph/operators.ts';
import type { TensorData } from '../../src/engine/graph/tensor.ts';
import { GraphBuilder } from '../../src/engine/ops/graph-builder.ts';
import { lowerToOnnx } from '../../src/engine/ops/lower.ts';
import { OP_DEFINITIONS } from '../../src/engine/ops/table.ts';
import { createOnnxSession } from '../../src/engine/runtime/session/onnx-session.ts';

interface Plain {
  readonly shape: number[];
  readonly data: number[];
}

interface Entry {
  readonly op: Operator;
  readonly attributes: OperatorAttributes[Operator];
  readonly inputs: (Plain & { integer: boolean })[];
  readonly weights: Plain[];
  readonly outputs: Plain[];
  readonly gradients: (Plain | null)[];
}

const { entries } = JSON.parse(
  readFileSync(new URL('reference/operators.json', import.meta.url), 'utf8'),
) as { entries: Entry[] };

describe('operators', () => {
  it('have a reference each', () => {
    expect(new Set(entries.map(({ op }) => op))).toEqual(new Set(Object.keys(OP_DEFINITIONS)));
  });

  it.each(entries.map((entry, i) => [`${entry.op} (${i})`, entry] as const))(
    'give PyTorch’s values and gradients: %s',
    async (_, entry) => {
      const b = new GraphBuilder();
      const feeds: Record<string, TensorData> = {};
      const inputs = entry.inputs.map(({ shape, data, integer }, i) => {
        feeds[`x${i}`] = integer
          ? { dtype: 'int32', shape, data: Int32Array.from(data) }
          : { dtype: 'float32', shape, data: Float32Array.from(data) };
        return integer ? b.input(`x${i}`, 'int32', shape) : b.parameter(`x${i}`, shape);
      });
      const results = b.apply(entry.op, inputs, entry.attributes).slice(0, entry.outputs.length);
      let loss = b.scalar(0);
      for (const [i, { shape, data }] of entry.weights.entries()) {
        const weights = b.constant({ dtype: 'float32', shape, data: Float32Array.from(data) });
        loss = b.add(
          loss,
          b.reduceSum(
            b.mul(results[i]!, weights),
            shape.map((_, axis) => axis),
            false,
          ),
        );
      }
      const wanted = inputs.filter((_, i) => entry.gradients[i] !== null);
      const gradients = differentiate(b, loss, wanted);
      const outputs: Value[] = [...results, ...wanted.map((input) => gradients.get(input)!)];
      const expected = [...entry.outputs, ...entry.gradients.filter((gradient) => gradient !== null)];
      const model = lowerToOnnx(b.graph, {
        outputs: Object.fromEntries(outputs.map((value, i) => [`out_${i}`, value])),
      });
      const session = await createOnnxSession(new Uint8Array(Buffer.concat(writeOnnx(model))), {
        threads: 1,
      });
      const used = Object.fromEntries(session.inputNames.map((name) => [name, feeds[name]!]));
      const found = await session.run(used);
      for (const [i, { shape, data }] of expected.entries()) {
        expect(found[`out_${i}`]!.shape).toEqual(shape);
        for (const [at, value] of data.entries()) {
          const difference = Math.abs(Number(found[`out_${i}`]!.data[at]) - value);
          expect(difference, `out_${i} at ${at}`).toBeLessThan(1e-5 * Math.max(1, Math.abs(value)));
        }
      }
      await session.dispose();
    },
  );
});
