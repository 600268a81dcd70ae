// A trainer's state under the names that checkpoints keep it by, and the checks that all trainers share.
import { appError, invariant } from '../../../foundation/core/index.ts';
import { countElements, type TensorData } from '../../graph/index.ts';
import { type OptimizerOptions, stateNames } from '../../optim/index.ts';
import { UPDATE_NAMES } from '../update/index.ts';
import type { StepOptions } from './training-step.ts';

/** Weights and optimizer state of one parameter, as checkpoints name them: the weights first. */
export function listStateKeys(name: string, optimizer: OptimizerOptions): readonly string[] {
  return [name, ...stateNames(optimizer).map((key) => UPDATE_NAMES.state(key, name))];
}

/** @throws CHECKPOINT_MISMATCH unless `saved` has so many float32 elements under `key` */
export function readState(
  saved: ReadonlyMap<string, TensorData>,
  key: string,
  elements: number,
): Float32Array {
  const found = saved.get(key)?.data;
  if (found instanceof Float32Array && found.length === elements) return found;
  throw appError('CHECKPOINT_MISMATCH', {
    path: key,
    expected: `${elements} float32 elements`,
    got: found === undefined ? 'nothing' : `${found.length} elements`,
  });
}

/** The initial weights of one parameter, which are not copied. */
export function readInitialWeights(
  weights: ReadonlyMap<string, TensorData>,
  { name, shape }: { readonly name: string; readonly shape: readonly number[] },
): Float32Array {
  const data = weights.get(name)?.data;
  invariant(data instanceof Float32Array, `no initial weights for ${name}`);
  invariant(data.length === countElements(shape), `initial weights of ${name} have another size`);
  return data;
}

/** @throws LOSS_NOT_FINITE */
export function assertFinite(loss: number, gradientNorm: number, { step, learningRate }: StepOptions): void {
  if (Number.isFinite(loss) && Number.isFinite(gradientNorm)) return;
  const [shownLoss, shownNorm] = [String(loss), String(gradientNorm)]; // JSON has no NaN
  throw appError('LOSS_NOT_FINITE', { step, loss: shownLoss, gradientNorm: shownNorm, learningRate });
}
