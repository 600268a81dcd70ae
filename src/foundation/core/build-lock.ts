// Lets one process build a derived file while others that need it wait, instead of each building it. The lock is a file
// beside it that its holder keeps young; a lock whose holder is dead or silent is taken over.
import {
  closeSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeFolder } from './make-folder.ts';
import { isProcessAlive } from './process-alive.ts';
import { processSpace } from './process-space.ts';
import { errorCodeOf } from './system-error.ts';
import { createTemporaryName } from './temporary-name.ts';

const POLL_MS = 100;
const TOUCH_MS = 5_000;
/** A holder elsewhere that has not touched its lock for so long is dead. */
const SILENT_MS = 60_000;

/**
 * Runs `build` while no other process runs a `build` of the same path. It must look first whether the file is there by now.
 * @param path    the file or folder to be built; the lock is `path`.lock
 * @param signal  aborts the wait, with its reason
 */
export async function withBuildLock<T>(
  path: string,
  build: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const lock = `${path}.lock`;
  makeFolder(dirname(lock));
  while (!tryLock(lock)) {
    if (isAbandonedLock(lock)) takeAway(lock);
    else
      await sleep(POLL_MS, undefined, signal === undefined ? {} : { signal }).catch(() =>
        signal?.throwIfAborted(),
      );
  }
  const timer = setInterval(() => touch(lock), TOUCH_MS);
  timer.unref();
  try {
    return await build();
  } finally {
    clearInterval(timer);
    rmSync(lock, { force: true });
  }
}

function tryLock(lock: string): boolean {
  try {
    const file = openSync(lock, 'wx');
    const holder = { process: process.pid, processSpace: processSpace(), since: new Date().toISOString() };
    writeSync(file, JSON.stringify(holder));
    closeSync(file);
    return true;
  } catch (error) {
    if (errorCodeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

function isAbandonedLock(lock: string): boolean {
  const stat = statSync(lock, { throwIfNoEntry: false });
  if (stat === undefined) return false; // it was released just now
  if (Date.now() - stat.mtimeMs > SILENT_MS) return true;
  try {
    const holder = JSON.parse(readFileSync(lock, 'utf8')) as {
      process: number;
      processSpace: string;
      since: string;
    };
    return holder.processSpace === processSpace() && !isProcessAlive(holder.process, holder.since);
  } catch {
    return false; // it is being written
  }
}

/** Of several processes only one moves the file away. */
function takeAway(lock: string): void {
  const away = createTemporaryName(lock);
  try {
    renameSync(lock, away);
    rmSync(away, { force: true });
  } catch (error) {
    if (errorCodeOf(error) !== 'ENOENT') throw error;
  }
}

function touch(lock: string): void {
  try {
    utimesSync(lock, new Date(), new Date());
  } catch {
    // Another process has taken it over after a long pause of this one: both build, as without a lock.
  }
}
