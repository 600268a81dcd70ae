// veracity data status: which data has changed, and what is missing in the cache.
import { EXIT_REFUSED, formatNames } from '../../foundation/core/index.ts';
import { type DataStatus, readDataStatus, type StatusReport } from '../../workflows/versioning/index.ts';
import type { Command } from './command.ts';
import { formatTable } from './table.ts';

export const dataStatusCommand: Command = {
  name: 'data status',
  summary: 'show which data has changed, and what is missing in the cache',
  argumentsUsage: '[path...]',
  options: [
    { flags: '--verify', description: 'also read the objects in the cache and compare their md5' },
    {
      flags: '--remote [remote]',
      description: 'also ask a remote (name, address or folder; without one: the default) what it lacks',
    },
  ],
  examples: [
    'veracity data status',
    'veracity data status data --verify --json',
    'veracity data status data --remote store',
  ],
  run: async ({ args, options }, context) => {
    const { verify, remote } = options;
    const asked = typeof remote === 'string' ? remote : remote === true ? null : undefined;
    const report = await readDataStatus(args, { verify: verify === true, remote: asked }, context);
    const isDamaged = report.data.some(
      ({ cache, problem }) => problem !== null || (cache !== null && cache.corrupt.length > 0),
    );
    const exitCode = isDamaged || report.broken.length > 0 ? EXIT_REFUSED : 0;
    return { json: report, text: formatStatus(report), exitCode };
  },
};

function formatStatus({ data, broken }: StatusReport): string {
  const lines = broken.map(({ message }) => message);
  if (data.length === 0)
    return [...lines, 'no data with pointers yet; add some with: veracity data add PATH'].join('\n');
  const isAsked = data.some(({ remote }) => remote !== null);
  const rows = data.map((one) => [
    one.path,
    formatState(one),
    formatCache(one),
    ...(isAsked ? [formatRemote(one)] : []),
  ]);
  const headers = ['data', 'here', 'cache', ...(isAsked ? ['remote'] : [])];
  return [...lines, formatTable(headers, rows), ...data.flatMap(adviseOn)].join('\n');
}

function formatState({ state, changes }: DataStatus): string {
  if (state === 'unfinished') return 'checkout was stopped';
  if (state === 'unknown') return 'cannot be compared';
  if (state !== 'changed' || changes === null) return state;
  const parts = [
    [changes.added.length, 'added'],
    [changes.modified.length, 'modified'],
    [changes.removed.length, 'removed'],
  ].filter(([count]) => count !== 0);
  return `changed (${parts.map(([count, word]) => `${count} ${word}`).join(', ')})`;
}

function formatCache({ cache }: DataStatus): string {
  if (cache === null) return 'kept in Git';
  const parts = [
    ...(cache.missing === 0 ? [] : [`${cache.missing} of ${cache.objects} missing`]),
    ...(cache.corrupt.length === 0 ? [] : [`damaged: ${formatNames(cache.damagedFiles)}`]),
  ];
  return parts.length === 0 ? 'whole' : parts.join('; ');
}

function formatRemote({ remote }: DataStatus): string {
  if (remote === null) return 'stays here';
  // Nobody has compared its bytes.
  return remote.missing === 0 ? 'there' : `${remote.missing} of ${remote.objects} missing`;
}

function adviseOn({ path, state, problem, cache }: DataStatus): string[] {
  if (problem !== null) return [`${path}: ${problem.message}`, `  ${problem.hint}`];
  if (cache !== null && cache.missing + cache.corrupt.length > 0 && state !== 'changed')
    return [`${path}: veracity data pull`];
  if (state === 'changed')
    return [`${path}: keep the change with data commit, or undo it with data checkout`];
  return state === 'missing' || state === 'unfinished' ? [`${path}: veracity data checkout`] : [];
}
