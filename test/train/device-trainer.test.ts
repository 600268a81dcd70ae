// Compares the trainer that keeps everything on a device, here run in the processor's memory, with the trainer of the
// processor. Both compute in float32 and differ only in the order of sums.
import { afterEach, describe, expect, it } from 'vitest';
import { compileTrainingProgram } from '../../src/engine/autodiff/training-program.ts';
import { PROGRAM_NAMES, type TrainingProgram } from '../../src/engine/graph/program.ts';
import { float32Tensor, type TensorData } from '../../src/engine/graph/tensor.ts';
import { GraphBuilder } from '../../src/engine/ops/graph-builder.ts';
import { createDeviceTrainer } from '../../src/engine/runtime/training/device-trainer.ts';
import { createTrainer } from '../../src/engine/runtime/training/trainer.ts';
import type {
  Trainer,
  TrainerOptions,
  TrainingBatch,
} from '../../src/engine/runtime/training/training-step.ts';
import { CLASSES, compileSmallModel, smallBatch, smallTrainerOptions } from '../gpu/small-model.ts';

const TRAINED_DIFFERENCE = 1e-5;
const makers: readonly [string, (options: TrainerOptions) => Promise<Trainer>][] = [
  ['the device', (options) => createDeviceTrainer(options, 'cpu')],
  ['the processor', createTrainer],
];
const open: Trainer[] = [];
afterEach(async () => {
  for (const trainer of open.splice(0)) await trainer.dispose();
});

async function start(options: TrainerOptions): Promise<Trainer[]> {
  for (const [, create] of makers) open.push(await create(options));
  return open;
}

/** Half of the loss comes from a teacher that is confident of the first class. */
function taught(batch: TrainingBatch): TrainingBatch {
  const half = batch.articleWeights.map((weight) => weight / 2);
  const targets = Float32Array.from({ length: batch.size * CLASSES }, (_, i) =>
    i % CLASSES === 0 ? 0.8 : 0.1,
  );
  return { ...batch, articleWeights: half, teacher: { targets, weights: half } };
}

describe('the trainer on a device', () => {
  it('learns from a teacher as the trainer of the processor does, with dropout and several batches a step', async () => {
    const program = compileSmallModel(undefined, { teacherTemperature: 2 });
    const [device, processor] = await start(smallTrainerOptions({ program }));
    for (let step = 0; step < 4; step++) {
      const batches =
        step % 2 === 0 ? [taught(smallBatch(0))] : [taught(smallBatch(0)), taught(smallBatch(1))];
      const [given, expected] = [
        await device!.step(batches, { step, learningRate: 0.01 }),
        await processor!.step(batches, { step, learningRate: 0.01 }),
      ];
      expect(given.loss).toBeCloseTo(expected.loss, 5);
      expect(given.gradientNorm).toBeCloseTo(expected.gradientNorm, 4);
    }
    const [given, expected] = [await device!.saveState(), await processor!.saveState()];
    expect([...given.keys()]).toEqual([...expected.keys()]);
    for (const [name, tensor] of expected)
      expect(farthest(tensor, given.get(name)!)).toBeLessThan(TRAINED_DIFFERENCE);
  });

  it('refuses a loss that is not finite and a state of another model, and changes nothing', async () => {
    const [device] = await start(smallTrainerOptions());
    const before = await device!.saveState();
    const batch = { ...smallBatch(0), articleWeights: new Float32Array(smallBatch(0).size).fill(Number.NaN) };
    await expect(device!.step([batch], { step: 0, learningRate: 0.01 })).rejects.toMatchObject({
      code: 'LOSS_NOT_FINITE',
    });
    const other = new Map([...before, ['classifier.weight', float32Tensor([1])]]);
    await expect(device!.loadState(other)).rejects.toMatchObject({ code: 'CHECKPOINT_MISMATCH' });
    expect(await device!.saveState()).toEqual(before);
  });

  it('continues from a state of the processor, and gives its logits', async () => {
    const [device, processor] = await start(smallTrainerOptions());
    await processor!.step([smallBatch(0)], { step: 0, learningRate: 0.01 });
    await device!.loadState(await processor!.saveState());
    const [given, expected] = [
      await device!.computeLogits(smallBatch(1)),
      await processor!.computeLogits(smallBatch(1)),
    ];
    for (const [i, logit] of expected.entries()) expect(given[i]).toBeCloseTo(logit, 5);
  });
});

describe.each(makers)('a step on %s', (_, create) => {
  it('names the input that the program declares and no step gives, before it trains', async () => {
    await expect(create(smallTrainerOptions({ program: compileWithOwnInput() }))).rejects.toMatchObject({
      code: 'STEP_INPUT_MISSING',
      details: { input: 'temperature' },
    });
  });

  it('names the teacher that the program was compiled with and a batch lacks', async () => {
    const program = compileSmallModel(undefined, { teacherTemperature: 2 });
    const trainer = await create(smallTrainerOptions({ program }));
    open.push(trainer);
    await expect(trainer.step([smallBatch(0)], { step: 0, learningRate: 0.01 })).rejects.toMatchObject({
      code: 'STEP_INPUT_MISSING',
      details: { input: PROGRAM_NAMES.teacherTargets },
    });
  });
});

/** logits = table[ids] * temperature, where the temperature is an input of the graph. */
function compileWithOwnInput(): TrainingProgram {
  const b = new GraphBuilder();
  const ids = b.input(PROGRAM_NAMES.inputIds, 'int32', ['B', 1]);
  const rows = b.reshape(b.gather(b.parameter('table', [3, CLASSES]), ids), ['B', CLASSES]);
  const model = { b, logits: b.mul(rows, b.input('temperature', 'float32', [])), dropout: [] };
  return compileTrainingProgram(model, model);
}

function farthest(a: TensorData, b: TensorData): number {
  const other = b.data as Float32Array;
  return (a.data as Float32Array).reduce((most, value, i) => Math.max(most, Math.abs(value - other[i]!)), 0);
}
