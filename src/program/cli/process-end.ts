// Ends the process. A thread inside ONNX Runtime would abort it (see foundation/threads), so the threads are brought out of
// native code first. Where one does not come out in time, the process ends itself by the signal SIGINT, for which shells
// report 130, too.
import { settleThreads } from '../../foundation/threads/index.ts';

const QUICK_MS = 1000;
/** Longer than a training step of a large model. */
const SETTLE_LIMIT_MS = 60_000;
/** Ctrl-C, a request to stop, and a terminal that was closed. */
export const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Node.js 20 crashes when it exits after its terminal was closed: then the process ends by that signal instead. */
export const terminal = { isGone: false };

/** @param tell  prints a line */
export function endProcess(exitCode: number, tell: (line: string) => void): never {
  // Signals have no effect meanwhile: their listeners stay, and this thread runs nothing else.
  if (!settleThreads(QUICK_MS)) {
    // From here on a signal has its usual effect: it ends the process immediately.
    for (const signal of STOP_SIGNALS) process.removeAllListeners(signal);
    tell('waiting for the calculation in progress; Ctrl-C ends it immediately\n');
    if (!settleThreads(SETTLE_LIMIT_MS)) endBySignal('SIGINT');
  }
  if (terminal.isGone) endBySignal('SIGHUP');
  process.exit(exitCode);
}

function endBySignal(signal: 'SIGINT' | 'SIGHUP'): void {
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, QUICK_MS);
  process.kill(process.pid, 'SIGKILL');
}
