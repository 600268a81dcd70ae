import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../foundation/core/random.ts';
import type { ProgramParameter } from '../../graph/program.ts';
import { float32Tensor, int32Tensor, type TensorData } from '../../graph/tensor.ts';
import { clipScale } from '../../optim/clipping.ts';
import { type OptimizerOptions, stateNames, updateParameter } from '../../optim/optimizer.ts';
import { createOnnxSession } from '../session/onnx-session.ts';
import { buildUpdateScalars, compileGradientSum, compileUpdate, UPDATE_NAMES } from './update-graph.ts';

const table: ProgramParameter = {
  name: 'table',
  shape: [5, 2],
  gradient: { kind: 'rows', output: 'gradient.table', indices: 'input_ids' },
};
const bias: ProgramParameter = {
  name: 'bias',
  shape: [3],
  gradient: { kind: 'dense', output: 'gradient.bias' },
};
const parameters = [table, bias];
const adam = { beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0.1 };
const rules: readonly [string, OptimizerOptions][] = [
  ['adamw', { kind: 'adamw', ...adam }],
  ['adam', { kind: 'adam', ...adam }],
  ['sgd', { kind: 'sgd', momentum: 0, weightDecay: 0.1 }],
  ['sgd with momentum', { kind: 'sgd', momentum: 0.9, weightDecay: 0.1 }],
];

async function run(
  model: Uint8Array,
  inputs: Readonly<Record<string, TensorData>>,
): Promise<Record<string, TensorData>> {
  const session = await createOnnxSession(model, { threads: 1 });
  try {
    return await session.run(inputs);
  } finally {
    await session.dispose();
  }
}

describe('the update as a graph', () => {
  it.each(rules)(
    'does what the optimizer does in place, clipped, with a rate of its own: %s',
    async (_, rule) => {
      const random = createRandom(5);
      const draw = (size: number): Float32Array => Float32Array.from({ length: size }, () => random.normal());
      const decays = (parameter: ProgramParameter): boolean => parameter.shape.length > 1;
      const scale = ({ name }: ProgramParameter): number => (name === 'bias' ? 0.5 : 1);
      const model = compileUpdate(parameters, rule, 1, { isDecayed: decays, rateScale: scale });
      const step = 2;
      const learningRate = 0.05;
      const inputs = buildUpdateScalars(rule, { step, learningRate });
      const drawn = parameters.map((parameter) => {
        const size = parameter.shape.reduce((a, b) => a * b, 1);
        const state = stateNames(rule).map((key) => ({
          key: UPDATE_NAMES.state(key, parameter.name),
          data: draw(size).map(Math.abs),
        }));
        return { parameter, weights: draw(size), gradient: draw(size), state };
      });
      for (const { parameter, weights, gradient, state } of drawn) {
        inputs[parameter.name] = float32Tensor(parameter.shape, weights.slice());
        inputs[UPDATE_NAMES.sum(parameter.name)] = float32Tensor(parameter.shape, gradient.slice());
        for (const { key, data } of state) inputs[key] = float32Tensor(parameter.shape, data.slice());
      }
      const found = await run(model, inputs);

      const norm = Math.hypot(...drawn.flatMap(({ gradient }) => [...gradient]));
      expect(found[UPDATE_NAMES.norm]!.data[0]).toBeCloseTo(norm, 5);
      for (const { parameter, weights, gradient, state } of drawn) {
        updateParameter(
          rule,
          weights,
          gradient,
          state.map(({ data }) => data),
          {
            learningRate: learningRate * scale(parameter),
            gradientScale: clipScale(norm, 1),
            step,
            decay: decays(parameter),
          },
        );
        for (const { key, data } of [{ key: parameter.name, data: weights }, ...state]) {
          const next = found[UPDATE_NAMES.next(key)]!.data as Float32Array;
          for (const [i, value] of data.entries()) expect(next[i]).toBeCloseTo(value, 5);
        }
      }
    },
  );
});

describe('the sum of gradients as a graph', () => {
  const rows = float32Tensor([1, 3, 2], Float32Array.of(1, 2, 3, 4, 5, 6));
  const ids = int32Tensor([1, 3], Int32Array.of(4, 0, 4));

  it('adds rows of the same index in a first batch, and does not change dense gradients', async () => {
    const found = await run(compileGradientSum(parameters, true), {
      'gradient.table': rows,
      input_ids: ids,
    });
    expect(Object.keys(found)).toEqual(['next.sum.table']);
    expect([...(found['next.sum.table']!.data as Float32Array)]).toEqual([3, 4, 0, 0, 0, 0, 0, 0, 6, 8]);
  });

  it('adds a later batch to the sum', async () => {
    const found = await run(compileGradientSum(parameters, false), {
      'sum.table': float32Tensor([5, 2], new Float32Array(10).fill(1)),
      'sum.bias': float32Tensor([3], Float32Array.of(1, 2, 3)),
      'gradient.table': rows,
      'gradient.bias': float32Tensor([3], Float32Array.of(10, 20, 30)),
      input_ids: ids,
    });
    expect([...(found['next.sum.table']!.data as Float32Array)]).toEqual([4, 5, 1, 1, 1, 1, 1, 1, 7, 9]);
    expect([...(found['next.sum.bias']!.data as Float32Array)]).toEqual([11, 22, 33]);
  });
});
