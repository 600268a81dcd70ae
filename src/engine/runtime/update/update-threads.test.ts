import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../foundation/core/random.ts';
import type { TrainingProgram } from '../../graph/program.ts';
import { float32Tensor } from '../../graph/tensor.ts';
import type { OptimizerOptions } from '../../optim/optimizer.ts';
import { createTrainedParameters } from './trained-parameter.ts';
import { countUpdateThreads, createUpdateThreads } from './update-threads.ts';

const optimizer: OptimizerOptions = {
  kind: 'adamw',
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0.01,
};
const shapes = { table: [300, 96], wide: [500, 77], narrow: [3, 5], bias: [17] } as const;

const program: TrainingProgram = {
  step: new Uint8Array(),
  forward: new Uint8Array(),
  parameters: Object.entries(shapes).map(([name, shape]) => ({
    name,
    shape,
    gradient:
      name === 'table'
        ? { kind: 'rows', output: name, indices: 'input_ids' }
        : { kind: 'dense', output: name },
  })),
  frozen: [],
  dropout: [],
  classes: 2,
};

async function start(threads: number) {
  const random = createRandom('update-threads');
  const draw = (length: number): Float32Array => Float32Array.from({ length }, () => random.normal());
  const weights = new Map(
    Object.entries(shapes).map(([name, shape]) => [
      name,
      float32Tensor(shape, draw(shape.reduce((a: number, b) => a * b, 1))),
    ]),
  );
  const trained = createTrainedParameters(program, weights, optimizer, { adopt: false, threads });
  const parameters = trained.all;
  const updates = await createUpdateThreads(optimizer, trained);
  const fillGradients = (): void => {
    for (const { gradient, width } of parameters) {
      if ('dense' in gradient) gradient.dense.data.set(draw(gradient.dense.data.length));
      else {
        gradient.rows.clear();
        gradient.rows.add(
          Int32Array.from({ length: 20 }, () => random.integer(300)),
          draw(20 * width),
        );
      }
    }
  };
  const snapshot = () =>
    parameters.map(({ tensor, state }) => [tensor.data.slice(), ...state.map((array) => array.slice())]);
  return { parameters, updates, fillGradients, snapshot };
}

describe('createUpdateThreads', () => {
  it('gives the same bits with one, two and four threads', async () => {
    const results = [];
    for (const threads of [1, 2, 4]) {
      const { updates, fillGradients, snapshot } = await start(threads);
      const norms: number[] = [];
      for (let step = 0; step < 4; step++) {
        fillGradients();
        await updates.update((norm) => {
          norms.push(norm);
          return ({ name, decay }) => ({
            learningRate: name === 'bias' ? 0.1 : 0.01,
            gradientScale: 1 / norm,
            step,
            decay,
          });
        });
      }
      results.push({ norms, arrays: snapshot() });
      await updates.dispose();
    }
    expect(results[0]!.norms[0]).toBeGreaterThan(1);
    expect(results[1]).toEqual(results[0]);
    expect(results[2]).toEqual(results[0]);
  });

  it('updates nothing and keeps its arrays when the choice throws', async () => {
    const { updates, fillGradients, snapshot } = await start(3);
    fillGradients();
    const before = snapshot();
    await expect(
      updates.update(() => {
        throw new Error('not finite');
      }),
    ).rejects.toThrow('not finite');
    expect(snapshot()).toEqual(before);
    await updates.update(() => () => ({ learningRate: 0.1, gradientScale: 1, step: 0, decay: true }));
    expect(snapshot()).not.toEqual(before);
    await updates.dispose();
  });
});

describe('countUpdateThreads', () => {
  it('leaves small models to the calling thread, and never takes more threads than allowed', () => {
    expect(countUpdateThreads(10_000, 4)).toBe(1);
    expect(countUpdateThreads(66_000_000, 2)).toBe(2);
    expect(countUpdateThreads(66_000_000, 1)).toBe(1);
    expect(countUpdateThreads(66_000_000, 64)).toBe(8);
    expect(countUpdateThreads(66_000_000, 0)).toBeGreaterThanOrEqual(1);
  });
});
