import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { appError } from '../../foundation/core/index.ts';
import { createLocalRemote } from './local-remote.ts';
import { probeRemote } from './probe-remote.ts';
import type { Remote } from './remote.ts';

let folder: string;
let remote: Remote;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'veracity-probe-'));
  remote = createLocalRemote(join(folder, 'remote'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const refusing = (methods: Partial<Remote>): Remote =>
  Object.assign(Object.create(remote) as Remote, {
    kind: remote.kind,
    url: remote.url,
    isReadOnly: false,
    list: (prefix: string) => remote.list(prefix),
    stat: (key: string) => remote.stat(key),
    read: (key: string) => remote.read(key),
    write: (...given: Parameters<Remote['write']>) => remote.write(...given),
    delete: (key: string) => remote.delete(key),
    measureClock: async () => 400_000,
    ...methods,
  });
const forbidden = (action: string): Error =>
  appError('REMOTE_FORBIDDEN', { url: folder, action, reason: 'no' });

describe('a probe of a remote', () => {
  it('lists, writes, reads and deletes, and leaves nothing', async () => {
    const { steps, clockAheadMs } = await probeRemote(remote);
    expect(steps).toEqual(['list', 'write', 'read', 'delete'].map((action) => ({ action, error: null })));
    expect(clockAheadMs).toBeNull();
    expect(readdirSync(join(folder, 'remote', 'veracity-probe'))).toEqual([]);
  });

  it('names each right that is missing, and measures the clock', async () => {
    const readOnly = refusing({ write: async () => Promise.reject(forbidden('write')) });
    const probe = await probeRemote(readOnly);
    expect(probe.steps.map(({ action, error }) => [action, error?.code ?? null])).toEqual([
      ['list', null],
      ['write', 'REMOTE_FORBIDDEN'],
      ['read', null],
    ]);
    expect(probe.clockAheadMs).toBe(400_000);
    const undeletable = refusing({ delete: async () => Promise.reject(forbidden('delete')) });
    const { steps } = await probeRemote(undeletable);
    expect(steps.at(-1)).toMatchObject({ action: 'delete', error: { code: 'REMOTE_FORBIDDEN' } });
  });

  it('ends at the first step that does not reach the remote', async () => {
    writeFileSync(join(folder, 'file'), '');
    const { steps } = await probeRemote(createLocalRemote(join(folder, 'file')));
    expect(steps.map(({ action }) => action)).toContain('write');
    expect(steps.find(({ action }) => action === 'write')!.error).toMatchObject({ code: 'SYSTEM_REFUSED' });
    mkdirSync(join(folder, 'empty'));
    expect(existsSync(join(folder, 'empty', 'veracity-probe'))).toBe(false);
  });
});
