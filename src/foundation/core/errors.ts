// The error class of the whole program. An error is *yours* (wrong input: exit 2, HTTP 4xx, no stack), *refused* (well-formed, but nothing was
// done: exit 1, no stack), *ours* (a bug: exit
// 70, HTTP 500, stack), or *asked* (a requested stop: exit 130). A symbol marks it, so that two copies of the package
// recognise each other's errors. Codes and templates are in error-catalogue.ts; a test compares docs/errors.md with it.
import { CATALOGUE, type ErrorCode } from './error-catalogue.ts';

const BRAND = Symbol.for('veracity.AppError');
const MAX_DETAIL_CHARS = 200;

/** Exit code of a command that was stopped before its end: 128 + SIGINT, as in shells. */
export const EXIT_STOPPED = 130;

/** Exit code of a command that was refused, had nothing to do, or found what it looked for to be wrong. */
export const EXIT_REFUSED = 1;

/** Facts about a failure as plain JSON. They never contain text of an article. */
export type ErrorDetails = Readonly<Record<string, unknown>>;

/** One of several problems reported together (configuration, dataset rows, request bodies). */
export interface Issue {
  readonly path: string;
  readonly code: string;
  readonly message: string;
}

export class AppError extends Error {
  readonly [BRAND] = true;
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly details: ErrorDetails;
  readonly hint: string;
  readonly httpStatus: number;
  readonly exitCode: number;
  readonly issues: readonly Issue[];

  constructor(
    code: ErrorCode,
    details: ErrorDetails,
    options: { cause?: unknown; issues?: readonly Issue[] } = {},
  ) {
    const entry = CATALOGUE[code];
    super(fill(entry.message, details), options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.details = details;
    this.hint = fill(entry.hint, details);
    this.httpStatus = entry.httpStatus;
    this.exitCode = exitCodeOf(entry);
    this.issues = options.issues ?? [];
  }
}

/** Creates, but does not throw, the error `code` of the catalogue; `details` fill the `{names}` of its template. */
export function appError(
  code: ErrorCode,
  details: ErrorDetails = {},
  options: { cause?: unknown; issues?: readonly Issue[] } = {},
): AppError {
  if (CATALOGUE[code].httpStatus === 500) return new AppError(code, details, options);
  // Errors other than bugs are shown without their stack. Collecting it would be most of the cost of a refusal, and a
  // server under overload refuses thousands of requests a second.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return new AppError(code, details, options);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

export function isAppError(error: unknown): error is AppError {
  return typeof error === 'object' && error !== null && BRAND in error;
}

/** Asserts a condition that only a bug can violate. @throws INTERNAL_BUG */
export function invariant(condition: unknown, what: string, details: ErrorDetails = {}): asserts condition {
  if (!condition) throw appError('INTERNAL_BUG', { ...details, what });
}

function exitCodeOf({ kind, httpStatus }: (typeof CATALOGUE)[ErrorCode]): number {
  if (kind === 'asked') return EXIT_STOPPED;
  if (kind === 'refused') return EXIT_REFUSED;
  return kind === 'ours' && httpStatus >= 500 ? 70 : 2;
}

/** Fills `{name}`; `{name|a sentence}` is the sentence where there is no such detail. */
function fill(template: string, details: ErrorDetails): string {
  return template.replace(/\{(\w+)(?:\|([^}]*))?\}/g, (_, name: string, otherwise?: string) =>
    otherwise !== undefined && details[name] === undefined ? otherwise : formatDetail(details[name]),
  );
}

function formatDetail(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing');
  return text.length <= MAX_DETAIL_CHARS ? text : `${text.slice(0, MAX_DETAIL_CHARS - 1)}…`;
}
