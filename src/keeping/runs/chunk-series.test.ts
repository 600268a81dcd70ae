import { describe, expect, it } from 'vitest';
import { createRandom } from '../../foundation/core/random.ts';
import { type ChunkHead, packChunk } from './chunk.ts';
import {
  buildStretchCurve,
  type ChunkSource,
  loadStretches,
  loadVisiblePoints,
  summarizeStretches,
} from './chunk-series.ts';
import { ChunkTail } from './chunk-tail.ts';
import { summarizePoints } from './metric-summary.ts';

describe('a long metric in chunks', () => {
  const random = createRandom(7);
  const points = Array.from({ length: 250_000 }, (_, i) => ({
    ...{ step: i + 1, epoch: i / 1e4, articles: i * 16, timeMs: 1e12 + i },
    value: random.next() < 1e-4 ? 100 * (random.next() - 0.5) : random.next(),
  }));
  const data = new Map<number, Uint8Array>();
  const heads: ChunkHead[] = [];
  let read = 0;
  const summaries = new Map<number, Uint8Array>();
  let summariesRead = 0;
  const source: ChunkSource = {
    loadData: async (chunks) => {
      read += chunks.length;
      return chunks.map((chunk) => data.get(chunk)!);
    },
    loadSummaries: async (chunks) => {
      summariesRead += chunks.length;
      return chunks.map((chunk) => summaries.get(chunk)!);
    },
  };
  for (let start = 0; start < points.length; start += 4096) {
    const chunk = heads.length;
    const { data: bytes, summary, ...head } = packChunk(points.slice(start, start + 4096));
    heads.push({ attempt: 1, chunk, ...head });
    data.set(chunk, bytes);
    summaries.set(chunk, summary);
  }

  it.each([500, 100])('gives a curve of %i points with true extremes without the data', async (maxPoints) => {
    const stretches = await loadStretches(heads, [], source);
    summariesRead = 0;
    const curve = await buildStretchCurve(stretches, { axis: 'step', maxPoints }, source);
    expect(read).toBe(0);
    // 62 chunks are enough for the 49 buckets of 100 points: then the heads are all that is read.
    expect(summariesRead).toBe(maxPoints === 500 ? heads.length : 0);
    expect(curve.total).toBe(points.length);
    expect(curve.points.length).toBeLessThanOrEqual(maxPoints);
    expect(curve.points.length).toBeGreaterThan(maxPoints / 2);
    expect([curve.points[0], curve.points.at(-1)]).toEqual([points[0], points.at(-1)]);
    const values = curve.points.map(({ value }) => value);
    expect(Math.min(...values)).toBe(points.reduce((low, { value }) => Math.min(low, value), 0));
    expect(Math.max(...values)).toBe(points.reduce((high, { value }) => Math.max(high, value), 0));
    for (const point of curve.points) expect(point).toEqual(points[point.step - 1]);
    const steps = curve.points.map(({ step }) => step);
    expect(steps).toEqual([...new Set(steps)].sort((a, b) => a - b));
    const reach = (6 * points.length) / maxPoints;
    for (let i = 0; i < points.length; i += 997) {
      const near = curve.points.filter(({ step }) => Math.abs(step - i) <= reach).map(({ value }) => value);
      expect(points[i]!.value).toBeLessThanOrEqual(Math.max(...near));
      expect(points[i]!.value).toBeGreaterThanOrEqual(Math.min(...near));
    }
  });

  it('has the summary and the points that it was made of, also where a resume cut it', async () => {
    const whole = await loadStretches(heads, [], source);
    expect(summarizeStretches('loss', whole)).toEqual(summarizePoints('loss', points));
    const cut = await loadStretches(heads, [{ attempt: 2, step: 5000 }], source);
    const left = await loadVisiblePoints(cut, source);
    expect(left.map(({ step }) => step)).toEqual(points.slice(0, 5000).map(({ step }) => step));
    expect(summarizeStretches('loss', cut)).toEqual(summarizePoints('loss', points.slice(0, 5000)));
  });
});

describe('the newest chunks of a metric', () => {
  it('are merged: few are left of many small writes, and each point is in one', () => {
    let tail = ChunkTail.empty;
    let next = 0;
    const kept = new Map<number, number[]>();
    for (let step = 1; step <= 10_000; step++) {
      const change = tail.add([{ step, epoch: 0, articles: 0, timeMs: 0, value: step }], () => next++);
      for (const chunk of change.removed) kept.delete(chunk);
      for (const { chunk, points } of change.added)
        kept.set(
          chunk,
          points.map((point) => point.step),
        );
      tail = change.tail;
    }
    expect(kept.size).toBeLessThan(60);
    expect([...kept.entries()].sort(([a], [b]) => a - b).flatMap(([, steps]) => steps)).toEqual(
      Array.from({ length: 10_000 }, (_, i) => i + 1),
    );
  });
});
