// What follows a step's gradients, as ONNX, so that weights and optimizer state can stay on a device: sum of the
// gradients of several batches, global norm, clipping, and the update rules of engine/optim/optimizer.ts in the same
// order of operations. All of it is element-wise or a sum; scalars that change with the step are graph inputs.
import type { OnnxAttribute, OnnxModel, OnnxNode, OnnxValueInfo } from '../../graph/index.ts';
import {
  float32Tensor,
  PROGRAM_NAMES,
  type ProgramParameter,
  type TensorData,
  writeOnnx,
} from '../../graph/index.ts';
import { correctBias, type OptimizerOptions, stateNames } from '../../optim/index.ts';

/** Inputs and outputs of the graphs here, by parameter name. */
export const UPDATE_NAMES = {
  sum: (name: string): string => `sum.${name}`,
  /** Outputs bear the name with `next.` before it. */
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
  const draft = createDraft('sum of gradients');
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
        draft.inputs.push({ name: PROGRAM_NAMES.inputIds, dtype: 'int32', shape: ['B', 'T'] });
        draft.add('Cast', [PROGRAM_NAMES.inputIds], 'ids', { to: { type: 'int', value: INT64 } });
        draft.initializers.set('last', { dtype: 'int64', shape: [1], data: BigInt64Array.of(-1n) });
        draft.add('Unsqueeze', ['ids', 'last'], 'rows'); // [B, T, 1]
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

/** What may differ from parameter to parameter. */
export interface UpdateRules {
  /** Whether weight decay applies. */
  isDecayed(parameter: ProgramParameter): boolean;
  /** What the learning rate is multiplied by. */
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
  const draft = createDraft('update');
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
  draft.add('Sqrt', [addAll(draft, squares)], UPDATE_NAMES.norm);
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
  const draft = createDraft('copy');
  const shape = Array.from({ length: rank }, (_, axis) => `d${axis}`);
  draft.input('x', shape);
  draft.add('Identity', ['x'], 'y');
  draft.output('y', shape);
  return draft.write();
}

interface Target {
  readonly name: string;
  readonly decay: number;
  readonly scale: number;
}

/** The name of `rate` times the parameter's own scale. */
function scaleRate(draft: Draft, rate: string, { name, scale }: Target): string {
  return scale === 1 ? rate : draft.add('Mul', [rate, draft.constant(scale)], `${rate}.${name}`);
}

function addAdam(
  draft: Draft,
  { kind, beta1, beta2, epsilon }: Extract<OptimizerOptions, { kind: 'adamw' | 'adam' }>,
  target: Target,
  gradient: string,
  [mean, square]: readonly string[],
): void {
  const { name, decay } = target;
  const scaled = (x: string, by: number, output: string): string =>
    draft.add('Mul', [x, draft.constant(by)], `${output}.${name}`);
  const g =
    kind === 'adam' && decay !== 0
      ? draft.add('Add', [gradient, scaled(name, decay, 'penalty')], `penalised.${name}`)
      : gradient;
  const m = UPDATE_NAMES.next(mean!);
  draft.add('Add', [scaled(mean!, beta1, 'm.old'), scaled(g, 1 - beta1, 'm.new')], m);
  const squared = draft.add('Mul', [g, g], `squared.${name}`);
  const v = UPDATE_NAMES.next(square!);
  draft.add('Add', [scaled(square!, beta2, 'v.old'), scaled(squared, 1 - beta2, 'v.new')], v);
  const root = draft.add(
    'Mul',
    [draft.add('Sqrt', [v], `root.${name}`), UPDATE_NAMES.inverseRoot],
    `r.${name}`,
  );
  const below = draft.add('Add', [root, draft.constant(epsilon)], `below.${name}`);
  const above = draft.add('Mul', [m, scaleRate(draft, UPDATE_NAMES.stepSize, target)], `above.${name}`);
  const change = draft.add('Div', [above, below], `change.${name}`);
  const shrunk =
    kind === 'adamw' && decay !== 0
      ? draft.add(
          'Sub',
          [
            name,
            draft.add(
              'Mul',
              [scaled(name, decay, 'decay'), scaleRate(draft, UPDATE_NAMES.learningRate, target)],
              `lost.${name}`,
            ),
          ],
          `shrunk.${name}`,
        )
      : name;
  draft.add('Sub', [shrunk, change], UPDATE_NAMES.next(name));
}

function addSgd(
  draft: Draft,
  { momentum }: Extract<OptimizerOptions, { kind: 'sgd' }>,
  target: Target,
  gradient: string,
  velocity: string | undefined,
): void {
  const { name, decay } = target;
  const scaled = (x: string, by: number, output: string): string =>
    draft.add('Mul', [x, draft.constant(by)], `${output}.${name}`);
  let g =
    decay === 0
      ? gradient
      : draft.add('Add', [gradient, scaled(name, decay, 'penalty')], `penalised.${name}`);
  if (velocity !== undefined) {
    const next = UPDATE_NAMES.next(velocity);
    g = draft.add('Add', [scaled(velocity, momentum, 'kept'), g], next);
  }
  const change = draft.add('Mul', [g, scaleRate(draft, UPDATE_NAMES.learningRate, target)], `change.${name}`);
  draft.add('Sub', [name, change], UPDATE_NAMES.next(name));
}

function addAll(draft: Draft, scalars: readonly string[]): string {
  return scalars.reduce((total, next) => draft.add('Add', [total, next], `${total}+`));
}

const INT64 = 7; // TensorProto.DataType
const OPSETS = { '': 20 };

interface Draft {
  readonly inputs: OnnxValueInfo[];
  readonly initializers: Map<string, TensorData>;
  input(name: string, shape: OnnxValueInfo['shape']): void;
  output(name: string, shape: OnnxValueInfo['shape']): void;
  /** @returns `output` */
  add(opType: string, inputs: readonly string[], output: string, attributes?: OnnxNode['attributes']): string;
  constant(value: number): string;
  zeros(name: string, shape: readonly number[]): string;
  write(): Uint8Array;
}

function createDraft(graphName: string): Draft {
  const nodes: OnnxNode[] = [];
  const inputs: OnnxValueInfo[] = [];
  const outputs: OnnxValueInfo[] = [];
  const initializers = new Map<string, TensorData>();
  const draft: Draft = {
    inputs,
    initializers,
    input: (name, shape) => inputs.push({ name, dtype: 'float32', shape }),
    output: (name, shape) => outputs.push({ name, dtype: 'float32', shape }),
    add: (opType, from, output, attributes = {}) => {
      nodes.push({ name: output, opType, domain: '', inputs: from, outputs: [output], attributes });
      return output;
    },
    constant: (value) => {
      const name = `constant.${value}`;
      initializers.set(name, float32Tensor([], Float32Array.of(value)));
      return name;
    },
    zeros: (name, shape) => {
      const data = BigInt64Array.from(shape, BigInt);
      initializers.set(`shape.${name}`, { dtype: 'int64', shape: [shape.length], data });
      return draft.add('ConstantOfShape', [`shape.${name}`], `zeros.${name}`);
    },
    write: () => {
      const model: OnnxModel = {
        irVersion: 9,
        producer: 'veracity',
        opsets: OPSETS,
        graphName,
        nodes,
        initializers,
        inputs,
        outputs,
      };
      return new Uint8Array(Buffer.concat(writeOnnx(model)));
    },
  };
  return draft;
}
