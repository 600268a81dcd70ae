// Computes from a program what is copied between processor and device in a training step. WebGPU keeps weights, gradients
// and optimizer state (device-trainer.ts); the binding cannot address other providers' memory, so there each batch copies
// all weights in and all gradients out. A batch's ids and masks, a few kilobytes, are not counted.

import type { TrainingProgram } from '../../graph/index.ts';
import { countElements } from '../../graph/index.ts';
import type { Device } from '../session/index.ts';

export interface StepCopies {
  /** Weights, in bytes, for each batch. */
  readonly weightBytes: number;
  /** Dense gradients, in bytes, for each batch; rows of a looked-up table come on top, as many as a batch has tokens. */
  readonly gradientBytes: number;
}

/** Bytes that each batch of a step copies between processor and `device`. */
export function countStepCopies(
  { parameters, frozen }: Pick<TrainingProgram, 'parameters' | 'frozen'>,
  device: Device,
): StepCopies {
  if (device === 'cpu' || device === 'webgpu') return { weightBytes: 0, gradientBytes: 0 };
  const bytesOf = (list: readonly { readonly shape: readonly number[] }[]): number =>
    list.reduce((total, { shape }) => total + countElements(shape) * Float32Array.BYTES_PER_ELEMENT, 0);
  const dense = parameters.filter(({ gradient }) => gradient.kind === 'dense');
  return { weightBytes: bytesOf(parameters) + bytesOf(frozen), gradientBytes: bytesOf(dense) };
}

/** Such as `268 MB of weights in and 174 MB of gradients out with each batch`. */
export function formatStepCopies({ weightBytes, gradientBytes }: StepCopies): string {
  if (weightBytes + gradientBytes === 0) return 'weights and optimizer state stay on the device';
  const megabytes = (bytes: number): string => `${(bytes / 1e6).toPrecision(3)} MB`;
  return `${megabytes(weightBytes)} of weights in and ${megabytes(gradientBytes)} of gradients out with each batch`;
}
