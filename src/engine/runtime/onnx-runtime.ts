// The only importer of onnxruntime-node: sessions over our own tensor type.
// session.run blocks the thread it is called on, in spite of its promise: call it in a worker, or where that is meant.
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { appError } from '../../core/errors.ts';
import { countElements, type TensorData } from '../graph/tensor.ts';

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
  /** File prefix under which ONNX Runtime writes a profile when the session is disposed. */
  readonly profilePrefix?: string;
}

const LOG_ERRORS_ONLY = 3;

/** @throws ENGINE_FAILED when the model cannot be loaded */
export async function createOnnxSession(
  model: string | Uint8Array,
  options: OnnxSessionOptions,
): Promise<OnnxSession> {
  const sessionOptions: InferenceSession.SessionOptions = {
    executionProviders: ['cpu'],
    intraOpNumThreads: options.threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: 'all',
    logSeverityLevel: LOG_ERRORS_ONLY,
    ...(options.profilePrefix === undefined
      ? {}
      : { enableProfiling: true, profileFilePrefix: options.profilePrefix }),
  };
  let session: InferenceSession;
  try {
    session =
      typeof model === 'string'
        ? await InferenceSession.create(model, sessionOptions)
        : await InferenceSession.create(model, sessionOptions);
  } catch (error) {
    throw appError(
      'ENGINE_FAILED',
      { stage: 'loading a model', problem: messageOf(error) },
      { cause: error },
    );
  }
  return {
    inputNames: session.inputNames,
    outputNames: session.outputNames,
    run: async (inputs, outputs) => {
      const feeds: Record<string, Tensor> = {};
      for (const [name, tensor] of Object.entries(inputs)) feeds[name] = toTensor(tensor);
      try {
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
