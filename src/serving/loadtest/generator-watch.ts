// Measures the load generator itself. A generator that is too busy to send and to read the clock in time reports its own
// delay as the server's.
import { monitorEventLoopDelay } from 'node:perf_hooks';

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

/** Reasons why the generator distorts the figures; empty if it does not. */
export function listDistortions({ cpuShare, lagP99Ms }: GeneratorFigures): string[] {
  const reasons: string[] = [];
  if (cpuShare > BUSY_SHARE)
    reasons.push(
      `the load generator used ${Math.round(cpuShare * 100)}% of a core: it may be what limits the rate`,
    );
  if (lagP99Ms > LAG_MS)
    reasons.push(
      `the load generator's timers were up to ${Math.round(lagP99Ms)} ms late (p99): latencies include its own delay; give it a core of its own`,
    );
  return reasons;
}
