// The worker's side of a channel: handles one call after the other.
import type { MessagePort } from 'node:worker_threads';
import { invariant } from '../core/index.ts';
import { endLoading } from './native-calls.ts';
import { MovedResult } from './worker-answer.ts';
import type { WorkerContract, WorkerImplementation, WorkerMethods } from './worker-contract.ts';
import { packError, type WorkerReply, type WorkerRequest } from './worker-messages.ts';

/** @param port  `parentPort` of the worker; null on the main thread, where no worker can be served */
export function serveWorker<M extends WorkerMethods<M>>(
  { fileName }: WorkerContract<M>,
  port: MessagePort | null,
  methods: WorkerImplementation<M>,
): void {
  invariant(port !== null, `${fileName} is a worker thread`);
  endLoading();
  let last: Promise<void> = Promise.resolve();
  port.on('message', (request: WorkerRequest) => {
    last = last.then(() => answer(port, request, methods as WorkerTable));
  });
}

type WorkerTable = Readonly<Record<string, (argument: unknown) => unknown>>;

async function answer(port: MessagePort, request: WorkerRequest, methods: WorkerTable): Promise<void> {
  const { id, method, argument } = request;
  try {
    const answered = await methods[method]!(argument);
    const { result, buffers } =
      answered instanceof MovedResult ? answered : { result: answered, buffers: [] };
    port.postMessage({ id, result } satisfies WorkerReply, buffers);
  } catch (error) {
    port.postMessage({ id, error: packError(error, method) } satisfies WorkerReply);
  }
}
