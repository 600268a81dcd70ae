// Points of one metric, packed for a database: five columns of float64 (step, epoch, time, articles, value); a summary with
// the lowest and the highest point of each block of 256; and the extremes of the whole. A curve over millions of points needs
// extremes only.
import type { Point, PointAxis } from './measurement.ts';
import type { WrittenPoint } from './measurement-log.ts';

/** Points of a full chunk. */
export const CHUNK_POINTS = 4096;
const BLOCK_POINTS = 256;
const COLUMNS = 5;
/** Of a summary before its blocks, and of extremes before the lowest and the highest point: flags, first point, last point. */
const HEAD_NUMBERS = 1 + 2 * COLUMNS;
/** Of a block in a summary: count, lowest point, highest point. */
const BLOCK_NUMBERS = 1 + 2 * COLUMNS;

/** The bit of the flags that says that steps increase strictly, or that another axis never goes back. */
const FLAGS: Readonly<Record<PointAxis, number>> = { step: 1, epoch: 2, time: 4, articles: 8 };

export interface PackedChunk {
  readonly count: number;
  readonly firstStep: number;
  readonly lastStep: number;
  readonly extremes: Uint8Array;
  readonly summary: Uint8Array;
  readonly data: Uint8Array;
}

/** Some neighbouring points in few numbers. */
export interface Block {
  readonly count: number;
  readonly low: Point;
  readonly high: Point;
}

/** What is known of a chunk without its data. */
export interface ChunkHead {
  readonly attempt: number;
  /** Grows with the time of writing. */
  readonly chunk: number;
  readonly count: number;
  readonly firstStep: number;
  readonly lastStep: number;
  readonly extremes: Uint8Array;
}

/** The blocks of some points, without an object for each. */
export interface Blocks {
  readonly blockCount: number;
  /** Points of block i. */
  countAt(i: number): number;
  lowAt(i: number): Point;
  highAt(i: number): Point;
  /** Values alone: most blocks of a long curve are looked at and left out. */
  lowValueAt(i: number): number;
  highValueAt(i: number): number;
}

/** @param points  at least one, in the order of writing; the chunk holds them by step */
export function packChunk(points: readonly Point[]): PackedChunk {
  const sorted = [...points].sort((a, b) => a.step - b.step);
  const blocks = cutBlocks(sorted);
  const first = sorted[0]!;
  const last = sorted.at(-1)!;
  const summary = new Float64Array(HEAD_NUMBERS + blocks.length * BLOCK_NUMBERS);
  summary[0] = findFlags(sorted);
  writePoint(summary, 1, first);
  writePoint(summary, 1 + COLUMNS, last);
  for (const [i, block] of blocks.entries()) {
    const start = HEAD_NUMBERS + i * BLOCK_NUMBERS;
    summary[start] = block.count;
    writePoint(summary, start + 1, block.low);
    writePoint(summary, start + 1 + COLUMNS, block.high);
  }
  const n = sorted.length;
  const data = new Float64Array(n * COLUMNS);
  for (const [i, point] of sorted.entries()) {
    data[i] = point.step;
    data[n + i] = point.epoch;
    data[2 * n + i] = point.timeMs;
    data[3 * n + i] = point.articles;
    data[4 * n + i] = point.value;
  }
  return {
    count: n,
    firstStep: first.step,
    lastStep: last.step,
    extremes: findExtremes(new Uint8Array(summary.buffer)),
    summary: new Uint8Array(summary.buffer),
    data: new Uint8Array(data.buffer),
  };
}

export function unpackPoints(data: Uint8Array, attempt: number): WrittenPoint[] {
  const numbers = asNumbers(data);
  const n = numbers.length / COLUMNS;
  const points: WrittenPoint[] = [];
  for (let i = 0; i < n; i++)
    points.push({
      step: numbers[i]!,
      epoch: numbers[n + i]!,
      timeMs: numbers[2 * n + i]!,
      articles: numbers[3 * n + i]!,
      value: numbers[4 * n + i]!,
      attempt,
    });
  return points;
}

/** The extremes that belong to a summary; rows of versions 1 to 3 of the database have the summary alone. */
export function findExtremes(summary: Uint8Array): Uint8Array {
  const numbers = asNumbers(summary);
  const blocks = new ChunkBlocks(summary);
  const extremes = new Float64Array(HEAD_NUMBERS + 2 * COLUMNS);
  extremes.set(numbers.subarray(0, HEAD_NUMBERS));
  const all = Array.from({ length: blocks.blockCount }, (_, i) => i);
  writePoint(extremes, HEAD_NUMBERS, all.map((i) => blocks.lowAt(i)).reduce(lowerOf));
  writePoint(extremes, HEAD_NUMBERS + COLUMNS, all.map((i) => blocks.highAt(i)).reduce(higherOf));
  return new Uint8Array(extremes.buffer);
}

/** What a curve needs of a whole chunk: it is one block. */
export class ChunkExtremes implements Blocks {
  readonly blockCount = 1;
  readonly #numbers: Float64Array;
  readonly #count: number;

  constructor({ extremes, count }: Pick<ChunkHead, 'extremes' | 'count'>) {
    this.#numbers = asNumbers(extremes);
    this.#count = count;
  }

  /** Whether steps increase strictly, or the other axis never goes back. */
  isOrdered(axis: PointAxis): boolean {
    return (this.#numbers[0]! & FLAGS[axis]) !== 0;
  }

  get first(): Point {
    return readPoint(this.#numbers, 1);
  }

  get last(): Point {
    return readPoint(this.#numbers, 1 + COLUMNS);
  }

  countAt(): number {
    return this.#count;
  }

  lowAt(): Point {
    return readPoint(this.#numbers, HEAD_NUMBERS);
  }

  highAt(): Point {
    return readPoint(this.#numbers, HEAD_NUMBERS + COLUMNS);
  }

  lowValueAt(): number {
    return this.#numbers[HEAD_NUMBERS + COLUMNS - 1]!;
  }

  highValueAt(): number {
    return this.#numbers[HEAD_NUMBERS + 2 * COLUMNS - 1]!;
  }
}

/** The blocks of a chunk's summary. */
export class ChunkBlocks implements Blocks {
  readonly #numbers: Float64Array;

  constructor(summary: Uint8Array) {
    this.#numbers = asNumbers(summary);
  }

  get blockCount(): number {
    return (this.#numbers.length - HEAD_NUMBERS) / BLOCK_NUMBERS;
  }

  countAt(i: number): number {
    return this.#numbers[HEAD_NUMBERS + i * BLOCK_NUMBERS]!;
  }

  lowAt(i: number): Point {
    return readPoint(this.#numbers, HEAD_NUMBERS + i * BLOCK_NUMBERS + 1);
  }

  highAt(i: number): Point {
    return readPoint(this.#numbers, HEAD_NUMBERS + i * BLOCK_NUMBERS + 1 + COLUMNS);
  }

  lowValueAt(i: number): number {
    return this.#numbers[HEAD_NUMBERS + i * BLOCK_NUMBERS + COLUMNS]!;
  }

  highValueAt(i: number): number {
    return this.#numbers[HEAD_NUMBERS + i * BLOCK_NUMBERS + 2 * COLUMNS]!;
  }
}

/** Blocks of neighbouring points. */
export function cutBlocks(points: readonly Point[]): Block[] {
  const blocks: Block[] = [];
  for (let start = 0; start < points.length; start += BLOCK_POINTS) {
    const end = Math.min(points.length, start + BLOCK_POINTS);
    let low = points[start]!;
    let high = low;
    for (let i = start + 1; i < end; i++) {
      low = lowerOf(low, points[i]!);
      high = higherOf(high, points[i]!);
    }
    blocks.push({ count: end - start, low, high });
  }
  return blocks;
}

/** The first where they are equal; NaN only where both are. */
export function lowerOf(a: Point, b: Point): Point {
  return b.value < a.value || Number.isNaN(a.value) ? b : a;
}

export function higherOf(a: Point, b: Point): Point {
  return b.value > a.value || Number.isNaN(a.value) ? b : a;
}

function findFlags(sorted: readonly Point[]): number {
  let flags = FLAGS.step | FLAGS.epoch | FLAGS.time | FLAGS.articles;
  for (let i = 1; i < sorted.length; i++) {
    const [a, b] = [sorted[i - 1]!, sorted[i]!];
    if (b.step <= a.step) flags &= ~FLAGS.step;
    if (b.epoch < a.epoch) flags &= ~FLAGS.epoch;
    if (b.timeMs < a.timeMs) flags &= ~FLAGS.time;
    if (b.articles < a.articles) flags &= ~FLAGS.articles;
  }
  return flags;
}

function writePoint(numbers: Float64Array, start: number, point: Point): void {
  numbers[start] = point.step;
  numbers[start + 1] = point.epoch;
  numbers[start + 2] = point.timeMs;
  numbers[start + 3] = point.articles;
  numbers[start + 4] = point.value;
}

function readPoint(numbers: Float64Array, start: number): Point {
  return {
    step: numbers[start]!,
    epoch: numbers[start + 1]!,
    timeMs: numbers[start + 2]!,
    articles: numbers[start + 3]!,
    value: numbers[start + 4]!,
  };
}

/** Bytes from a driver may begin at any address. */
function asNumbers(bytes: Uint8Array): Float64Array {
  const { buffer, byteOffset, byteLength } = bytes;
  return byteOffset % 8 === 0
    ? new Float64Array(buffer as ArrayBuffer, byteOffset, byteLength / 8)
    : new Float64Array(bytes.slice().buffer as ArrayBuffer);
}
