// Calls into a worker thread and answers out of it. Errors of the catalogue cross the border with code and details.
import { join } from 'node:path';
import { type MessagePort, type TransferListItem, Worker } from 'node:worker_threads';
import type { ErrorCode } from '../core/index.ts';
import { type AppError, appError, type ErrorDetails, isAppError, packageRoot } from '../core/index.ts';

interface Request {
  readonly id: number;
  readonly method: string;
  readonly argument: unknown;
}

type Answer =
  | { readonly id: number; readonly result: unknown }
  | {
      readonly id: number;
      readonly error: { readonly code: ErrorCode; readonly details: ErrorDetails; readonly stack: string };
    };

/** What a worker can do, by method name: argument in, result and what to transfer out. */
export type WorkerMethods = Readonly<
  Record<string, (argument: never) => Promise<{ result: unknown; transfer?: readonly TransferListItem[] }>>
>;

export interface WorkerChannel {
  call<R>(method: string, argument: unknown, transfer?: readonly TransferListItem[]): Promise<R>;
  /** Called once when the thread has ended, before its callers hear of it. */
  onEnd(listener: () => void): void;
  close(): Promise<void>;
}

/**
 * Starts a worker that was built into dist/. Run from TypeScript sources (tests, bench) it must have been, too, since
 * Node.js 20 runs no TypeScript.
 * @param fileName  below dist/
 */
export function createWorkerChannel(fileName: string): WorkerChannel {
  const worker = new Worker(join(packageRoot, 'dist', fileName), {
    stdout: false,
    stderr: false,
  });
  const waiting = new Map<number, { resolve: (result: never) => void; reject: (error: unknown) => void }>();
  let nextId = 0;
  let ended: Error | null = null;
  let tellEnd = (): void => {};
  const failAll = (error: Error): void => {
    ended = error;
    tellEnd();
    tellEnd = () => {};
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  worker.on('message', (answer: Answer) => {
    const caller = waiting.get(answer.id);
    waiting.delete(answer.id);
    if (waiting.size === 0) worker.unref();
    if (caller === undefined) return;
    if ('error' in answer) caller.reject(rebuildError(answer.error));
    else caller.resolve(answer.result as never);
  });
  worker.on('error', (cause) =>
    failAll(appError('ENGINE_FAILED', { stage: 'worker thread', problem: String(cause) }, { cause })),
  );
  worker.on('exit', (code) =>
    failAll(appError('ENGINE_FAILED', { stage: 'worker thread', problem: `it ended with code ${code}` })),
  );
  worker.unref();
  return {
    call: (method, argument, transfer = []) =>
      new Promise((resolve, reject) => {
        if (ended !== null) {
          reject(ended);
          return;
        }
        const id = nextId++;
        waiting.set(id, { resolve, reject });
        worker.ref();
        worker.postMessage({ id, method, argument } satisfies Request, transfer);
      }),
    onEnd: (listener) => {
      tellEnd = listener;
    },
    close: async () => {
      ended ??= appError('ENGINE_FAILED', { stage: 'worker thread', problem: 'the session was closed' });
      await worker.terminate();
    },
  };
}

/** The worker's side: answers one request after the other. */
export function serveWorker(port: MessagePort, methods: WorkerMethods): void {
  let last: Promise<void> = Promise.resolve();
  port.on('message', ({ id, method, argument }: Request) => {
    last = last.then(async () => {
      try {
        const answer = await methods[method]!(argument as never);
        port.postMessage({ id, result: answer.result }, answer.transfer ?? []);
      } catch (error) {
        const known: AppError = isAppError(error)
          ? error
          : appError('ENGINE_FAILED', { stage: method, problem: String(error) }, { cause: error });
        const stack = error instanceof Error ? (error.stack ?? '') : '';
        port.postMessage({ id, error: { code: known.code, details: known.details, stack } });
      }
    });
  });
}

function rebuildError({
  code,
  details,
  stack,
}: {
  code: ErrorCode;
  details: ErrorDetails;
  stack: string;
}): AppError {
  const cause = new Error('in a worker thread');
  cause.stack = stack;
  return appError(code, details, { cause });
}
