// The only importer of onnxruntime-node: loads sessions and turns our tensors into the runtime's and back.
// A session's run returns a promise but blocks its thread: call it in a worker, or where blocking does no harm.
import { readFileSync } from 'node:fs';
import { InferenceSession, listSupportedBackends, Tensor } from 'onnxruntime-node';
import { appError, invariant } from '../../../foundation/core/index.ts';
import { callNative } from '../../../foundation/threads/index.ts';
import { countElements, type TensorData } from '../../graph/index.ts';
import { fitModelToDevice } from './device-graph.ts';
import type { Device } from './device-name.ts';

export type { InferenceSession as RuntimeSession, Tensor as RuntimeTensor } from 'onnxruntime-node';

export interface OnnxSessionOptions {
  /** Intra-op threads; 0 = as many as cores. */
  readonly threads: number;
  /** Default cpu. Operators that the device has no kernel for run on the processor. */
  readonly device?: Device;
  /**
   * Default true: from the second run of a shape on, activations lie in one block planned from the first, beside the
   * memory that the first took and keeps. false: about 0.9 GB less for a training step of DistilBERT's size.
   */
  readonly planMemory?: boolean;
  /**
   * Default true: idle threads poll for work for a while before they sleep. false where other sessions need the same
   * cores.
   */
  readonly spins?: boolean;
  /** File prefix under which ONNX Runtime writes a profile when the session is disposed. */
  readonly profilePrefix?: string;
}

const LOG_ERRORS_ONLY = 3;

/** The providers of this platform's binary, and whether the package carries all they need. */
export function listBackends(): readonly { readonly name: string; readonly bundled: boolean }[] {
  return listSupportedBackends();
}

/**
 * @param keptOutputs  outputs that stay in WebGPU's memory
 * @throws ENGINE_FAILED when the model cannot be loaded
 */
export async function loadRuntimeSession(
  model: string | Uint8Array,
  options: OnnxSessionOptions,
  keptOutputs: readonly string[] = [],
): Promise<InferenceSession> {
  const { device = 'cpu' } = options;
  const settings = buildSettings(options, keptOutputs);
  try {
    if (device !== 'cpu') {
      const bytes = typeof model === 'string' ? readFileSync(model) : model;
      const fitted = fitModelToDevice(bytes, device);
      return await callNative(() => InferenceSession.create(fitted, settings));
    }
    return await callNative(() =>
      typeof model === 'string'
        ? InferenceSession.create(model, settings)
        : InferenceSession.create(model, settings),
    );
  } catch (error) {
    const stage = device === 'cpu' ? 'loading a model' : `loading a model on ${device}`;
    throw runtimeError(stage, error);
  }
}

function buildSettings(
  { threads, device = 'cpu', planMemory = true, spins = true, profilePrefix }: OnnxSessionOptions,
  keptOutputs: readonly string[],
): InferenceSession.SessionOptions {
  return {
    // The only one: if cpu were listed as well, a provider that this platform lacks would be skipped silently.
    executionProviders: [device],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: 'all',
    enableMemPattern: planMemory,
    logSeverityLevel: LOG_ERRORS_ONLY,
    extra: {
      // its fused kernel for sum and norm takes five times as long as both kernels together (docs/lab-notes.md)
      optimization: { disable_specified_optimizers: 'SkipLayerNormFusion' },
      ...(spins ? {} : { session: { intra_op: { allow_spinning: '0' } } }),
    },
    ...(profilePrefix === undefined ? {} : { enableProfiling: true, profileFilePrefix: profilePrefix }),
    ...(keptOutputs.length === 0
      ? {}
      : {
          preferredOutputLocation: Object.fromEntries(
            keptOutputs.map((name) => [name, 'gpu-buffer' as const]),
          ),
        }),
  };
}

/** Runs a session; every run goes through here. */
export function runSession(
  session: InferenceSession,
  ...[feeds, fetches]: [InferenceSession.FeedsType, InferenceSession.FetchesType?]
): Promise<InferenceSession.ReturnType> {
  return callNative(() => (fetches === undefined ? session.run(feeds) : session.run(feeds, fetches)));
}

/** Frees a session. */
export function releaseSession(session: InferenceSession): Promise<void> {
  return callNative(() => session.release());
}

/** An error of the runtime as one of the catalogue. @param stage  what was being done */
export function runtimeError(stage: string, error: unknown): Error {
  const problem = error instanceof Error ? error.message : String(error);
  return appError('ENGINE_FAILED', { stage, problem }, { cause: error });
}

export function toRuntimeTensor({ dtype, data, shape }: TensorData): Tensor {
  return new Tensor(dtype as 'float32', data as Float32Array, shape as number[]);
}

export function fromRuntimeTensor(tensor: Tensor): TensorData {
  const data = tensor.data as TensorData['data'];
  const shape = [...tensor.dims];
  invariant(data.length === countElements(shape), 'an output whose size is not its shape');
  return { dtype: tensor.type as TensorData['dtype'], shape, data };
}
