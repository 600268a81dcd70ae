// The methods of an inference session's thread.
import { WorkerContract } from '../../../foundation/threads/index.ts';
import type { TensorData } from '../../graph/index.ts';
import type { Device } from './device-name.ts';

export interface InferenceMethods {
  load(request: { readonly model: string | Uint8Array; readonly threads: number; readonly device: Device }): {
    readonly inputNames: readonly string[];
    readonly outputNames: readonly string[];
  };
  run(inputs: Readonly<Record<string, TensorData>>): Record<string, TensorData>;
}

export const INFERENCE_WORKER = new WorkerContract<InferenceMethods>(
  'engine/runtime/session/inference-worker.js',
);
