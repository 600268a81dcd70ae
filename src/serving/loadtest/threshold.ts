// Limits that decide whether a load test passed: `p99=500` (milliseconds, or 500ms, 1s), `errors=1%`, `rejected=1%`,
// `rate=50` (answers a second, at least).
import { appError } from '../../foundation/core/index.ts';
import { parseSeconds } from './duration.ts';
import type { LoadCounts, LoadRecord, Percentiles } from './load-record.ts';

const LATENCIES = ['p50', 'p75', 'p90', 'p95', 'p99', 'p99.9', 'max', 'mean'] as const;
const SHARES = ['errors', 'rejected'] as const;
type Measure = (typeof LATENCIES)[number] | (typeof SHARES)[number] | 'rate';

export interface Threshold {
  readonly measure: Measure;
  /** Milliseconds, a share in [0, 1], or answers a second. */
  readonly limit: number;
}

export interface ThresholdResult extends Threshold {
  /** null: nothing was answered, which meets no limit of a latency. */
  readonly value: number | null;
  readonly met: boolean;
}

/**
 * One threshold, or several with commas between.
 * @param where  the option, for messages
 * @throws USAGE
 */
export function parseThresholds(text: string, where: string): Threshold[] {
  return text.split(',').map((part) => {
    const match = /^\s*([a-z0-9.]+)\s*(?:=|<=|>=|<|>)\s*(\S+)\s*$/.exec(part);
    const measure = [...LATENCIES, ...SHARES, 'rate' as const].find((name) => name === match?.[1]);
    const limit = measure === undefined ? null : parseLimit(measure, match?.[2] ?? '');
    if (measure === undefined || limit === null)
      throw appError('USAGE', {
        where,
        problem: `expected a limit such as p99=500, errors=1% or rate=50, got ${part}`,
        hint: `Measures: ${LATENCIES.join(', ')} (milliseconds), ${SHARES.join(', ')} (percent), rate (answers a second).`,
      });
    return { measure, limit };
  });
}

function parseLimit(measure: Measure, text: string): number | null {
  const number = (digits: string): number | null => (/^\d+(\.\d+)?$/.test(digits) ? Number(digits) : null);
  if (measure === 'rate') return number(text.replace(/\/s$/, ''));
  if (isShare(measure)) {
    const value = text.endsWith('%') ? number(text.slice(0, -1)) : number(text);
    const share = value === null ? null : text.endsWith('%') ? value / 100 : value;
    return share !== null && share <= 1 ? share : null;
  }
  const seconds = parseSeconds(/^[\d.]+$/.test(text) ? `${text}ms` : text);
  return seconds === null ? null : seconds * 1000;
}

export function isShare(measure: Measure): measure is (typeof SHARES)[number] {
  return SHARES.some((name) => name === measure);
}

export function isLatency(measure: Measure): measure is keyof Omit<Percentiles, 'count'> {
  return LATENCIES.some((name) => name === measure);
}

/** The percentile as a share (0.99 for p99); null for mean, max and measures that are no latency. */
export function percentileOf(measure: Measure): number | null {
  const digits = /^p([\d.]+)$/.exec(measure)?.[1];
  return digits === undefined ? null : Number(digits) / 100;
}

export function checkThresholds(
  thresholds: readonly Threshold[],
  record: Pick<LoadRecord, 'counts' | 'latencyMs' | 'answeredPerSecond'>,
): ThresholdResult[] {
  return thresholds.map((threshold) => {
    const value = readMeasure(threshold.measure, record);
    const met =
      value !== null && (threshold.measure === 'rate' ? value >= threshold.limit : value <= threshold.limit);
    return { ...threshold, value, met };
  });
}

function readMeasure(
  measure: Measure,
  { counts, latencyMs, answeredPerSecond }: Pick<LoadRecord, 'counts' | 'latencyMs' | 'answeredPerSecond'>,
): number | null {
  if (measure === 'rate') return answeredPerSecond;
  if (measure === 'errors') return shareOfErrors(counts);
  if (measure === 'rejected') return counts.due === 0 ? null : counts.rejected / counts.due;
  return latencyMs[measure];
}

/** Share of failed and unsent requests of all that were due; rejections are not errors. */
export function shareOfErrors({ due, failed, unsent }: LoadCounts): number | null {
  return due === 0 ? null : (failed + unsent) / due;
}
