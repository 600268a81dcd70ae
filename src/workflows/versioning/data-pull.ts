// `data pull`: fetches what the cache lacks of the objects that pointers name, then checks the data out. Objects that are damaged
// in the cache are fetched again.
import { isAppError } from '../../foundation/core/index.ts';
import {
  assertInside,
  isFolderData,
  nameInRepository,
  objectKey,
  type TrackedData,
} from '../../keeping/dvc/index.ts';
import { openRemote, pullObjects, type Remote, type TransferResult } from '../../keeping/remotes/index.ts';
import type { WorkflowContext } from '../context/index.ts';
import { type CheckedOutData, checkoutSelected } from './data-checkout.ts';
import { type DataScope, groupByRemote, openDataScope, selectData, withObjectPool } from './data-scope.ts';
import { assertAskedRemote, chooseRemote } from './remote-choice.ts';
import {
  addFailures,
  addSums,
  emptyTransfer,
  type FailedTransfer,
  type TransferSum,
  type WantedObject,
} from './transfer-sum.ts';
import { isVersionedData, listVersions, storeVersionedManifest } from './versioned-objects.ts';

export interface FetchOptions {
  /** A name, an address or a folder; null: that of the pointer, or the default. */
  readonly remote: string | null;
  /** Of the configuration of the remote, as typed: `remote=s3`. */
  readonly overrides?: readonly string[];
  readonly jobs: number | undefined;
}

export interface PullOptions extends FetchOptions {
  /** Checks out even where a change is lost. */
  readonly force: boolean;
}

export interface PullAnswer extends TransferSum {
  /** Data that was checked out; data with failures is left as it was. */
  readonly data: readonly CheckedOutData[];
}

/**
 * @throws REMOTE_NOT_CONFIGURED, DATA_CHANGED, POINTER_NOT_FOUND, POINTER_INVALID, and what concerns the whole remote
 */
export async function pullData(
  paths: readonly string[],
  options: PullOptions,
  context: WorkflowContext,
): Promise<PullAnswer> {
  const scope = openDataScope(context);
  await assertAskedRemote(scope.repository, options, context);
  const chosen = selectData(paths, scope, context).filter(({ isCached }) => isCached);
  for (const { path } of chosen) assertInside(scope.repository.root, path);
  const { sum, complete } = await fetchData(chosen, options, scope, context);
  const { data } = await checkoutSelected(complete, options, scope, context);
  scope.cache.saveChecks();
  return { ...sum, data };
}

/**
 * Fetches what the cache lacks of data, which may be that of an earlier commit, and checks nothing out.
 * @throws REMOTE_NOT_CONFIGURED, and what concerns the whole remote
 */
export async function fetchObjects(
  data: readonly TrackedData[],
  options: FetchOptions,
  context: WorkflowContext,
): Promise<TransferSum> {
  const scope = openDataScope(context);
  await assertAskedRemote(scope.repository, options, context);
  return withObjectPool(scope.repository, context, async () => {
    const { sum } = await fetchData(data, options, scope, context);
    scope.cache.saveChecks();
    return sum;
  });
}

async function fetchData(
  chosen: readonly TrackedData[],
  options: FetchOptions,
  scope: DataScope,
  context: WorkflowContext,
): Promise<FetchAnswer> {
  let sum = emptyTransfer();
  let complete: readonly TrackedData[] = [];
  for (const [name, group] of groupByRemote(chosen, options.remote)) {
    const answer = await fetchGroup(group, { scope, options, context, name });
    sum = addSums(sum, answer.sum);
    complete = [...complete, ...answer.complete];
  }
  context.signal.throwIfAborted();
  return { sum, complete };
}

interface PullTools {
  readonly scope: DataScope;
  readonly options: FetchOptions;
  readonly context: WorkflowContext;
  /** Of the remote; null: the default one. */
  readonly name: string | null;
}

interface FetchAnswer {
  readonly sum: TransferSum;
  /** Data whose objects are all there. */
  readonly complete: readonly TrackedData[];
}

async function fetchGroup(group: readonly TrackedData[], tools: PullTools): Promise<FetchAnswer> {
  const { scope } = tools;
  const fetcher = new Fetcher(tools);
  const versioned = group.filter(isVersionedData);
  const plain = group.filter((data) => !isVersionedData(data) && data.md5 !== null);
  await fetcher.fetch(plain.flatMap((data) => listWanted(data, '', data.md5!, scope)));
  const files = plain
    .filter((data) => isFolderData(data) && !fetcher.hasFailed(data))
    .flatMap((data) => {
      try {
        const list = scope.cache.readManifest({ md5: data.md5!, hash: data.hash });
        return list.flatMap(({ relpath, md5 }) => listWanted(data, relpath, md5, scope));
      } catch (error) {
        if (!isAppError(error)) throw error;
        fetcher.fail(data, {
          path: nameOf(data, scope),
          key: objectKey(data.md5!, data.hash),
          code: error.code,
          reason: error.message,
        });
        return [];
      }
    });
  await fetcher.fetch(files);
  if (versioned.length > 0) {
    const remoteName = chooseRemote(scope.repository, { ...tools.options, name: tools.name }, tools.context)
      .settings.name;
    const { wanted, failed } = listVersions(versioned, remoteName, scope);
    for (const { data, ...failure } of failed) fetcher.fail(data, failure);
    await fetcher.fetch(wanted);
    for (const data of versioned) if (!fetcher.hasFailed(data)) storeVersionedManifest(data, scope);
  }
  return { sum: fetcher.sum, complete: group.filter((data) => !fetcher.hasFailed(data)) };
}

/** The object, unless the cache has it whole. */
function listWanted(data: TrackedData, relpath: string, md5: string, scope: DataScope): WantedObject[] {
  const { hash } = data;
  const state = scope.cache.check({ md5, hash });
  if (state === 'whole') return [];
  const path = scope.cache.locate({ md5, hash });
  const name = nameOf(data, scope);
  const label = relpath === '' ? name : `${name}/${relpath}`;
  const isWholeFile = relpath === '' && !isFolderData(data);
  return [
    {
      data,
      label,
      key: objectKey(md5, hash),
      path,
      sizeBytes: isWholeFile ? data.sizeBytes : null,
      md5: md5.slice(0, 32),
      // DVC takes the md5 of a list of files from its bytes, in version 2 too.
      check: md5.endsWith('.dir') ? 'md5' : hash,
      isDamaged: state === 'corrupt',
    },
  ];
}

/** Fetches objects from one remote, which is opened when the first one is wanted. */
class Fetcher {
  readonly #tools: PullTools;
  readonly #failed = new Set<TrackedData>();
  #remote: Promise<Remote> | null = null;
  #sum = emptyTransfer();

  constructor(tools: PullTools) {
    this.#tools = tools;
  }

  get sum(): TransferSum {
    return this.#sum;
  }

  hasFailed(data: TrackedData): boolean {
    return this.#failed.has(data);
  }

  fail(data: TrackedData, failure: FailedTransfer): void {
    this.#failed.add(data);
    this.#sum = addFailures(this.#sum, [failure], 0);
  }

  #open(): Promise<Remote> {
    const { scope, name, options, context } = this.#tools;
    this.#remote ??= openRemote(chooseRemote(scope.repository, { ...options, name }, context).settings);
    return this.#remote;
  }

  async fetch(objects: readonly WantedObject[]): Promise<void> {
    if (objects.length === 0) return;
    const { options, context } = this.#tools;
    const unique = [...new Map(objects.map((object) => [object.path, object])).values()];
    const { signal, progress } = context;
    const result = await pullObjects(await this.#open(), unique, { jobs: options.jobs, signal, progress });
    signal.throwIfAborted();
    const failed = new Set(result.failed.map(({ key }) => key));
    const arrived = objects.filter(({ key }) => !failed.has(key));
    this.#tools.scope.cache.noteReceived(arrived.map(({ path }) => path));
    this.#add(result, objects);
  }

  #add(result: TransferResult, objects: readonly WantedObject[]): void {
    const failed = new Map(result.failed.map((failure) => [failure.key, failure]));
    const mended = new Set(result.mended);
    for (const { key, data, label } of objects) {
      const failure = failed.get(key);
      if (failure !== undefined)
        this.fail(data, { path: label, key, code: failure.code, reason: failure.reason });
    }
    const right = objects.filter(
      (object) => !failed.has(object.key) && (mended.has(object.key) || object.isDamaged),
    );
    this.#sum = {
      ...this.#sum,
      moved: this.#sum.moved + result.moved,
      skipped: this.#sum.skipped + result.skipped,
      bytes: this.#sum.bytes + result.bytes,
      mended: [...this.#sum.mended, ...new Set(right.map(({ label }) => label))],
    };
  }
}

function nameOf({ path }: TrackedData, { repository }: DataScope): string {
  return nameInRepository(repository.root, path);
}
