// The update after a step's gradients as ONNX graphs, so that weights and optimizer state can stay on a device: sum of the
// gradients of several batches, global norm, clipping, and the rules of engine/optim/optimizer.ts in the same order of
// operations. All operators are element-wise or sums; scalars that change with the step are graph inputs.
import {
  float32Tensor,
  type OnnxAttribute,
  PROGRAM_NAMES,
  type ProgramParameter,
  type TensorData,
} from '../../graph/index.ts';
import { correctBias, type OptimizerOptions, stateNames } from '../../optim/index.ts';
import { GraphDraft } from './graph-draft.ts';

/** Inputs and outputs of the graphs here, by parameter name. */
export const UPDATE_NAMES = {
  sum: (name: string): string => `sum.${name}`,
  /** The name; outputs have it with `next.` in front. */
  state: (key: string, name: string): string => `optimizer.${key}.${name}`,
  next: (input: string): string => `next.${input}`,
  learningRate: 'learning_rate',
  /** Adam: learning rate / (1 - beta1^t). */
  stepSize: 'step_size',
  /** Adam: 1 / sqrt(1 - beta2^t). */
  inverseRoot: 'inverse_root',
  norm: 'gradient_norm',
} as const;

/**
 * Adds a batch's gradients to the sums so far.
 * Inputs: the step's gradients, and input_ids [B, T] where one is given as rows; with `isFirst` false also sum.NAME.
 * Outputs: next.sum.NAME, of each parameter's shape; with `isFirst` true only of those given as rows.
 */
export function compileGradientSum(parameters: readonly ProgramParameter[], isFirst: boolean): Uint8Array {
  const draft = new GraphDraft('sum of gradients');
  let hasIndices = false;
  for (const { name, shape, gradient } of parameters) {
    if (isFirst && gradient.kind === 'dense') continue;
    const before = UPDATE_NAMES.sum(name);
    const after = UPDATE_NAMES.next(before);
    if (!isFirst) draft.input(before, shape);
    if (gradient.kind === 'dense') {
      draft.input(gradient.output, shape);
      draft.add('Add', [before, gradient.output], after);
    } else {
      if (!hasIndices) {
        draft.input(PROGRAM_NAMES.inputIds, ['B', 'T'], 'int32');
        const ids = draft.castToInt64(PROGRAM_NAMES.inputIds, 'ids');
        draft.add('Unsqueeze', [ids, draft.int64('last', [-1])], 'rows'); // [B, T, 1]
        hasIndices = true;
      }
      draft.input(gradient.output, ['B', 'T', shape[1]!]);
      const table = isFirst ? draft.zeros(name, shape) : before;
      const reduction: OnnxAttribute = { type: 'string', value: 'add' };
      draft.add('ScatterND', [table, 'rows', gradient.output], after, { reduction });
    }
    draft.output(after, shape);
  }
  return draft.write();
}

/** Options of a single parameter. */
export interface UpdateRules {
  /** Whether weight decay applies. */
  isDecayed(parameter: ProgramParameter): boolean;
  /** The factor of the learning rate. */
  rateScale(parameter: ProgramParameter): number;
}

/** The inputs of `compileUpdate` that change with the step. */
export function buildUpdateScalars(
  optimizer: OptimizerOptions,
  { step, learningRate }: { readonly step: number; readonly learningRate: number },
): Record<string, TensorData> {
  const scalar = (value: number): TensorData => float32Tensor([], Float32Array.of(value));
  const rate = { [UPDATE_NAMES.learningRate]: scalar(learningRate) };
  if (optimizer.kind === 'sgd') return rate;
  const { stepSize, inverseRoot } = correctBias(optimizer, learningRate, step);
  return {
    ...rate,
    [UPDATE_NAMES.stepSize]: scalar(stepSize),
    [UPDATE_NAMES.inverseRoot]: scalar(inverseRoot),
  };
}

/**
 * One optimizer step. Inputs: NAME, sum.NAME, optimizer.STATE.NAME of each parameter, and the scalars.
 * Outputs: next.NAME, next.optimizer.STATE.NAME, gradient_norm (before clipping).
 */
export function compileUpdate(
  parameters: readonly ProgramParameter[],
  optimizer: OptimizerOptions,
  clipNorm: number | null,
  rules: UpdateRules,
): Uint8Array {
  const draft = new GraphDraft('update');
  const scalars =
    optimizer.kind === 'sgd'
      ? [UPDATE_NAMES.learningRate]
      : [UPDATE_NAMES.learningRate, UPDATE_NAMES.stepSize, UPDATE_NAMES.inverseRoot];
  for (const name of scalars) draft.input(name, []);
  const squares = parameters.map(({ name, shape }) => {
    draft.input(name, shape);
    draft.input(UPDATE_NAMES.sum(name), shape);
    const keepdims: OnnxAttribute = { type: 'int', value: 0 };
    return draft.add('ReduceSumSquare', [UPDATE_NAMES.sum(name)], `square.${name}`, { keepdims });
  });
  draft.add('Sqrt', [draft.addAll(squares)], UPDATE_NAMES.norm);
  draft.output(UPDATE_NAMES.norm, []);
  if (clipNorm !== null) {
    const longer = draft.add('Add', [UPDATE_NAMES.norm, draft.constant(1e-6)], 'norm.longer');
    const ratio = draft.add('Div', [draft.constant(clipNorm), longer], 'clip.ratio');
    draft.add('Min', [ratio, draft.constant(1)], 'clip');
  }
  for (const parameter of parameters) {
    const { name, shape } = parameter;
    const sum = UPDATE_NAMES.sum(name);
    const gradient = clipNorm === null ? sum : draft.add('Mul', [sum, 'clip'], `clipped.${name}`);
    const state = stateNames(optimizer).map((key) => UPDATE_NAMES.state(key, name));
    for (const input of state) {
      draft.input(input, shape);
      draft.output(UPDATE_NAMES.next(input), shape);
    }
    draft.output(UPDATE_NAMES.next(name), shape);
    const decay = rules.isDecayed(parameter) ? optimizer.weightDecay : 0;
    const target = { name, decay, scale: rules.rateScale(parameter) };
    if (optimizer.kind === 'sgd') addSgd(draft, optimizer, target, gradient, state[0]);
    else addAdam(draft, optimizer, target, gradient, state);
  }
  return draft.write();
}

/** y = x, over tensors of `rank` axes: the binding moves memory only as inputs and outputs of a session. */
export function compileCopy(rank: number): Uint8Array {
  const draft = new GraphDraft('copy');
  const shape = Array.from({ length: rank }, (_, axis) => `d${axis}`);
  draft.input('x', shape);
  draft.add('Identity', ['x'], 'y');
  draft.output('y', shape);
  return draft.write();
}

/** One parameter's update under construction. */
interface Target {
  readonly name: string;
  /** Weight decay that applies to it. */
  readonly decay: number;
  /** The factor of its learning rate. */
  readonly scale: number;
}

/** The name of `rate` times the parameter's own scale. */
function scaleRate(draft: GraphDraft, rate: string, { name, scale }: Target): string {
  return scale === 1 ? rate : draft.scale(rate, scale, `${rate}.${name}`);
}

/** gradient + decay * weights, where weight decay goes through the gradient. */
function addPenalty(draft: GraphDraft, gradient: string, { name, decay }: Target): string {
  if (decay === 0) return gradient;
  return draft.add('Add', [gradient, draft.scale(name, decay, `penalty.${name}`)], `penalised.${name}`);
}

/** weights - learningRate * decay * weights: decoupled weight decay. */
function shrink(draft: GraphDraft, target: Target): string {
  const { name, decay } = target;
  if (decay === 0) return name;
  const rate = scaleRate(draft, UPDATE_NAMES.learningRate, target);
  const lost = draft.add('Mul', [draft.scale(name, decay, `decay.${name}`), rate], `lost.${name}`);
  return draft.add('Sub', [name, lost], `shrunk.${name}`);
}

/** next = beta * moment + (1 - beta) * value */
function addMoment(draft: GraphDraft, moment: string, value: string, beta: number): string {
  const old = draft.scale(moment, beta, `old.${moment}`);
  const fresh = draft.scale(value, 1 - beta, `new.${moment}`);
  return draft.add('Add', [old, fresh], UPDATE_NAMES.next(moment));
}

function addAdam(
  draft: GraphDraft,
  { kind, beta1, beta2, epsilon }: Extract<OptimizerOptions, { kind: 'adamw' | 'adam' }>,
  target: Target,
  gradient: string,
  [mean, square]: readonly string[],
): void {
  const { name } = target;
  const g = kind === 'adam' ? addPenalty(draft, gradient, target) : gradient;
  const m = addMoment(draft, mean!, g, beta1);
  const v = addMoment(draft, square!, draft.add('Mul', [g, g], `squared.${name}`), beta2);
  const root = draft.add('Sqrt', [v], `root.${name}`);
  const corrected = draft.add('Mul', [root, UPDATE_NAMES.inverseRoot], `corrected.${name}`);
  const below = draft.add('Add', [corrected, draft.constant(epsilon)], `below.${name}`);
  const above = draft.add('Mul', [m, scaleRate(draft, UPDATE_NAMES.stepSize, target)], `above.${name}`);
  const change = draft.add('Div', [above, below], `change.${name}`);
  const weights = kind === 'adamw' ? shrink(draft, target) : name;
  draft.add('Sub', [weights, change], UPDATE_NAMES.next(name));
}

function addSgd(
  draft: GraphDraft,
  { momentum }: Extract<OptimizerOptions, { kind: 'sgd' }>,
  target: Target,
  gradient: string,
  velocity: string | undefined,
): void {
  const { name } = target;
  let g = addPenalty(draft, gradient, target);
  if (velocity !== undefined)
    g = draft.add('Add', [draft.scale(velocity, momentum, `kept.${name}`), g], UPDATE_NAMES.next(velocity));
  const change = draft.add('Mul', [g, scaleRate(draft, UPDATE_NAMES.learningRate, target)], `change.${name}`);
  draft.add('Sub', [name, change], UPDATE_NAMES.next(name));
}
