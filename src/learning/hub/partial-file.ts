// Half-loaded blobs. Each process writes a file of its own, `ETAG.HOST-PID-RANDOM.incomplete`, so that no two ever
// write into one, lock or no lock (Node.js has none, and shared file systems break them). Whoever stops leaves its bytes
// as `ETAG.incomplete`; the next takes them by a rename, which only one can win. The mark in the name shows others
// that somebody is at it, and they wait.
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, join } from 'node:path';
import { errorCodeOf } from '../../foundation/core/index.ts';

const HOST = createHash('sha256').update(hostname()).digest('hex').slice(0, 8);

/** A process of another machine or container cannot be looked for; after so long without a byte it is taken for dead. */
const ELSEWHERE_MS = 600_000;

export interface Partial {
  readonly path: string;
  readonly sizeBytes: number;
  /** Somebody may be writing it: left alone. */
  readonly isTaken: boolean;
}

/** What lies there of a blob, the largest first. */
export function listPartials(blobsFolder: string, etag: string): readonly Partial[] {
  if (!existsSync(blobsFolder)) return [];
  const partials = readdirSync(blobsFolder)
    .filter((file) => file.startsWith(`${etag}.`) && file.endsWith('.incomplete'))
    .flatMap((file) => {
      const mark = file.slice(etag.length + 1, -'.incomplete'.length);
      const [, host, pid] = /^([0-9a-f]{8})-(\d+)-[0-9a-f]+$/.exec(mark) ?? [];
      // Another mark is another program's (Python's): its bytes need not be in order.
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

/** Takes over the largest part that nobody is writing, or begins an empty one; the path is this caller's alone. */
export async function claimPartial(blobsFolder: string, etag: string): Promise<string> {
  await mkdir(blobsFolder, { recursive: true });
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

/** Leaves what was loaded to whoever comes next; nothing where there is nothing or somebody left more. */
export async function releasePartial(path: string, etag: string): Promise<void> {
  const resting = join(path, '..', `${etag}.incomplete`);
  const sizeBytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  const restingBytes = statSync(resting, { throwIfNoEntry: false })?.size ?? 0;
  if (sizeBytes > restingBytes) await rename(path, resting);
  else await rm(path, { force: true });
}

/** Removes the parts that nobody needs any more now that the blob is whole. */
export async function removePartials(blobsFolder: string, etag: string): Promise<void> {
  for (const { path, isTaken } of listPartials(blobsFolder, etag))
    if (!isTaken) await rm(path, { force: true });
}

/** Somebody else's part that is being written, and that has the right of way before `own`. */
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
    return errorCodeOf(error) === 'EPERM'; // alive, but someone else's
  }
}
