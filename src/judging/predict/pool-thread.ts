// One thread of a model pool through its life: it starts, is idle or busy, and starts again after it has ended.
import type { PoolWorker } from './pool-worker.ts';

/** What a thread is doing. Only an idle thread takes a batch; only an idle or busy one has a worker. */
type ThreadState =
  | { readonly kind: 'absent' }
  | { readonly kind: 'starting' }
  | { readonly kind: 'pausing'; readonly timer: NodeJS.Timeout }
  | { readonly kind: 'idle'; readonly worker: PoolWorker }
  | { readonly kind: 'busy'; readonly worker: PoolWorker };

export interface PoolThreadOptions {
  /** Starts a worker with the model loaded. */
  readonly start: () => Promise<PoolWorker>;
  /** Pause before the nth attempt in a row to start again, from 0. */
  readonly restartDelayMs: (attempt: number) => number;
  /** Called when the thread was started again and is idle. */
  readonly onRestart: () => void;
  /** Called when an attempt to start it again failed. */
  readonly onFailedRestart: () => void;
}

export class PoolThread {
  readonly #options: PoolThreadOptions;
  #state: ThreadState = { kind: 'absent' };
  /** A retired thread is not started again. */
  #isRetired = false;

  constructor(options: PoolThreadOptions) {
    this.#options = options;
  }

  get kind(): ThreadState['kind'] {
    return this.#state.kind;
  }

  get isAlive(): boolean {
    return this.#state.kind === 'idle' || this.#state.kind === 'busy';
  }

  /** Makes a started worker this thread's own; a retired thread closes it. */
  adopt(worker: PoolWorker): void {
    if (this.#isRetired) {
      this.#state = { kind: 'absent' };
      void worker.close();
      return;
    }
    this.#state = { kind: 'idle', worker };
    worker.onEnd(() => this.lose(worker));
  }

  /** Starts the thread for the first time; a failure is tried again like a thread that ended. */
  async start(): Promise<void> {
    if (this.#isRetired) return;
    this.#state = { kind: 'starting' };
    try {
      this.adopt(await this.#options.start());
    } catch {
      this.#startAfterPause(1);
    }
  }

  /** Takes the idle thread for a batch. */
  take(): PoolWorker {
    if (this.#state.kind !== 'idle') throw new Error(`a thread that is ${this.#state.kind} takes no batch`);
    const { worker } = this.#state;
    this.#state = { kind: 'busy', worker };
    return worker;
  }

  /** Ends a batch: the thread is idle again, unless it was lost meanwhile. */
  release(worker: PoolWorker): void {
    if (this.#has(worker)) this.#state = { kind: 'idle', worker };
  }

  /** Did the worker end, or was it given up? */
  hasLost(worker: PoolWorker): boolean {
    return !this.#has(worker);
  }

  /** Counts the worker as ended, once, and starts another. */
  lose(worker: PoolWorker): void {
    if (this.#has(worker)) this.#startAfterPause(0);
  }

  /** Starts no further batch; a running batch continues. */
  retire(): void {
    this.#isRetired = true;
    if (this.#state.kind !== 'pausing') return;
    clearTimeout(this.#state.timer);
    this.#state = { kind: 'absent' };
  }

  /** Ends an idle worker. */
  async close(): Promise<void> {
    if (this.#state.kind !== 'idle') return;
    const { worker } = this.#state;
    this.#state = { kind: 'absent' };
    await worker.close();
  }

  #has(worker: PoolWorker): boolean {
    return (this.#state.kind === 'idle' || this.#state.kind === 'busy') && this.#state.worker === worker;
  }

  #startAfterPause(attempt: number): void {
    if (this.#isRetired) {
      this.#state = { kind: 'absent' };
      return;
    }
    const timer = setTimeout(() => void this.#startAgain(attempt), this.#options.restartDelayMs(attempt));
    timer.unref();
    this.#state = { kind: 'pausing', timer };
  }

  async #startAgain(attempt: number): Promise<void> {
    this.#state = { kind: 'starting' };
    try {
      this.adopt(await this.#options.start());
    } catch {
      this.#startAfterPause(attempt + 1);
      this.#options.onFailedRestart();
      return;
    }
    if (!this.#isRetired) this.#options.onRestart();
  }
}
