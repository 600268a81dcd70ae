// Every error the program reports: what it says, what to do, whose fault it is.
// Message grammar: `where: expected X, got Y`; the hint is the next thing to do. Keep it sorted by room.

interface CatalogueEntry {
  /** yours: the input is at fault (exit 2). ours: a bug or a broken machine (exit 70). */
  readonly kind: 'yours' | 'ours';
  readonly httpStatus: number;
  readonly message: string;
  readonly hint: string;
}

const yours = (message: string, hint: string, httpStatus = 400): CatalogueEntry => ({ kind: 'yours', httpStatus, message, hint });
const ours = (message: string, hint: string, httpStatus = 500): CatalogueEntry => ({ kind: 'ours', httpStatus, message, hint });

export const CATALOGUE = {
  // core
  INTERNAL_BUG: ours('internal: {what}', 'This is a mistake of ours. Please report it with the stack shown by --verbose.'),
  FILE_NOT_FOUND: yours('{path}: expected a readable {kind}, found none', 'Check the path; relative paths start at the working directory.', 404),
  FILE_CORRUPT: yours('{path}: expected {expected}, got {got}', 'The file was changed or cut after it was written. Restore it, or make it again with: {remedy}', 409),
  DISK_FULL: yours('{path}: could not write, no space left on the device', 'Free some space and run the same command again; what stood before is intact.', 507),
  RECORD_INVALID: yours('{path}: expected a {record} record of schema version {version}, got something else: {problem}', 'The file was written by another version or edited by hand. Restore it, or make it again.', 409),
  // command line
  USAGE: yours('{where}: {problem}', '{hint}'),
} as const satisfies Record<string, CatalogueEntry>;

export type ErrorCode = keyof typeof CATALOGUE;
