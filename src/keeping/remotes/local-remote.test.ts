import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { md5Of } from '../../../test/conformance/remote.ts';
import { createLocalRemote } from './local-remote.ts';
import type { ObjectSource } from './remote.ts';

describe('a remote in a folder', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'veracity-local-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const sourceOf = (text: string): ObjectSource => {
    const path = join(folder, 'source');
    writeFileSync(path, text);
    return { path, sizeBytes: Buffer.byteLength(text), md5: md5Of(text) };
  };

  it('writes files that are read-only, and leaves no other files', async () => {
    const root = join(folder, 'remote');
    await createLocalRemote(root).write('files/md5/5d/41', sourceOf('hello'));
    expect(statSync(join(root, 'files/md5/5d/41')).mode & 0o777).toBe(0o444);
    expect(readdirSync(join(root, '.uploads'))).toEqual([]);
  });

  it('says that a missing folder is missing when it is read', async () => {
    const remote = createLocalRemote(join(folder, 'unmounted'));
    await expect(remote.read('a/b')).rejects.toMatchObject({
      code: 'REMOTE_NOT_FOUND',
      message: expect.stringContaining('unmounted: expected a folder, found none'),
    });
    expect(existsSync(join(folder, 'unmounted'))).toBe(false);
  });

  it('keeps no versions, and says where there are some', async () => {
    const remote = createLocalRemote(folder);
    await expect(remote.read('a', { version: '7' })).rejects.toMatchObject({
      code: 'REMOTE_UNSUPPORTED',
      message: expect.stringContaining('asked for version 7 of a'),
    });
  });

  it('removes what interrupted pushes have left a week ago', async () => {
    const root = join(folder, 'remote');
    await createLocalRemote(root).write('a', sourceOf('hello'));
    for (const [name, days] of [
      ['old.tmp-1-00000000-00000000', 8],
      ['new.tmp-1-00000000-00000000', 6],
    ] as const) {
      writeFileSync(join(root, '.uploads', name), 'half');
      const then = new Date(Date.now() - days * 24 * 3_600_000);
      utimesSync(join(root, '.uploads', name), then, then);
    }
    // What others have put there stays, and is in nobody's way.
    mkdirSync(join(root, '.uploads', 'folder'));
    utimesSync(join(root, '.uploads', 'folder'), 0, 0);
    expect(await createLocalRemote(root).write('b', sourceOf('hello'))).toBe('written');
    expect(readdirSync(join(root, '.uploads')).sort()).toEqual(['folder', 'new.tmp-1-00000000-00000000']);
  });

  it.skipIf(process.getuid?.() === 0)('says which right is missing', async () => {
    chmodSync(folder, 0o555);
    const remote = createLocalRemote(join(folder, 'remote'));
    await expect(remote.write('a', { ...sourceOf('x'), path: '/etc/hostname' })).rejects.toMatchObject({
      code: 'REMOTE_FORBIDDEN',
    });
  });
});
