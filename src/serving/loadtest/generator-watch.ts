// Measures the load generator itself. A generator that is too busy to send and to read the clock in time reports its own
// delay as the server's.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { LoadWarning } from './load-warning.ts';

const SAMPLE_MS = 10;
/** Above these limits the generator distorts the server's figures. */
const BUSY_SHARE = 0.8;
const LAG_MS = 20;

export interface GeneratorFigures {
  /** Processor time of this process as a share of one core. */
  readonly cpuShare: number;
  /** How late timers fired. */
  readonly lagP99Ms: number;
  readonly lagMaxMs: number;
  readonly peakMemoryBytes: number;
}

export interface GeneratorWatch {
  stop(): GeneratorFigures;
}

export function startGeneratorWatch(): GeneratorWatch {
  const lag = monitorEventLoopDelay({ resolution: SAMPLE_MS });
  lag.enable();
  const [startMs, startCpu] = [performance.now(), process.cpuUsage()];
  return {
    stop: () => {
      lag.disable();
      const { user, system } = process.cpuUsage(startCpu);
      const wallMicros = Math.max(1, (performance.now() - startMs) * 1000);
      const lateMs = (nanoseconds: number): number =>
        Number.isFinite(nanoseconds) ? Math.max(0, nanoseconds / 1e6 - SAMPLE_MS) : 0;
      return {
        cpuShare: (user + system) / wallMicros,
        lagP99Ms: lag.count === 0 ? 0 : lateMs(lag.percentile(99)),
        lagMaxMs: lag.count === 0 ? 0 : lateMs(lag.max),
        peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
      };
    },
  };
}

/** How the generator distorts the figures; empty if it does not. */
export function listDistortions({ cpuShare, lagP99Ms }: GeneratorFigures): LoadWarning[] {
  const warnings: LoadWarning[] = [];
  if (cpuShare > BUSY_SHARE) warnings.push({ code: 'GENERATOR_BUSY', cpuShare, highestShare: BUSY_SHARE });
  if (lagP99Ms > LAG_MS) warnings.push({ code: 'GENERATOR_LATE', lagP99Ms, highestMs: LAG_MS });
  return warnings;
}
