// A loaded ONNX model. It runs in a worker thread unless `inline` is set, because onnxruntime-node's session.run blocks
// the thread it is called on.
import type { TransferListItem } from 'node:worker_threads';
import { WorkerChannel } from '../../../foundation/threads/index.ts';
import type { TensorData } from '../../graph/index.ts';
import type { Device } from './device-name.ts';
import { INFERENCE_WORKER } from './inference-contract.ts';
import { createOnnxSession } from './onnx-session.ts';

export interface InferenceSession {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /** The inputs' arrays are copied to the worker; results are moved. @throws ENGINE_FAILED */
  run(inputs: Readonly<Record<string, TensorData>>): Promise<Record<string, TensorData>>;
  dispose(): Promise<void>;
}

export interface InferenceSessionOptions {
  /** Intra-op threads; 0 = as many as cores. */
  readonly threads: number;
  /** Default cpu. */
  readonly device?: Device;
  /** Run on the calling thread (command-line tools that do nothing else). */
  readonly inline?: boolean;
  /** For an inline session: default true; false where other sessions need the same cores. */
  readonly spins?: boolean;
}

/**
 * Loads a model from a file or from bytes.
 * @throws ENGINE_FAILED
 */
export async function createInferenceSession(
  model: string | Uint8Array,
  { threads, device = 'cpu', inline = false, spins = true }: InferenceSessionOptions,
): Promise<InferenceSession> {
  if (inline) return createOnnxSession(model, { threads, device, spins });
  const channel = new WorkerChannel(INFERENCE_WORKER);
  try {
    const names = await channel.call('load', { model, threads, device });
    return {
      ...names,
      run: (inputs) => channel.call('run', inputs),
      dispose: () => channel.close(),
    };
  } catch (error) {
    await channel.close();
    throw error;
  }
}

/** The buffers of tensors, to be moved between threads and not copied. */
export function transferList(tensors: Iterable<TensorData>): TransferListItem[] {
  return [...new Set([...tensors].map(({ data }) => data.buffer as ArrayBuffer))];
}
