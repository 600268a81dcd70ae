// The visible points of a metric from its chunks. Most chunks are visible as a whole, apart from each other and in order:
// their heads are enough. Where chunks overlap or a resume cut one, their points are decoded and the rule is applied.
import {
  type Block,
  type ChunkHead,
  ChunkSummary,
  cutBlocks,
  higherOf,
  lowerOf,
  unpackPoints,
} from './chunk.ts';
import { buildCurve, readAxis } from './curve.ts';
import type { Curve, CurveRequest, MetricSummary, Point, PointAxis } from './measurement.ts';
import { createStepLimit, type Rewind, selectVisible } from './visible-points.ts';

/** Loads the data of chunks, in the order asked for. */
export type LoadChunks = (chunks: readonly number[]) => Promise<Uint8Array[]>;

/** A stretch of visible points; stretches follow each other by step. */
type Stretch =
  | { readonly kind: 'chunk'; readonly head: ChunkHead; readonly summary: ChunkSummary }
  | { readonly kind: 'points'; readonly points: readonly Point[] };

/** Curves of fewer points are made of the points themselves, finer than blocks. */
const MOST_DECODED = 100_000;

/** @param heads  of one metric */
export async function loadStretches(
  heads: readonly ChunkHead[],
  rewinds: readonly Rewind[],
  load: LoadChunks,
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
      const summary = new ChunkSummary(head.summary);
      if (group.length === 1 && summary.isOrdered('step') && head.lastStep <= limitOf(head.attempt))
        return { kind: 'chunk', head, summary };
      const written = [...group].sort((a, b) => a.attempt - b.attempt || a.chunk - b.chunk);
      return { kind: 'points', points: selectVisible(await decode(written, load), rewinds) };
    }),
  );
}

/** All visible points by step. */
export async function loadVisiblePoints(stretches: readonly Stretch[], load: LoadChunks): Promise<Point[]> {
  const heads = stretches.flatMap((one) => (one.kind === 'chunk' ? [one.head] : []));
  const data = await load(heads.map(({ chunk }) => chunk));
  let next = 0;
  return stretches.flatMap((one) =>
    one.kind === 'points' ? one.points : unpackPoints(data[next++]!, one.head.attempt),
  );
}

/** null: no point is visible. */
export function summarizeStretches(name: string, stretches: readonly Stretch[]): MetricSummary | null {
  const filled = stretches.filter((one) => countOf(one) > 0);
  if (filled.length === 0) return null;
  const blocks = filled.flatMap(blocksOf);
  const first = firstOf(filled[0]!);
  const last = lastOf(filled.at(-1)!);
  const low = blocks.map((block) => block.low).reduce(lowerOf);
  const high = blocks.map((block) => block.high).reduce(higherOf);
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
  load: LoadChunks,
): Promise<Curve> {
  const { axis, from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY, maxPoints } = request;
  const filled = stretches.filter((one) => countOf(one) > 0);
  if (!areOrdered(filled, axis)) return buildCurve(await loadVisiblePoints(filled, load), request);
  const within: Stretch[] = [];
  for (const one of filled) {
    const [start, end] = [readAxis(firstOf(one), axis), readAxis(lastOf(one), axis)];
    if (end < from || start > to) continue;
    if (start >= from && end <= to) {
      within.push(one);
      continue;
    }
    const points = (await loadVisiblePoints([one], load)).filter(
      (point) => readAxis(point, axis) >= from && readAxis(point, axis) <= to,
    );
    if (points.length > 0) within.push({ kind: 'points', points });
  }
  const total = within.reduce((sum, one) => sum + countOf(one), 0);
  if (total <= Math.max(MOST_DECODED, maxPoints))
    return buildCurve(await loadVisiblePoints(within, load), request);
  return { total, points: thinBlocks(within, total, maxPoints) };
}

/** The lowest and the highest point of each bucket, which consists of whole blocks. */
function thinBlocks(stretches: readonly Stretch[], total: number, maxPoints: number): Point[] {
  const first = firstOf(stretches[0]!);
  const last = lastOf(stretches.at(-1)!);
  const buckets = Math.floor((maxPoints - 2) / 2);
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
  for (const stretch of stretches) {
    const blocks = readBlocks(stretch);
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

/** The blocks of a stretch, without making an object of each. */
function readBlocks(
  stretch: Stretch,
): Pick<ChunkSummary, 'blockCount' | 'countAt' | 'lowAt' | 'highAt' | 'lowValueAt' | 'highValueAt'> {
  if (stretch.kind === 'chunk') return stretch.summary;
  const blocks = cutBlocks(stretch.points);
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
      if (!one.summary.isOrdered(axis) || readAxis(one.summary.first, axis) < before) return false;
      before = readAxis(one.summary.last, axis);
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

async function decode(heads: readonly ChunkHead[], load: LoadChunks) {
  const data = await load(heads.map(({ chunk }) => chunk));
  return heads.flatMap(({ attempt }, i) => unpackPoints(data[i]!, attempt));
}

function countOf(stretch: Stretch): number {
  return stretch.kind === 'chunk' ? stretch.head.count : stretch.points.length;
}

function firstOf(stretch: Stretch): Point {
  return stretch.kind === 'chunk' ? stretch.summary.first : stretch.points[0]!;
}

function lastOf(stretch: Stretch): Point {
  return stretch.kind === 'chunk' ? stretch.summary.last : stretch.points.at(-1)!;
}

function blocksOf(stretch: Stretch): Block[] {
  return stretch.kind === 'chunk' ? stretch.summary.blocks : cutBlocks(stretch.points);
}
