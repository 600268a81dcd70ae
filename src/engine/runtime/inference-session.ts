// A loaded ONNX model that answers. Runs in a worker thread unless told otherwise, because onnxruntime-node's
// session.run blocks the thread it is called on.
import type { TensorData } from '../graph/tensor.ts';

export interface InferenceSession {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  run(inputs: Readonly<Record<string, TensorData>>): Promise<Record<string, TensorData>>;
  dispose(): Promise<void>;
}

export interface InferenceSessionOptions {
  /** Intra-op threads; 0 = as many as cores. */
  readonly threads: number;
  /** Run on the calling thread (command-line tools that do nothing else). */
  readonly inline?: boolean;
}
