// The trainer whose weights, gradients and optimizer state lie in the processor's memory, in buffers that ONNX Runtime
// reads and writes in place. training-session.ts puts it into a worker.
import { invariant } from '../../../foundation/core/index.ts';
import {
  countElements,
  float32Tensor,
  PROGRAM_NAMES,
  type TensorData,
  type TrainingProgram,
} from '../../graph/index.ts';
import { clipScale, findReachedRows } from '../../optim/index.ts';
import {
  createInPlaceSession,
  createOnnxSession,
  type LocalSession,
  type OnnxSession,
} from '../session/index.ts';
import {
  countUpdateThreads,
  createTrainedParameters,
  createUpdateThreads,
  type TrainedParameter,
  type UpdateThreads,
} from '../update/index.ts';
import { BatchGradients } from './batch-gradients.ts';
import { buildTokenInputs, createStepInputs, pickInputs, type StepInputs } from './step-inputs.ts';
import { assertFinite, listStateKeys, readInitialWeights, readState } from './training-state.ts';
import type {
  BatchRun,
  StepOptions,
  TokenBatch,
  Trainer,
  TrainerOptions,
  TrainerStep,
  TrainingBatch,
} from './training-step.ts';

/**
 * Compiles the program's sessions and takes a copy of the weights.
 * @throws ENGINE_FAILED, STEP_INPUT_MISSING
 */
export async function createTrainer(options: TrainerOptions): Promise<Trainer> {
  const { program, optimizer, threads, device = 'cpu', profile } = options;
  const createSession = device === 'cpu' ? createInPlaceSession : createOnnxSession;
  const session = await createSession(program.step, {
    threads,
    device,
    planMemory: false,
    ...(profile?.operatorsPrefix === undefined ? {} : { profilePrefix: profile.operatorsPrefix }),
  });
  const inputs = await createStepInputs(program, session, options.seed);
  const trained = createTrainedParameters(program, options.weights, optimizer, {
    adopt: options.adoptWeights ?? false,
    threads: countUpdateThreads(countTrainedElements(program), threads),
  });
  const updates = await createUpdateThreads(optimizer, trained);
  return new ProcessorTrainer(options, { session, inputs, parameters: trained.all, updates });
}

interface ProcessorParts {
  readonly session: LocalSession;
  readonly inputs: StepInputs;
  readonly parameters: readonly TrainedParameter[];
  readonly updates: UpdateThreads;
}

class ProcessorTrainer implements Trainer {
  readonly #options: TrainerOptions;
  readonly #parts: ProcessorParts;
  /** By name. The arrays of trained parameters change with each update, their tensors do not. */
  readonly #weights: Readonly<Record<string, TensorData>>;
  readonly #stepWeights: Readonly<Record<string, TensorData>>;
  readonly #gradients: BatchGradients;
  readonly #lossOutput = float32Tensor([]);
  #forward: OnnxSession | null = null;

  constructor(options: TrainerOptions, parts: ProcessorParts) {
    const { parameters, session, updates } = parts;
    this.#options = options;
    this.#parts = parts;
    this.#weights = Object.fromEntries([
      ...parameters.map(({ name, tensor }) => [name, tensor] as const),
      ...listFrozen(options),
    ]);
    this.#stepWeights = pickInputs(this.#weights, session.inputNames);
    this.#gradients = new BatchGradients(parameters, (sum, more) => updates.add(sum, more));
  }

  async step(batches: readonly TrainingBatch[], options: StepOptions): Promise<TrainerStep> {
    invariant(batches.length > 0, 'a step without batches');
    let loss = 0;
    const runs: BatchRun[] = [];
    for (const [microStep, batch] of batches.entries()) {
      const startMs = performance.now();
      const inputs = this.#parts.inputs.build(batch, { step: options.step, microStep });
      const runMs = performance.now();
      loss += await this.#runBatch(inputs, microStep === 0);
      runs.push({
        startMs: performance.timeOrigin + startMs,
        maskMs: runMs - startMs,
        graphMs: performance.now() - runMs,
      });
    }
    const updateStartMs = performance.now();
    const gradientNorm = await this.#update(loss, options);
    const updateMs = performance.now() - updateStartMs;
    const peakMemoryBytes = process.resourceUsage().maxRSS * 1024;
    const maskMs = runs.reduce((sum, run) => sum + run.maskMs, 0);
    const graphMs = runs.reduce((sum, run) => sum + run.graphMs, 0);
    return { loss, gradientNorm, maskMs, graphMs, updateMs, runs, peakMemoryBytes };
  }

  async computeLogits(batch: TokenBatch): Promise<Float32Array> {
    const { program, threads, device = 'cpu' } = this.#options;
    this.#forward ??= await createOnnxSession(program.forward, { threads, device });
    const inputs = { ...buildTokenInputs(batch), ...this.#weights };
    const results = await this.#forward.run(pickInputs(inputs, this.#forward.inputNames));
    return results[PROGRAM_NAMES.logits]!.data as Float32Array;
  }

  async saveState(): Promise<ReadonlyMap<string, TensorData>> {
    const saved = new Map<string, TensorData>();
    for (const { parameter, key, array } of this.#listState())
      saved.set(key, float32Tensor(parameter.shape, array.slice()));
    return saved;
  }

  async loadState(saved: ReadonlyMap<string, TensorData>): Promise<void> {
    const loaded = this.#listState().map(({ key, array }) => ({
      target: array,
      values: readState(saved, key, array.length),
    }));
    for (const { target, values } of loaded) target.set(values);
    for (const { reached, state, width } of this.#parts.parameters)
      if (reached !== null) findReachedRows(reached, state, width);
  }

  async endProfile(): Promise<void> {
    this.#parts.session.endProfile();
  }

  async dispose(): Promise<void> {
    await this.#parts.updates.dispose();
    await this.#parts.session.dispose();
    await this.#forward?.dispose();
  }

  /** Forward and backward pass of one batch. @returns its share of the loss */
  async #runBatch(inputs: Readonly<Record<string, TensorData>>, isFirst: boolean): Promise<number> {
    const results = await this.#parts.session.run(
      { ...inputs, ...this.#stepWeights },
      { [PROGRAM_NAMES.loss]: this.#lossOutput, ...this.#gradients.prepare(inputs, isFirst) },
    );
    this.#gradients.collect(inputs, results, isFirst);
    return results[PROGRAM_NAMES.loss]!.data[0] as number;
  }

  /** @returns the norm of all gradients before clipping. @throws LOSS_NOT_FINITE */
  async #update(loss: number, options: StepOptions): Promise<number> {
    const { clipNorm, learningRateScale } = this.#options;
    let gradientNorm = Number.NaN;
    await this.#parts.updates.update((norm) => {
      gradientNorm = norm;
      assertFinite(loss, norm, options);
      const gradientScale = clipScale(norm, clipNorm);
      return ({ name, decay }) => ({
        learningRate: options.learningRate * (learningRateScale?.get(name) ?? 1),
        gradientScale,
        step: options.step,
        decay,
      });
    });
    return gradientNorm;
  }

  #listState(): { parameter: TrainedParameter; key: string; array: Float32Array }[] {
    return this.#parts.parameters.flatMap((parameter) => {
      const arrays = [parameter.tensor.data, ...parameter.state];
      const keys = listStateKeys(parameter.name, this.#options.optimizer);
      return keys.map((key, i) => ({ parameter, key, array: arrays[i]! }));
    });
  }
}

function listFrozen({ program, weights }: TrainerOptions): (readonly [string, TensorData])[] {
  return program.frozen.map((parameter) => [
    parameter.name,
    float32Tensor(parameter.shape, readInitialWeights(weights, parameter)),
  ]);
}

function countTrainedElements({ parameters }: TrainingProgram): number {
  return parameters.reduce((total, { shape }) => total + countElements(shape), 0);
}
