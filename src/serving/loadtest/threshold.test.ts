import { describe, expect, it } from 'vitest';
import { intervalOf } from './found-rate.ts';
import { checkThresholds, parseThresholds } from './threshold.ts';

const parse = (text: string) => parseThresholds(text, '--threshold');
const percentiles = { count: 10, mean: 5, p50: 4, p75: 5, p90: 6, p95: 7, p99: 500, 'p99.9': 600, max: 600 };
const counts = { due: 200, answered: 190, rejected: 6, failed: 3, unsent: 1 };
const record = { counts, latencyMs: percentiles, answeredPerSecond: 50 };
const check = (text: string) => checkThresholds(parse(text), record)[0]!;

describe('thresholds', () => {
  it('are read in the units people use', () => {
    expect(parse('p99=500,p95<=0.5s, p99.9=2500ms')).toEqual([
      { measure: 'p99', limit: 500 },
      { measure: 'p95', limit: 500 },
      { measure: 'p99.9', limit: 2500 },
    ]);
    expect(parse('errors=1%,rejected=0.02,rate=50/s')).toEqual([
      { measure: 'errors', limit: 0.01 },
      { measure: 'rejected', limit: 0.02 },
      { measure: 'rate', limit: 50 },
    ]);
  });

  it('are refused where they are none', () => {
    for (const text of ['p99', 'p98=5', 'errors=2', 'errors=200%', 'p99=fast', 'rate=1%', '', 'p99=5 ms x'])
      expect(() => parse(text)).toThrow(expect.objectContaining({ code: 'USAGE' }));
  });

  it('are met up to their limit, a rate from it on', () => {
    expect(check('p99=500')).toEqual({ measure: 'p99', limit: 500, value: 500, met: true });
    expect(check('p99=499').met).toBe(false);
    expect(check('rate=50').met).toBe(true);
    expect(check('rate=51').met).toBe(false);
  });

  it('count rejections separately from errors, and requests that were never sent as errors', () => {
    expect(check('errors=2%')).toMatchObject({ value: 0.02, met: true });
    expect(check('rejected=2%')).toMatchObject({ value: 0.03, met: false });
  });

  it('are missed if no request succeeded', () => {
    const nothing = { ...percentiles, count: 0, p99: null };
    expect(checkThresholds(parse('p99=500'), { ...record, latencyMs: nothing })[0]?.met).toBe(false);
  });
});

describe('the interval of a share', () => {
  it('is Wilson’s', () => {
    const [low, high] = intervalOf(9, 1560); // by hand from the formula
    expect(low).toBeCloseTo(0.00304, 5);
    expect(high).toBeCloseTo(0.01093, 5);
    expect(intervalOf(0, 50)[0]).toBe(0);
    expect(intervalOf(50, 50)[1]).toBe(1);
  });
});
