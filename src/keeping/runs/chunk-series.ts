// The visible points of a metric from its chunks. Most chunks are visible as a whole, apart from each other and in order:
// their heads are enough. Where chunks overlap or a resume cut one, their points are decoded and the rule is applied.
import {
  type Blocks,
  ChunkBlocks,
  ChunkExtremes,
  type ChunkHead,
  cutBlocks,
  higherOf,
  lowerOf,
  unpackPoints,
} from './chunk.ts';
import { buildCurve, readAxis } from './curve.ts';
import type { Curve, CurveRequest, MetricSummary, Point, PointAxis } from './measurement.ts';
import { createStepLimit, type Rewind, selectVisible } from './visible-points.ts';

/** The chunks of one metric beyond their heads, in the order asked for. */
export interface ChunkSource {
  loadData(chunks: readonly number[]): Promise<Uint8Array[]>;
  loadSummaries(chunks: readonly number[]): Promise<Uint8Array[]>;
}

/** A stretch of visible points; stretches follow each other by step. */
type Stretch =
  | { readonly kind: 'chunk'; readonly head: ChunkHead; readonly extremes: ChunkExtremes }
  | { readonly kind: 'points'; readonly points: readonly Point[] };

/** Curves of fewer points are made of the points themselves, finer than blocks. */
const MOST_DECODED = 100_000;

/** @param heads  of one metric */
export async function loadStretches(
  heads: readonly ChunkHead[],
  rewinds: readonly Rewind[],
  source: ChunkSource,
): Promise<Stretch[]> {
  const limitOf = createStepLimit(rewinds);
  const shown = heads
    .filter(({ attempt, firstStep }) => firstStep <= limitOf(attempt))
    .sort((a, b) => a.firstStep - b.firstStep);
  const groups: ChunkHead[][] = [];
  let reach = Number.NEGATIVE_INFINITY;
  for (const head of shown) {
    const group = groups.at(-1);
    if (group === undefined || head.firstStep > reach) groups.push([head]);
    else group.push(head);
    reach = Math.max(reach, head.lastStep);
  }
  return Promise.all(
    groups.map(async (group): Promise<Stretch> => {
      const head = group[0]!;
      const extremes = new ChunkExtremes(head);
      if (group.length === 1 && extremes.isOrdered('step') && head.lastStep <= limitOf(head.attempt))
        return { kind: 'chunk', head, extremes };
      const written = [...group].sort((a, b) => a.attempt - b.attempt || a.chunk - b.chunk);
      return { kind: 'points', points: selectVisible(await decode(written, source), rewinds) };
    }),
  );
}

/** All visible points by step. */
export async function loadVisiblePoints(
  stretches: readonly Stretch[],
  source: ChunkSource,
): Promise<Point[]> {
  const heads = stretches.flatMap((one) => (one.kind === 'chunk' ? [one.head] : []));
  const data = await source.loadData(heads.map(({ chunk }) => chunk));
  let next = 0;
  return stretches.flatMap((one) =>
    one.kind === 'points' ? one.points : unpackPoints(data[next++]!, one.head.attempt),
  );
}

/** null: no point is visible. */
export function summarizeStretches(name: string, stretches: readonly Stretch[]): MetricSummary | null {
  const filled = stretches.filter((one) => countOf(one) > 0);
  if (filled.length === 0) return null;
  const first = firstOf(filled[0]!);
  const last = lastOf(filled.at(-1)!);
  const low = filled.map(lowestOf).reduce(lowerOf);
  const high = filled.map(highestOf).reduce(higherOf);
  return {
    name,
    count: filled.reduce((sum, one) => sum + countOf(one), 0),
    first: first.value,
    last: last.value,
    min: low.value,
    max: high.value,
    firstStep: first.step,
    lastStep: last.step,
    minStep: low.step,
    maxStep: high.step,
    lastTimeMs: last.timeMs,
  };
}

export async function buildStretchCurve(
  stretches: readonly Stretch[],
  request: CurveRequest,
  source: ChunkSource,
): Promise<Curve> {
  const { axis, from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY, maxPoints } = request;
  const filled = stretches.filter((one) => countOf(one) > 0);
  if (!areOrdered(filled, axis)) return buildCurve(await loadVisiblePoints(filled, source), request);
  const within: Stretch[] = [];
  for (const one of filled) {
    const [start, end] = [readAxis(firstOf(one), axis), readAxis(lastOf(one), axis)];
    if (end < from || start > to) continue;
    if (start >= from && end <= to) {
      within.push(one);
      continue;
    }
    const points = (await loadVisiblePoints([one], source)).filter(
      (point) => readAxis(point, axis) >= from && readAxis(point, axis) <= to,
    );
    if (points.length > 0) within.push({ kind: 'points', points });
  }
  const total = within.reduce((sum, one) => sum + countOf(one), 0);
  if (total <= Math.max(MOST_DECODED, maxPoints))
    return buildCurve(await loadVisiblePoints(within, source), request);
  return { total, points: thinBlocks(within, await loadBlocks(within, maxPoints, source), maxPoints) };
}

/** Whole chunks where there are as many as buckets; else their blocks. */
async function loadBlocks(
  stretches: readonly Stretch[],
  maxPoints: number,
  source: ChunkSource,
): Promise<Blocks[]> {
  const heads = stretches.flatMap((one) => (one.kind === 'chunk' ? [one.head.chunk] : []));
  const summaries = heads.length >= countBuckets(maxPoints) ? null : await source.loadSummaries(heads);
  let next = 0;
  return stretches.map((one) => {
    if (one.kind === 'points') return asBlocks(one.points);
    return summaries === null ? one.extremes : new ChunkBlocks(summaries[next++]!);
  });
}

/** Each bucket gives two points. */
function countBuckets(maxPoints: number): number {
  return Math.floor((maxPoints - 2) / 2);
}

/** The lowest and the highest point of each bucket, which consists of whole blocks. */
function thinBlocks(stretches: readonly Stretch[], blocksOf: readonly Blocks[], maxPoints: number): Point[] {
  const first = firstOf(stretches[0]!);
  const last = lastOf(stretches.at(-1)!);
  const total = stretches.reduce((sum, one) => sum + countOf(one), 0);
  const buckets = countBuckets(maxPoints);
  const kept: Point[] = [first];
  const keep = (block: { low: Point; high: Point }): void => {
    const pair = block.low.step <= block.high.step ? [block.low, block.high] : [block.high, block.low];
    for (const point of pair) if (point.step > kept.at(-1)!.step && point.step < last.step) kept.push(point);
  };
  let seen = 0;
  let current = -1;
  let low: BlockPoint | null = null;
  let high: BlockPoint | null = null;
  const close = (): void => {
    if (low !== null && high !== null) keep({ low: low.read(), high: high.read() });
    low = null;
    high = null;
  };
  for (const blocks of blocksOf) {
    for (let i = 0; i < blocks.blockCount; i++) {
      const place = Math.floor((seen * buckets) / total);
      if (place !== current) close();
      current = place;
      seen += blocks.countAt(i);
      const [lowest, highest]: [number, number] = [blocks.lowValueAt(i), blocks.highValueAt(i)];
      if (low === null || lowest < (low as BlockPoint).value || Number.isNaN((low as BlockPoint).value))
        low = { value: lowest, read: () => blocks.lowAt(i) };
      if (high === null || highest > (high as BlockPoint).value || Number.isNaN((high as BlockPoint).value))
        high = { value: highest, read: () => blocks.highAt(i) };
    }
  }
  if (buckets > 0) close();
  return [...(buckets > 0 ? kept : [first]), last];
}

interface BlockPoint {
  readonly value: number;
  read(): Point;
}

function asBlocks(points: readonly Point[]): Blocks {
  const blocks = cutBlocks(points);
  return {
    blockCount: blocks.length,
    countAt: (i) => blocks[i]!.count,
    lowAt: (i) => blocks[i]!.low,
    highAt: (i) => blocks[i]!.high,
    lowValueAt: (i) => blocks[i]!.low.value,
    highValueAt: (i) => blocks[i]!.high.value,
  };
}

/** Whether the axis never goes back from the first point to the last. */
function areOrdered(stretches: readonly Stretch[], axis: PointAxis): boolean {
  let before = Number.NEGATIVE_INFINITY;
  for (const one of stretches) {
    if (one.kind === 'chunk') {
      if (!one.extremes.isOrdered(axis) || readAxis(one.extremes.first, axis) < before) return false;
      before = readAxis(one.extremes.last, axis);
      continue;
    }
    for (const point of one.points) {
      const place = readAxis(point, axis);
      if (place < before) return false;
      before = place;
    }
  }
  return true;
}

async function decode(heads: readonly ChunkHead[], source: ChunkSource) {
  const data = await source.loadData(heads.map(({ chunk }) => chunk));
  return heads.flatMap(({ attempt }, i) => unpackPoints(data[i]!, attempt));
}

function countOf(stretch: Stretch): number {
  return stretch.kind === 'chunk' ? stretch.head.count : stretch.points.length;
}

function firstOf(stretch: Stretch): Point {
  return stretch.kind === 'chunk' ? stretch.extremes.first : stretch.points[0]!;
}

function lastOf(stretch: Stretch): Point {
  return stretch.kind === 'chunk' ? stretch.extremes.last : stretch.points.at(-1)!;
}

function lowestOf(stretch: Stretch): Point {
  return stretch.kind === 'chunk' ? stretch.extremes.lowAt() : stretch.points.reduce(lowerOf);
}

function highestOf(stretch: Stretch): Point {
  return stretch.kind === 'chunk' ? stretch.extremes.highAt() : stretch.points.reduce(higherOf);
}
