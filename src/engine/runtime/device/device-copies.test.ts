import { expect, it } from 'vitest';
import { countStepCopies, formatStepCopies } from './device-copies.ts';

const program = {
  parameters: [
    { name: 'w', shape: [100, 10], gradient: { kind: 'dense' as const, output: 'g' } },
    { name: 't', shape: [500, 10], gradient: { kind: 'rows' as const, output: 'r', indices: 'input_ids' } },
  ],
  frozen: [{ name: 'f', shape: [100] }],
};

it('counts all weights in and the dense gradients out where the binding cannot keep them', () => {
  const copies = countStepCopies(program, 'cuda');
  expect(copies).toEqual({ weightBytes: 4 * (1000 + 5000 + 100), gradientBytes: 4 * 1000 });
  expect(formatStepCopies(copies)).toMatch(/0\.0244 MB of weights in and 0\.00400 MB of gradients out/);
});

it('counts nothing on WebGPU, where all of it stays', () => {
  const copies = countStepCopies(program, 'webgpu');
  expect(copies).toEqual({ weightBytes: 0, gradientBytes: 0 });
  expect(formatStepCopies(copies)).toMatch(/stay on the device/);
});
