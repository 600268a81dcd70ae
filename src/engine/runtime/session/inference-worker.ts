// The thread that an inference session runs in.
import { parentPort } from 'node:worker_threads';
import { invariant } from '../../../foundation/core/index.ts';
import { serveWorker } from '../../../foundation/threads/index.ts';
import type { TensorData } from '../../graph/index.ts';
import type { Device } from './device-name.ts';
import { transferList } from './inference-session.ts';
import { createOnnxSession, type OnnxSession } from './onnx-runtime.ts';

invariant(parentPort !== null, 'inference-worker is a worker thread');
let session: OnnxSession | null = null;

serveWorker(parentPort, {
  load: async ({
    model,
    threads,
    device,
  }: {
    model: string | Uint8Array;
    threads: number;
    device: Device;
  }) => {
    session = await createOnnxSession(model, { threads, device });
    return { result: { inputNames: [...session.inputNames], outputNames: [...session.outputNames] } };
  },
  run: async (inputs: Record<string, TensorData>) => {
    invariant(session !== null, 'run before load');
    const outputs = await session.run(inputs);
    return { result: outputs, transfer: transferList(Object.values(outputs)) };
  },
});
