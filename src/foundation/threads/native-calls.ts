// Calls into native code, such as ONNX Runtime. A worker thread must not be terminated inside one: when the call returns,
// its binding throws an exception that nothing can catch, and the whole process aborts. Each worker therefore counts its
// native calls in memory that it shares with its parent, and begins none once the parent wants to end it.
import { isMainThread, workerData } from 'node:worker_threads';

/** Indices in the shared memory. */
const RUNNING = 0;
const ENDING = 1;
const PARKED = 2;
const CHECK_MS = 5;

/** The native calls of one worker, as its parent sees them. */
export class NativeCalls {
  readonly memory = new SharedArrayBuffer(12);
  readonly #counts = new Int32Array(this.memory);

  /** A worker loads its modules first, and with them native libraries: that counts as a call, too. */
  constructor() {
    Atomics.store(this.#counts, RUNNING, 1);
  }

  /** From now on the worker begins no native call. */
  refuse(): void {
    Atomics.store(this.#counts, ENDING, 1);
  }

  isRunning(): boolean {
    return Atomics.load(this.#counts, RUNNING) > 0;
  }

  /** Resolves when no native call is running; after `refuse` none begins later. */
  async settle(): Promise<void> {
    while (this.isRunning()) await new Promise((resolve) => setTimeout(resolve, CHECK_MS));
  }
}

/** Workers of this thread that have not ended. */
const open = new Set<NativeCalls>();

export function registerNativeCalls(calls: NativeCalls): () => void {
  open.add(calls);
  return () => open.delete(calls);
}

/**
 * Blocks this thread until its workers are outside native code, and keeps them out of it: then `process.exit` is safe.
 * @returns false if a call did not return within the limit
 */
export function settleThreads(limitMs: number): boolean {
  for (const calls of open) calls.refuse();
  const endMs = performance.now() + limitMs;
  const sleeper = new Int32Array(new SharedArrayBuffer(4));
  while ([...open].some((calls) => calls.isRunning())) {
    if (performance.now() > endMs) return false;
    Atomics.wait(sleeper, 0, 0, CHECK_MS);
  }
  return true;
}

/** In a worker: the counts that its parent reads. */
const own = findOwnCounts();

function findOwnCounts(): Int32Array | null {
  const memory: unknown = (workerData as { nativeCalls?: unknown } | null)?.nativeCalls;
  return !isMainThread && memory instanceof SharedArrayBuffer ? new Int32Array(memory) : null;
}

/** In a worker: its modules are loaded. */
export function endLoading(): void {
  if (own !== null) Atomics.sub(own, RUNNING, 1);
}

/** Makes a native call. In a worker that is being ended, waits for that end instead. */
export async function callNative<T>(call: () => Promise<T>): Promise<T> {
  if (own === null) return call();
  Atomics.add(own, RUNNING, 1);
  // The order matters: the parent first refuses, then reads the count.
  if (Atomics.load(own, ENDING) === 1) {
    Atomics.sub(own, RUNNING, 1);
    Atomics.wait(own, PARKED, 0);
  }
  try {
    return await call();
  } finally {
    Atomics.sub(own, RUNNING, 1);
  }
}
