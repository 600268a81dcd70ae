// One build at a time: `npm ci`, `npm start` and `npx veracity` may each start one in the same checkout. The lock is a
// file that names the process; that of a process that is gone is taken over.
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const POLL_MS = 100;
/** Between creating the file and writing a number into it. */
const UNNAMED_MS = 5000;

/**
 * Waits until no other process holds the lock, then takes it.
 * @param onWait  called once, with the process that is waited for
 * @returns gives the lock back
 */
export async function takeLock(path, onWait) {
  let tell = onWait;
  for (;;) {
    mkdirSync(dirname(path), { recursive: true });
    try {
      writeFileSync(path, `${process.pid}`, { flag: 'wx' });
      return () => rmSync(path, { force: true });
    } catch (error) {
      if (error.code !== 'EEXIST' && error.code !== 'ENOENT') throw error;
    }
    const holder = readHolder(path);
    if (holder === null) continue; // given back meanwhile
    if (holder === 0 ? isYoung(path) : isAlive(holder)) {
      tell(holder);
      tell = () => {};
      await pause(POLL_MS);
    } else takeAway(path, holder);
  }
}

/** @returns null: nobody; 0: somebody who has not yet written his number */
function readHolder(path) {
  try {
    return Number(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return null;
    throw error;
  }
}

/** Of several who find the same dead holder one takes the file away; whose it was is looked at again. */
function takeAway(path, holder) {
  const aside = `${path}-${process.pid}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if (error.code === 'ENOENT') return;
    throw error;
  }
  if (readHolder(aside) === holder) rmSync(aside);
  else renameSync(aside, path);
}

function isYoung(path) {
  return Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0) < UNNAMED_MS;
}

function isAlive(pid) {
  if (pid === process.pid) return false; // one before us had our number
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
