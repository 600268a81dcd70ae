import { describe, expect, it } from 'vitest';
import { shareOut } from './update-shares.ts';

describe('shareOut', () => {
  const parameters = [
    { elements: 23_000_000, inRows: true },
    ...Array.from({ length: 40 }, (_, i) => ({ elements: 500_000 + 1000 * i, inRows: false })),
  ];

  it('gives all to the calling thread if there is no other', () => {
    expect(new Set(shareOut(parameters, 1))).toEqual(new Set([0]));
  });

  it('gives less to a thread that has to copy than to the calling thread, and a share to each', () => {
    const threadOf = shareOut(parameters, 3);
    const elements = [0, 0, 0];
    for (const [i, thread] of threadOf.entries())
      elements[thread]! += parameters[i]!.elements * (parameters[i]!.inRows ? 0.3 : 1);
    expect(elements[0]!).toBeGreaterThan(1.5 * elements[1]!);
    expect(Math.abs(elements[1]! / elements[2]! - 1)).toBeLessThan(0.2);
  });
});
