// The newest chunks of a metric, which are small: a training writes a few points each time. Sixteen of a size become one, so
// that a metric of any length has few chunks and each point is rewritten a few times only.
import { CHUNK_POINTS } from './chunk.ts';
import type { Point } from './measurement.ts';

const MERGED = 16;

interface TailChunk {
  readonly chunk: number;
  readonly level: number;
  readonly points: readonly Point[];
}

/** What a write adds and replaces. */
export interface TailChange {
  readonly added: readonly { readonly chunk: number; readonly points: readonly Point[] }[];
  readonly removed: readonly number[];
  /** The tail after the write. */
  readonly tail: ChunkTail;
}

export class ChunkTail {
  static readonly empty = new ChunkTail([]);
  readonly #chunks: readonly TailChunk[];

  private constructor(chunks: readonly TailChunk[]) {
    this.#chunks = chunks;
  }

  /** @param nextChunk  gives numbers that grow */
  add(points: readonly Point[], nextChunk: () => number): TailChange {
    const added: { chunk: number; points: readonly Point[] }[] = [];
    const removed: number[] = [];
    let chunks = [...this.#chunks];
    let rest = points;
    for (; rest.length >= CHUNK_POINTS; rest = rest.slice(CHUNK_POINTS)) {
      // Chunks are written in order: smaller ones before a full one stay as they are.
      chunks = [];
      added.push({ chunk: nextChunk(), points: rest.slice(0, CHUNK_POINTS) });
    }
    if (rest.length === 0) return { added, removed, tail: new ChunkTail(chunks) };
    let level = 0;
    let merged = rest;
    const sameLevel = () => chunks.filter((one) => one.level === level);
    while (sameLevel().length >= MERGED - 1) {
      const parts = sameLevel();
      merged = [...parts.flatMap((one) => one.points), ...merged];
      removed.push(...parts.map((one) => one.chunk));
      chunks = chunks.filter((one) => one.level !== level);
      level++;
    }
    const chunk = nextChunk();
    added.push({ chunk, points: merged });
    if (merged.length < CHUNK_POINTS) chunks.push({ chunk, level, points: merged });
    else chunks = [];
    return { added, removed, tail: new ChunkTail(chunks) };
  }
}
