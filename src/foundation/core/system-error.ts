// Errors of the operating system about files, as errors of the catalogue. One table says what each of its codes means, so
// that a full disk, a read-only file system and a missing permission are called that wherever a file is written.
import { appError } from './errors.ts';

/** The disk, the quota or the limit of a file's size is used up. */
const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

interface Refusal {
  /** What the system says, in words. */
  readonly reason: string;
  readonly remedy: string;
}

const MOVE = 'or choose another folder (VERACITY_HOME sets the home, VERACITY_MODELS the registry).';

const REFUSALS: Readonly<Record<string, Refusal>> = {
  EROFS: {
    reason: 'the file system is read-only',
    remedy: `Mount it writable, ${MOVE}`,
  },
  EACCES: {
    reason: 'permission is denied to this user',
    remedy: `Give this user the permission, run as the owner, ${MOVE}`,
  },
  EPERM: {
    reason: 'the system does not permit it (an immutable file or folder, for example)',
    remedy: `Remove that protection, ${MOVE}`,
  },
  ENOENT: {
    reason: 'there is no such file or folder',
    remedy: `Check the path, ${MOVE}`,
  },
  ENOTDIR: {
    reason: 'a file is in the way, where a folder is needed',
    remedy: `Move that file away, ${MOVE}`,
  },
  EEXIST: {
    reason: 'a file is in the way, where a folder is needed',
    remedy: `Move that file away, ${MOVE}`,
  },
  EISDIR: {
    reason: 'a folder is in the way, where a file is needed',
    remedy: 'Move that folder away, or name another file.',
  },
  EMFILE: {
    reason: 'this process has too many files open',
    remedy: 'Raise the limit of open files (ulimit -n).',
  },
  ENFILE: {
    reason: 'this machine has too many files open',
    remedy: 'Close other programs, or raise the limit of the system.',
  },
  ENAMETOOLONG: { reason: 'the name is too long', remedy: 'Choose a shorter name or path.' },
  ELOOP: { reason: 'its links lead in a circle', remedy: 'Correct the links.' },
  EBUSY: { reason: 'another program uses it', remedy: 'Close that program and run the command again.' },
};

/**
 * Turns an error of the operating system into DISK_FULL or SYSTEM_REFUSED. Every other error is returned as it is.
 * @param action  what was tried, as a verb that takes the path: "write", "read", "create"
 */
export function asSystemError(error: unknown, path: string, action: string): unknown {
  const code = errorCodeOf(error) ?? '';
  if (FULL.has(code)) return appError('DISK_FULL', { path }, { cause: error });
  const refusal = Object.hasOwn(REFUSALS, code) ? REFUSALS[code] : undefined;
  return refusal === undefined
    ? error
    : appError('SYSTEM_REFUSED', { path, action, ...refusal }, { cause: error });
}

/** The error of a folder that is there, but takes no new files or folders, such as /proc. */
export function refuseNewFolder(path: string, cause: unknown): Error {
  const reason = 'the system takes no new files or folders there';
  return appError(
    'SYSTEM_REFUSED',
    { path, action: 'create', reason, remedy: `Check the path, ${MOVE}` },
    { cause },
  );
}

/** As asSystemError, for an error of writing `path`. A missing file stays as it is: the caller knows which one it needs. */
export function asDiskError(error: unknown, path: string): unknown {
  return errorCodeOf(error) === 'ENOENT' ? error : asSystemError(error, path, 'write');
}

/** The code of the system error that an error is, or that caused it: ENOSPC for DISK_FULL. */
export function systemCodeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  return 'syscall' in error ? errorCodeOf(error) : systemCodeOf(error.cause);
}

/** The `code` of a Node.js system error, such as ENOENT. */
export function errorCodeOf(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : undefined;
}
