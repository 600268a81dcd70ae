import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../foundation/records/index.ts';
import { createActiveClock, sumActiveSeconds } from './active-time.ts';

const at = (second: number) =>
  ({ schemaVersion: 1, createdAt: new Date(second * 1000).toISOString() }) as const;
/** Worked from second 10 to 15 and, since a resume, from second 100. */
const EVENTS: RunEvent[] = [
  { ...at(10), type: 'started', process: 1, resumedAtStep: 0 },
  { ...at(15), type: 'stopped', step: 3, reason: 'SIGINT' },
  { ...at(100), type: 'started', process: 2, resumedAtStep: 3 },
];

describe('active time', () => {
  it('counts the seconds in which a process worked, not the gap before a resume', () => {
    expect(sumActiveSeconds(EVENTS, at(102).createdAt)).toBe(7);
    expect(sumActiveSeconds([], at(102).createdAt)).toBe(0);
  });

  it('places moments on its axis, and finds them again', () => {
    const clock = createActiveClock(at(8), EVENTS);
    expect([9, 12, 15, 17, 100, 103].map((second) => clock.toSeconds(second * 1000))).toEqual([
      0, 2, 5, 5, 5, 8,
    ]);
    expect([2, 5, 8].map((seconds) => clock.toTimeMs(seconds) / 1000)).toEqual([12, 100, 103]);
  });

  it('counts from the creation of a run that no process has started', () => {
    const clock = createActiveClock(at(8), []);
    expect(clock.toSeconds(11_000)).toBe(3);
    expect(clock.toTimeMs(3)).toBe(11_000);
  });
});
