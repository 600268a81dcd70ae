// The only importer of onnxruntime-node: sessions over our own tensor type.
// session.run blocks the thread it is called on, in spite of its promise: call it in a worker, or where that is meant.
import { readFileSync } from 'node:fs';
import { InferenceSession, listSupportedBackends, Tensor } from 'onnxruntime-node';
import { appError, invariant } from '../../../foundation/core/index.ts';
import { countElements, type TensorData } from '../../graph/index.ts';
import { fitModelToDevice } from './device-graph.ts';
import type { Device } from './device-name.ts';
import { COPIES_END, endCopies, isEndOfCopies } from './outputs-in-place.ts';

/** A model loaded into ONNX Runtime on the calling thread. */
export interface OnnxSession {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /**
   * @param outputs  arrays to write outputs into; outputs without one are allocated, outputs not named are computed
   *                 only if `outputs` is left out
   * @throws ENGINE_FAILED
   */
  run(
    inputs: Readonly<Record<string, TensorData>>,
    outputs?: Readonly<Record<string, TensorData | null>>,
  ): Promise<Record<string, TensorData>>;
  dispose(): Promise<void>;
}

export interface OnnxSessionOptions {
  /** Intra-op threads; 0 = as many as cores. */
  readonly threads: number;
  /** Default cpu. What the device has no kernel for runs on the processor all the same. */
  readonly device?: Device;
  /**
   * Default true: from the second run of a shape on, activations lie in one block planned from the first, beside the
   * memory that the first took and keeps. false: about 0.9 GB less for a training step of DistilBERT's size.
   */
  readonly planMemory?: boolean;
  /**
   * Default true: threads that have nothing to do look for work for a while instead of sleeping. false where other
   * sessions want the same cores.
   */
  readonly spins?: boolean;
  /**
   * Default false. true: every run is given an array for every output that it wants; none is copied (see
   * outputs-in-place.ts). The model is given as bytes.
   */
  readonly outputsInPlace?: boolean;
  /** File prefix under which ONNX Runtime writes a profile when the session is disposed. */
  readonly profilePrefix?: string;
}

const LOG_ERRORS_ONLY = 3;

/** The providers of this platform's binary, and whether the package carries all they need. */
export function listBackends(): readonly { readonly name: string; readonly bundled: boolean }[] {
  return listSupportedBackends();
}

/** @throws ENGINE_FAILED when the model cannot be loaded */
export async function createOnnxSession(
  model: string | Uint8Array,
  options: OnnxSessionOptions,
): Promise<OnnxSession> {
  const inPlace = options.outputsInPlace === true && typeof model !== 'string';
  const session = await loadSession(inPlace ? endCopies(model) : model, options, {});
  return {
    inputNames: session.inputNames,
    outputNames: session.outputNames.filter((name) => name !== COPIES_END),
    run: async (inputs, outputs) => {
      const feeds: Record<string, Tensor> = {};
      for (const [name, tensor] of Object.entries(inputs)) feeds[name] = toTensor(tensor);
      try {
        if (inPlace) return await runInPlace(session, feeds, outputs ?? {});
        const results =
          outputs === undefined ? await session.run(feeds) : await session.run(feeds, toFetches(outputs));
        return Object.fromEntries(
          Object.entries(results).map(([name, tensor]) => [name, fromTensor(tensor)]),
        );
      } catch (error) {
        const shapes = Object.entries(inputs)
          .slice(0, 4)
          .map(([name, { shape }]) => `${name} [${shape.join(', ')}]`);
        throw appError(
          'ENGINE_FAILED',
          { stage: `running on ${shapes.join(', ')}`, problem: messageOf(error) },
          { cause: error },
        );
      }
    },
    dispose: async () => {
      if (options.profilePrefix !== undefined) session.endProfiling();
      await session.release();
    },
  };
}

async function runInPlace(
  session: InferenceSession,
  feeds: Record<string, Tensor>,
  outputs: Readonly<Record<string, TensorData | null>>,
): Promise<Record<string, TensorData>> {
  const given: Record<string, TensorData> = {};
  for (const [name, tensor] of Object.entries(outputs)) {
    invariant(tensor !== null, `no array for the output ${name}`);
    given[name] = tensor;
  }
  try {
    await session.run(feeds, { [COPIES_END]: null, ...toFetches(given) });
  } catch (error) {
    if (!isEndOfCopies(error)) throw error;
  }
  return given;
}

/** A tensor that lies in a device's memory until it is disposed. */
export interface DeviceTensor {
  readonly shape: readonly number[];
  dispose(): void;
}

/** A model whose inputs may lie on the device, and some of whose outputs stay there. */
export interface ResidentSession {
  readonly inputNames: readonly string[];
  /** Computes all outputs. @throws ENGINE_FAILED */
  run(inputs: Readonly<Record<string, TensorData | DeviceTensor>>): Promise<{
    readonly values: Readonly<Record<string, TensorData>>;
    /** The caller disposes them. */
    readonly kept: Readonly<Record<string, DeviceTensor>>;
  }>;
  dispose(): Promise<void>;
}

/**
 * A session on WebGPU, the one provider whose memory the Node.js binding can name (its `gpu-buffer`).
 * @param keep  outputs that stay on the device
 * @throws ENGINE_FAILED
 */
export async function createResidentSession(
  model: Uint8Array,
  options: Omit<OnnxSessionOptions, 'device'>,
  keep: readonly string[],
): Promise<ResidentSession> {
  const locations = Object.fromEntries(keep.map((name) => [name, 'gpu-buffer' as const]));
  const session = await loadSession(
    model,
    { ...options, device: 'webgpu' },
    keep.length === 0 ? {} : { preferredOutputLocation: locations },
  );
  return {
    inputNames: session.inputNames,
    run: async (inputs) => {
      const feeds = Object.fromEntries(
        Object.entries(inputs).map(([name, tensor]) => [
          name,
          tensor instanceof KeptTensor ? tensor.tensor : toTensor(tensor as TensorData),
        ]),
      );
      try {
        const results = Object.entries(await session.run(feeds));
        const isKept = ([, tensor]: [string, Tensor]): boolean => tensor.location === 'gpu-buffer';
        return {
          values: Object.fromEntries(
            results.filter((entry) => !isKept(entry)).map(([name, tensor]) => [name, fromTensor(tensor)]),
          ),
          kept: Object.fromEntries(
            results.filter(isKept).map(([name, tensor]) => [name, new KeptTensor(tensor)]),
          ),
        };
      } catch (error) {
        const problem = messageOf(error);
        throw appError('ENGINE_FAILED', { stage: 'running on webgpu', problem }, { cause: error });
      }
    },
    dispose: () => session.release(),
  };
}

class KeptTensor implements DeviceTensor {
  readonly tensor: Tensor;
  constructor(tensor: Tensor) {
    this.tensor = tensor;
  }
  get shape(): readonly number[] {
    return this.tensor.dims;
  }
  dispose(): void {
    this.tensor.dispose();
  }
}

async function loadSession(
  model: string | Uint8Array,
  { threads, device = 'cpu', planMemory = true, spins = true, profilePrefix }: OnnxSessionOptions,
  more: InferenceSession.SessionOptions,
): Promise<InferenceSession> {
  const sessionOptions: InferenceSession.SessionOptions = {
    // Alone: beside cpu, a name that this platform lacks would be passed over in silence.
    executionProviders: [device],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: 'all',
    enableMemPattern: planMemory,
    logSeverityLevel: LOG_ERRORS_ONLY,
    extra: {
      // its one-pass kernel for sum and norm takes five times what the two take apart (docs/lab-notes.md)
      optimization: { disable_specified_optimizers: 'SkipLayerNormFusion' },
      ...(spins ? {} : { session: { intra_op: { allow_spinning: '0' } } }),
    },
    ...(profilePrefix === undefined ? {} : { enableProfiling: true, profileFilePrefix: profilePrefix }),
    ...more,
  };
  try {
    if (device !== 'cpu') {
      const bytes = typeof model === 'string' ? readFileSync(model) : model;
      return await InferenceSession.create(fitModelToDevice(bytes, device), sessionOptions);
    }
    return typeof model === 'string'
      ? await InferenceSession.create(model, sessionOptions)
      : await InferenceSession.create(model, sessionOptions);
  } catch (error) {
    const stage = device === 'cpu' ? 'loading a model' : `loading a model on ${device}`;
    throw appError('ENGINE_FAILED', { stage, problem: messageOf(error) }, { cause: error });
  }
}

function toFetches(outputs: Readonly<Record<string, TensorData | null>>): Record<string, Tensor | null> {
  return Object.fromEntries(
    Object.entries(outputs).map(([name, tensor]) => [name, tensor === null ? null : toTensor(tensor)]),
  );
}

function toTensor({ dtype, data, shape }: TensorData): Tensor {
  return new Tensor(dtype as 'float32', data as Float32Array, shape as number[]);
}

function fromTensor(tensor: Tensor): TensorData {
  const data = tensor.data as TensorData['data'];
  const shape = [...tensor.dims];
  if (data.length !== countElements(shape))
    throw appError('INTERNAL_BUG', { what: 'an output whose size is not its shape' });
  return { dtype: tensor.type as TensorData['dtype'], shape, data };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
