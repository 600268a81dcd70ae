// Manages partially downloaded blobs. Each process writes its own file, `ETAG.HOST-PID-RANDOM.incomplete`, so that two
// processes never write into the same file, even without locks (Node.js has none, and shared file systems break them). A
// process that stops leaves its bytes as `ETAG.incomplete`; the next one takes them over by a rename, which only one
// process can win. The host and process id in the name show the others that a download is running, and they wait.
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, join } from 'node:path';
import { errorCodeOf, makeFolder } from '../../foundation/core/index.ts';

const HOST = createHash('sha256').update(hostname()).digest('hex').slice(0, 8);

/** A process of another machine or container cannot be checked; after this time without a new byte it counts as dead. */
const ELSEWHERE_MS = 600_000;

export interface Partial {
  readonly path: string;
  readonly sizeBytes: number;
  /** Another process may be writing it, so it is left alone. */
  readonly isTaken: boolean;
}

/** The partial files of a blob, the largest first. */
export function listPartials(blobsFolder: string, etag: string): readonly Partial[] {
  if (!existsSync(blobsFolder)) return [];
  const partials = readdirSync(blobsFolder)
    .filter((file) => file.startsWith(`${etag}.`) && file.endsWith('.incomplete'))
    .flatMap((file) => {
      const mark = file.slice(etag.length + 1, -'.incomplete'.length);
      const [, host, pid] = /^([0-9a-f]{8})-(\d+)-[0-9a-f]+$/.exec(mark) ?? [];
      // Other names belong to another program (Python's), whose bytes need not be in order.
      if (file !== `${etag}.incomplete` && host === undefined) return [];
      const stats = statSync(join(blobsFolder, file), { throwIfNoEntry: false });
      if (stats === undefined) return [];
      const isAtWork = (): boolean =>
        host === HOST ? isProcessAlive(Number(pid)) : Date.now() - stats.mtimeMs < ELSEWHERE_MS;
      const isTaken = host !== undefined && isAtWork();
      return [{ path: join(blobsFolder, file), sizeBytes: stats.size, isTaken }];
    });
  return partials.sort((a, b) => b.sizeBytes - a.sizeBytes);
}

/** Takes over the largest partial file that no process is writing, or creates an empty one, under a path of its own. */
export async function claimPartial(blobsFolder: string, etag: string): Promise<string> {
  makeFolder(blobsFolder);
  const own = join(
    blobsFolder,
    `${etag}.${HOST}-${process.pid}-${randomBytes(4).toString('hex')}.incomplete`,
  );
  for (const { path, isTaken } of listPartials(blobsFolder, etag)) {
    if (isTaken) continue;
    try {
      await rename(path, own);
      return own;
    } catch (error) {
      if (errorCodeOf(error) !== 'ENOENT') throw error; // ENOENT: another process was faster
    }
  }
  await writeFile(own, '', { flag: 'wx' });
  return own;
}

/** Leaves the downloaded bytes for the next process, unless there are none or another process has left more. */
export async function releasePartial(path: string, etag: string): Promise<void> {
  const resting = join(path, '..', `${etag}.incomplete`);
  const sizeBytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  const restingBytes = statSync(resting, { throwIfNoEntry: false })?.size ?? 0;
  if (sizeBytes > restingBytes) await rename(path, resting);
  else await rm(path, { force: true });
}

/** Removes the partial files of a complete blob. */
export async function removePartials(blobsFolder: string, etag: string): Promise<void> {
  for (const { path, isTaken } of listPartials(blobsFolder, etag))
    if (!isTaken) await rm(path, { force: true });
}

/** A partial file that another process is writing and that takes precedence over `own`. */
export function findRival(blobsFolder: string, etag: string, own?: string): Partial | undefined {
  return listPartials(blobsFolder, etag).find(
    ({ path, isTaken }) => isTaken && (own === undefined || basename(path) < basename(own)),
  );
}

function isProcessAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCodeOf(error) === 'EPERM'; // it exists, but belongs to another user
  }
}
