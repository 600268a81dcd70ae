import { describe, expect, it } from 'vitest';
import type { TensorData } from '../../src/engine/graph/tensor.ts';
import { createTrainer } from '../../src/engine/runtime/training/trainer.ts';
import { createTrainingSession } from '../../src/engine/runtime/training/training-session.ts';
import type { TrainerOptions } from '../../src/engine/runtime/training/training-step.ts';
import { smallBatch, smallTrainerOptions, smallWeights } from '../gpu/small-model.ts';

async function train(options: Partial<TrainerOptions>, steps: number) {
  const trainer = await createTrainer(smallTrainerOptions(options));
  for (let step = 0; step < steps; step++)
    await trainer.step([smallBatch(step), smallBatch(step + 1)], { step, learningRate: 1e-2 });
  const state = await trainer.saveState();
  await trainer.dispose();
  return state;
}

const TABLE = 'model.embeddings.tok_embeddings.weight';

describe('createTrainer', () => {
  it('multiplies the learning rate of the parameters that are named', async () => {
    const first = smallWeights();
    const still = await train({ learningRateScale: new Map([[TABLE, 0]]) }, 3);
    expect(still.get(TABLE)!.data).toEqual(first.get(TABLE)!.data);
    expect(still.get('classifier.weight')!.data).not.toEqual(first.get('classifier.weight')!.data);
    const half = await train({ learningRateScale: new Map([[TABLE, 0.5]]) }, 1);
    const whole = await train({}, 1);
    const [moved, movedHalf] = [whole, half].map((state) => largestMove(state, first));
    expect(movedHalf! / moved!).toBeCloseTo(0.5, 3);
  });

  it('continues from a loaded state as if it had not stopped, including rows that were never looked up', async () => {
    const straight = await train({}, 6);
    const stopped = await train({}, 3);
    const trainer = await createTrainer(smallTrainerOptions());
    await trainer.loadState(stopped);
    for (let step = 3; step < 6; step++)
      await trainer.step([smallBatch(step), smallBatch(step + 1)], { step, learningRate: 1e-2 });
    expect(await trainer.saveState()).toEqual(straight);
    await trainer.dispose();
  });

  it('changes nothing when the loss is not finite', async () => {
    const trainer = await createTrainer(smallTrainerOptions());
    const before = await trainer.saveState();
    const batch = smallBatch(0);
    batch.articleWeights[0] = Number.NaN;
    await expect(trainer.step([batch], { step: 0, learningRate: 1e-2 })).rejects.toMatchObject({
      code: 'LOSS_NOT_FINITE',
    });
    expect(await trainer.saveState()).toEqual(before);
    await trainer.dispose();
  });

  it('does not change given weights, and trains the same from weights that are handed over', async () => {
    const weights = smallWeights();
    const trained = await train({ weights }, 1);
    expect(weights).toEqual(smallWeights());
    expect(await train({ weights, adoptWeights: true }, 1)).toEqual(trained);
  });
});

describe('createTrainingSession', () => {
  it('moves weights that are handed over to its thread', async () => {
    const weights = smallWeights();
    const session = await createTrainingSession(smallTrainerOptions({ weights, adoptWeights: true }));
    expect(weights.get(TABLE)!.data.length).toBe(0);
    await session.step([smallBatch(0), smallBatch(1)], { step: 0, learningRate: 1e-2 });
    expect(await session.saveState()).toEqual(await train({}, 1));
    await session.dispose();
  });
});

function largestMove(state: ReadonlyMap<string, TensorData>, first: ReadonlyMap<string, TensorData>): number {
  const from = first.get(TABLE)!.data as Float32Array;
  return (state.get(TABLE)!.data as Float32Array).reduce(
    (largest, value, i) => Math.max(largest, Math.abs(value - from[i]!)),
    0,
  );
}
