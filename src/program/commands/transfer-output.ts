// What `data push` and `data pull` have in common: their options, and what they say of objects that were moved or not.
import { appError, EXIT_REFUSED } from '../../foundation/core/index.ts';
import type { TransferSum } from '../../workflows/versioning/index.ts';
import type { Command, CommandInput } from './command.ts';
import { formatSize } from './removal-output.ts';

/** Failures that are listed; --json has all. */
const MAX_LISTED = 20;

export const transferOptions: Command['options'] = [
  {
    flags: '--remote <remote>',
    description:
      'its name in the configuration, its address, or a folder; default: that of the configuration',
  },
  { flags: '--jobs <number>', description: 'how many objects are moved at once' },
];

export interface TransferArguments {
  readonly paths: readonly string[];
  /** `remote=s3`, `remote.url=…` */
  readonly overrides: readonly string[];
  readonly remote: string | null;
  readonly jobs: number | undefined;
}

/** @throws USAGE if --jobs is no number from 1 on */
export function readTransferOptions(command: string, { args, options }: CommandInput): TransferArguments {
  const { remote, jobs } = options;
  if (jobs !== undefined && !(typeof jobs === 'string' && /^[1-9]\d{0,2}$/.test(jobs)))
    throw appError('USAGE', {
      where: `${command} --jobs`,
      problem: `expected a number from 1 to 999, got ${String(jobs)}`,
      hint: 'For example --jobs 8.',
    });
  const isOverride = (arg: string): boolean => /^[+~]{0,2}remote(?:\.\w+)?=/.test(arg);
  return {
    paths: args.filter((arg) => !isOverride(arg)),
    overrides: args.filter(isOverride),
    remote: typeof remote === 'string' ? remote : null,
    jobs: jobs === undefined ? undefined : Number(jobs),
  };
}

/** The sum as sentences. @param verb  pushed, fetched */
export function formatTransferSum(
  { moved, skipped, bytes, mended, failed }: TransferSum,
  verb: string,
): string[] {
  const count = (number: number): string =>
    `${number.toLocaleString('en')} ${number === 1 ? 'object' : 'objects'}`;
  const there = skipped === 0 ? '' : `; ${skipped.toLocaleString('en')} there already`;
  const shown = failed.slice(0, MAX_LISTED).map(({ path, reason }) => `failed: ${path}: ${reason}`);
  const more = failed.length - shown.length;
  return [
    `${verb} ${count(moved)} (${formatSize(bytes)})${there}`,
    ...mended.map((path) => `${path} was damaged and is right again`),
    ...shown,
    ...(more > 0 ? [`and ${more} more; all of them with --json`] : []),
  ];
}

/** 0 if nothing has failed. */
export function exitCodeOfTransfer({ failed }: TransferSum): number {
  return failed.length === 0 ? 0 : EXIT_REFUSED;
}
