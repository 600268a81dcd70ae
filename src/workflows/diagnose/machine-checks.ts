// Checks of the machine: cores and memory, a home that can be written, and free space on its disk.
import { randomBytes } from 'node:crypto';
import { accessSync, constants, existsSync, rmdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { asSystemError, isAppError, makeFolder } from '../../foundation/core/index.ts';
import type { Home } from '../../foundation/records/index.ts';
import type { DiskCheck, HomeCheck, MachineCheck } from './check.ts';

const MIN_MEMORY_BYTES = 2 * 1024 ** 3; // what training the compact model takes
const MIN_FREE_BYTES = 2 * 1024 ** 3; // checkpoints of two compact models, token caches and a dataset of ISOT's size

export function checkMachine(): MachineCheck {
  const memoryBytes = totalmem();
  const status = memoryBytes >= MIN_MEMORY_BYTES ? 'ok' : 'warn';
  return { kind: 'machine', status, cores: cpus().length, memoryBytes };
}

const PROBE = 'x'.repeat(4096);
/** Less is a full disk: the database and the prediction log need some room to write at all. */
const MIN_WORKING_BYTES = 32 * 1024 ** 2;

/** Writes a probe file into the home and removes it again. */
export function checkHome({ root }: Pick<Home, 'root'>): HomeCheck {
  const probe = join(root, `.doctor-${randomBytes(4).toString('hex')}`);
  const exists = existsSync(root);
  try {
    accessSync(nearestFolder(root), constants.W_OK);
    makeFolder(root);
    try {
      writeFileSync(probe, PROBE); // an empty file can be made on a full disk
    } finally {
      rmSync(probe, { force: true });
    }
    if (!exists) rmdirSync(root);
    return { kind: 'home', status: 'ok', path: root, exists, problem: null };
  } catch (error) {
    const known = asSystemError(error, root, 'write');
    const isFull = isAppError(known) && known.code === 'DISK_FULL';
    const problem = isFull
      ? 'the disk is full'
      : isAppError(known)
        ? String(known.details.reason)
        : 'unknown';
    return { kind: 'home', status: 'fail', path: root, exists, problem };
  }
}

export function checkDisk({ root }: Pick<Home, 'root'>): DiskCheck {
  const { bavail, bsize } = statfsSync(nearestFolder(root));
  const freeBytes = bavail * bsize;
  const status = freeBytes >= MIN_FREE_BYTES ? 'ok' : freeBytes >= MIN_WORKING_BYTES ? 'warn' : 'fail';
  return { kind: 'disk', status, freeBytes };
}

/** The path itself, or the nearest folder above it that exists. */
function nearestFolder(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : nearestFolder(dirname(path));
}
