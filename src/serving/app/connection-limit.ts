// How many connections a server may have open. Where a process has reached its limit of open files, Node closes further
// connections without a word. The server therefore stays below that limit, so that it can report the connections that it
// refuses, and open the files that it needs.
import { readdirSync, readFileSync } from 'node:fs';

/** Files that a server opens later: a segment of receipts, feedback, the registry, the files of another version. */
const SPARE_FILES = 12;

/** @returns null: there is no limit, or it is not known */
export function findConnectionLimit(
  limits: () => string = () => readFileSync('/proc/self/limits', 'utf8'),
  countOpen: () => number = () => readdirSync('/proc/self/fd').length,
): number | null {
  try {
    const limit = /^Max open files\s+(\d+)/m.exec(limits())?.[1];
    return limit === undefined ? null : Math.max(1, Number(limit) - countOpen() - SPARE_FILES);
  } catch {
    return null; // no Linux
  }
}
