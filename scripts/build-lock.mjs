// A lock that allows one build at a time: `npm ci`, `npm start` and `npx veracity` may each start one in the same checkout.
// The lock is a file with the id of its process; if that process has ended, another one takes the lock over.
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const POLL_MS = 100;
/** The longest time between creating the file and writing the process id into it. */
const UNNAMED_MS = 5000;

/**
 * Waits until no other process holds the lock, then takes it.
 * @param onWait  called once, with the id of the process that holds the lock
 * @returns a function that releases the lock
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
    if (holder === null) continue; // released meanwhile
    if (holder === 0 ? isYoung(path) : isAlive(holder)) {
      tell(holder);
      tell = () => {};
      await pause(POLL_MS);
    } else takeAway(path, holder);
  }
}

/** @returns the id of the holder; null if there is none; 0 if it has not written its id yet */
function readHolder(path) {
  try {
    return Number(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return null;
    throw error;
  }
}

/** Removes the lock of an ended process. If several processes try, one succeeds; the holder is read again before. */
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
  if (pid === process.pid) return false; // an earlier process had the same id as this one
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
