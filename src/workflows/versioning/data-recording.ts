// `data add` and `data commit`: data becomes objects of the cache, and a pointer beside it says which.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { appError, withBuildLock, writeFileAtomic } from '../../foundation/core/index.ts';
import {
  type AllowedSecret,
  assertNoSecrets,
  readAllowedSecrets,
  type SecretCheck,
} from '../../foundation/secrets/index.ts';
import {
  assertInside,
  type DataRecord,
  type DataRepository,
  formatPointer,
  ignoreInGit,
  isCheckoutUnfinished,
  isInside,
  isLeftOut,
  isPointerName,
  listGitFiles,
  listIgnoredByGit,
  type MeasuredData,
  measureData,
  nameInRepository,
  type ObjectCache,
  type ObjectPool,
  POINTER_SUFFIX,
  stageInGit,
  type TrackedData,
  updatePointer,
} from '../../keeping/dvc/index.ts';
import type { WorkflowContext } from '../context/index.ts';
import {
  type DataScope,
  openDataScope,
  overlaps,
  quoteArgument,
  resolveRepositoryPath,
  selectData,
  withObjectPool,
} from './data-scope.ts';

/** Data whose pointer was written, or was right already. */
export interface RecordedData {
  /** Below the root of the repository. */
  readonly path: string;
  readonly pointer: string;
  readonly md5: string;
  readonly sizeBytes: number;
  /** Number of files of a folder; null for a file. */
  readonly files: number | null;
  /** False: the pointer says so already. */
  readonly changed: boolean;
}

export interface RecordingAnswer {
  readonly recorded: readonly RecordedData[];
  /** Files that belong into Git's next commit. */
  readonly forGit: readonly string[];
}

export interface AddOptions {
  readonly force: boolean;
  /** FILE:LINE that holds no secret. */
  readonly allowedSecrets?: readonly string[];
}

/**
 * Adds data: stores it in the cache and writes a pointer beside it, as `dvc add` does. Data that has a pointer is recorded anew.
 * @throws DATA_OUTSIDE_REPOSITORY, DATA_OVERLAP, DATA_IN_GIT, DATA_IGNORED, CHECKOUT_UNFINISHED, FILE_NOT_FOUND,
 *   SECRET_FOUND, SECRET_PLACE_INVALID, USAGE
 */
export async function addData(
  paths: readonly string[],
  { force, allowedSecrets }: AddOptions,
  context: WorkflowContext,
): Promise<RecordingAnswer> {
  const scope = openDataScope(context);
  const { repository } = scope;
  const allowed = readAllowedSecrets(repository.root, allowedSecrets);
  const chosen = [...new Set(paths.map((path) => resolveRepositoryPath(path, repository, context)))];
  for (const path of chosen) assertAddable(path, scope, force);
  assertNotInGit(chosen, repository);
  for (const [i, path] of chosen.entries()) {
    const other = chosen.slice(i + 1).find((one) => overlaps(one, path));
    if (other !== undefined) throw refuseOverlap(path, other, repository);
  }
  const ignored = listIgnored(chosen, repository);
  return withObjectPool(repository, context, async (pool) => {
    const answers: RecordingAnswer[] = [];
    for (const path of chosen) {
      const existing = scope.found.data.find((one) => one.path === path) ?? null;
      answers.push(await recordData(path, existing, { scope, pool, context, ignored, allowed }));
    }
    return joinAnswers(answers, repository, context);
  });
}

/**
 * Records what data with pointers is now. Pointers of DVC 2 are rewritten in the form of DVC 3.
 * @throws POINTER_NOT_FOUND, POINTER_INVALID, CHECKOUT_UNFINISHED, FILE_NOT_FOUND, and what assertInside throws
 */
export async function commitData(
  paths: readonly string[],
  { force }: { readonly force: boolean },
  context: WorkflowContext,
): Promise<RecordingAnswer> {
  const scope = openDataScope(context);
  const { repository } = scope;
  const ofPointers = selectData(paths, scope, context).filter(({ stage }) => stage === null);
  const there = ofPointers.filter(({ path }) => existsSync(path));
  for (const data of ofPointers) {
    assertInside(repository.root, data.path);
    const name = nameInRepository(repository.root, data.path);
    if (there.includes(data)) assertFinished(data.path, repository, force);
    else if (paths.length > 0) throw appError('FILE_NOT_FOUND', { path: name, kind: 'file or folder' });
    else context.say(`${name} is not here: its pointer stays as it is`);
  }
  const ignored = listIgnored(
    there.map(({ path }) => path),
    repository,
  );
  return withObjectPool(repository, context, async (pool) => {
    const answers: RecordingAnswer[] = [];
    for (const data of there)
      answers.push(await recordData(data.path, data, { scope, pool, context, ignored, allowed: null }));
    return joinAnswers(answers, repository, context);
  });
}

interface Recording {
  readonly scope: DataScope;
  readonly pool: ObjectPool;
  readonly context: WorkflowContext;
  /** Paths that Git ignores already. */
  readonly ignored: ReadonlySet<string>;
  /** Places that hold no secret; null: secrets are not looked for. */
  readonly allowed: readonly AllowedSecret[] | null;
}

/** Only files that were not recorded as they are come here. @throws SECRET_FOUND */
async function refuseSecrets(
  files: readonly { readonly path: string }[],
  { root, ...check }: { readonly root: string } & Omit<SecretCheck, 'action'>,
): Promise<void> {
  const named = files.map(({ path }) => ({ path, name: nameInRepository(root, path) }));
  await assertNoSecrets(named, { ...check, action: 'add' });
}

function listIgnored(paths: readonly string[], { root, isGit }: DataRepository): ReadonlySet<string> {
  return isGit ? listIgnoredByGit(root, paths) : new Set();
}

/** The objects come first and the pointer last: a kill leaves a pointer whose objects are all there. */
async function recordData(
  path: string,
  existing: TrackedData | null,
  { scope, pool, context, ignored, allowed }: Recording,
): Promise<RecordingAnswer> {
  const { repository, cache } = scope;
  const { root, temporary } = repository;
  const isCached = existing?.isCached !== false;
  const measured = await measureData({
    root,
    temporary,
    path,
    hash: 'md5',
    read: async (files) => {
      if (allowed !== null) await refuseSecrets(files, { root, allowed, signal: context.signal });
      return isCached ? pool.store(files) : pool.hash(files, 'md5');
    },
    isEnough: (md5) => !isCached || cache.check({ md5, hash: 'md5' }) === 'whole',
  });
  for (const link of measured.skippedLinks)
    context.warn(`${link} is a link to a folder; it is left out, as DVC does`, {
      code: 'DATA_LINK_SKIPPED',
      path: link,
    });
  for (const name of measured.skippedOthers)
    context.warn(
      `${name} of ${nameInRepository(root, path)} is a pipe, a socket or a device; it is left out`,
      {
        code: 'DATA_OTHER_SKIPPED',
        path: name,
      },
    );
  const { record, manifest } = measured;
  cache.saveChecks();
  if (isCached && manifest !== null) cache.storeManifest(manifest, record.md5!);
  if (isCached) await linkToCache(path, measured, { repository, cache, pool });
  const pointer = existing?.pointer ?? path + POINTER_SUFFIX;
  const isIgnored = !repository.isGit || !isCached || ignored.has(path);
  // Two processes that add data at once must not lose each other's entry.
  const gitignore = isIgnored
    ? null
    : await withBuildLock(join(temporary, 'gitignore'), async () => ignoreInGit(path), context.signal);
  const changed = writePointer(pointer, path, existing, record);
  return {
    recorded: [
      {
        path: nameInRepository(root, path),
        pointer: nameInRepository(root, pointer),
        md5: record.md5!,
        sizeBytes: record.sizeBytes ?? 0,
        files: record.files,
        changed,
      },
    ],
    forGit: [...(changed ? [pointer] : []), ...(gitignore === null ? [] : [gitignore])],
  };
}

/** @returns false if the pointer says so already */
function writePointer(
  pointer: string,
  path: string,
  existing: TrackedData | null,
  record: DataRecord,
): boolean {
  if (existing === null) {
    writeFileAtomic(pointer, formatPointer(basename(path), record));
    return true;
  }
  const before = readFileSync(pointer, 'utf8');
  const after = updatePointer(before, pointer, existing.index, record);
  if (after !== before) writeFileAtomic(pointer, after);
  return after !== before;
}

interface LinkTools {
  readonly repository: DataRepository;
  readonly cache: ObjectCache;
  readonly pool: ObjectPool;
}

/** Where the configuration wants links instead of copies, the data becomes links to its objects. */
async function linkToCache(path: string, { record, files }: MeasuredData, tools: LinkTools): Promise<void> {
  const { repository, cache, pool } = tools;
  const [first] = repository.linkTypes;
  if (first !== 'hardlink' && first !== 'symlink') return;
  const all = files ?? [{ relpath: '', md5: record.md5! }];
  await pool.place(
    all.map(({ relpath, md5 }) => ({
      object: cache.locate({ md5, hash: 'md5' }),
      md5,
      hash: 'md5',
      isChecked: true,
      target: relpath === '' ? path : join(path, relpath),
      isExecutable: record.isExecutable,
    })),
    repository.linkTypes,
  );
}

function joinAnswers(
  answers: readonly RecordingAnswer[],
  { root, isAutoStaged }: DataRepository,
  context: WorkflowContext,
): RecordingAnswer {
  const files = [...new Set(answers.flatMap(({ forGit }) => forGit))];
  const isStaged = isAutoStaged && files.length > 0 && stageInGit(root, files);
  if (isAutoStaged && files.length > 0 && !isStaged)
    context.warn('git add failed, although core.autostage is on: the pointers are not in the index', {
      code: 'DATA_NOT_STAGED',
    });
  return {
    recorded: answers.flatMap(({ recorded }) => recorded),
    forGit: isStaged ? [] : files.map((path) => nameInRepository(root, path)),
  };
}

function assertAddable(path: string, { repository, found }: DataScope, force: boolean): void {
  const { root } = repository;
  const name = nameInRepository(root, path);
  if (!existsSync(path)) throw appError('FILE_NOT_FOUND', { path, kind: 'file or folder' });
  assertInside(root, path);
  const stats = statSync(path);
  if (!stats.isFile() && !stats.isDirectory())
    throw appError('USAGE', {
      where: 'data add',
      problem: `expected a file or a folder, got ${name}, which is a pipe, a socket or a device`,
      hint: 'Write what it gives into a file, and add that.',
    });
  if (isPointerName(basename(path)))
    throw appError('USAGE', {
      where: 'data add',
      problem: `expected data, got the pointer ${name}`,
      hint: `To record what its data is now: veracity data commit ${quoteArgument(name)}`,
    });
  if (isInside(path, repository.cache) || isInside(repository.cache, path) || isLeftOut(root, path, true))
    throw appError('DATA_IGNORED', { path: name });
  const other = found.data.find(
    (one) => overlaps(one.path, path) && (one.path !== path || one.stage !== null),
  );
  if (other !== undefined) throw refuseOverlap(path, other.path, repository);
  const broken = found.broken.find((one) => one.path === path + POINTER_SUFFIX);
  if (broken !== undefined) throw broken.error;
  assertFinished(path, repository, force);
}

function assertNotInGit(paths: readonly string[], { root, isGit }: DataRepository): void {
  const inGit = isGit ? listGitFiles(root, paths).map((name) => join(root, name)) : [];
  const path = paths.find((one) => inGit.some((file) => isInside(one, file)));
  if (path === undefined) return;
  const name = nameInRepository(root, path);
  const count = inGit.filter((file) => isInside(path, file)).length;
  throw appError('DATA_IN_GIT', { path: name, count, argument: quoteArgument(name) });
}

function assertFinished(path: string, repository: DataRepository, force: boolean): void {
  if (force || !isCheckoutUnfinished(repository, path)) return;
  const name = nameInRepository(repository.root, path);
  throw appError('CHECKOUT_UNFINISHED', { path: name, argument: quoteArgument(name) });
}

function refuseOverlap(path: string, other: string, { root }: DataRepository): Error {
  const outer = nameInRepository(root, other);
  const argument = quoteArgument(outer);
  return appError('DATA_OVERLAP', {
    path: nameInRepository(root, path),
    other: outer,
    remedy: existsSync(other)
      ? `Record what it is now with: veracity data commit ${argument}`
      : `${outer} is not here. Fetch it with: veracity data pull ${argument}; or remove its pointer.`,
  });
}
