// Limits the threads of a configuration. More threads than cores only wait for each other (32 threads on two cores train five
// times as long as two, and 500 do not end in any useful time), so they are warned of and, far above, lowered.
import { availableParallelism } from 'node:os';
import type { Warn } from './command-warning.ts';

/** A run of a larger machine can be repeated bit for bit with up to this many times the cores, though slowly. */
const MOST_THREADS_PER_CORE = 4;

/**
 * The number of threads to use for a configured number.
 * @param threads  0: one per core
 * @param warn     receives a sentence when there are more threads than cores
 */
export function limitThreads(
  threads: number,
  warn: Warn = () => {},
  cores: number = availableParallelism(),
): number {
  if (threads <= cores) return threads;
  const machine = cores === 1 ? '1 core' : `${cores} cores`;
  const most = cores * MOST_THREADS_PER_CORE;
  if (threads <= most) {
    warn(`threads=${threads}: this machine has ${machine}, so threads=${cores} is faster.`, {
      code: 'THREADS_MANY',
      threads,
      used: threads,
      cores,
    });
    return threads;
  }
  warn(
    `threads=${threads}: this machine has ${machine}; ${most} threads are used, and threads=${cores} is faster.`,
    { code: 'THREADS_MANY', threads, used: most, cores },
  );
  return most;
}
