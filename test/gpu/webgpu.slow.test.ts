// Compares WebGPU with the processor: forward pass, loss, gradients, and training with everything kept on the device.
// It needs an adapter; software Vulkan suffices (docs/how-to/use-a-gpu.md). Tolerances: both sides are float32, and differ
// in the order of sums only; 1e-5 for one pass, 1e-4 for weights after ten steps.
import { afterAll, describe, expect, it } from 'vitest';
import { PROGRAM_NAMES } from '../../src/engine/graph/program.ts';
import type { TensorData } from '../../src/engine/graph/tensor.ts';
import type { OptimizerOptions } from '../../src/engine/optim/optimizer.ts';
import { probeDevice } from '../../src/engine/runtime/device/device.ts';
import { formatDeviceOutcome, isWorkingDevice } from '../../src/engine/runtime/device/device-finding.ts';
import { createOnnxSession } from '../../src/engine/runtime/session/onnx-session.ts';
import { createDeviceTrainer } from '../../src/engine/runtime/training/device-trainer.ts';
import { createTrainer } from '../../src/engine/runtime/training/trainer.ts';
import { createTrainingSession } from '../../src/engine/runtime/training/training-session.ts';
import type { TrainingBatch } from '../../src/engine/runtime/training/training-step.ts';
import { compileSmallModel, smallBatch, smallInputs, smallTrainerOptions } from './small-model.ts';

const finding = await probeDevice('webgpu');
const [works, found] = [isWorkingDevice(finding), formatDeviceOutcome(finding)];
if (!works) console.warn(`skipped: WebGPU does not work here (${found})`);

const STEP_DIFFERENCE = 1e-5;
const TRAINED_DIFFERENCE = 1e-4;

describe.skipIf(!works)(`WebGPU (${found})`, () => {
  const measured: string[] = [];
  afterAll(() => console.info(measured.join('\n')));

  it('gives the logits, the loss and every gradient of the processor', async () => {
    const program = compileSmallModel();
    for (const [name, model] of [
      ['forward', program.forward],
      ['step', program.step],
    ] as const) {
      const cpu = await runOnce(model, 'cpu');
      const gpu = await runOnce(model, 'webgpu');
      expect(Object.keys(gpu)).toEqual(Object.keys(cpu));
      const difference = Math.max(...Object.keys(cpu).map((key) => farthest(cpu[key]!, gpu[key]!)));
      measured.push(
        `${name}: at most ${difference.toExponential(1)} over ${Object.keys(cpu).length} outputs`,
      );
      expect(difference).toBeLessThan(STEP_DIFFERENCE);
    }
  });

  const adam = { beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0.1 };
  const rules: readonly OptimizerOptions[] = [
    { kind: 'adamw', ...adam },
    { kind: 'adam', ...adam },
    { kind: 'sgd', momentum: 0.9, weightDecay: 0.1 },
  ];
  it.each(rules)(
    'trains as the processor does, with dropout and several batches a step: $kind',
    async (rule) => {
      const learningRateScale = new Map([['head.dense.weight', 0.5]]);
      const options = smallTrainerOptions({ optimizer: rule, learningRateScale });
      const [cpu, gpu] = [await createTrainer(options), await createDeviceTrainer(options)];
      for (let step = 0; step < 10; step++) {
        const batches = step % 2 === 0 ? [smallBatch(0)] : halves(smallBatch(0), smallBatch(1));
        const expected = await cpu.step(batches, { step, learningRate: 0.01 });
        const given = await gpu.step(batches, { step, learningRate: 0.01 });
        expect(Math.abs(given.loss - expected.loss)).toBeLessThan(TRAINED_DIFFERENCE);
        expect(Math.abs(given.gradientNorm - expected.gradientNorm)).toBeLessThan(1e-3);
      }
      const [expected, given] = [await cpu.saveState(), await gpu.saveState()];
      expect([...given.keys()].toSorted()).toEqual([...expected.keys()].toSorted());
      const difference = Math.max(
        ...[...expected].map(([name, tensor]) => farthest(tensor, given.get(name)!)),
      );
      measured.push(
        `${rule.kind}: weights and state after ten steps differ by ${difference.toExponential(1)}`,
      );
      expect(difference).toBeLessThan(TRAINED_DIFFERENCE);
      await cpu.dispose();
      await gpu.dispose();
    },
  );

  it('loads a state of the processor, leaves frozen weights unchanged, and works in a worker thread', async () => {
    const program = compileSmallModel((name) => name.startsWith('classifier'));
    const options = smallTrainerOptions({ program });
    const cpu = await createTrainer(options);
    await cpu.step([smallBatch(0)], { step: 0, learningRate: 0.01 });
    const session = await createTrainingSession({ ...options, device: 'webgpu' });
    await session.loadState(await cpu.saveState());
    const [expected, given] = [
      await cpu.computeLogits(smallBatch(1)),
      await session.computeLogits(smallBatch(1)),
    ];
    for (const [i, logit] of expected.entries()) expect(Math.abs(logit - given[i]!)).toBeLessThan(1e-5);
    await session.dispose();
    await cpu.dispose();
  });

  it('refuses a loss that is not finite, and changes nothing', async () => {
    const trainer = await createDeviceTrainer(smallTrainerOptions());
    const before = await trainer.saveState();
    const batch = { ...smallBatch(0), articleWeights: new Float32Array(smallBatch(0).size).fill(Number.NaN) };
    await expect(trainer.step([batch], { step: 0, learningRate: 0.01 })).rejects.toMatchObject({
      code: 'LOSS_NOT_FINITE',
    });
    const after = await trainer.saveState();
    for (const [name, tensor] of before) expect(farthest(tensor, after.get(name)!)).toBe(0);
    await expect(trainer.loadState(new Map())).rejects.toMatchObject({ code: 'CHECKPOINT_MISMATCH' });
    await trainer.dispose();
  });
});

async function runOnce(model: Uint8Array, device: 'cpu' | 'webgpu'): Promise<Record<string, TensorData>> {
  const session = await createOnnxSession(model, { threads: 1, device });
  const outputs = await session.run(smallInputs(compileSmallModel(), session.inputNames));
  expect(
    Object.keys(outputs).some((name) => name === PROGRAM_NAMES.loss || name === PROGRAM_NAMES.logits),
  ).toBe(true);
  await session.dispose();
  return outputs;
}

function farthest(a: TensorData, b: TensorData): number {
  let difference = 0;
  for (const [i, value] of (a.data as Float32Array).entries()) {
    const apart = Math.abs(value - (b.data as Float32Array)[i]!);
    if (!(apart <= difference)) difference = apart; // NaN must not count as small
  }
  return difference;
}

function halves(...batches: readonly TrainingBatch[]): TrainingBatch[] {
  return batches.map((batch) => ({
    ...batch,
    articleWeights: batch.articleWeights.map((weight) => weight / batches.length),
  }));
}
