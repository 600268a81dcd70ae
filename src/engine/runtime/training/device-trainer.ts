// The training step with weights, gradients and optimizer state in a device's memory: what trainer.ts does, for
// WebGPU, whose tensors the Node.js binding can hand from one session to the next. A batch and its dropout masks go in,
// loss and norm come out; weights come out when a checkpoint is written. Tensors are never changed in place: an update
// makes new ones and the old are given back, so a step that fails has changed nothing.
import { appError, invariant } from '../../../foundation/core/index.ts';
import {
  countElements,
  float32Tensor,
  PROGRAM_NAMES,
  type ProgramParameter,
  type TensorData,
} from '../../graph/index.ts';
import { type OptimizerOptions, stateNames } from '../../optim/index.ts';
import { createResidentSession, type DeviceTensor, type ResidentSession } from '../session/index.ts';
import { compileGradientSum, compileUpdate, UPDATE_NAMES } from '../update/index.ts';
import { createDeviceStore, type DeviceStore, disposeAll } from './device-store.ts';
import { fillDropoutMask } from './dropout-mask.ts';
import { batchInputs, lossInputs, maskShape } from './step-inputs.ts';
import type { StepOptions, TokenBatch, TrainerOptions, TrainerStep, TrainingBatch } from './trainer.ts';

/** A Trainer whose state has to be fetched. */
export interface DeviceTrainer {
  /** @throws LOSS_NOT_FINITE, before anything was updated */
  step(batches: readonly TrainingBatch[], options: StepOptions): Promise<TrainerStep>;
  /** @returns [B, C] */
  computeLogits(batch: TokenBatch): Promise<Float32Array>;
  saveState(): Promise<Map<string, TensorData>>;
  /** @throws CHECKPOINT_MISMATCH */
  loadState(state: ReadonlyMap<string, TensorData>): Promise<void>;
  dispose(): Promise<void>;
}

type Tensors = Readonly<Record<string, DeviceTensor>>;

/** Compiles the program's sessions for WebGPU and copies the weights there. @throws ENGINE_FAILED */
export async function createDeviceTrainer(options: TrainerOptions): Promise<DeviceTrainer> {
  const { program, optimizer, clipNorm, seed, threads, learningRateScale } = options;
  const { parameters } = program;
  const gradientNames = parameters.map(({ gradient }) => gradient.output);
  const sumNames = (isFirst: boolean): string[] =>
    parameters
      .filter(({ gradient }) => !isFirst || gradient.kind === 'rows')
      .map(({ name }) => UPDATE_NAMES.next(UPDATE_NAMES.sum(name)));
  const trainedNames = parameters.flatMap((parameter) => namesOf(parameter, optimizer));
  const load = (model: Uint8Array, keep: readonly string[]): Promise<ResidentSession> =>
    createResidentSession(model, { threads }, keep);

  const stepSession = await load(program.step, gradientNames);
  const updateSession = await load(
    compileUpdate(parameters, optimizer, clipNorm, {
      isDecayed,
      rateScale: ({ name }) => learningRateScale?.get(name) ?? 1,
    }),
    trainedNames.map(UPDATE_NAMES.next),
  );
  const late = new Map<string, ResidentSession>();
  /** Sessions that not every training needs are made when first used. */
  const open = async (name: string, make: () => Promise<ResidentSession>): Promise<ResidentSession> => {
    const session = late.get(name) ?? (await make());
    late.set(name, session);
    return session;
  };
  const store = await fillStore(options);

  /** Gradients of one batch, added to `before`; both are given back. */
  const addGradients = async (
    before: Tensors | null,
    gradients: Tensors,
    batch: TrainingBatch,
  ): Promise<Tensors> => {
    const isFirst = before === null;
    const dense = parameters.filter(({ gradient }) => isFirst && gradient.kind === 'dense');
    const passed = Object.fromEntries(
      dense.map(({ name, gradient }) => [UPDATE_NAMES.sum(name), gradients[gradient.output]!]),
    );
    const names = sumNames(isFirst);
    if (names.length === 0) return passed;
    const session = await open(isFirst ? 'first sum' : 'sum', () =>
      load(compileGradientSum(parameters, isFirst), names),
    );
    const inputs = { ...batchInputs(batch), ...gradients, ...before };
    const { kept } = await session.run(pickInputs(session, inputs));
    const spent = new Set(dense.map(({ gradient }) => gradient.output));
    disposeAll(
      Object.entries(gradients)
        .filter(([name]) => !spent.has(name))
        .map(([, tensor]) => tensor),
    );
    if (before !== null) disposeAll(Object.values(before));
    return { ...passed, ...withoutNext(kept) };
  };

  return {
    step: async (batches, { step, learningRate }) => {
      invariant(batches.length > 0, 'a step without batches');
      let loss = 0;
      let maskMs = 0;
      let graphMs = 0;
      let sums: Tensors | null = null;
      for (const [microStep, batch] of batches.entries()) {
        const startMs = performance.now();
        const masks = Object.fromEntries(
          program.dropout.map((dropout, site) => {
            const shape = maskShape(dropout, batch);
            const mask = new Float32Array(countElements(shape));
            fillDropoutMask(mask, dropout.rate, { seed, step, site, microStep });
            return [dropout.input, float32Tensor(shape, mask)];
          }),
        );
        const runMs = performance.now();
        const inputs = { ...batchInputs(batch), ...lossInputs(batch, program.classes), ...masks };
        const { values, kept } = await stepSession.run(
          pickInputs(stepSession, { ...inputs, ...store.tensors() }),
        );
        loss += values[PROGRAM_NAMES.loss]!.data[0] as number;
        sums = await addGradients(sums, kept, batch);
        maskMs += runMs - startMs;
        graphMs += performance.now() - runMs;
      }
      const updateStartMs = performance.now();
      const inputs = { ...store.tensors(), ...sums, ...updateScalars(optimizer, step, learningRate) };
      const { values, kept } = await updateSession.run(pickInputs(updateSession, inputs));
      disposeAll(Object.values(sums!));
      const gradientNorm = values[UPDATE_NAMES.norm]!.data[0] as number;
      if (!Number.isFinite(loss) || !Number.isFinite(gradientNorm)) {
        disposeAll(Object.values(kept));
        const [shownLoss, shownNorm] = [String(loss), String(gradientNorm)];
        throw appError('LOSS_NOT_FINITE', { step, loss: shownLoss, gradientNorm: shownNorm, learningRate });
      }
      store.replace(withoutNext(kept));
      const updateMs = performance.now() - updateStartMs;
      const peakMemoryBytes = process.resourceUsage().maxRSS * 1024;
      return { loss, gradientNorm, maskMs, graphMs, updateMs, peakMemoryBytes };
    },
    computeLogits: async (batch) => {
      const session = await open('forward', () => load(program.forward, []));
      const { values } = await session.run(
        pickInputs(session, { ...batchInputs(batch), ...store.tensors() }),
      );
      return values[PROGRAM_NAMES.logits]!.data as Float32Array;
    },
    saveState: async () => {
      const saved = new Map<string, TensorData>();
      for (const name of trainedNames) saved.set(name, await store.download(name));
      return saved;
    },
    loadState: async (saved) => {
      const shapes = new Map(parameters.flatMap((p) => namesOf(p, optimizer).map((name) => [name, p.shape])));
      for (const [name, shape] of shapes) {
        const found = saved.get(name)?.data;
        const size = countElements(shape);
        if (found instanceof Float32Array && found.length === size) continue;
        throw appError('CHECKPOINT_MISMATCH', {
          path: name,
          expected: `${size} float32 elements`,
          got: found === undefined ? 'nothing' : `${found.length} elements`,
        });
      }
      for (const [name, shape] of shapes)
        await store.upload(name, float32Tensor(shape, saved.get(name)!.data as Float32Array));
    },
    dispose: async () => {
      await store.dispose();
      for (const session of [stepSession, updateSession, ...late.values()]) await session.dispose();
    },
  };
}

/** The same rule as trainer.ts: biases and norms have one axis and are not decayed. */
function isDecayed({ shape }: ProgramParameter): boolean {
  return shape.length > 1;
}

/** Weights and optimizer state of one parameter, as checkpoints name them. */
function namesOf({ name }: ProgramParameter, optimizer: OptimizerOptions): string[] {
  return [name, ...stateNames(optimizer).map((key) => UPDATE_NAMES.state(key, name))];
}

async function fillStore({ program, weights, optimizer, threads }: TrainerOptions): Promise<DeviceStore> {
  const store = createDeviceStore(threads);
  for (const { name, shape } of [...program.parameters, ...program.frozen]) {
    const initial = weights.get(name);
    invariant(initial?.data instanceof Float32Array, `no initial weights for ${name}`);
    invariant(initial.data.length === countElements(shape), `initial weights of ${name} have another size`);
    await store.upload(name, float32Tensor(shape, initial.data));
  }
  for (const { name, shape } of program.parameters) {
    for (const key of stateNames(optimizer))
      await store.upload(UPDATE_NAMES.state(key, name), float32Tensor(shape));
  }
  return store;
}

function updateScalars(
  optimizer: OptimizerOptions,
  step: number,
  learningRate: number,
): Record<string, TensorData> {
  const scalar = (value: number): TensorData => float32Tensor([], Float32Array.of(value));
  const rate = { [UPDATE_NAMES.learningRate]: scalar(learningRate) };
  if (optimizer.kind === 'sgd') return rate;
  return {
    ...rate,
    [UPDATE_NAMES.stepSize]: scalar(learningRate / (1 - optimizer.beta1 ** (step + 1))),
    [UPDATE_NAMES.inverseRoot]: scalar(1 / Math.sqrt(1 - optimizer.beta2 ** (step + 1))),
  };
}

function pickInputs<T>(session: ResidentSession, tensors: Readonly<Record<string, T>>): Record<string, T> {
  const known = new Set(session.inputNames);
  return Object.fromEntries(Object.entries(tensors).filter(([name]) => known.has(name)));
}

function withoutNext(tensors: Tensors): Tensors {
  const prefix = UPDATE_NAMES.next('');
  return Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => [name.slice(prefix.length), tensor]),
  );
}
