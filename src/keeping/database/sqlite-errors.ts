// Failures of SQLite as errors of the catalogue.
import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { appError, asSystemError, isAppError } from '../../foundation/core/index.ts';

/** Result codes of SQLite, https://www.sqlite.org/rescode.html; the low byte of the extended ones. */
const BUSY = 5;
const LOCKED = 6;
const READONLY = 8;
const IO = 10;
const CORRUPT = 11;
const FULL = 13;
const CANTOPEN = 14;
const NOT_A_DATABASE = 26;
/** SQLite makes a file of 32 KiB beside the database when it opens it. */
const LEAST_FREE_BYTES = 65_536;

export function asSqliteError(error: unknown, path: string, busyMs: number): unknown {
  if (isAppError(error)) return error;
  const code = readCode(error);
  const problem = error instanceof Error ? error.message : String(error);
  switch (code) {
    case BUSY:
    case LOCKED:
      return appError('DATABASE_LOCKED', { path, seconds: busyMs / 1000 }, { cause: error });
    case FULL:
      return appError('DISK_FULL', { path }, { cause: error });
    case CORRUPT:
      return appError('DATABASE_DAMAGED', { path, problem }, { cause: error });
    case NOT_A_DATABASE:
      return appError('DATABASE_FOREIGN', { path, got: 'another kind of file' }, { cause: error });
    case READONLY:
    case CANTOPEN:
    case IO:
      return findRefusal(path) ?? appError('DATABASE_UNREADABLE', { path, problem }, { cause: error });
    default:
      return failed(path, problem, error);
  }
}

/** Whether a failure is that another process holds the lock. */
export function isBusy(error: unknown): boolean {
  return readCode(error) === BUSY;
}

/** SQLite does not say why it cannot open or write a file; the system does. */
function findRefusal(path: string): unknown {
  const needed = existsSync(path) ? [path, dirname(path)] : [dirname(path)];
  for (const place of needed) {
    try {
      accessSync(place, constants.R_OK | constants.W_OK);
    } catch (error) {
      return asSystemError(error, place, 'write');
    }
  }
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory())
    return appError('DATABASE_FOREIGN', { path, got: 'a folder' });
  const { bavail, bsize } = statfsSync(dirname(path));
  return bavail * bsize < LEAST_FREE_BYTES ? appError('DISK_FULL', { path }) : null;
}

/** A library that leaves the code out of an error still has SQLite's own words in it. */
const MESSAGES: Readonly<Record<string, number>> = {
  'database is locked': BUSY,
  'database table is locked': LOCKED,
  'attempt to write a readonly database': READONLY,
  'disk I/O error': IO,
  'database disk image is malformed': CORRUPT,
  'database or disk is full': FULL,
  'unable to open database file': CANTOPEN,
  'file is not a database': NOT_A_DATABASE,
};

function readCode(error: unknown): number {
  if (!(error instanceof Error)) return -1;
  if ('errcode' in error) return Number(error.errcode) & 0xff;
  return Object.entries(MESSAGES).find(([message]) => error.message.endsWith(message))?.[1] ?? -1;
}

function failed(path: string, problem: string, cause: unknown): Error {
  return appError('DATABASE_FAILED', { path, problem }, { cause });
}
