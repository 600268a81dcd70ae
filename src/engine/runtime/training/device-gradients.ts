// Adds up the gradients of a step's batches in a device's memory. Tensors are not changed in place: each sum is a new
// tensor, and the tensors that went into it are disposed.
import type { ProgramParameter, TensorData } from '../../graph/index.ts';
import { createResidentSession, type DeviceTensor, type ResidentSession } from '../session/index.ts';
import { compileGradientSum, UPDATE_NAMES } from '../update/index.ts';
import { type DevicePlacement, disposeAll } from './device-store.ts';

export type DeviceTensors = Readonly<Record<string, DeviceTensor>>;

export class DeviceGradients {
  readonly #parameters: readonly ProgramParameter[];
  readonly #placement: DevicePlacement;
  /** Only steps of several batches, and tables with gradients of rows, need a session: made when first needed. */
  readonly #sessions = new Map<'first' | 'later', ResidentSession>();

  constructor(parameters: readonly ProgramParameter[], placement: DevicePlacement) {
    this.#parameters = parameters;
    this.#placement = placement;
  }

  /**
   * Both `sums` and `gradients` are disposed, or part of the result.
   * @param sums  of the batches before; null before the first
   * @param inputs  of the batch, among them the indices of rows
   * @returns by UPDATE_NAMES.sum(parameter)
   */
  async add(
    sums: DeviceTensors | null,
    gradients: DeviceTensors,
    inputs: Readonly<Record<string, TensorData>>,
  ): Promise<DeviceTensors> {
    const isFirst = sums === null;
    const passed: Record<string, DeviceTensor> = {};
    const spent = new Map(Object.entries(gradients));
    if (isFirst) {
      for (const { name, gradient } of this.#parameters) {
        if (gradient.kind !== 'dense') continue;
        passed[UPDATE_NAMES.sum(name)] = gradients[gradient.output]!;
        spent.delete(gradient.output);
      }
    }
    if (spent.size === 0) return passed;
    const session = await this.#open(isFirst);
    const { kept } = await session.run({ ...inputs, ...gradients, ...sums });
    disposeAll(spent.values());
    if (sums !== null) disposeAll(Object.values(sums));
    return { ...passed, ...removeNext(kept) };
  }

  async dispose(): Promise<void> {
    for (const session of this.#sessions.values()) await session.dispose();
  }

  async #open(isFirst: boolean): Promise<ResidentSession> {
    const key = isFirst ? 'first' : 'later';
    const summed = this.#parameters.filter(({ gradient }) => !isFirst || gradient.kind === 'rows');
    const keep = summed.map(({ name }) => UPDATE_NAMES.next(UPDATE_NAMES.sum(name)));
    const session =
      this.#sessions.get(key) ??
      (await createResidentSession(compileGradientSum(this.#parameters, isFirst), this.#placement, keep));
    this.#sessions.set(key, session);
    return session;
  }
}

/** The tensors under the names that the next step reads them by. */
export function removeNext(tensors: DeviceTensors): DeviceTensors {
  const prefix = UPDATE_NAMES.next('');
  return Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => [name.slice(prefix.length), tensor]),
  );
}
