// Tests training on devices whose memory the binding cannot address (CUDA, DirectML, CoreML): the graph runs on the device,
// weights and gradients are copied for each batch, and the optimizer stays on the processor. WebGPU is trained in this way
// too, so that a machine without the others tests it. Tolerance: TF32 and half precision keep about three digits of a product.
import { describe, expect, it } from 'vitest';
import { probeDevice } from '../../src/engine/runtime/device/device.ts';
import { formatDeviceOutcome, isWorkingDevice } from '../../src/engine/runtime/device/device-finding.ts';
import { createTrainer } from '../../src/engine/runtime/training/trainer.ts';
import { smallBatch, smallTrainerOptions } from './small-model.ts';

const DIFFERENCE = 2e-2;

for (const device of ['cuda', 'dml', 'coreml', 'webgpu'] as const) {
  const finding = await probeDevice(device);
  const [works, found] = [isWorkingDevice(finding), formatDeviceOutcome(finding)];
  if (!works) console.warn(`skipped: ${device} does not work here (${found})`);

  describe.skipIf(!works)(device, () => {
    it('gives the losses, gradient norms and logits of the processor over five steps', async () => {
      const options = smallTrainerOptions();
      const [cpu, other] = [await createTrainer(options), await createTrainer({ ...options, device })];
      for (let step = 0; step < 5; step++) {
        const expected = await cpu.step([smallBatch(step)], { step, learningRate: 0.01 });
        const given = await other.step([smallBatch(step)], { step, learningRate: 0.01 });
        expect(Math.abs(given.loss - expected.loss)).toBeLessThan(DIFFERENCE);
        expect(Math.abs(given.gradientNorm / expected.gradientNorm - 1)).toBeLessThan(DIFFERENCE);
      }
      const [expected, given] = [
        await cpu.computeLogits(smallBatch(0)),
        await other.computeLogits(smallBatch(0)),
      ];
      for (const [i, logit] of expected.entries())
        expect(Math.abs(logit - given[i]!)).toBeLessThan(DIFFERENCE);
      await cpu.dispose();
      await other.dispose();
    });
  });
}
