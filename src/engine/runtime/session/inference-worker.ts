// The thread that an inference session runs in.
import { parentPort } from 'node:worker_threads';
import { invariant } from '../../../foundation/core/index.ts';
import { moveWith, serveWorker } from '../../../foundation/threads/index.ts';
import { INFERENCE_WORKER } from './inference-contract.ts';
import { transferList } from './inference-session.ts';
import { createOnnxSession, type OnnxSession } from './onnx-session.ts';

let session: OnnxSession | null = null;

serveWorker(INFERENCE_WORKER, parentPort, {
  load: async ({ model, threads, device }) => {
    session = await createOnnxSession(model, { threads, device });
    return { inputNames: [...session.inputNames], outputNames: [...session.outputNames] };
  },
  run: async (inputs) => {
    invariant(session !== null, 'run before load');
    const outputs = await session.run(inputs);
    return moveWith(outputs, transferList(Object.values(outputs)));
  },
});
