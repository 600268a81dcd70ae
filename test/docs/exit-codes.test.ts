// The exit code of every error: 1 and 70 are listed here and in docs/errors.md, 130 is a stop, and all others are 2.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { CATALOGUE, type ErrorCode } from '../../src/foundation/core/error-catalogue.ts';
import { appError } from '../../src/foundation/core/errors.ts';
import { repositoryRoot } from '../architecture/source-imports.ts';

const LISTED: Readonly<Record<number, readonly string[]>> = {
  1: [
    'CACHE_OBJECT_CORRUPT',
    'CACHE_OBJECT_INVALID',
    'CACHE_OBJECT_MISSING',
    'CHECKOUT_UNFINISHED',
    'DATABASE_DAMAGED',
    'DATABASE_FOREIGN',
    'DATABASE_LOCKED',
    'DATABASE_NEWER',
    'DATABASE_REFUSED',
    'DATABASE_REPLACED',
    'DATABASE_UNREACHABLE',
    'DATABASE_UNREADABLE',
    'DATA_CHANGED',
    'DATA_HISTORY_UNREADABLE',
    'DATA_LEAKS',
    'DISK_FULL',
    'EVALUATION_EMPTY',
    'FEEDBACK_FULL',
    'HUB_ACCESS_DENIED',
    'HUB_ANSWER_INVALID',
    'HUB_FILE_MISMATCH',
    'HUB_OFFLINE',
    'HUB_SPACE_LACKING',
    'HUB_UNREACHABLE',
    'KEYS_MISSING',
    'LOADTEST_NOT_LOOPBACK',
    'LOADTEST_NO_ANSWER',
    'MODEL_CHECK_FAILED',
    'MODEL_IN_STAGE',
    'MODEL_NONE',
    'MODEL_UNDECIDED',
    'NOTHING_PREDICTED',
    'PORT_IN_USE',
    'PROMOTION_NEEDS_DEFAULT',
    'PROMOTION_NOT_COMPARABLE',
    'PROMOTION_WORSE',
    'QUEUE_UNAVAILABLE',
    'RECORD_VERSION',
    'REMOTE_ANSWER_INVALID',
    'REMOTE_CLIENT_MISSING',
    'REMOTE_CLOCK',
    'REMOTE_CREDENTIALS',
    'REMOTE_FORBIDDEN',
    'REMOTE_NOT_FOUND',
    'REMOTE_OBJECT_CORRUPT',
    'REMOTE_OBJECT_MISSING',
    'REMOTE_READ_ONLY',
    'REMOTE_UNREACHABLE',
    'REMOTE_VERSIONED',
    'RESUME_FINISHED',
    'ROLLBACK_IMPOSSIBLE',
    'RUN_ACTIVE',
    'RUN_EXPORT_ACTIVE',
    'RUN_LEASE_LOST',
    'RUN_NOT_REPRODUCIBLE',
    'SECRET_FOUND',
    'SOURCE_FILE_MISMATCH',
    'SOURCE_REFUSED',
    'SOURCE_UNREACHABLE',
    'STORAGE_IN_USE',
    'SWEEP_ACTIVE',
    'SWEEP_LEASE_LOST',
    'SYSTEM_REFUSED',
    'TRACKER_HOST_REFUSED',
    'TRACKER_REFUSED',
    'TRACKER_UNREACHABLE',
    'TRIAL_DIED',
    'TRIAL_LEASE_LOST',
  ],
  70: ['COMPRESSION_DISAGREES', 'DATABASE_FAILED', 'ENGINE_FAILED', 'EXPORT_MISMATCH', 'INTERNAL_BUG'],
  130: ['STOPPED'],
};
/** Only in responses of the server, never at the end of a command. */
const HTTP_ONLY = new Set<string>([
  'FEEDBACK_NOT_KEPT',
  'MODEL_FAILED',
  'QUEUE_FULL',
  'RESUME_FAILED',
  'RUN_NOT_RUNNING',
  'SERVER_BUSY',
  'SERVER_STOPPING',
  'WORKER_LOST',
]);

const codes = Object.keys(CATALOGUE) as ErrorCode[];
const expectedOf = (code: string): number =>
  Number(Object.entries(LISTED).find(([, listed]) => listed.includes(code))?.[0] ?? 2);

it.each(codes.filter((code) => !HTTP_ONLY.has(code)).map((code) => [code, expectedOf(code)] as const))(
  '%s ends a command with %i',
  (code, exitCode) => {
    expect(appError(code).exitCode).toBe(exitCode);
  },
);

it('docs/errors.md lists the errors with exit code 1', () => {
  const text = readFileSync(join(repositoryRoot, 'docs/errors.md'), 'utf8');
  const [, list = ''] = /These errors have exit code 1: ([^.]+)\./.exec(text) ?? [];
  expect(list.split(/,\s+/).toSorted()).toEqual(LISTED[1]);
});
