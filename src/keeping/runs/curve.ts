// Thins points to a curve that can be drawn: the lowest and the highest point of each bucket, so that no peak is lost.
import { invariant } from '../../foundation/core/index.ts';
import type { Curve, CurveRequest, Point, PointAxis } from './measurement.ts';

/** @param points  visible points by ascending step */
export function buildCurve(points: readonly Point[], request: CurveRequest): Curve {
  const { axis, from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY, maxPoints } = request;
  invariant(Number.isInteger(maxPoints) && maxPoints >= 2, 'a curve has at least 2 points', { maxPoints });
  const inRange = points
    .filter((point) => readAxis(point, axis) >= from && readAxis(point, axis) <= to)
    .sort((a, b) => readAxis(a, axis) - readAxis(b, axis)); // stable: equal places stay in the order of their steps
  return { total: inRange.length, points: thinPoints(inRange, maxPoints) };
}

/** Place of a point on an axis. */
export function readAxis(point: Point, axis: PointAxis): number {
  return axis === 'time' ? point.timeMs : point[axis];
}

/** @param points  in the order of the axis; buckets of equal counts lie between the first and the last */
export function thinPoints(points: readonly Point[], maxPoints: number): readonly Point[] {
  if (points.length <= maxPoints) return points;
  const buckets = Math.floor((maxPoints - 2) / 2);
  const inner = points.length - 2;
  const kept: Point[] = [points[0]!];
  for (let i = 0; i < buckets; i++) {
    const start = 1 + Math.floor((i * inner) / buckets);
    const end = 1 + Math.floor(((i + 1) * inner) / buckets);
    kept.push(...pickExtremes(points, start, end));
  }
  kept.push(points.at(-1)!);
  return kept;
}

/** The lowest and the highest of the points [start, end) in their order; one if they are the same. NaN only if all are. */
function pickExtremes(points: readonly Point[], start: number, end: number): Point[] {
  let low = start;
  let high = start;
  for (let i = start + 1; i < end; i++) {
    const { value } = points[i]!;
    if (value < points[low]!.value || Number.isNaN(points[low]!.value)) low = i;
    if (value > points[high]!.value || Number.isNaN(points[high]!.value)) high = i;
  }
  return [...new Set([Math.min(low, high), Math.max(low, high)])].map((i) => points[i]!);
}
