// Checks every operator: its gradient rule against central differences in float64, and ONNX Runtime's float32 results
// against the same loops, forward and backward.
import { describe, expect, it } from 'vitest';
import { differentiate } from '../../src/engine/autodiff/differentiate.ts';
import type { Value } from '../../src/engine/graph/ir.ts';
import { writeOnnx } from '../../src/engine/graph/onnx-writer.ts';
import type { Operator } from '../../src/engine/graph/operators.ts';
import { countElements, type TensorData } from '../../src/engine/graph/tensor.ts';
import { GraphBuilder } from '../../src/engine/ops/graph-builder.ts';
import { lowerToOnnx } from '../../src/engine/ops/lower.ts';
import { createOnnxSession } from '../../src/engine/runtime/session/onnx-session.ts';
import { createRandom } from '../../src/foundation/core/random.ts';
import { OP_CASES, type OpCase } from './cases.ts';
import { type Array64, erf, interpret } from './interpreter.ts';

const STEP = 1e-6;

describe.each(Object.keys(OP_CASES) as Operator[])('%s', (op) => {
  it.each(OP_CASES[op].map((one) => [one.name, one] as const))(
    'has the gradient of finite differences: %s',
    (_, one) => {
      const { b, inputs, wanted, loss, values } = buildCase(op, one);
      const gradients = differentiate(b, loss, wanted);
      const found = interpret(
        b.graph,
        values,
        wanted.map((input) => gradients.get(input)!),
      );
      for (const [i, input] of wanted.entries()) {
        const { data, shape } = values.get(input)!;
        expect(found[i]!.shape, `shape of the gradient of input ${inputs.indexOf(input)}`).toEqual(shape);
        for (let at = 0; at < data.length; at++) {
          const lossAt = (shift: number): number => {
            const moved = new Map(values).set(input, { shape, data: data.with(at, data[at]! + shift) });
            return interpret(b.graph, moved, [loss])[0]!.data[0]!;
          };
          const numeric = (lossAt(STEP) - lossAt(-STEP)) / (2 * STEP);
          const tolerance = 1e-7 * Math.max(1, Math.abs(numeric)) * 10;
          expect(
            Math.abs(found[i]!.data[at]! - numeric),
            `input ${inputs.indexOf(input)} at ${at}`,
          ).toBeLessThan(tolerance);
        }
      }
    },
  );

  it.each(OP_CASES[op].map((one) => [one.name, one] as const))(
    'means the same in ONNX Runtime, with its gradient: %s',
    async (_, one) => {
      const { b, wanted, loss, results, values } = buildCase(op, one);
      const gradients = differentiate(b, loss, wanted);
      const outputs = [...results, ...wanted.map((input) => gradients.get(input)!)];
      const expected = interpret(b.graph, values, outputs);
      const model = lowerToOnnx(b.graph, {
        outputs: Object.fromEntries(outputs.map((value, i) => [`out_${i}`, value])),
      });
      const session = await createOnnxSession(new Uint8Array(Buffer.concat(writeOnnx(model))), {
        threads: 1,
      });
      const found = await session.run(feedsOf(values, new Set(session.inputNames)));
      for (const [i, { shape, data }] of expected.entries()) {
        const tensor = found[`out_${i}`]!;
        expect(tensor.shape).toEqual(shape);
        for (const [at, value] of data.entries())
          expect(Math.abs(Number(tensor.data[at]) - value)).toBeLessThan(2e-5 * Math.max(1, Math.abs(value)));
      }
      await session.dispose();
    },
  );
});

it('knows the error function to 15 digits (Abramowitz and Stegun, table 7.1)', () => {
  expect(erf(0.5)).toBeCloseTo(0.520499877813046, 14);
  expect(erf(2)).toBeCloseTo(0.995322265018953, 14);
  expect(erf(-3)).toBeCloseTo(-0.999977909503001, 14);
});

/** loss = sum over all outputs of output * fixed random weights, so that every element of a gradient matters. */
function buildCase(op: Operator, one: OpCase) {
  const random = createRandom('gradcheck', op, one.name);
  const b = new GraphBuilder();
  const values = new Map<Value, Array64>();
  const wanted: Value[] = [];
  const inputs = one.shapes.map((shape, i) => {
    const limit = one.indices?.[i];
    const input = limit === undefined ? b.parameter(`x${i}`, shape) : b.input(`x${i}`, 'int32', shape);
    const draw = (): number => {
      if (limit !== undefined) return random.integer(limit);
      const value = one.positive === true ? 0.5 + 2 * random.next() : random.normal();
      return Math.fround(Math.abs(value) < 0.01 ? 0.1 : value); // stays away from the kink of Relu
    };
    values.set(input, { shape, data: Float64Array.from({ length: countElements(shape) }, draw) });
    if (limit === undefined && one.fixed?.includes(i) !== true) wanted.push(input);
    return input;
  });
  const outputs = b.apply(op, inputs, one.attributes);
  const results = op === 'LayerNormalization' || op === 'ErfGelu' ? outputs.slice(0, 1) : outputs;
  let loss = b.scalar(0);
  for (const result of results) {
    const weights = Float32Array.from({ length: countElements(result.shape.map(Number)) }, () =>
      random.normal(),
    );
    const product = b.mul(
      result,
      b.constant({ dtype: 'float32', shape: result.shape.map(Number), data: weights }),
    );
    loss = b.add(
      loss,
      b.reduceSum(
        product,
        result.shape.map((_, axis) => axis),
        false,
      ),
    );
  }
  return { b, inputs, wanted, results, loss, values };
}

function feedsOf(
  values: ReadonlyMap<Value, Array64>,
  names: ReadonlySet<string>,
): Record<string, TensorData> {
  const feeds: Record<string, TensorData> = {};
  for (const [{ name, dtype }, { shape, data }] of values) {
    if (!names.has(name)) continue;
    feeds[name] =
      dtype === 'int32'
        ? { dtype, shape, data: Int32Array.from(data) }
        : { dtype: 'float32', shape, data: Float32Array.from(data) };
  }
  return feeds;
}
