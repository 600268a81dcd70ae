// Pure rules of a canary: which clients it predicts for, and when it is withdrawn.
import { createHash } from 'node:crypto';
import type { ReturnReason } from '../metrics/index.ts';
import type { WindowSummary } from './latency-window.ts';

export interface CanaryLimits {
  /** Requests of the last so many seconds count. */
  readonly windowSeconds: number;
  /** Requests of the canary in the window before anything is concluded. */
  readonly minRequests: number;
  /** Share of them that may fail. */
  readonly maxErrors: number;
  /** Its 99th percentile may be so many times that of the live version in the same window… */
  readonly maxLatencyRatio: number;
  /** …and is no concern below this. */
  readonly minLatencyMs: number;
}

/**
 * Does the canary predict for this client? The same for one client and version at all times; another version has others.
 * @param client  key id or address
 * @param share  0 to 1
 */
export function isCanaryClient(client: string, version: string, share: number): boolean {
  const hash = createHash('sha256').update(`${version}\n${client}`).digest();
  return hash.readUInt32BE(0) / 2 ** 32 < share;
}

/** Why the canary should be withdrawn now; null: no reason, or too few requests. */
export function findReason(
  canary: WindowSummary,
  live: WindowSummary,
  limits: CanaryLimits,
): ReturnReason | null {
  if (canary.requests < limits.minRequests) return null;
  if (canary.failed / canary.requests > limits.maxErrors) return 'errors';
  const isSlow = canary.p99Ms > limits.minLatencyMs && canary.requests - canary.failed >= limits.minRequests;
  // where the machine is overloaded both are slow: that is not the canary's fault
  const isCompared = live.requests - live.failed >= limits.minRequests;
  return isSlow && isCompared && canary.p99Ms > limits.maxLatencyRatio * live.p99Ms ? 'latency' : null;
}
