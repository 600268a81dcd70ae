// A worker's methods and the file it runs: the one place that both its caller and its implementation read.
import type { WorkerAnswer } from './worker-answer.ts';

/** An interface of methods, each from one argument (or none) to a result that the structured clone can carry. */
export type WorkerMethods<M> = { readonly [K in keyof M]: (argument: never) => unknown };

/** The worker's side of the methods. */
export type WorkerImplementation<M extends WorkerMethods<M>> = {
  readonly [K in keyof M]: (
    ...argument: Parameters<M[K]>
  ) => WorkerAnswer<ReturnType<M[K]>> | Promise<WorkerAnswer<ReturnType<M[K]>>>;
};

/**
 * @example
 * interface GreeterMethods { greet(name: string): string }
 * export const GREETER = new WorkerContract<GreeterMethods>('demo/greeter-worker.js');
 * // in demo/greeter-worker.ts:  serveWorker(GREETER, parentPort, { greet: (name) => `Hello ${name}` });
 * // its caller:                 await new WorkerChannel(GREETER).call('greet', 'Ada');
 */
export class WorkerContract<M extends WorkerMethods<M>> {
  /** Below dist/. Tests and benches run from TypeScript sources and need a built dist/, because Node.js 20 runs no TypeScript. */
  readonly fileName: string;
  /** Ties the contract to its methods; there is no value. */
  declare readonly methods: M;

  constructor(fileName: string) {
    this.fileName = fileName;
  }
}
