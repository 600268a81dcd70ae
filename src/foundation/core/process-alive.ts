// Tells whether a process that was running at a known time still runs. Its number is not enough: after a reboot or in a
// restarted container another process may have it. So its start time is compared, too, on Linux, where /proc has it.
import { readFileSync } from 'node:fs';
import { errorCodeOf } from './system-error.ts';

const CLOCK_TICKS_PER_SECOND = 100; // USER_HZ, fixed at 100 on every Linux that Node.js runs on
const SLACK_MS = 2000; // btime is in whole seconds

/** True if a process with this number runs and started no later than `sinceIso`. */
export function isProcessAlive(processId: number, sinceIso: string): boolean {
  try {
    process.kill(processId, 0);
  } catch (error) {
    if (errorCodeOf(error) !== 'EPERM') return false; // EPERM: it runs, but belongs to another user
  }
  const found = readStat(processId);
  return found === null || (!found.isDead && found.startMs <= Date.parse(sinceIso) + SLACK_MS);
}

/** Whether a process has ended, and its start in milliseconds since 1970; null if the system does not tell. */
function readStat(processId: number): { readonly isDead: boolean; readonly startMs: number } | null {
  try {
    const afterName = readFileSync(`/proc/${processId}/stat`, 'utf8').split(') ').at(-1) ?? '';
    const fields = afterName.split(' ');
    // Z and X: it was killed, but its parent has not asked for its exit code yet, which may take for ever in a container.
    const isDead = fields[0] === 'Z' || fields[0] === 'X';
    const startTicks = Number(fields[19]); // field 22 of proc(5), counted from the one after the name
    const bootSeconds = Number(/^btime (\d+)$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[1]);
    const startMs = (bootSeconds + startTicks / CLOCK_TICKS_PER_SECOND) * 1000;
    return Number.isFinite(startMs) ? { isDead, startMs } : null;
  } catch {
    return null; // no /proc here: only the number can be compared
  }
}
