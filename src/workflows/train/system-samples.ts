// Samples how busy the machine is with a training: the processor time and the memory of this process, in the background.
import { availableParallelism } from 'node:os';
import type { Clock } from '../../foundation/core/index.ts';

export interface SystemSample {
  /** Processor time since the last sample, as a share of what all cores could give. */
  readonly system_cpu_percent: number;
  /** Resident memory. */
  readonly system_memory_bytes: number;
}

/**
 * Calls `onSample` every few seconds until the returned function is called.
 * @param everyS  null: never
 */
export function startSystemSamples(
  everyS: number | null,
  clock: Pick<Clock, 'monotonicMs'>,
  onSample: (sample: SystemSample & Readonly<Record<string, number>>) => void,
): () => void {
  if (everyS === null) return () => {};
  const cores = availableParallelism();
  let lastMs = clock.monotonicMs();
  let last = process.cpuUsage();
  const timer = setInterval(() => {
    const nowMs = clock.monotonicMs();
    const { user, system } = process.cpuUsage(last);
    const elapsedMs = nowMs - lastMs;
    last = process.cpuUsage();
    lastMs = nowMs;
    if (elapsedMs <= 0) return;
    const busyMs = (user + system) / 1000;
    onSample({
      system_cpu_percent: (100 * busyMs) / (elapsedMs * cores),
      system_memory_bytes: process.memoryUsage.rss(),
    });
  }, everyS * 1000);
  timer.unref();
  return () => clearInterval(timer);
}
