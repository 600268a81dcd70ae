// Named tensors in a device's memory. Memory moves only as inputs and outputs of sessions (the binding's own download
// is not implemented in onnxruntime-node 1.30), so a copy in or out is a graph of one Identity.
import type { TensorData } from '../../graph/index.ts';
import { createResidentSession, type DeviceTensor, type ResidentSession } from '../session/index.ts';
import { compileCopy } from '../update/index.ts';

export interface DeviceStore {
  tensors(): Readonly<Record<string, DeviceTensor>>;
  /** Replaces what had these names; the old tensors are given back. */
  replace(tensors: Readonly<Record<string, DeviceTensor>>): void;
  upload(name: string, tensor: TensorData): Promise<void>;
  /** A copy in the processor's memory. */
  download(name: string): Promise<TensorData>;
  dispose(): Promise<void>;
}

/** An empty store on WebGPU. */
export function createDeviceStore(threads: number): DeviceStore {
  const held = new Map<string, DeviceTensor>();
  const sessions = new Map<string, ResidentSession>();
  const open = async (direction: 'in' | 'out', rank: number): Promise<ResidentSession> => {
    const key = `${direction} ${rank}`;
    const keep = direction === 'in' ? ['y'] : [];
    const session = sessions.get(key) ?? (await createResidentSession(compileCopy(rank), { threads }, keep));
    sessions.set(key, session);
    return session;
  };
  const replace: DeviceStore['replace'] = (tensors) => {
    for (const [name, tensor] of Object.entries(tensors)) {
      held.get(name)?.dispose();
      held.set(name, tensor);
    }
  };
  return {
    tensors: () => Object.fromEntries(held),
    replace,
    upload: async (name, tensor) => {
      const session = await open('in', tensor.shape.length);
      replace({ [name]: (await session.run({ x: tensor })).kept.y! });
    },
    download: async (name) => {
      const tensor = held.get(name)!;
      const session = await open('out', tensor.shape.length);
      return (await session.run({ x: tensor })).values.y!;
    },
    dispose: async () => {
      disposeAll(held.values());
      held.clear();
      for (const session of sessions.values()) await session.dispose();
    },
  };
}

export function disposeAll(tensors: Iterable<DeviceTensor>): void {
  for (const tensor of tensors) tensor.dispose();
}
