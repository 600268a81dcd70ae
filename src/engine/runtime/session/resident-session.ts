// A model whose inputs may lie in a device's memory, and some of whose outputs stay there.
import type { TensorData } from '../../graph/index.ts';
import {
  fromRuntimeTensor,
  loadRuntimeSession,
  type OnnxSessionOptions,
  type RuntimeSession,
  type RuntimeTensor,
  releaseSession,
  runSession,
  runtimeError,
  toRuntimeTensor,
} from './onnx-runtime.ts';

/**
 * Where resident tensors can lie: WebGPU is the one provider whose memory the Node.js binding can name (its
 * `gpu-buffer`). `cpu` runs the same code in the processor's memory, for tests on machines without a device.
 */
export type ResidentDevice = 'webgpu' | 'cpu';

/** A tensor that lies in a device's memory until it is disposed. */
export interface DeviceTensor {
  readonly shape: readonly number[];
  dispose(): void;
}

export interface ResidentOutputs {
  readonly values: Readonly<Record<string, TensorData>>;
  /** The caller disposes them. */
  readonly kept: Readonly<Record<string, DeviceTensor>>;
}

/**
 * @param keep  outputs that stay on the device
 * @throws ENGINE_FAILED when the model cannot be loaded
 */
export async function createResidentSession(
  model: Uint8Array,
  options: OnnxSessionOptions & { readonly device: ResidentDevice },
  keep: readonly string[],
): Promise<ResidentSession> {
  const session = await loadRuntimeSession(model, options, options.device === 'cpu' ? [] : keep);
  return new ResidentSession(session, options.device, new Set(keep));
}

export class ResidentSession {
  readonly inputNames: readonly string[];
  readonly #session: RuntimeSession;
  readonly #device: ResidentDevice;
  readonly #keep: ReadonlySet<string>;

  constructor(session: RuntimeSession, device: ResidentDevice, keep: ReadonlySet<string>) {
    this.#session = session;
    this.#device = device;
    this.#keep = keep;
    this.inputNames = session.inputNames;
  }

  /**
   * Computes all outputs.
   * @param inputs  names that the model does not have are left out
   * @throws ENGINE_FAILED
   */
  async run(inputs: Readonly<Record<string, TensorData | DeviceTensor>>): Promise<ResidentOutputs> {
    const feeds: Record<string, RuntimeTensor> = {};
    for (const name of this.inputNames) {
      const tensor = inputs[name];
      if (tensor !== undefined)
        feeds[name] = tensor instanceof KeptTensor ? tensor.tensor : toRuntimeTensor(tensor as TensorData);
    }
    let results: Readonly<Record<string, RuntimeTensor>>;
    try {
      results = await runSession(this.#session, feeds);
    } catch (error) {
      throw runtimeError(`running on ${this.#device}`, error);
    }
    const values: Record<string, TensorData> = {};
    const kept: Record<string, DeviceTensor> = {};
    for (const [name, tensor] of Object.entries(results)) {
      if (this.#keep.has(name)) kept[name] = new KeptTensor(tensor);
      else values[name] = fromRuntimeTensor(tensor);
    }
    return { values, kept };
  }

  dispose(): Promise<void> {
    return releaseSession(this.#session);
  }
}

class KeptTensor implements DeviceTensor {
  readonly tensor: RuntimeTensor;

  constructor(tensor: RuntimeTensor) {
    this.tensor = tensor;
  }

  get shape(): readonly number[] {
    return this.tensor.dims;
  }

  dispose(): void {
    this.tensor.dispose();
  }
}
