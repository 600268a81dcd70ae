// The check of a pull request that changes data: fetches the data, audits it with the limits of training, describes it, and compares
// it with the base of the pull request.
import { join, posix } from 'node:path';
import { appError, isAppError, resolveUserPath } from '../../foundation/core/index.ts';
import {
  askGit,
  findPointers,
  isInside,
  nameInRepository,
  parsePointerFile,
  type TrackedData,
} from '../../keeping/dvc/index.ts';
import { samplePath } from '../../learning/data/index.ts';
import {
  type DataDifference,
  type DataStatistics,
  formatDifferenceMarkdown,
  formatStatisticsMarkdown,
} from '../../learning/inspect/index.ts';
import type { DataConfig } from '../configuration/index.ts';
import type { WorkflowContext } from '../context/index.ts';
import { compareDataStates, describeData } from '../inspect/index.ts';
import { auditArticles } from '../prepare/index.ts';
import { fetchObjects, openRepository, pullData } from '../versioning/index.ts';
import { buildReport, type CheckReport, type CheckStep, runStep } from './check-report.ts';

export interface DataCheckRequest {
  readonly data: DataConfig;
  /** The revision of Git to compare with; null: none. */
  readonly base: string | null;
  readonly remote: string | null;
  /** False: the data is taken as it lies there. */
  readonly pulls: boolean;
}

export interface DataCheck extends CheckReport {
  readonly statistics: DataStatistics | null;
  readonly difference: DataDifference | null;
  readonly leaks: readonly { readonly name: string; readonly summary: string; readonly className: string }[];
}

export async function checkData(request: DataCheckRequest, context: WorkflowContext): Promise<DataCheck> {
  const { data, base } = request;
  const path = resolveUserPath(context.workingDirectory, data.path ?? samplePath);
  const found: {
    statistics: DataStatistics | null;
    difference: DataDifference | null;
    leaks: DataCheck['leaks'];
  } = {
    ...{ statistics: null, difference: null, leaks: [] },
  };
  const steps: CheckStep[] = [
    await runStep('pull', () => pullStep(path, request, context)),
    await runStep('audit', async () => {
      const { leaks, ...step } = await auditStep(data, context);
      found.leaks = leaks;
      return step;
    }),
    await runStep('statistics', async () => {
      const statistics = await describeData({ reference: path, data, tokenizer: null }, context);
      found.statistics = statistics;
      const { articles, classes, distinctSources } = statistics;
      return {
        status: 'ok',
        found: `${articles} articles, ${classes.length} classes, ${distinctSources} sources`,
        details: formatStatisticsMarkdown(statistics),
      };
    }),
    await runStep('difference', async () => {
      if (base === null) return { status: 'skipped', found: 'no base was named (--base)' };
      const difference = await compareWithBase(path, base, request, context);
      found.difference = difference;
      if (difference === null)
        return { status: 'ok', found: `${base} does not have this data: all of it is new` };
      const { added, removed, relabelled, textChanged } = difference;
      return {
        status: 'ok',
        found: `${added} rows added, ${removed} removed, ${relabelled} relabelled, ${textChanged} with another text`,
        details: formatDifferenceMarkdown(difference),
      };
    }),
  ];
  return { ...buildReport('Data', steps), ...found };
}

type StepResult = Omit<CheckStep, 'name'>;

/** Fetches the data by its pointer; data without one lies in Git, or was put there by hand. */
async function pullStep(
  path: string,
  { pulls, remote }: DataCheckRequest,
  context: WorkflowContext,
): Promise<StepResult> {
  if (!pulls) return { status: 'skipped', found: 'not asked for (--no-pull)' };
  let repository: ReturnType<typeof openRepository>;
  try {
    repository = openRepository(context);
  } catch (error) {
    if (isAppError(error) && error.code === 'DATA_NOT_REPOSITORY')
      return { status: 'skipped', found: 'this is no repository of Git or DVC' };
    throw error;
  }
  const covering = findPointers(repository.root).data.filter(
    (one) => one.isCached && (isInside(one.path, path) || isInside(path, one.path)),
  );
  if (covering.length === 0) return { status: 'skipped', found: 'no pointer (.dvc) names this data' };
  const paths = covering.map((one) => one.path);
  const answer = await pullData(paths, { remote, jobs: undefined, force: false }, context);
  const { moved, skipped, failed } = answer;
  const names = failed.slice(0, 20).map((one) => `- \`${one.path}\`: ${one.reason}`);
  return {
    status: failed.length === 0 ? 'ok' : 'failed',
    found: `${moved} objects fetched, ${skipped} there already${failed.length === 0 ? '' : `, ${failed.length} failed`}`,
    ...(failed.length === 0 ? {} : { details: names.join('\n') }),
  };
}

async function auditStep(
  data: DataConfig,
  context: WorkflowContext,
): Promise<StepResult & Pick<DataCheck, 'leaks'>> {
  const { giveAways, rows } = await auditArticles(data, context);
  const stopping = giveAways.filter(({ status }) => status === 'stops');
  const reason = data.accept_leaks;
  const leaks = stopping.map(({ name, summary, className }) => ({ name, summary, className }));
  const lines = stopping.map(({ summary, className, advice }) =>
    `- ${summary} tells ${className}. ${advice ?? ''}`.trimEnd(),
  );
  const count = (status: 'case' | 'unread'): number =>
    giveAways.filter((one) => one.status === status).length;
  const about = [
    `${rows.read} rows, ${rows.read - rows.usable} unusable or empty`,
    ...(count('case') > 0 ? [`${count('case')} above the limits for models that read capitals`] : []),
    ...(count('unread') > 0 ? [`${count('unread')} in columns that no model reads`] : []),
  ].join('; ');
  if (stopping.length === 0) return { leaks, status: 'ok', found: `no give-away above the limits; ${about}` };
  const above = `${stopping.length} give-away${stopping.length === 1 ? '' : 's'} above the limits`;
  return reason === null
    ? { leaks, status: 'failed', found: `${above}; ${about}`, details: lines.join('\n') }
    : { leaks, status: 'ok', found: `${above}, accepted: ${reason}; ${about}`, details: lines.join('\n') };
}

/** null: the base does not have this data. */
async function compareWithBase(
  path: string,
  base: string,
  { data, remote }: DataCheckRequest,
  context: WorkflowContext,
): Promise<DataDifference | null> {
  const options = { data, after: path, titles: false, listed: 0 };
  const root = askGit(context.workingDirectory, ['rev-parse', '--show-toplevel'])?.toString('utf8').trim();
  if (root === undefined || askGit(root, ['rev-parse', '--verify', '--quiet', `${base}^{commit}`]) === null)
    throw appError('FILE_NOT_FOUND', {
      path: base,
      kind: 'revision of Git (fetch the whole history in CI: fetch-depth: 0)',
    });
  const name = nameInRepository(root, path);
  try {
    return await compareDataStates({ ...options, before: `${base}:${name}` }, context);
  } catch (error) {
    if (!isAppError(error)) throw error;
    if (error.code === 'FILE_NOT_FOUND' && String(error.details.path).startsWith(`${base}:`)) return null;
    if (error.code !== 'CACHE_OBJECT_MISSING') throw error;
  }
  // The cache lacks the content of the base: what its pointers name is fetched from the remote of today.
  const pointed = readPointersOf(base, name, root).filter(
    (one) => one.isCached && (isInside(one.path, path) || isInside(path, one.path)),
  );
  const [first] = (await fetchObjects(pointed, { remote, jobs: undefined }, context)).failed;
  if (first !== undefined)
    throw appError('CACHE_OBJECT_MISSING', { path: `${base}: ${first.path}`, md5: first.key });
  return compareDataStates({ ...options, before: `${base}:${name}` }, context);
}

/** What the pointer beside a file or folder, and each `dvc.lock` above it, said in a revision. */
function readPointersOf(base: string, name: string, root: string): TrackedData[] {
  const folders = name.split('/').map((_, i, parts) => parts.slice(0, i).join('/'));
  const pointers = [`${name}.dvc`, ...folders.map((folder) => posix.join(folder, 'dvc.lock'))];
  return pointers.flatMap((pointer) => {
    const text = askGit(root, ['show', `${base}:${pointer}`]);
    return text === null ? [] : parsePointerFile(text.toString('utf8'), join(root, pointer));
  });
}
