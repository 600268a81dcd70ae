// Finds which of many keys a remote holds, with few requests.
import type { Remote, RemoteObject } from './remote.ts';
import { retryUnreachable } from './retry.ts';
import { runJobs } from './run-jobs.ts';

const JOBS = 32;
/** Below this many keys, each is asked for by itself. */
const FEW = 20;
/** A listing is given up when it has shown so many times more objects than there are keys: the remote holds much else. */
const MAX_LISTED_FACTOR = 20;
const MAX_LISTED_LEAST = 5000;

/**
 * The objects that are there, by key.
 * @throws errors that concern the whole remote, and the signal's reason
 */
export async function findObjects(
  remote: Remote,
  keys: readonly string[],
  {
    signal,
    firstPauseMs,
  }: { readonly signal?: AbortSignal | undefined; readonly firstPauseMs?: number | undefined } = {},
): Promise<Map<string, RemoteObject>> {
  const wanted = new Set(keys);
  const listsFaster = (remote.kind === 's3' || remote.kind === 'gs') && wanted.size > FEW;
  if (listsFaster) {
    const list = () => findByListing(remote, wanted, signal);
    const listed = await retryUnreachable(list, { signal, firstPauseMs });
    if (listed !== null) return listed;
  }
  const found = new Map<string, RemoteObject>();
  const look = async (key: string, ended: AbortSignal): Promise<void> => {
    const stat = () => remote.stat(key, { signal: ended });
    const object = await retryUnreachable(stat, { signal: ended, firstPauseMs });
    if (object !== null) found.set(key, object);
  };
  await runJobs(wanted, JOBS, look, signal);
  return found;
}

/** Null if the remote holds too many other objects. */
async function findByListing(
  remote: Remote,
  wanted: ReadonlySet<string>,
  signal: AbortSignal | undefined,
): Promise<Map<string, RemoteObject> | null> {
  const limit = Math.max(MAX_LISTED_LEAST, wanted.size * MAX_LISTED_FACTOR);
  const found = new Map<string, RemoteObject>();
  let listed = 0;
  for await (const object of remote.list(commonPrefix(wanted), { signal })) {
    if (wanted.has(object.key)) found.set(object.key, object);
    if (found.size === wanted.size) break;
    if (++listed > limit) return null;
  }
  return found;
}

/** What all keys begin with. */
function commonPrefix(keys: ReadonlySet<string>): string {
  const [first = '', ...others] = keys;
  let length = first.length;
  for (const key of others) while (!key.startsWith(first.slice(0, length))) length--;
  return first.slice(0, length);
}
