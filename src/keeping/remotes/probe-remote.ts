// Tries what a remote allows: list, write, read and delete a probe object; and compares its clock with that of this machine.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AppError, hashMd5, isAppError } from '../../foundation/core/index.ts';
import type { Remote } from './remote.ts';

export type ProbedAction = 'list' | 'write' | 'read' | 'delete';

export interface ProbeStep {
  readonly action: ProbedAction;
  /** What the remote says against it; null: it is allowed. */
  readonly error: AppError | null;
}

export interface RemoteProbe {
  /** What was tried, in this order. What needs an earlier step that failed is left out, and so is all that a read-only kind cannot do. */
  readonly steps: readonly ProbeStep[];
  /** How far the server's clock is ahead, in milliseconds; null: it tells no time, or was not reached. */
  readonly clockAheadMs: number | null;
}

/** Where probe objects lie; one that a kill has left there may be deleted. */
const PROBE_PREFIX = 'veracity-probe';

/**
 * Probes a remote; each refusal is in the result. On https only the reach is tried, by asking for an object.
 * @throws what is no refusal of the remote, and the signal's reason
 */
export async function probeRemote(
  remote: Remote,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<RemoteProbe> {
  const steps: ProbeStep[] = [];
  const attempt = async (action: ProbedAction, work: () => Promise<void>): Promise<boolean> => {
    signal?.throwIfAborted();
    const error = await work().then(
      () => null,
      (thrown: unknown) => {
        if (!isAppError(thrown)) throw thrown;
        return thrown;
      },
    );
    steps.push({ action, error });
    return error === null;
  };
  const key = `${PROBE_PREFIX}/${randomBytes(8).toString('hex')}`;
  if (remote.isReadOnly) {
    await attempt('read', async () => void (await remote.stat(key, { signal })));
    return { steps, clockAheadMs: await readClock(remote, signal) };
  }
  const list = async (): Promise<void> => {
    for await (const _ of remote.list('', { signal })) break;
  };
  const isListed = await attempt('list', list);
  const isReached = isListed || steps[0]!.error?.code === 'REMOTE_FORBIDDEN';
  if (isReached) await probeObject(remote, key, attempt, signal);
  return { steps, clockAheadMs: await readClock(remote, signal) };
}

async function probeObject(
  remote: Remote,
  key: string,
  attempt: (action: ProbedAction, work: () => Promise<void>) => Promise<boolean>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'veracity-probe-'));
  try {
    const bytes = Buffer.from('probe of veracity doctor; it may be deleted\n');
    const path = join(folder, 'probe');
    writeFileSync(path, bytes);
    const source = { path, sizeBytes: bytes.length, md5: hashMd5(bytes) };
    const isWritten = await attempt('write', async () => void (await remote.write(key, source, { signal })));
    if (!isWritten) {
      // A user who may only read sees that there is no such object.
      await attempt('read', async () => void (await remote.stat(key, { signal })));
      return;
    }
    await attempt('read', async () => {
      for await (const _ of await remote.read(key, { signal }));
    });
    await attempt('delete', () => remote.delete(key, { signal }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function readClock(remote: Remote, signal: AbortSignal | undefined): Promise<number | null> {
  try {
    return await remote.measureClock({ signal });
  } catch (error) {
    if (!isAppError(error)) throw error;
    return null; // it is not reached, as the steps say
  }
}
