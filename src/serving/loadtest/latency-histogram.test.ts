import { describe, expect, it } from 'vitest';
import { createRandom } from '../../foundation/core/random.ts';
import { createLatencyHistogram } from './latency-histogram.ts';

describe('a latency histogram', () => {
  it('gives percentiles that are at most 0.8% too high and never too low', () => {
    const random = createRandom(5, 'latencies');
    const histogram = createLatencyHistogram();
    const values = Array.from({ length: 20_000 }, () => Math.exp(random.normal() * 3));
    for (const value of values) histogram.add(value);
    const sorted = values.toSorted((a, b) => a - b);
    for (const share of [0.001, 0.25, 0.5, 0.9, 0.99, 0.999, 1]) {
      const exact = sorted[Math.ceil(share * sorted.length) - 1]!;
      const found = histogram.percentileMs(share)!;
      expect(found).toBeGreaterThanOrEqual(exact - 0.0006); // half a microsecond of rounding
      expect(found).toBeLessThanOrEqual(exact * 1.008 + 0.0006);
    }
    expect(histogram.maxMs()).toBe(sorted.at(-1));
    expect(histogram.meanMs()).toBeCloseTo(values.reduce((a, b) => a + b) / values.length, 6);
  });

  it('takes any duration, from nothing to days, in the same memory', () => {
    const histogram = createLatencyHistogram();
    for (const ms of [-1, 0, 0.255, 0.256, 0.511, 0.512, 1, 3_600_000, 86_400_000]) histogram.add(ms);
    expect(histogram.count).toBe(9);
    expect(histogram.listBuckets().reduce((sum, { count }) => sum + count, 0)).toBe(9);
    expect(histogram.percentileMs(0.01)).toBe(0);
    expect(histogram.percentileMs(8 / 9)).toBeCloseTo(3_600_000, -5);
  });

  it('counts requests that took longer than a limit', () => {
    const histogram = createLatencyHistogram();
    for (let ms = 1; ms <= 1000; ms++) histogram.add(ms);
    expect(histogram.countAbove(900)).toBeGreaterThan(90);
    expect(histogram.countAbove(900)).toBeLessThanOrEqual(100);
    expect(histogram.countAbove(2000)).toBe(0);
  });

  it('has no figures before it counted something, and after it was cleared', () => {
    const histogram = createLatencyHistogram();
    expect([histogram.percentileMs(0.5), histogram.meanMs(), histogram.maxMs()]).toEqual([null, null, null]);
    histogram.add(3);
    histogram.clear();
    expect([histogram.count, histogram.percentileMs(0.5)]).toEqual([0, null]);
  });
});
