// Summarises the visible points of a metric.
import type { MetricSummary, Point } from './measurement.ts';

/** @param points  at least one, by ascending step */
export function summarizePoints(name: string, points: readonly Point[]): MetricSummary {
  const first = points[0]!;
  const last = points.at(-1)!;
  let lowest = first;
  let highest = first;
  for (const point of points) {
    if (point.value < lowest.value || Number.isNaN(lowest.value)) lowest = point;
    if (point.value > highest.value || Number.isNaN(highest.value)) highest = point;
  }
  return {
    name,
    count: points.length,
    first: first.value,
    last: last.value,
    min: lowest.value,
    max: highest.value,
    firstStep: first.step,
    lastStep: last.step,
    minStep: lowest.step,
    maxStep: highest.step,
    lastTimeMs: last.timeMs,
  };
}
