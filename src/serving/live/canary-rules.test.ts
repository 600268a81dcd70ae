import { describe, expect, test } from 'vitest';
import { findReason, isCanaryClient } from './canary-rules.ts';

const LIMITS = {
  windowSeconds: 60,
  minRequests: 100,
  maxErrors: 0.02,
  maxLatencyRatio: 2,
  minLatencyMs: 100,
};
const live = { requests: 1000, failed: 0, p99Ms: 90 };

describe('isCanaryClient', () => {
  const choose = (version: string, share: number): string[] =>
    Array.from({ length: 2000 }, (_, i) => `10.0.${i >> 8}.${i & 255}`).filter((client) =>
      isCanaryClient(client, version, share),
    );

  test('chooses the given share of the clients, none at 0 and all at 1', () => {
    expect(choose('compact@2', 0.1).length).toBeGreaterThan(150);
    expect(choose('compact@2', 0.1).length).toBeLessThan(250);
    expect([choose('compact@2', 0), choose('compact@2', 1)].map((all) => all.length)).toEqual([0, 2000]);
  });

  test('keeps the chosen clients when the share grows, and chooses others for another version', () => {
    const few = choose('compact@2', 0.1);
    expect(new Set(choose('compact@2', 0.3))).toEqual(new Set([...choose('compact@2', 0.3), ...few]));
    const both = choose('compact@3', 0.1).filter((client) => few.includes(client));
    expect(both.length).toBeLessThan(few.length / 2);
  });
});

describe('findReason', () => {
  test('concludes nothing from fewer requests than the minimum', () => {
    expect(findReason({ requests: 99, failed: 99, p99Ms: 0 }, live, LIMITS)).toBeNull();
    expect(findReason({ requests: 100, failed: 3, p99Ms: 0 }, live, LIMITS)).toBe('errors');
    expect(findReason({ requests: 100, failed: 2, p99Ms: 10 }, live, LIMITS)).toBeNull();
  });

  test('calls a canary slow only if it is slower than the live version and than the limit', () => {
    const slow = { requests: 200, failed: 0, p99Ms: 181 };
    expect(findReason(slow, live, LIMITS)).toBe('latency');
    expect(findReason(slow, { ...live, p99Ms: 91 }, LIMITS)).toBeNull();
    expect(findReason({ ...slow, p99Ms: 99 }, { ...live, p99Ms: 1 }, LIMITS)).toBeNull();
    expect(findReason(slow, { ...live, requests: 99 }, LIMITS)).toBeNull();
  });
});
