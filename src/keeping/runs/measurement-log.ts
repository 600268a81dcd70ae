// measurements.jsonl of a run: one line for each moment at which something was measured, in the order of recording. Runs of
// early versions have none; theirs follow from their events.
import { existsSync } from 'node:fs';
import { appendLines, invariant } from '../../foundation/core/index.ts';
import {
  loadRecordLines,
  type RunEvent,
  type RunMeasurement,
  runMeasurementRecord,
} from '../../foundation/records/index.ts';
import { readEarlyMeasurements } from './early-measurements.ts';
import type { Point } from './measurement.ts';

export type MetricMeasurement = Extract<RunMeasurement, { kind: 'metrics' }>;
export type WrittenPoint = Point & { readonly attempt: number };

/** Appends all, flushed to the disk. @throws DISK_FULL */
export function appendMeasurements(path: string, measurements: readonly RunMeasurement[]): void {
  appendLines(
    path,
    measurements.map((line) => JSON.stringify(line)),
  );
}

/** @param events  of the run, for one of an early version */
export function loadMeasurements(path: string, events: readonly RunEvent[]): RunMeasurement[] {
  return existsSync(path) ? loadRecordLines(runMeasurementRecord, path) : readEarlyMeasurements(events);
}

/** A number as JSON can hold it. */
export function encodeNumber(value: number): number | 'NaN' | 'Infinity' | '-Infinity' {
  return Number.isFinite(value) ? value : (String(value) as 'NaN' | 'Infinity' | '-Infinity');
}

/** The points of each metric in the order in which they were written; metrics in the order in which they first came. */
export function groupPoints(measurements: readonly RunMeasurement[]): Map<string, WrittenPoint[]> {
  const groups = new Map<string, WrittenPoint[]>();
  for (const line of measurements) {
    if (line.kind !== 'metrics') continue;
    const { step, epoch, articles, timeMs, attempt } = line;
    for (const [name, value] of Object.entries(line.values)) {
      const point = { step, epoch, articles, timeMs, value: Number(value), attempt };
      const group = groups.get(name);
      if (group === undefined) groups.set(name, [point]);
      else group.push(point);
    }
  }
  return groups;
}

/** Names of metrics, texts and histograms, which are also names in filters, columns and other programs. */
export function assertMeasuredName(name: string): void {
  invariant(/^[a-z][a-z0-9_]*$/.test(name), 'the name of a metric is snake_case', { name });
}
