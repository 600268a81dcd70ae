// Named tensors in a device's memory. Memory moves only as inputs and outputs of sessions (the binding's own download
// is not implemented in onnxruntime-node 1.30), so a copy in or out is a graph of one Identity.
import type { TensorData } from '../../graph/index.ts';
import {
  createResidentSession,
  type DeviceTensor,
  type ResidentDevice,
  type ResidentSession,
} from '../session/index.ts';
import { compileCopy } from '../update/index.ts';

export interface DevicePlacement {
  readonly device: ResidentDevice;
  readonly threads: number;
}

/** Holds tensors until others take their names. */
export class DeviceStore {
  readonly #placement: DevicePlacement;
  readonly #held = new Map<string, DeviceTensor>();
  readonly #copies = new Map<string, ResidentSession>();

  constructor(placement: DevicePlacement) {
    this.#placement = placement;
  }

  tensors(): Readonly<Record<string, DeviceTensor>> {
    return Object.fromEntries(this.#held);
  }

  /** Replaces the tensors of these names; the old ones are disposed. */
  replace(tensors: Readonly<Record<string, DeviceTensor>>): void {
    for (const [name, tensor] of Object.entries(tensors)) {
      this.#held.get(name)?.dispose();
      this.#held.set(name, tensor);
    }
  }

  async upload(name: string, tensor: TensorData): Promise<void> {
    const session = await this.#openCopy('in', tensor.shape.length);
    this.replace({ [name]: (await session.run({ x: tensor })).kept.y! });
  }

  /** A copy in the processor's memory. */
  async download(name: string): Promise<TensorData> {
    const tensor = this.#held.get(name)!;
    const session = await this.#openCopy('out', tensor.shape.length);
    return (await session.run({ x: tensor })).values.y!;
  }

  async dispose(): Promise<void> {
    disposeAll(this.#held.values());
    this.#held.clear();
    for (const session of this.#copies.values()) await session.dispose();
  }

  async #openCopy(direction: 'in' | 'out', rank: number): Promise<ResidentSession> {
    const key = `${direction} ${rank}`;
    const keep = direction === 'in' ? ['y'] : [];
    const session =
      this.#copies.get(key) ?? (await createResidentSession(compileCopy(rank), this.#placement, keep));
    this.#copies.set(key, session);
    return session;
  }
}

export function disposeAll(tensors: Iterable<DeviceTensor>): void {
  for (const tensor of tensors) tensor.dispose();
}
