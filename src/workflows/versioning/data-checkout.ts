// `data checkout`: data becomes what its pointer says, from the cache. A change that is nowhere else is never lost without
// --force, and nothing is touched before it is known that all objects are there.
import { chmodSync, lstatSync, mkdirSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { appError, errorCodeOf, makeFolder } from '../../foundation/core/index.ts';
import {
  assertInside,
  assertNoLinks,
  beginCheckout,
  endCheckout,
  isFolderData,
  type ManifestFile,
  nameInRepository,
  type ObjectPool,
  openFileState,
  type PlacedFile,
  type TrackedData,
} from '../../keeping/dvc/index.ts';
import type { WorkflowContext } from '../context/index.ts';
import { compareData, listChanges, listMeasuredFiles } from './data-comparison.ts';
import { type DataScope, openDataScope, quoteArgument, selectData, withObjectPool } from './data-scope.ts';

export interface CheckedOutData {
  /** Below the root of the repository. */
  readonly path: string;
  readonly written: number;
  readonly deleted: number;
}

export interface CheckoutAnswer {
  readonly data: readonly CheckedOutData[];
}

/**
 * @param options.force  also where a change would be lost that is in no cache
 * @throws CACHE_OBJECT_MISSING, CACHE_OBJECT_CORRUPT, DATA_CHANGED, POINTER_NOT_FOUND, POINTER_INVALID, and what assertInside
 *   throws
 */
export async function checkoutData(
  paths: readonly string[],
  options: { readonly force: boolean },
  context: WorkflowContext,
): Promise<CheckoutAnswer> {
  const scope = openDataScope(context);
  return checkoutSelected(selectData(paths, scope, context), options, scope, context);
}

/** As checkoutData, for data that was selected before. */
export async function checkoutSelected(
  chosen: readonly TrackedData[],
  { force }: { readonly force: boolean },
  scope: DataScope,
  context: WorkflowContext,
): Promise<CheckoutAnswer> {
  return withObjectPool(scope.repository, context, async (pool) => {
    const plans: CheckoutPlan[] = [];
    for (const { path, isCached } of chosen) if (isCached) assertInside(scope.repository.root, path);
    for (const data of chosen) if (data.isCached) plans.push(await planCheckout(data, scope, pool));
    scope.cache.saveChecks();
    assertObjects(plans, scope);
    if (!force) assertNothingLost(plans);
    const done: CheckedOutData[] = [];
    for (const plan of plans) {
      context.signal.throwIfAborted();
      await carryOutPlan(plan, scope, pool);
      done.push({ path: plan.name, written: plan.toWrite.length, deleted: plan.toDelete.length });
    }
    return { data: done };
  });
}

interface CheckoutPlan {
  readonly data: TrackedData;
  readonly name: string;
  readonly isFinished: boolean;
  readonly isFolder: boolean;
  readonly toWrite: readonly ManifestFile[];
  readonly toDelete: readonly string[];
  /** Files whose bytes are nowhere else. */
  readonly lost: readonly string[];
}

async function planCheckout(data: TrackedData, scope: DataScope, pool: ObjectPool): Promise<CheckoutPlan> {
  const { repository, cache } = scope;
  const name = nameInRepository(repository.root, data.path);
  const { state, measured, expected } = await compareData(data, { ...scope, pool });
  if (expected === null)
    throw appError('CACHE_OBJECT_MISSING', {
      path: data.md5 === null ? name : cache.locate({ md5: data.md5, hash: data.hash }),
      md5: data.md5 ?? 'of its files',
    });
  const there = measured === null ? [] : listMeasuredFiles(measured);
  const { added, modified } = listChanges(there, expected);
  const isSame = new Map(there.map(({ relpath, md5 }) => [relpath, md5]));
  const isKnown = (md5: string): boolean =>
    [data.hash, 'md5' as const].some((hash) => cache.check({ md5, hash }) === 'whole');
  const changed = new Set([...added, ...modified]);
  return {
    data,
    name,
    isFinished: state !== 'unfinished',
    isFolder: isFolderData(data),
    toWrite: expected.filter(({ relpath, md5 }) => isSame.get(relpath) !== md5),
    toDelete: added,
    lost: there
      .filter(({ relpath, md5 }) => changed.has(relpath) && !isKnown(md5))
      .map(({ relpath }) => relpath),
  };
}

function assertObjects(plans: readonly CheckoutPlan[], { cache }: DataScope): void {
  const issues = plans.flatMap(({ data, name, toWrite }) =>
    toWrite
      .filter(({ md5 }) => !cache.has({ md5, hash: data.hash }))
      .map(({ relpath, md5 }) => ({
        path: relpath === '' ? name : `${name}/${relpath}`,
        code: 'CACHE_OBJECT_MISSING',
        message: md5,
      })),
  );
  const [first] = issues;
  if (first !== undefined)
    throw appError('CACHE_OBJECT_MISSING', { path: first.path, md5: first.message }, { issues });
}

function assertNothingLost(plans: readonly CheckoutPlan[]): void {
  const issues = plans.flatMap(({ name, lost }) =>
    lost.map((relpath) => ({
      path: relpath === '' ? name : `${name}/${relpath}`,
      code: 'DATA_CHANGED',
      message: 'changed, and not in the cache',
    })),
  );
  const [first] = issues;
  const plan = plans.find(({ lost }) => lost.length > 0);
  if (first === undefined || plan === undefined) return;
  const others = issues.length === 1 ? '' : ` and ${issues.length - 1} more`;
  throw appError(
    'DATA_CHANGED',
    { path: `${first.path}${others}`, argument: quoteArgument(plan.name) },
    { issues },
  );
}

async function carryOutPlan(
  plan: CheckoutPlan,
  { repository, cache }: DataScope,
  pool: ObjectPool,
): Promise<void> {
  const { data, toWrite, toDelete, isFinished, isFolder } = plan;
  const { path } = data;
  let placed: readonly PlacedFile[] = [];
  if (toWrite.length > 0 || toDelete.length > 0) {
    beginCheckout(repository, path, data.md5 ?? '');
    deleteFiles(path, toDelete);
    if (isFolder) removeWrongKind(path);
    else removeEmptyFolder(path);
    for (const folder of new Set(toWrite.map(({ relpath }) => dirname(join(path, relpath))))) {
      assertNoLinks(repository.root, folder);
      makeFolder(folder);
    }
    placed = await pool.place(
      toWrite.map(({ relpath, md5 }) => ({
        object: cache.locate({ md5, hash: data.hash }),
        md5,
        hash: data.hash,
        isChecked: !cache.isReceived({ md5, hash: data.hash }),
        target: relpath === '' ? path : join(path, relpath),
        isExecutable: data.isExecutable,
      })),
      repository.linkTypes,
    );
  }
  if (isFolder) mkdirSync(path, { recursive: true });
  else setExecutable(path, data.isExecutable);
  if (!isFinished || toWrite.length > 0 || toDelete.length > 0) {
    rememberFiles(data, placed, repository);
    endCheckout(repository, path);
  }
}

/** The next status need not read what was just written; what is known of the files that stay is from when they were read. */
function rememberFiles(
  { path, hash }: TrackedData,
  placed: readonly PlacedFile[],
  { temporary, root }: DataScope['repository'],
): void {
  const state = openFileState(temporary, root, path, hash);
  for (const { target, md5, stamp } of placed)
    if (stamp !== null) state.set(target === path ? '' : nameInRepository(path, target), stamp, md5);
  state.save({ pathOf: (name) => join(path, name) });
}

function deleteFiles(path: string, names: readonly string[]): void {
  const folders = new Set<string>();
  for (const name of names) {
    const file = name === '' ? path : join(path, name);
    rmSync(file, { force: true });
    if (name !== '') folders.add(dirname(file));
  }
  for (const folder of folders)
    for (let at = folder; at.length > path.length && removeEmptyFolder(at); at = dirname(at));
}

/** A file where a folder belongs goes; what it held was looked at before. */
function removeWrongKind(path: string): void {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat !== undefined && !stat.isDirectory()) rmSync(path, { force: true });
}

/** @returns whether it is gone */
function removeEmptyFolder(path: string): boolean {
  try {
    for (const entry of readdirSync(path, { withFileTypes: true })) if (!entry.isDirectory()) return false;
    for (const name of readdirSync(path)) if (!removeEmptyFolder(join(path, name))) return false;
    rmdirSync(path);
    return true;
  } catch (error) {
    const code = errorCodeOf(error);
    if (code === 'ENOENT') return true;
    if (code === 'ENOTDIR' || code === 'ENOTEMPTY' || code === 'EEXIST') return false;
    throw error;
  }
}

function setExecutable(path: string, isExecutable: boolean): void {
  const stat = lstatSync(path);
  if (!stat.isFile() || stat.nlink > 1) return; // a link shares its mode with the object
  const mode = isExecutable ? stat.mode | 0o111 : stat.mode & ~0o111;
  if (mode !== stat.mode) chmodSync(path, mode);
}
