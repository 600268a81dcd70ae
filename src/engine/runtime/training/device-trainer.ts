// The trainer whose weights, gradients and optimizer state lie in a device's memory: WebGPU, whose tensors the Node.js
// binding can hand from one session to the next. A batch with its dropout masks goes in, loss and norm come out; weights
// come out when a checkpoint is written. Tensors are never changed in place: an update makes new ones and the old are
// disposed, so a step that fails has changed nothing.
import { invariant } from '../../../foundation/core/index.ts';
import { countElements, float32Tensor, PROGRAM_NAMES, type TensorData } from '../../graph/index.ts';
import { isDecayed, stateNames } from '../../optim/index.ts';
import { createResidentSession, type ResidentDevice, type ResidentSession } from '../session/index.ts';
import { buildUpdateScalars, compileUpdate, UPDATE_NAMES } from '../update/index.ts';
import { DeviceGradients, type DeviceTensors, removeNext } from './device-gradients.ts';
import { type DevicePlacement, DeviceStore, disposeAll } from './device-store.ts';
import { buildTokenInputs, createStepInputs, type StepInputs } from './step-inputs.ts';
import { assertFinite, listStateKeys, readInitialWeights, readState } from './training-state.ts';
import type {
  StepOptions,
  TokenBatch,
  Trainer,
  TrainerOptions,
  TrainerStep,
  TrainingBatch,
} from './training-step.ts';

/**
 * Compiles the program's sessions for the device and copies the weights there.
 * @throws ENGINE_FAILED, STEP_INPUT_MISSING
 */
export async function createDeviceTrainer(
  options: TrainerOptions,
  device: ResidentDevice = 'webgpu',
): Promise<Trainer> {
  const { program, optimizer, clipNorm, threads, learningRateScale } = options;
  const placement = { device, threads };
  const gradients = program.parameters.map(({ gradient }) => gradient.output);
  const session = await createResidentSession(program.step, placement, gradients);
  const inputs = await createStepInputs(program, session, options.seed);
  const update = compileUpdate(program.parameters, optimizer, clipNorm, {
    isDecayed: ({ shape }) => isDecayed(shape),
    rateScale: ({ name }) => learningRateScale?.get(name) ?? 1,
  });
  const updated = program.parameters.flatMap(({ name }) => listStateKeys(name, optimizer));
  const updateSession = await createResidentSession(update, placement, updated.map(UPDATE_NAMES.next));
  const store = await fillStore(options, placement);
  return new DeviceTrainer(options, placement, { session, inputs, updateSession, store });
}

interface DeviceParts {
  readonly session: ResidentSession;
  readonly inputs: StepInputs;
  readonly updateSession: ResidentSession;
  readonly store: DeviceStore;
}

class DeviceTrainer implements Trainer {
  readonly #options: TrainerOptions;
  readonly #placement: DevicePlacement;
  readonly #parts: DeviceParts;
  readonly #gradients: DeviceGradients;
  /** Shapes of weights and optimizer state by checkpoint key. */
  readonly #shapes: ReadonlyMap<string, readonly number[]>;
  #forward: ResidentSession | null = null;

  constructor(options: TrainerOptions, placement: DevicePlacement, parts: DeviceParts) {
    const { parameters } = options.program;
    this.#options = options;
    this.#placement = placement;
    this.#parts = parts;
    this.#gradients = new DeviceGradients(parameters, placement);
    this.#shapes = new Map(
      parameters.flatMap(({ name, shape }) =>
        listStateKeys(name, options.optimizer).map((key) => [key, shape] as const),
      ),
    );
  }

  async step(batches: readonly TrainingBatch[], options: StepOptions): Promise<TrainerStep> {
    invariant(batches.length > 0, 'a step without batches');
    const { session, inputs: stepInputs, store } = this.#parts;
    let loss = 0;
    let maskMs = 0;
    let graphMs = 0;
    let sums: DeviceTensors | null = null;
    for (const [microStep, batch] of batches.entries()) {
      const startMs = performance.now();
      const inputs = stepInputs.build(batch, { step: options.step, microStep });
      const runMs = performance.now();
      const { values, kept } = await session.run({ ...inputs, ...store.tensors() });
      loss += values[PROGRAM_NAMES.loss]!.data[0] as number;
      sums = await this.#gradients.add(sums, kept, inputs);
      maskMs += runMs - startMs;
      graphMs += performance.now() - runMs;
    }
    const updateStartMs = performance.now();
    const gradientNorm = await this.#update(sums!, loss, options);
    const updateMs = performance.now() - updateStartMs;
    const peakMemoryBytes = process.resourceUsage().maxRSS * 1024;
    return { loss, gradientNorm, maskMs, graphMs, updateMs, peakMemoryBytes };
  }

  async computeLogits(batch: TokenBatch): Promise<Float32Array> {
    this.#forward ??= await createResidentSession(this.#options.program.forward, this.#placement, []);
    const { values } = await this.#forward.run({
      ...buildTokenInputs(batch),
      ...this.#parts.store.tensors(),
    });
    return values[PROGRAM_NAMES.logits]!.data as Float32Array;
  }

  async saveState(): Promise<ReadonlyMap<string, TensorData>> {
    const saved = new Map<string, TensorData>();
    for (const key of this.#shapes.keys()) saved.set(key, await this.#parts.store.download(key));
    return saved;
  }

  async loadState(saved: ReadonlyMap<string, TensorData>): Promise<void> {
    const loaded = [...this.#shapes].map(([key, shape]) => ({
      key,
      tensor: float32Tensor(shape, readState(saved, key, countElements(shape))),
    }));
    for (const { key, tensor } of loaded) await this.#parts.store.upload(key, tensor);
  }

  /** Operators on a device are not measured: their times would be those of queueing. */
  async endProfile(): Promise<void> {}

  async dispose(): Promise<void> {
    const { session, updateSession, store } = this.#parts;
    await store.dispose();
    await this.#gradients.dispose();
    await session.dispose();
    await updateSession.dispose();
    await this.#forward?.dispose();
  }

  /** Disposes the sums. @returns the norm of all gradients before clipping. @throws LOSS_NOT_FINITE */
  async #update(sums: DeviceTensors, loss: number, options: StepOptions): Promise<number> {
    const { updateSession, store } = this.#parts;
    const scalars = buildUpdateScalars(this.#options.optimizer, options);
    const { values, kept } = await updateSession.run({ ...store.tensors(), ...sums, ...scalars });
    disposeAll(Object.values(sums));
    const gradientNorm = values[UPDATE_NAMES.norm]!.data[0] as number;
    try {
      assertFinite(loss, gradientNorm, options);
    } catch (error) {
      disposeAll(Object.values(kept));
      throw error;
    }
    store.replace(removeNext(kept));
    return gradientNorm;
  }
}

async function fillStore(
  { program, weights, optimizer }: TrainerOptions,
  placement: DevicePlacement,
): Promise<DeviceStore> {
  const store = new DeviceStore(placement);
  for (const parameter of [...program.parameters, ...program.frozen])
    await store.upload(
      parameter.name,
      float32Tensor(parameter.shape, readInitialWeights(weights, parameter)),
    );
  for (const { name, shape } of program.parameters)
    for (const key of stateNames(optimizer))
      await store.upload(UPDATE_NAMES.state(key, name), float32Tensor(shape));
  return store;
}
