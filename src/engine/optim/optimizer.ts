// Update rules as PyTorch defines them (torch.optim 2.x: AdamW, Adam, SGD), one parameter at a time, with its state under
// the names that a checkpoint keeps. `updateParameter` is the rule in plain code; tests compare the kernel
// (update-kernel.ts) and the graphs for devices with it.
import { correctBias } from './bias-correction.ts';

export type OptimizerOptions =
  | {
      readonly kind: 'adamw' | 'adam';
      readonly beta1: number;
      readonly beta2: number;
      readonly epsilon: number;
      readonly weightDecay: number;
    }
  | { readonly kind: 'sgd'; readonly momentum: number; readonly weightDecay: number };

export interface UpdateOptions {
  readonly learningRate: number;
  /** Gradients are multiplied by this first (clipping). */
  readonly gradientScale: number;
  /** Updates done before this one. */
  readonly step: number;
  /** Whether weight decay applies to this parameter. */
  readonly decay: boolean;
}

/** Names of the state arrays that an optimizer keeps for each parameter, each as long as the parameter. */
export function stateNames(options: OptimizerOptions): readonly string[] {
  if (options.kind === 'sgd') return options.momentum === 0 ? [] : ['momentum'];
  return ['exp_avg', 'exp_avg_sq'];
}

/** Weight decay leaves out biases and norms, which have one axis, as users of Loshchilov and Hutter's rule do. */
export function isDecayed(shape: readonly unknown[]): boolean {
  return shape.length > 1;
}

/** Updates `weights` and `state` in place. */
export function updateParameter(
  options: OptimizerOptions,
  weights: Float32Array,
  gradient: Float32Array,
  state: readonly Float32Array[],
  update: UpdateOptions,
): void {
  if (options.kind === 'sgd') updateSgd(options, weights, gradient, state[0], update);
  else updateAdam(options, weights, gradient, state[0]!, state[1]!, update);
}

/** Kingma and Ba 2015; decoupled decay: Loshchilov and Hutter 2019. */
function updateAdam(
  options: Extract<OptimizerOptions, { kind: 'adamw' | 'adam' }>,
  weights: Float32Array,
  gradient: Float32Array,
  mean: Float32Array,
  square: Float32Array,
  { learningRate, gradientScale, step, decay }: UpdateOptions,
): void {
  const { beta1, beta2, epsilon } = options;
  const weightDecay = decay ? options.weightDecay : 0;
  const shrink = options.kind === 'adamw' ? 1 - learningRate * weightDecay : 1;
  const penalty = options.kind === 'adam' ? weightDecay : 0;
  const { stepSize, inverseRoot } = correctBias(options, learningRate, step);
  for (let i = 0; i < weights.length; i++) {
    const w = weights[i]!;
    const g = gradient[i]! * gradientScale + penalty * w;
    const m = beta1 * mean[i]! + (1 - beta1) * g;
    const v = beta2 * square[i]! + (1 - beta2) * g * g;
    mean[i] = m;
    square[i] = v;
    weights[i] = w * shrink - (stepSize * m) / (Math.sqrt(v) * inverseRoot + epsilon);
  }
}

function updateSgd(
  options: Extract<OptimizerOptions, { kind: 'sgd' }>,
  weights: Float32Array,
  gradient: Float32Array,
  velocity: Float32Array | undefined,
  { learningRate, gradientScale, decay }: UpdateOptions,
): void {
  const weightDecay = decay ? options.weightDecay : 0;
  for (let i = 0; i < weights.length; i++) {
    const w = weights[i]!;
    let g = gradient[i]! * gradientScale + weightDecay * w;
    if (velocity !== undefined) {
      g += options.momentum * velocity[i]!;
      velocity[i] = g;
    }
    weights[i] = w - learningRate * g;
  }
}
