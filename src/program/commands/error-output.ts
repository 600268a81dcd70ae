// Formats an error: `error CODE: message`, a hint, and one line per issue. The stack is printed only for a bug or with
// --verbose. Errors of the operating system are distinguished from bugs, and a stop from errors.
import {
  type AppError,
  appError,
  asSystemError,
  EXIT_STOPPED,
  isAppError,
} from '../../foundation/core/index.ts';

const MAX_ISSUES = 50;
/** Words for the calls of the system that have another name. */
const ACTIONS: Readonly<Record<string, string>> = {
  mkdir: 'create',
  mkdtemp: 'create a folder in',
  scandir: 'list',
  copyfile: 'copy',
  unlink: 'remove',
  rmdir: 'remove',
  ftruncate: 'shorten',
  fsync: 'write',
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
  const action = error instanceof Error && 'syscall' in error ? String(error.syscall) : null;
  const known = action === null ? error : asSystemError(error, path, ACTIONS[action] ?? action);
  if (isAppError(known)) return known;
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

/**
 * The document that --json prints for an error, on one line: a command that streams prints one document on each.
 * @param facts  what is known beside the error, such as the command that continues the work
 */
export function formatErrorDocument(
  { code, message, hint, issues }: AppError,
  facts: Readonly<Record<string, unknown>> = {},
): string {
  return `${JSON.stringify({ error: { code, message, hint, issues }, ...facts })}\n`;
}

function stacksOf(error: unknown): string[] {
  if (!(error instanceof Error)) return error === undefined ? [] : [`caused by: ${String(error)}`];
  return [
    error.stack ?? error.message,
    ...(error.cause === undefined ? [] : ['caused by:', ...stacksOf(error.cause)]),
  ];
}
