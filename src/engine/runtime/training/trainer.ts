// The training step on one thread: weights, gradients and optimizer state live here, in buffers that ONNX Runtime
// reads and writes in place. training-session.ts puts it into a worker.
import { appError, invariant } from '../../../foundation/core/index.ts';
import {
  countElements,
  type DropoutSite,
  float32Tensor,
  int32Tensor,
  PROGRAM_NAMES,
  type TensorData,
  type TrainingProgram,
} from '../../graph/index.ts';
import { clipScale, findReachedRows, type OptimizerOptions, stateNames } from '../../optim/index.ts';
import type { Device } from '../session/index.ts';
import { createOnnxSession, type OnnxSession } from '../session/index.ts';
import {
  countUpdateThreads,
  createTrainedParameters,
  createUpdateThreads,
  type MovingTensor,
  type TrainedParameter,
} from '../update/index.ts';
import { fillDropoutMask } from './dropout-mask.ts';

export interface TrainerOptions {
  readonly program: TrainingProgram;
  /** Initial weights by parameter name. */
  readonly weights: ReadonlyMap<string, TensorData>;
  readonly optimizer: OptimizerOptions;
  readonly clipNorm: number | null;
  readonly seed: number;
  readonly threads: number;
  /** Where the graphs run; default cpu. The update and its state stay here: see device-copies.ts for what crosses. */
  readonly device?: Device;
  /** By parameter name: what the learning rate is multiplied by. Default 1. */
  readonly learningRateScale?: ReadonlyMap<string, number>;
  /** The caller has no further use for `weights`: their arrays may become the trainer's own. */
  readonly adoptWeights?: boolean;
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
  /** Where the program was compiled with a teacher: [B, C] its softened labels, and [B] each one's weight in the loss. */
  readonly teacher?: { readonly targets: Float32Array; readonly weights: Float32Array };
}

export interface StepOptions {
  /** Counts from 0. */
  readonly step: number;
  readonly learningRate: number;
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

export interface Trainer {
  /** @throws LOSS_NOT_FINITE, before anything was updated */
  step(batches: readonly TrainingBatch[], options: StepOptions): Promise<TrainerStep>;
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
  const {
    program,
    optimizer,
    clipNorm,
    seed,
    threads,
    device = 'cpu',
    learningRateScale,
    profilePrefix,
  } = options;
  const elements = program.parameters.reduce((total, { shape }) => total + countElements(shape), 0);
  const updateThreads = countUpdateThreads(elements, threads);
  const trained = createTrainedParameters(program, options.weights, optimizer, {
    adopt: options.adoptWeights ?? false,
    threads: updateThreads,
  });
  const parameters = trained.all;
  const updates = await createUpdateThreads(optimizer, trained);
  const weightInputs = Object.fromEntries([
    ...parameters.map(({ name, tensor }) => [name, tensor] as const),
    ...copyFrozen(options),
  ]);
  const stepSession = await createOnnxSession(program.step, {
    threads,
    device,
    planMemory: false,
    outputsInPlace: device === 'cpu',
    ...(profilePrefix === undefined ? {} : { profilePrefix }),
  });
  const stepInputs = new Set(stepSession.inputNames);
  const scratch = createScratch(parameters);
  const lossOutput = float32Tensor([]);
  const masks = new Map<string, Float32Array>();
  const rowOutputs = new Map<string, Float32Array>();
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
        const feeds: Record<string, TensorData> = {
          ...batchInputs(batch),
          ...dropout,
          ...weightInputs,
          ...lossInputs(batch, program.classes),
        };
        const used = Object.fromEntries(Object.entries(feeds).filter(([name]) => stepInputs.has(name)));
        const outputs: Record<string, TensorData | null> = { [PROGRAM_NAMES.loss]: lossOutput };
        for (const { name, source, gradient, width } of parameters) {
          if ('dense' in gradient) outputs[source.output] = first ? gradient.dense : scratch.get(name);
          else if (source.kind === 'rows') {
            const shape = [...feeds[source.indices]!.shape, width];
            const rows = reuse(rowOutputs, name, countElements(shape));
            outputs[source.output] = float32Tensor(shape, rows);
          }
        }
        const results = await stepSession.run(used, outputs);
        loss += results[PROGRAM_NAMES.loss]!.data[0] as number;
        for (const { name, source, gradient } of parameters) {
          if ('rows' in gradient && source.kind === 'rows') {
            if (first) gradient.rows.clear();
            gradient.rows.add(
              feeds[source.indices]!.data as Int32Array,
              results[source.output]!.data as Float32Array,
            );
          } else if ('dense' in gradient && !first) updates.add(gradient.dense.data, scratch.get(name).data);
        }
        maskMs += runMs - startMs;
        graphMs += performance.now() - runMs;
      }
      const updateStartMs = performance.now();
      let gradientNorm = Number.NaN;
      await updates.update((norm) => {
        gradientNorm = norm;
        if (!Number.isFinite(loss) || !Number.isFinite(norm)) {
          throw appError('LOSS_NOT_FINITE', {
            step,
            loss: String(loss),
            gradientNorm: String(norm),
            learningRate,
          });
        }
        const gradientScale = clipScale(norm, clipNorm);
        return ({ name, decay }) => ({
          learningRate: learningRate * (learningRateScale?.get(name) ?? 1),
          gradientScale,
          step,
          decay,
        });
      });
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
      forwardSession ??= await createOnnxSession(program.forward, { threads, device });
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
      for (const { reached, state, width } of parameters)
        if (reached !== null) findReachedRows(reached, state, width);
    },
    dispose: async () => {
      await updates.dispose();
      await stepSession.dispose();
      await forwardSession?.dispose();
    },
  };
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
  get(name: string): MovingTensor;
} {
  const made = new Map<string, MovingTensor>();
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

function batchInputs({ inputIds, attentionMask, size, length }: TokenBatch): Record<string, TensorData> {
  return {
    [PROGRAM_NAMES.inputIds]: int32Tensor([size, length], inputIds),
    [PROGRAM_NAMES.attentionMask]: int32Tensor([size, length], attentionMask),
  };
}

function lossInputs(
  { targets, articleWeights, teacher, size }: TrainingBatch,
  classes: number,
): Record<string, TensorData> {
  return {
    [PROGRAM_NAMES.targets]: float32Tensor([size, classes], targets),
    [PROGRAM_NAMES.articleWeights]: float32Tensor([size], articleWeights),
    ...(teacher === undefined
      ? {}
      : {
          [PROGRAM_NAMES.teacherTargets]: float32Tensor([size, classes], teacher.targets),
          [PROGRAM_NAMES.teacherWeights]: float32Tensor([size], teacher.weights),
        }),
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
