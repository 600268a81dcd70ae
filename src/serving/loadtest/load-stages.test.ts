import { describe, expect, it } from 'vitest';
import { createRandom } from '../../foundation/core/random.ts';
import { levelAt, listArrivals, nextWanted, sumSeconds } from './load-stages.ts';

const hold = (level: number, seconds: number) => ({ from: level, to: level, seconds });
const climb = (from: number, to: number, seconds: number) => ({ from, to, seconds });

describe('arrivals', () => {
  it('come at even gaps at a steady rate', () => {
    expect([...listArrivals([hold(4, 2)])]).toEqual([0, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75]);
  });

  it('are as many at any moment as the levels add up to, through climbs, falls and pauses', () => {
    const stages = [climb(0, 20, 10), hold(20, 5), climb(20, 0, 4), hold(0, 3), hold(10, 2)];
    const arrivals = [...listArrivals(stages)];
    expect(arrivals).toHaveLength(100 + 100 + 40 + 20);
    expect(arrivals).toEqual(arrivals.toSorted((a, b) => a - b));
    for (const second of [3, 7.5, 12, 17, 20, 22.5, 23.9]) {
      let area = 0;
      for (let t = 0; t < second; t += 0.001) area += levelAt(stages, t) * 0.001;
      expect(Math.abs(arrivals.filter((at) => at < second).length - area)).toBeLessThan(1.2);
    }
    expect(arrivals.some((at) => at >= 19 && at < 22)).toBe(false);
  });

  it('come with the gaps of independent clients where random ones are wanted, the same for the same seed', () => {
    const arrivals = [...listArrivals([hold(50, 200)], createRandom(1))];
    expect(arrivals.length).toBeGreaterThan(9700);
    expect(arrivals.length).toBeLessThan(10_300);
    const gaps = arrivals.slice(1).map((at, i) => at - arrivals[i]!);
    const mean = gaps.reduce((a, b) => a + b) / gaps.length;
    const deviation = Math.sqrt(gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length);
    expect(deviation / mean).toBeCloseTo(1, 1); // of an exponential distribution
    expect([...listArrivals([hold(50, 200)], createRandom(1))]).toEqual(arrivals);
  });
});

describe('users', () => {
  it('are wanted from the moment the level passes them', () => {
    const stages = [climb(0, 10, 10), hold(2, 5), hold(5, 5)];
    expect(sumSeconds(stages)).toBe(20);
    expect(nextWanted(stages, 0, 0)).toBeCloseTo(0, 5);
    expect(nextWanted(stages, 4, 0)).toBeCloseTo(4, 5);
    expect(nextWanted(stages, 4, 7)).toBe(7);
    expect(nextWanted(stages, 4, 11)).toBe(15); // sent home at 10, called back
    expect(nextWanted(stages, 7, 11)).toBeNull();
    expect(nextWanted(stages, 10, 0)).toBeNull();
  });
});
