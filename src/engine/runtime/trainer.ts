// The training step on one thread: weights, gradients and optimizer state live here, in buffers that ONNX Runtime
// reads and writes in place. training-session.ts puts it into a worker.
import { appError, invariant } from '../../core/errors.ts';
import {
  type DropoutSite,
  type GradientSource,
  PROGRAM_NAMES,
  type TrainingProgram,
} from '../graph/program.ts';
import { countElements, float32Tensor, int32Tensor, type TensorData } from '../graph/tensor.ts';
import { clipScale, globalNorm } from '../optim/clipping.ts';
import { type OptimizerOptions, stateNames, updateParameter } from '../optim/optimizer.ts';
import { fillDropoutMask } from './dropout-mask.ts';
import { createOnnxSession, type OnnxSession } from './onnx-runtime.ts';

export interface TrainerOptions {
  readonly program: TrainingProgram;
  /** Initial weights by parameter name. */
  readonly weights: ReadonlyMap<string, TensorData>;
  readonly optimizer: OptimizerOptions;
  readonly clipNorm: number | null;
  readonly seed: number;
  readonly threads: number;
  readonly profilePrefix?: string;
}

export interface TokenBatch {
  /** [B, T] */
  readonly inputIds: Int32Array;
  /** [B, T] */
  readonly attentionMask: Int32Array;
  /** B */
  readonly size: number;
  /** T */
  readonly length: number;
}

export interface TrainingBatch extends TokenBatch {
  /** [B, C] soft labels. */
  readonly targets: Float32Array;
  /** [B] share of each article in the step's loss; over all batches of a step they sum to 1. */
  readonly articleWeights: Float32Array;
}

export interface TrainerStep {
  readonly loss: number;
  readonly gradientNorm: number;
  /** Milliseconds: dropout masks, forward and backward, optimizer. */
  readonly maskMs: number;
  readonly graphMs: number;
  readonly updateMs: number;
  /** Largest resident size of the process so far, in bytes. */
  readonly peakMemoryBytes: number;
}

interface TrainedParameter {
  readonly name: string;
  readonly shape: readonly number[];
  readonly source: GradientSource;
  readonly tensor: TensorData & { data: Float32Array };
  /** Sum of gradients over the batches of a step. */
  readonly gradient: TensorData & { data: Float32Array };
  readonly state: readonly Float32Array[];
  readonly decay: boolean;
}

export interface Trainer {
  /** @throws LOSS_NOT_FINITE, before anything was updated */
  step(
    batches: readonly TrainingBatch[],
    options: { step: number; learningRate: number },
  ): Promise<TrainerStep>;
  /** @returns [B, C] */
  computeLogits(batch: TokenBatch): Promise<Float32Array>;
  /** Trained weights and optimizer state, copied; what is frozen is not among them. */
  saveState(): Map<string, TensorData>;
  /** @throws CHECKPOINT_MISMATCH */
  loadState(state: ReadonlyMap<string, TensorData>): void;
  dispose(): Promise<void>;
}

/** Compiles the program's sessions and takes a copy of the weights. */
export async function createTrainer(options: TrainerOptions): Promise<Trainer> {
  const { program, optimizer, clipNorm, seed, threads, profilePrefix } = options;
  const parameters = createParameters(options);
  const weightInputs = Object.fromEntries([
    ...parameters.map(({ name, tensor }) => [name, tensor] as const),
    ...copyFrozen(options),
  ]);
  const stepSession = await createOnnxSession(program.step, {
    threads,
    ...(profilePrefix === undefined ? {} : { profilePrefix }),
  });
  const stepInputs = new Set(stepSession.inputNames);
  const scratch = createScratch(parameters);
  const masks = new Map<string, Float32Array>();
  let forwardSession: OnnxSession | null = null;

  const fillMasks = (batch: TokenBatch, step: number, microStep: number): Record<string, TensorData> =>
    Object.fromEntries(
      program.dropout.map((dropout, site) => {
        const shape = resolveShape(dropout, batch);
        const mask = reuse(masks, dropout.input, countElements(shape));
        fillDropoutMask(mask, dropout.rate, { seed, step, site, microStep });
        return [dropout.input, float32Tensor(shape, mask)];
      }),
    );

  return {
    step: async (batches, { step, learningRate }) => {
      invariant(batches.length > 0, 'a step without batches');
      let loss = 0;
      let maskMs = 0;
      let graphMs = 0;
      for (const [microStep, batch] of batches.entries()) {
        const startMs = performance.now();
        const dropout = fillMasks(batch, step, microStep);
        const runMs = performance.now();
        const first = microStep === 0;
        const outputs: Record<string, TensorData | null> = { [PROGRAM_NAMES.loss]: null };
        for (const { name, source, gradient } of parameters) {
          outputs[source.output] = source.kind === 'rows' ? null : first ? gradient : scratch.get(name);
        }
        const feeds = {
          ...batchInputs(batch),
          ...dropout,
          ...weightInputs,
          ...lossInputs(batch, program.classes),
        };
        const used = Object.fromEntries(Object.entries(feeds).filter(([name]) => stepInputs.has(name)));
        const results = await stepSession.run(used, outputs);
        loss += results[PROGRAM_NAMES.loss]!.data[0] as number;
        for (const parameter of parameters) accumulate(parameter, results, scratch, batch, first);
        maskMs += runMs - startMs;
        graphMs += performance.now() - runMs;
      }
      const updateStartMs = performance.now();
      const gradientNorm = globalNorm(parameters.map(({ gradient }) => gradient.data));
      if (!Number.isFinite(loss) || !Number.isFinite(gradientNorm)) {
        throw appError('LOSS_NOT_FINITE', {
          step,
          loss: String(loss),
          gradientNorm: String(gradientNorm),
          learningRate,
        });
      }
      const gradientScale = clipScale(gradientNorm, clipNorm);
      for (const { tensor, gradient, state, decay } of parameters) {
        updateParameter(optimizer, tensor.data, gradient.data, state, {
          learningRate,
          gradientScale,
          step,
          decay,
        });
      }
      const updateMs = performance.now() - updateStartMs;
      return {
        loss,
        gradientNorm,
        maskMs,
        graphMs,
        updateMs,
        peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
      };
    },
    computeLogits: async (batch) => {
      forwardSession ??= await createOnnxSession(program.forward, { threads });
      const feeds = { ...batchInputs(batch), ...weightInputs };
      const known = new Set(forwardSession.inputNames);
      const results = await forwardSession.run(
        Object.fromEntries(Object.entries(feeds).filter(([name]) => known.has(name))),
      );
      return results[PROGRAM_NAMES.logits]!.data as Float32Array;
    },
    saveState: () => {
      const saved = new Map<string, TensorData>();
      for (const { name, shape, tensor, state } of parameters) {
        saved.set(name, float32Tensor(shape, tensor.data.slice()));
        for (const [i, key] of stateNames(optimizer).entries())
          saved.set(`optimizer.${key}.${name}`, float32Tensor(shape, state[i]!.slice()));
      }
      return saved;
    },
    loadState: (saved) => {
      const entries = parameters.flatMap(({ name, tensor, state }) => [
        { key: name, target: tensor.data },
        ...stateNames(optimizer).map((key, i) => ({ key: `optimizer.${key}.${name}`, target: state[i]! })),
      ]);
      for (const { key, target } of entries) {
        const found = saved.get(key)?.data;
        if (!(found instanceof Float32Array) || found.length !== target.length) {
          throw appError('CHECKPOINT_MISMATCH', {
            path: key,
            expected: `${target.length} float32 elements`,
            got: found === undefined ? 'nothing' : `${found.length} elements`,
          });
        }
      }
      for (const { key, target } of entries) target.set(saved.get(key)!.data as Float32Array);
    },
    dispose: async () => {
      await stepSession.dispose();
      await forwardSession?.dispose();
    },
  };
}

/** A function of its own, so that no closure of the trainer keeps the initial weights alive. */
function createParameters({ program, weights, optimizer }: TrainerOptions): readonly TrainedParameter[] {
  return program.parameters.map(({ name, shape, gradient }) => {
    const initial = weights.get(name);
    invariant(initial?.data instanceof Float32Array, `no initial weights for ${name}`);
    const size = countElements(shape);
    invariant(initial.data.length === size, `initial weights of ${name} have another size`);
    return {
      name,
      shape,
      source: gradient,
      tensor: float32Tensor(shape, initial.data.slice()),
      gradient: float32Tensor(shape),
      state: stateNames(optimizer).map(() => new Float32Array(size)),
      // Biases and norms (one axis) are not decayed, as Loshchilov and Hutter's users have settled on.
      decay: shape.length > 1,
    };
  });
}

function copyFrozen({ program, weights }: TrainerOptions): readonly (readonly [string, TensorData])[] {
  return program.frozen.map(({ name, shape }) => {
    const initial = weights.get(name);
    invariant(initial?.data instanceof Float32Array, `no weights for ${name}`);
    return [name, float32Tensor(shape, initial.data)];
  });
}

/** Where the gradients of second and later batches of a step go before they are added up. Made when first needed. */
function createScratch(parameters: readonly TrainedParameter[]): {
  get(name: string): TensorData & { data: Float32Array };
} {
  const made = new Map<string, TensorData & { data: Float32Array }>();
  return {
    get: (name) => {
      let tensor = made.get(name);
      if (tensor === undefined) {
        tensor = float32Tensor(parameters.find((parameter) => parameter.name === name)!.shape);
        made.set(name, tensor);
      }
      return tensor;
    },
  };
}

function accumulate(
  { name, source, gradient }: TrainedParameter,
  results: Readonly<Record<string, TensorData>>,
  scratch: { get(name: string): TensorData & { data: Float32Array } },
  batch: TokenBatch,
  first: boolean,
): void {
  if (source.kind === 'rows') {
    if (first) gradient.data.fill(0);
    addRows(gradient.data, batch.inputIds, results[source.output]!.data as Float32Array);
    return;
  }
  if (first) return;
  const more = scratch.get(name).data;
  for (let i = 0; i < more.length; i++) gradient.data[i]! += more[i]!;
}

/** table[indices[n]] += updates[n] */
function addRows(table: Float32Array, indices: Int32Array, updates: Float32Array): void {
  const width = updates.length / indices.length;
  for (let n = 0; n < indices.length; n++) {
    const to = indices[n]! * width;
    const from = n * width;
    for (let d = 0; d < width; d++) table[to + d]! += updates[from + d]!;
  }
}

function batchInputs({ inputIds, attentionMask, size, length }: TokenBatch): Record<string, TensorData> {
  return {
    [PROGRAM_NAMES.inputIds]: int32Tensor([size, length], inputIds),
    [PROGRAM_NAMES.attentionMask]: int32Tensor([size, length], attentionMask),
  };
}

function lossInputs(
  { targets, articleWeights, size }: TrainingBatch,
  classes: number,
): Record<string, TensorData> {
  return {
    [PROGRAM_NAMES.targets]: float32Tensor([size, classes], targets),
    [PROGRAM_NAMES.articleWeights]: float32Tensor([size], articleWeights),
  };
}

function resolveShape(site: DropoutSite, { size, length }: TokenBatch): number[] {
  return site.shape.map((dim) => (dim === 'B' ? size : dim === 'T' ? length : Number(dim)));
}

/** A view of `length` elements on a buffer that only ever grows. */
function reuse(buffers: Map<string, Float32Array>, name: string, length: number): Float32Array {
  let buffer = buffers.get(name);
  if (buffer === undefined || buffer.length < length) {
    buffer = new Float32Array(length);
    buffers.set(name, buffer);
  }
  return buffer.subarray(0, length);
}
