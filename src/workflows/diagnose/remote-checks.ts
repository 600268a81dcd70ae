// Checks the remote of the repository with a probe: whether it can be reached, how far its clock is off, and what this machine
// may do there. The probe is a small object of its own, which is deleted again.
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hashMd5, isAppError } from '../../foundation/core/index.ts';
import type { Remote } from '../../keeping/remotes/index.ts';
import { type ToldCheck, tellError, tellOk } from './told-check.ts';

const ANSWER_WITHIN_MS = 15_000;
/** Signed requests are refused beyond 15 minutes; what is a third of it grows. */
const SKEW_REFUSED_MS = 15 * 60_000;
const SKEW_WARNED_MS = SKEW_REFUSED_MS / 3;
const PROBE_FOLDER = 'veracity-doctor';
/** Codes of an answer that the server gave: it was reached. */
const REFUSED = new Set(['REMOTE_FORBIDDEN', 'REMOTE_READ_ONLY']);

/** @param open  opens the remote; null: none is configured */
export async function checkRemote(open: (() => Promise<Remote>) | null): Promise<ToldCheck[]> {
  if (open === null) return [tellOk('remote', 'none configured')];
  const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
  let remote: Remote;
  let canList: string | null = null;
  try {
    remote = await open();
    if (remote.kind === 'local' && !existsSync(remote.url))
      return [describeNoFolder(remote.url), ...skipRest()];
    canList = await tryList(remote, signal);
  } catch (error) {
    const told = signal.aborted ? describeSilence(ANSWER_WITHIN_MS) : tellError('remote', error);
    return [told, ...skipRest()];
  }
  const rights = await probeRights(remote, canList, signal);
  return [tellOk('remote', remote.url), ...(await checkClock(remote, signal)), rights];
}

function skipRest(): ToldCheck[] {
  return (['remote-clock', 'remote-rights'] as const).map((kind) => ({
    ...{ kind, status: 'skip', found: 'needs remote', advice: '' },
  }));
}

/** The first push would make it, also where it should lie on a disk that is not mounted. */
function describeNoFolder(url: string): ToldCheck {
  return {
    ...{ kind: 'remote', status: 'warn' },
    found: `${url} is not there: nothing was pushed yet, or its disk is not mounted`,
    advice: `Mount the disk, or: mkdir -p '${url}'`,
  };
}

function describeSilence(withinMs: number): ToldCheck {
  return {
    ...{ kind: 'remote', status: 'fail' },
    found: `no answer within ${withinMs / 1000} seconds`,
    advice: 'Check the network, and a proxy or firewall between this machine and the remote.',
  };
}

/** Null: it may be listed; else why not. Fails for a remote that cannot be reached or is not there. */
async function tryList(remote: Remote, signal: AbortSignal): Promise<string | null> {
  try {
    for await (const _ of remote.list('files/md5/00', { signal })) break;
    return null;
  } catch (error) {
    if (isAppError(error) && REFUSED.has(error.code)) return error.hint;
    if (!isAppError(error) || error.code !== 'REMOTE_UNSUPPORTED') throw error;
    // https has no lists: an object that is not there is an answer, too.
    await remote.stat('files/md5/00/0000000000000000000000000000aa', { signal });
    return null;
  }
}

async function checkClock(remote: Remote, signal: AbortSignal): Promise<ToldCheck[]> {
  let skewMs: number | null;
  try {
    skewMs = await remote.measureClock({ signal });
  } catch (error) {
    return [tellError('remote-clock', error, { status: 'warn' })];
  }
  if (skewMs === null) return [];
  const seconds = Math.round(Math.abs(skewMs) / 1000);
  const found = `this machine's clock is ${seconds} s ${skewMs > 0 ? 'behind' : 'ahead of'} the remote's`;
  if (Math.abs(skewMs) < SKEW_WARNED_MS)
    return [tellOk('remote-clock', seconds < 5 ? 'agrees with the remote' : found)];
  const status = Math.abs(skewMs) < SKEW_REFUSED_MS ? 'warn' : 'fail';
  return [{ kind: 'remote-clock', status, found, advice: 'Set the clock: sudo timedatectl set-ntp true' }];
}

/** Lists, writes, reads and deletes in this order; what a right needs and lacks is not tried. */
async function probeRights(
  remote: Remote,
  listRefusal: string | null,
  signal: AbortSignal,
): Promise<ToldCheck> {
  const kind = 'remote-rights';
  const may = listRefusal === null ? ['list'] : [];
  if (remote.isReadOnly)
    return tellOk(
      kind,
      `${may.join(', ')}${may.length > 0 ? ', ' : ''}read; nothing is written over ${remote.kind}`,
    );
  const folder = mkdtempSync(join(tmpdir(), 'veracity-probe-'));
  const content = randomBytes(16).toString('hex');
  const key = `${PROBE_FOLDER}/${content}`;
  const path = join(folder, 'probe');
  writeFileSync(path, content);
  let doing = 'write';
  try {
    await remote.write(key, { path, sizeBytes: content.length, md5: hashMd5(content) }, { signal });
    may.push('write');
    doing = 'read';
    const chunks: Buffer[] = [];
    for await (const chunk of await remote.read(key, { signal })) chunks.push(Buffer.from(chunk));
    if (Buffer.concat(chunks).toString('utf8') !== content)
      return {
        kind,
        status: 'fail',
        found: 'the probe object came back with other bytes',
        advice: 'Look at the remote, and at a proxy before it.',
      };
    may.push('read');
    doing = 'delete';
    await remote.delete(key, { signal });
    if (remote.kind === 'local')
      for (const name of [PROBE_FOLDER, '.uploads']) removeEmptyFolder(join(remote.url, name));
    may.push('delete');
  } catch (error) {
    if (signal.aborted) return describeSilence(ANSWER_WITHIN_MS);
    if (!isAppError(error)) throw error;
    const told = tellError(kind, error, { status: doing === 'read' ? 'fail' : 'warn' });
    const left = doing === 'delete' ? `; the probe stays there: ${key}` : '';
    return {
      ...told,
      found: `may ${may.join(', ') || 'do nothing'}, may not ${doing}: ${told.found}${left}`,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  if (listRefusal !== null)
    return {
      kind,
      status: 'warn',
      found: `may ${may.join(', ')}, may not list: gc and status need it`,
      advice: listRefusal,
    };
  return tellOk(kind, may.join(', '));
}

/** Another doctor may probe at the same time. */
function removeEmptyFolder(folder: string): void {
  if (existsSync(folder) && readdirSync(folder).length === 0) rmdirSync(folder);
}
