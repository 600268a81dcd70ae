// What the commands `delete` and `gc` have in common: they show what would go and how large it is, and remove it only with
// --yes.
import { appError, EXIT_REFUSED } from '../../foundation/core/index.ts';
import type { WorkflowContext } from '../../workflows/context/index.ts';
import {
  executeRemovals,
  type Removal,
  type RemovalPlan,
  sumRemovals,
} from '../../workflows/storage/index.ts';
import type { Command, CommandInput, CommandResult } from './command.ts';
import { formatTable } from './table.ts';

/** Rows of a table for people; --json lists everything. */
const MAX_ROWS = 40;

export const removalOptions: Command['options'] = [
  {
    flags: '--yes',
    description: 'delete it; without --yes the command only lists what it would delete, and exits with 1',
  },
];

export const forceOption: Command['options'][number] = {
  flags: '--force',
  description: 'delete it even if something else still uses it',
};

/** The names given as arguments. @throws USAGE if there are none */
export function readNames(command: string, { args }: CommandInput, what: string): readonly string[] {
  if (args.length > 0) return args;
  throw appError('USAGE', {
    where: command,
    problem: `expected at least one ${what}, got none`,
    hint: `See: veracity ${command.split(' ')[0]} list`,
  });
}

/** `--keep`; null if it was not given. @throws USAGE if it is not a whole number */
export function readKeep(command: string, { options }: CommandInput): number | null {
  const { keep } = options;
  if (keep === undefined) return null;
  if (typeof keep === 'string' && /^\d+$/.test(keep)) return Number(keep);
  throw appError('USAGE', {
    where: `${command} --keep`,
    problem: `expected a whole number, got ${String(keep)}`,
    hint: 'For example --keep 3.',
  });
}

/** Shows the plan and, with --yes, executes it. */
export async function carryOut(
  plan: RemovalPlan,
  { options }: CommandInput,
  context: WorkflowContext,
): Promise<CommandResult & { readonly json: object }> {
  const { removals, notes } = plan;
  const sizeBytes = sumRemovals(plan);
  const isTried = options.dryRun === true;
  const isWanted = options.yes === true && !isTried;
  if (isWanted) await executeRemovals(plan, context);
  const deleted = isWanted && removals.length > 0;
  const total = `${removals.length} ${removals.length === 1 ? 'item' : 'items'}, ${formatSize(sizeBytes)}`;
  const end =
    removals.length === 0
      ? 'nothing to delete'
      : deleted
        ? `deleted ${total}`
        : `${total}; nothing was deleted; to delete it, add --yes`;
  return {
    json: {
      deleted,
      sizeBytes,
      removals: removals.map(({ kind, name, reason, sizeBytes: own }) => ({
        kind,
        name,
        reason,
        sizeBytes: own,
      })),
      notes,
    },
    text: [...(removals.length === 0 ? [] : [formatRemovals(removals)]), ...notes, end].join('\n'),
    exitCode: deleted || isTried || removals.length === 0 ? 0 : EXIT_REFUSED,
  };
}

function formatRemovals(removals: readonly Removal[]): string {
  const shown = removals.length > MAX_ROWS ? removals.slice(0, MAX_ROWS - 1) : removals;
  const rest = removals.slice(shown.length);
  const rows = shown.map(({ kind, name, reason, sizeBytes }) => [
    kind,
    name,
    formatSize(sizeBytes),
    REASONS[reason],
  ]);
  if (rest.length > 0)
    rows.push([
      '…',
      `${rest.length} more`,
      formatSize(sumRemovals({ removals: rest })),
      'all of them with --json',
    ]);
  return formatTable(['what', 'name', 'size', 'why'], rows);
}

const REASONS: Readonly<Record<Removal['reason'], string>> = {
  named: 'as asked',
  abandoned: 'its process was stopped while writing it',
  finished: 'the run has finished',
  old: 'older than those to keep',
  unused: 'no dataset version names it',
  unnamed: 'no pointer names it',
  derived: 'is rebuilt when it is needed',
};

export function formatSize(bytes: number): string {
  if (bytes < 1e3) return `${bytes} B`;
  if (bytes < 1e6) return `${(bytes / 1e3).toFixed(1)} kB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}
