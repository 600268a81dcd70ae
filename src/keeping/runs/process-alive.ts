// Whether the process that began something is still there. A number alone is not enough: after a reboot, or in a
// restarted container, another process has it; so its start time is compared where the system tells (Linux's /proc).
import { readFileSync } from 'node:fs';
import { errorCodeOf } from '../../foundation/core/index.ts';

const CLOCK_TICKS_PER_SECOND = 100; // USER_HZ, fixed at 100 on every Linux that Node.js runs on
const SLACK_MS = 2000; // btime is in whole seconds

/** True while `processId` runs and is not younger than `sinceIso`. */
export function isProcessAlive(processId: number, sinceIso: string): boolean {
  try {
    process.kill(processId, 0);
  } catch (error) {
    if (errorCodeOf(error) !== 'EPERM') return false; // EPERM: alive, but someone else's
  }
  const startedMs = readStartMs(processId);
  return startedMs === null || startedMs <= Date.parse(sinceIso) + SLACK_MS;
}

/** Wall time in milliseconds at which a process began; null where the system does not tell. */
function readStartMs(processId: number): number | null {
  try {
    const afterName = readFileSync(`/proc/${processId}/stat`, 'utf8').split(') ').at(-1) ?? '';
    const startTicks = Number(afterName.split(' ')[19]); // field 22 of proc(5), counted behind the name
    const bootSeconds = Number(/^btime (\d+)$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[1]);
    const startMs = (bootSeconds + startTicks / CLOCK_TICKS_PER_SECOND) * 1000;
    return Number.isFinite(startMs) ? startMs : null;
  } catch {
    return null; // no /proc here: the number is all there is
  }
}
