// A worker for the tests of channels; it uses the built program's own server code.
import { parentPort } from 'node:worker_threads';
import { appError } from '../../dist/foundation/core/index.js';
import { callNative, moveWith, serveWorker } from '../../dist/foundation/threads/index.js';

let total = 0;

serveWorker({ fileName: 'counting-worker' }, parentPort, {
  add: async ({ value, delayMs }) => {
    await new Promise((resolve) => setTimeout(resolve, delayMs));
    total += value;
    return total;
  },
  fill: (length) => {
    const array = new Float32Array(length).fill(1);
    return moveWith(array, [array.buffer]);
  },
  refuse: () => {
    throw appError('CHECKPOINT_MISMATCH', { path: 'w', expected: 'one', got: 'two' });
  },
  break: () => {
    throw new TypeError('a plain mistake');
  },
  // Blocks the thread as a call into native code does, then says that it has returned.
  blockNatively: ({ ms, returned }) =>
    callNative(async () => {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
      Atomics.store(returned, 0, 1);
    }),
  stop: () => process.exit(3),
});
