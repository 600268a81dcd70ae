// `data push`: sends the objects that pointers name to the remote. The list of a folder's files goes last: where it is, the
// files are.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { appError, hideLogin, isAppError } from '../../foundation/core/index.ts';
import { assertNoSecrets, type CheckedFile, readAllowedSecrets } from '../../foundation/secrets/index.ts';
import {
  FileState,
  isFolderData,
  nameInRepository,
  type ObjectPool,
  objectKey,
  type TrackedData,
} from '../../keeping/dvc/index.ts';
import {
  findObjects,
  openRemote,
  type PushedObject,
  pushObjects,
  type Remote,
  type TransferResult,
} from '../../keeping/remotes/index.ts';
import type { WorkflowContext } from '../context/index.ts';
import { listExpectedFiles } from './data-comparison.ts';
import { type DataScope, groupByRemote, openDataScope, selectData, withObjectPool } from './data-scope.ts';
import { assertAskedRemote, chooseRemote } from './remote-choice.ts';
import { addFailures, emptyTransfer, type FailedTransfer, type TransferSum } from './transfer-sum.ts';
import { isVersionedData } from './versioned-objects.ts';

export interface PushOptions {
  /** A name, an address or a folder; null: that of the pointer, or the default. */
  readonly remote: string | null;
  /** Of the configuration of the remote, as typed: `remote=s3`. */
  readonly overrides?: readonly string[];
  readonly jobs: number | undefined;
  /** Also compares the bytes of objects that the remote has, and replaces wrong ones. */
  readonly verifies?: boolean;
  /** FILE:LINE that holds no secret. */
  readonly allowedSecrets: readonly string[];
}

export interface PushAnswer extends TransferSum {
  /** Names of the data that was looked at, below the root. */
  readonly data: readonly string[];
  /** Data that stays here, and why. */
  readonly left: readonly { readonly path: string; readonly reason: string }[];
}

/**
 * @throws REMOTE_NOT_CONFIGURED, SECRET_FOUND, POINTER_NOT_FOUND, POINTER_INVALID, and what concerns the whole remote
 */
export async function pushData(
  paths: readonly string[],
  options: PushOptions,
  context: WorkflowContext,
): Promise<PushAnswer> {
  const scope = openDataScope(context);
  await assertAskedRemote(scope.repository, options, context);
  const { repository } = scope;
  const nameOf = ({ path }: TrackedData): string => nameInRepository(repository.root, path);
  const chosen = selectData(paths, scope, context);
  const left = chosen.flatMap((data) => {
    const reason = explainLeft(data);
    return reason === null ? [] : [{ path: nameOf(data), reason }];
  });
  const pushed = chosen.filter((data) => explainLeft(data) === null);
  let sum = emptyTransfer();
  await withObjectPool(repository, context, async (pool) => {
    for (const [name, group] of groupByRemote(pushed, options.remote)) {
      const { settings, isVersioned } = chooseRemote(repository, { ...options, name }, context);
      if (isVersioned) throw appError('REMOTE_VERSIONED', { name: settings.name ?? hideLogin(settings.url) });
      const remote = await openRemote(settings);
      sum = await pushGroup(group, remote, sum, { scope, pool, options, context });
    }
  });
  context.signal.throwIfAborted();
  return { ...sum, data: pushed.map(nameOf), left };
}

/** Why data is not pushed; null if it is. */
function explainLeft(data: TrackedData): string | null {
  const { isCached, isPushed, md5 } = data;
  if (!isCached) return 'it is kept in Git';
  if (!isPushed) return 'its pointer says push: false';
  if (isVersionedData(data)) return 'its versions are kept by a cloud store';
  return md5 === null ? 'its pointer has no hash' : null;
}

interface PushTools {
  readonly scope: DataScope;
  readonly pool: ObjectPool;
  readonly options: PushOptions;
  readonly context: WorkflowContext;
}

/** An object of the cache, and what it is called for people. */
interface NamedPush {
  readonly key: string;
  readonly path: string;
  readonly name: string;
  readonly md5: string;
  readonly isLegacy: boolean;
}

async function pushGroup(
  group: readonly TrackedData[],
  remote: Remote,
  before: TransferSum,
  tools: PushTools,
): Promise<TransferSum> {
  const { scope, options, context } = tools;
  const lists: { readonly list: NamedPush; readonly keys: readonly string[] }[] = [];
  const files: NamedPush[] = [];
  const damaged: FailedTransfer[] = [];
  for (const data of group) {
    const { md5, hash } = data;
    if (md5 === null) continue;
    const name = nameInRepository(scope.repository.root, data.path);
    const push = (relpath: string, of: string): NamedPush => ({
      key: objectKey(of, hash),
      path: scope.cache.locate({ md5: of, hash }),
      name: relpath === '' ? name : `${name}/${relpath}`,
      md5: of.slice(0, 32),
      isLegacy: hash !== 'md5',
    });
    let own: NamedPush[];
    try {
      own = (listExpectedFiles(data, scope.cache) ?? []).map((file) => push(file.relpath, file.md5));
    } catch (error) {
      if (!isAppError(error)) throw error;
      damaged.push({ path: name, key: objectKey(md5, hash), code: error.code, reason: error.message });
      continue;
    }
    if (isFolderData(data)) lists.push({ list: push('', md5), keys: own.map(({ key }) => key) });
    files.push(...own);
  }
  const absent = [...files, ...lists.map(({ list }) => list)].filter(
    ({ path }) => statSync(path, { throwIfNoEntry: false }) === undefined,
  );
  const elsewhere = await findObjects(
    remote,
    absent.map(({ key }) => key),
    { signal: context.signal },
  );
  const missing = absent
    .filter(({ key }) => !elsewhere.has(key))
    .map(
      ({ key, name }): FailedTransfer => ({
        path: name,
        key,
        code: 'CACHE_OBJECT_MISSING',
        reason: 'it is neither in the cache nor in the remote',
      }),
    );
  const sum = addFailures(before, [...damaged, ...missing], elsewhere.size);
  const isAbsent = new Set(absent.map(({ key }) => key));
  const here = files.filter(({ key }) => !isAbsent.has(key));
  await refuseSecrets(here, tools);
  const { jobs, verifies } = options;
  const transfer = { jobs, verifies, signal: context.signal, progress: context.progress };
  const afterFiles = addTransfer(
    sum,
    here,
    await pushObjects(remote, await sizeObjects(here, tools), transfer),
  );
  context.signal.throwIfAborted();
  // The list of a folder that is not complete there stays here.
  const failed = new Set(afterFiles.failed.slice(before.failed.length).map(({ key }) => key));
  const complete = lists
    .filter(({ list, keys }) => !isAbsent.has(list.key) && !keys.some((key) => failed.has(key)))
    .map(({ list }) => list);
  return addTransfer(
    afterFiles,
    complete,
    await pushObjects(remote, await sizeObjects(complete, tools), transfer),
  );
}

function addTransfer(sum: TransferSum, objects: readonly NamedPush[], result: TransferResult): TransferSum {
  const names = new Map(objects.map(({ key, name }) => [key, name]));
  const failed = result.failed.map(({ key, code, reason }) => ({
    path: names.get(key) ?? key,
    key,
    code,
    reason,
  }));
  return {
    moved: sum.moved + result.moved,
    skipped: sum.skipped + result.skipped,
    bytes: sum.bytes + result.bytes,
    mended: [...sum.mended, ...result.mended.map((key) => names.get(key) ?? key)],
    failed: [...sum.failed, ...failed],
  };
}

/** Objects once each, with the size and md5 of their bytes: the name of one of DVC 2 is the md5 of its text without CR. */
async function sizeObjects(objects: readonly NamedPush[], { pool }: PushTools): Promise<PushedObject[]> {
  const unique = [...new Map(objects.map((object) => [object.key, object])).values()];
  const sized = unique.map((object) => ({ ...object, sizeBytes: statSync(object.path).size }));
  const legacy = sized.filter(({ isLegacy }) => isLegacy);
  const hashes = await pool.hash(legacy, 'md5');
  const md5Of = new Map(legacy.map(({ key }, i) => [key, hashes[i]!.md5]));
  return sized.map(({ key, path, sizeBytes, md5 }) => ({ key, path, sizeBytes, md5: md5Of.get(key) ?? md5 }));
}

/** A file in which nothing was found is not read again. One whose place is allowed is: another push may not allow it. */
async function refuseSecrets(
  objects: readonly NamedPush[],
  { scope, options, context }: PushTools,
): Promise<void> {
  const { root, cache, temporary } = scope.repository;
  const state = new FileState(join(temporary, 'state', 'without-secrets.json'));
  const stats = objects.map(({ path }) => statSync(path));
  // A name matters too: in files of settings every password counts.
  const unread = objects.filter(({ key, name }, i) => state.find(`${key} ${name}`, stats[i]!) === null);
  if (unread.length === 0) return;
  const bar = context.progress('look for secrets', unread.length, 'files');
  let done = 0;
  const withSecrets = new Set<CheckedFile>();
  try {
    await assertNoSecrets(unread, {
      action: 'push',
      allowed: readAllowedSecrets(root, options.allowedSecrets),
      signal: context.signal,
      onFile: (file, found) => {
        bar.update(++done);
        if (found > 0) withSecrets.add(file);
      },
    });
  } finally {
    bar.stop();
  }
  for (const [i, object] of objects.entries())
    if (!withSecrets.has(object)) state.set(`${object.key} ${object.name}`, stats[i]!, object.md5);
  state.save({ pathOf: (entry) => join(cache, entry.split(' ')[0]!) });
}
