// The time in which a process worked on a run. What lies between an interruption and a resume does not count.
import type { Run, RunEvent } from '../../foundation/records/index.ts';

/** A process that worked on the run. */
interface Period {
  readonly startMs: number;
  /** Its last event; of the newest period: open. */
  endMs: number;
  /** Worked by earlier processes. */
  readonly beforeMs: number;
}

/** Places the moments of a run on the axis of its active time. Neither way ever goes back. */
export interface ActiveClock {
  /** Seconds worked before a moment. @param timeMs  milliseconds since 1970 */
  toSeconds(timeMs: number): number;
  /** The moment at which so many seconds were worked. */
  toTimeMs(seconds: number): number;
}

/** @param events  of the run, oldest first; before the first process, time counts from the creation of the run */
export function createActiveClock(
  { createdAt }: Pick<Run, 'createdAt'>,
  events: readonly RunEvent[],
): ActiveClock {
  const listed = listPeriods(events);
  const created = { startMs: Date.parse(createdAt), endMs: Number.POSITIVE_INFINITY, beforeMs: 0 };
  const periods = listed.length === 0 ? [created] : listed;
  return {
    toSeconds: (timeMs) =>
      secondsAt(timeMs, periods.findLast(({ startMs }) => startMs <= timeMs) ?? periods[0]!),
    toTimeMs: (seconds) => {
      const ms = seconds * 1000;
      const { startMs, beforeMs } = periods.findLast((period) => period.beforeMs <= ms) ?? periods[0]!;
      return startMs + ms - beforeMs;
    },
  };
}

/** @param untilIso  end of the last period: the present time if a process still works */
export function sumActiveSeconds(events: readonly RunEvent[], untilIso: string): number {
  const last = listPeriods(events).at(-1);
  return last === undefined ? 0 : secondsAt(Date.parse(untilIso), last);
}

function secondsAt(timeMs: number, { startMs, endMs, beforeMs }: Period): number {
  return (beforeMs + Math.max(0, Math.min(timeMs, endMs) - startMs)) / 1000;
}

function listPeriods(events: readonly RunEvent[]): Period[] {
  const periods: Period[] = [];
  let lastMs = 0;
  for (const { type, createdAt } of events) {
    const atMs = Date.parse(createdAt);
    if (type === 'started') {
      const before = periods.at(-1);
      if (before !== undefined) before.endMs = lastMs;
      const beforeMs = before === undefined ? 0 : before.beforeMs + before.endMs - before.startMs;
      periods.push({ startMs: atMs, endMs: Number.POSITIVE_INFINITY, beforeMs });
    }
    lastMs = atMs;
  }
  return periods;
}
