// Calls into a worker thread. Arguments and results are checked against the worker's contract by the compiler.
import { join } from 'node:path';
import { type TransferListItem, Worker } from 'node:worker_threads';
import { appError, packageRoot } from '../core/index.ts';
import { NativeCalls, registerNativeCalls } from './native-calls.ts';
import type { WorkerContract, WorkerMethods } from './worker-contract.ts';
import { unpackError, type WorkerReply, type WorkerRequest } from './worker-messages.ts';

interface Caller {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** A method's argument, and what of it is moved to the worker instead of copied. */
type CallArguments<Method extends (argument: never) => unknown> =
  Parameters<Method> extends [] ? [] : [...Parameters<Method>, transfer?: readonly TransferListItem[]];

/** A running worker. It keeps the process alive only while a call is open. */
export class WorkerChannel<M extends WorkerMethods<M>> {
  readonly contract: WorkerContract<M>;
  readonly #worker: Worker;
  readonly #callers = new Map<number, Caller>();
  readonly #nativeCalls = new NativeCalls();
  readonly #forgetCalls = registerNativeCalls(this.#nativeCalls);
  #nextId = 0;
  #ended: Error | null = null;
  #onEnd: (() => void) | null = null;

  /** Starts the worker. */
  constructor(contract: WorkerContract<M>) {
    this.contract = contract;
    this.#worker = new Worker(join(packageRoot, 'dist', contract.fileName), {
      stdout: false,
      stderr: false,
      workerData: { nativeCalls: this.#nativeCalls.memory },
      // `node --input-type=module -e …` would not let a file be run.
      execArgv: process.execArgv.filter((flag) => !flag.startsWith('--input-type')),
    });
    this.#worker.on('message', (reply: WorkerReply) => this.#receive(reply));
    this.#worker.on('error', (cause) => this.#fail(String(cause), cause));
    this.#worker.on('exit', (code) => this.#fail(`it ended with code ${code}`));
    this.#worker.unref();
  }

  /** @throws what the method throws; ENGINE_FAILED when the thread ends first */
  call<K extends keyof M & string>(
    method: K,
    ...[argument, transfer = []]: CallArguments<M[K]>
  ): Promise<ReturnType<M[K]>> {
    return new Promise<unknown>((resolve, reject) => {
      if (this.#ended !== null) {
        reject(this.#ended);
        return;
      }
      const id = this.#nextId++;
      this.#callers.set(id, { resolve, reject });
      this.#worker.ref();
      this.#worker.postMessage({ id, method, argument } satisfies WorkerRequest, transfer);
    }) as Promise<ReturnType<M[K]>>;
  }

  /** Calls `listener` once when the thread has ended, before open calls reject. Replaces the listener before it. */
  onEnd(listener: () => void): void {
    this.#onEnd = listener;
  }

  /** Ends the thread, as soon as it is outside native code (see native-calls.ts). */
  async close(): Promise<void> {
    this.#ended ??= threadError('the session was closed');
    this.#nativeCalls.refuse();
    await this.#nativeCalls.settle();
    await this.#worker.terminate();
  }

  #receive(reply: WorkerReply): void {
    const caller = this.#callers.get(reply.id);
    this.#callers.delete(reply.id);
    if (this.#callers.size === 0) this.#worker.unref();
    if (caller === undefined) return;
    if ('error' in reply) caller.reject(unpackError(reply.error));
    else caller.resolve(reply.result);
  }

  #fail(problem: string, cause?: unknown): void {
    const error = threadError(problem, cause);
    this.#forgetCalls();
    this.#ended = error;
    this.#onEnd?.();
    this.#onEnd = null;
    for (const { reject } of this.#callers.values()) reject(error);
    this.#callers.clear();
  }
}

function threadError(problem: string, cause?: unknown): Error {
  const details = { stage: 'worker thread', problem };
  return appError('ENGINE_FAILED', details, cause === undefined ? {} : { cause });
}
