// Load tests in simulated time: the clock and all timers are vitest's, and the server is a calculation behind the sender's
// interface. A minute of load takes a moment, and the result is the same on every machine.
import { vi } from 'vitest';
import type { Sender, SendOutcome } from '../../src/serving/loadtest/sender.ts';
import { createQueueModel, type QueueOptions } from './queue-model.ts';

/** The steps of simulated time; timers within a step still fire in their order, each at its own moment. */
const STEP_MS = 1000;

/** Senders to one simulated server. */
export function createSimulatedServer(options: QueueOptions): () => Sender {
  const model = createQueueModel(options);
  const send = (): Promise<SendOutcome> => {
    const delayMs = model.admit(performance.now());
    if (delayMs === null) return Promise.resolve({ kind: 'rejected', retryAfterSeconds: 1 });
    return new Promise((resolve) => {
      setTimeout(() => {
        model.release();
        resolve({ kind: 'answered' });
      }, delayMs);
    });
  };
  return () => ({ send, close: () => {} });
}

/** Advances simulated time until `work` is done. */
export async function simulate<T>(work: () => Promise<T>): Promise<T> {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'],
  });
  try {
    let isOver = false;
    const result = work().finally(() => {
      isOver = true;
    });
    result.catch(() => {}); // awaited below
    while (!isOver) await vi.advanceTimersByTimeAsync(STEP_MS);
    return await result;
  } finally {
    vi.useRealTimers();
  }
}
