// Formats an error: `error CODE: message`, a hint, and one line per issue. The stack is printed only for a bug or with
// --verbose. Errors of the operating system are distinguished from bugs, and a stop from errors.
import {
  type AppError,
  appError,
  asDiskError,
  EXIT_STOPPED,
  errorCodeOf,
  type Issue,
  isAppError,
} from '../../foundation/core/index.ts';

const MAX_ISSUES = 50;
/** Words for the system's error codes about paths and permissions. */
const systemReasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  EROFS: 'read-only file system',
  ENOENT: 'no such file or folder',
  ENOTDIR: 'not a folder',
  EISDIR: 'it is a folder',
  EMFILE: 'too many open files',
  ENAMETOOLONG: 'name too long',
};

/** Turns any thrown value into an AppError: a stop, a refusal of the operating system, or else INTERNAL_BUG. */
export function asAppError(error: unknown): AppError {
  if (isAppError(error)) return error;
  if (error instanceof Error && error.name === 'AbortError') {
    // Functions of Node.js wrap the signal's reason as the cause.
    return isAppError(error.cause)
      ? error.cause
      : appError('STOPPED', { by: 'its caller' }, { cause: error });
  }
  const path =
    typeof error === 'object' && error !== null && 'path' in error ? String(error.path) : 'the file';
  const disk = asDiskError(error, path);
  if (isAppError(disk)) return disk;
  const reason = systemReasons[errorCodeOf(error) ?? ''];
  if (reason !== undefined && error instanceof Error && 'syscall' in error) {
    return appError('SYSTEM_REFUSED', { path, action: String(error.syscall), reason }, { cause: error });
  }
  return appError(
    'INTERNAL_BUG',
    { what: error instanceof Error ? error.message : String(error) },
    { cause: error },
  );
}

export function formatError(error: AppError, verbose: boolean): string {
  const isStop = error.exitCode === EXIT_STOPPED;
  const lines = [isStop ? error.message : `error ${error.code}: ${error.message}`];
  if (error.hint !== '') lines.push(`  hint: ${error.hint}`);
  // A single issue repeats the message.
  const listed = error.issues.length === 1 && error.issues[0]!.message === error.message ? [] : error.issues;
  for (const { path, code, message } of listed.slice(0, MAX_ISSUES))
    lines.push(`  - ${path} (${code}): ${message}`);
  if (listed.length > MAX_ISSUES) lines.push(`  … and ${listed.length - MAX_ISSUES} more`);
  if (verbose || error.code === 'INTERNAL_BUG') lines.push(...stacksOf(error));
  return `${lines.join('\n')}\n`;
}

/** The document that --json prints for an error. */
export function toErrorDocument({ code, message, hint, issues }: AppError): {
  error: { code: string; message: string; hint: string; issues: readonly Issue[] };
} {
  return { error: { code, message, hint, issues } };
}

function stacksOf(error: unknown): string[] {
  if (!(error instanceof Error)) return error === undefined ? [] : [`caused by: ${String(error)}`];
  return [
    error.stack ?? error.message,
    ...(error.cause === undefined ? [] : ['caused by:', ...stacksOf(error.cause)]),
  ];
}
