// Checks the remote of the repository with a probe: whether it can be reached, how far its clock is off, and what this machine
// may do there. The probe is a small object of its own, which is deleted again.
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hashMd5, isAppError } from '../../foundation/core/index.ts';
import type { Remote } from '../../keeping/remotes/index.ts';
import { type ToldCheck, tellError, tellOk } from './told-check.ts';

const ANSWER_WITHIN_MS = 15_000;
/** Signed requests are refused beyond 15 minutes; what is a third of it grows. */
const SKEW_REFUSED_MS = 15 * 60_000;
const SKEW_WARNED_MS = SKEW_REFUSED_MS / 3;
const RIGHTS = 'remote-rights';
const PROBE_FOLDER = 'veracity-doctor';
/** Codes of an answer that the server gave: it was reached. */
const REFUSED = new Set(['REMOTE_FORBIDDEN', 'REMOTE_READ_ONLY']);

/** @param open  opens the remote; null: none is configured */
export async function checkRemote(
  open: (() => Promise<Remote>) | null,
  withinMs = ANSWER_WITHIN_MS,
): Promise<ToldCheck[]> {
  if (open === null) return [tellOk('remote', 'none configured')];
  const signal = AbortSignal.timeout(withinMs);
  let remote: Remote;
  let canList: string | null = null;
  try {
    remote = await open();
    if (remote.kind === 'local' && !isFolder(remote.url))
      return [describeNoFolder(remote.url), ...skipRest()];
    canList = await tryList(remote, signal);
  } catch (error) {
    const told = signal.aborted
      ? describeSilence('remote', withinMs, 'list')
      : tellRemoteError('remote', error);
    return [told, ...skipRest()];
  }
  const rights = await probeRights(remote, canList, withinMs);
  return [tellOk('remote', remote.url), ...(await checkClock(remote, signal)), rights];
}

function skipRest(): ToldCheck[] {
  return (['remote-clock', 'remote-rights'] as const).map((kind) => ({
    ...{ kind, status: 'skip', found: 'needs remote', advice: '' },
  }));
}

const SETTING = 'the url of the remote (.dvc/config or configs/remote)';

/** A push would make a missing folder, also where it should lie on a disk that is not mounted. */
function describeNoFolder(url: string): ToldCheck {
  const isThere = existsSync(url);
  return {
    ...{ kind: 'remote', status: 'fail' },
    found: isThere
      ? `${url} is a file: expected a folder`
      : `${url} is not there: nothing was pushed yet, or its disk is not mounted`,
    advice: isThere
      ? `Set ${SETTING} to a folder, or move that file away.`
      : `Mount the disk, or make the folder: mkdir -p '${url}'. If the address is wrong, set ${SETTING}.`,
  };
}

function isFolder(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory();
}

/** Errors of the file system know nothing of the remote's setting. */
function tellRemoteError(
  kind: 'remote' | 'remote-rights',
  error: unknown,
  status: 'warn' | 'fail' = 'fail',
): ToldCheck {
  const isOfDisk = isAppError(error) && (error.code === 'SYSTEM_REFUSED' || error.code === 'DISK_FULL');
  if (!isOfDisk) return tellError(kind, error, { status });
  const mend = error.code === 'DISK_FULL' ? 'Free some space there' : 'Put it right there';
  return tellError(kind, error, { status, advice: `${mend}, or set ${SETTING} to another place.` });
}

function describeSilence(kind: 'remote' | 'remote-rights', withinMs: number, doing: string): ToldCheck {
  return {
    ...{ kind, status: 'fail' },
    found: `${doing}: no answer within ${withinMs / 1000} seconds`,
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

/** Writes, reads and deletes a probe object; what a right needs and lacks is not tried. */
async function probeRights(remote: Remote, listRefusal: string | null, withinMs: number): Promise<ToldCheck> {
  const may = listRefusal === null ? ['list'] : [];
  if (remote.isReadOnly)
    return tellOk(RIGHTS, `${[...may, 'read'].join(', ')}; nothing is written over ${remote.kind}`);
  const key = `${PROBE_FOLDER}/${randomBytes(16).toString('hex')}`;
  const refused = await writeAndRead(remote, key, may, withinMs);
  const stays = await deleteProbe(remote, key, may, withinMs);
  if (refused !== null) {
    // A write that was not answered may have come through.
    const left = stays === null || !(may.includes('write') || refused.status === 'fail') ? '' : tellLeft(key);
    return { ...refused, status: 'fail', found: `${refused.found}${left}` };
  }
  if (stays !== null) return { ...stays, found: `${stays.found}${tellLeft(key)}` };
  if (listRefusal === null) return tellOk(RIGHTS, may.join(', '));
  const found = `may ${may.join(', ')}, may not list: gc and status need it`;
  return { kind: RIGHTS, status: 'warn', found, advice: listRefusal };
}

const tellLeft = (key: string): string => `; the probe stays there: ${key}`;

/** Adds to `may` what succeeds. @returns what is told of a failure; null: there is none */
async function writeAndRead(
  remote: Remote,
  key: string,
  may: string[],
  withinMs: number,
): Promise<ToldCheck | null> {
  const signal = AbortSignal.timeout(withinMs);
  const folder = mkdtempSync(join(tmpdir(), 'veracity-probe-'));
  const path = join(folder, 'probe');
  const content = key;
  writeFileSync(path, content);
  let doing: 'write' | 'read' = 'write';
  try {
    await remote.write(key, { path, sizeBytes: content.length, md5: hashMd5(content) }, { signal });
    may.push('write');
    doing = 'read';
    const chunks: Buffer[] = [];
    for await (const chunk of await remote.read(key, { signal })) chunks.push(Buffer.from(chunk));
    if (Buffer.concat(chunks).toString('utf8') !== content) {
      const advice = 'Look at the remote, and at a proxy before it.';
      return { kind: RIGHTS, status: 'fail', found: 'the probe object came back with other bytes', advice };
    }
    may.push('read');
    return null;
  } catch (error) {
    return signal.aborted ? describeSilence(RIGHTS, withinMs, doing) : tellRefusal(error, may, doing);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @returns what is told if the probe stays; null: it is gone */
async function deleteProbe(
  remote: Remote,
  key: string,
  may: string[],
  withinMs: number,
): Promise<ToldCheck | null> {
  const signal = AbortSignal.timeout(withinMs);
  try {
    await remote.delete(key, { signal });
    if (remote.kind === 'local')
      for (const name of [PROBE_FOLDER, '.uploads']) removeEmptyFolder(join(remote.url, name));
    may.push('delete');
    return null;
  } catch (error) {
    return signal.aborted ? describeSilence(RIGHTS, withinMs, 'delete') : tellRefusal(error, may, 'delete');
  }
}

function tellRefusal(error: unknown, may: readonly string[], doing: 'write' | 'read' | 'delete'): ToldCheck {
  const told = tellRemoteError(RIGHTS, error, doing === 'read' ? 'fail' : 'warn');
  return { ...told, found: `may ${may.join(', ') || 'do nothing'}, may not ${doing}: ${told.found}` };
}

/** Another doctor may probe at the same time. */
function removeEmptyFolder(folder: string): void {
  if (isFolder(folder) && readdirSync(folder).length === 0) rmdirSync(folder);
}
