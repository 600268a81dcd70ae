import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { builtModule } from '../../../test/conformance/place.ts';
import { writeFileAtomic } from './atomic-file.ts';
import { appendLine } from './line-log.ts';
import { makeFolder } from './make-folder.ts';
import { asDiskError, asSystemError } from './system-error.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'veracity-system-'));
});
afterEach(() => {
  chmodSync(folder, 0o755);
  rmSync(folder, { recursive: true, force: true });
});

const failure = (code: string): Error => Object.assign(new Error(code), { code });

describe('an error of the operating system', () => {
  it.each([
    ['EROFS', 'SYSTEM_REFUSED', 'the file system is read-only', 'Mount it writable'],
    ['EACCES', 'SYSTEM_REFUSED', 'permission is denied to this user', 'permission'],
    ['EPERM', 'SYSTEM_REFUSED', 'the system does not permit it', 'protection'],
    ['ENOTDIR', 'SYSTEM_REFUSED', 'a file is in the way', 'Move that file away'],
    ['ENOSPC', 'DISK_FULL', 'no space left', 'Free some space'],
    ['EDQUOT', 'DISK_FULL', 'no space left', 'Free some space'],
  ])('%s becomes %s and is called what it is', (code, expected, reason, hint) => {
    expect(asDiskError(failure(code), '/somewhere/x')).toMatchObject({
      code: expected,
      message: expect.stringMatching(new RegExp(`^/somewhere/x: .*${reason}`)),
      hint: expect.stringContaining(hint),
      exitCode: 1,
    });
  });

  it('leaves errors as they are that it does not know, and a missing file of a writer', () => {
    for (const error of [failure('EPIPE'), new TypeError('x'), 'text'])
      expect(asSystemError(error, 'x', 'read')).toBe(error);
    const missing = failure('ENOENT');
    expect(asDiskError(missing, 'x')).toBe(missing);
  });
});

describe('makeFolder', () => {
  it('makes all missing folders, and does nothing if they are there', () => {
    const deep = join(folder, 'a', 'b', 'c');
    makeFolder(deep);
    makeFolder(deep);
    expect(statSync(deep).isDirectory()).toBe(true);
  });

  it.each([
    ['in the way', ['file']],
    ['on the way', ['file', 'a', 'b']],
  ])('names a file %s', (_, parts) => {
    writeFileSync(join(folder, 'file'), '');
    const refusal = { code: 'SYSTEM_REFUSED', message: expect.stringContaining('a file is in the way') };
    expect(() => makeFolder(join(folder, ...parts))).toThrow(expect.objectContaining(refusal));
    expect(() => writeFileAtomic(join(folder, ...parts, 'x'), '')).toThrow(expect.objectContaining(refusal));
    expect(() => appendLine(join(folder, ...parts, 'x'), 'line', { flushed: true })).toThrow(
      expect.objectContaining(refusal),
    );
  });

  it.runIf(existsSync('/proc/self'))('ends where the system takes no new folders', () => {
    for (const path of ['/proc/nope', '/proc/nope/a/b'])
      expect(() => makeFolder(path)).toThrow(
        expect.objectContaining({
          code: 'SYSTEM_REFUSED',
          message: expect.stringMatching(/^\/proc\/nope: expected to create it, but .* takes no new files/),
        }),
      );
  });

  it('says that permission is denied in a folder of another user', () => {
    chmodSync(folder, 0o555);
    const isRoot = process.getuid?.() === 0;
    const script = `
      import { makeFolder } from '${builtModule('foundation/core/index.js')}';
      try { makeFolder(process.argv[1]); } catch ({ code, message }) { console.log(code, message); }`;
    const { stdout } = spawnSync(
      process.execPath,
      ['--input-type=module', '-e', script, join(folder, 'mine')],
      { encoding: 'utf8', cwd: '/', ...(isRoot ? { uid: 65534, gid: 65534 } : {}) },
    );
    expect(stdout).toMatch(/^SYSTEM_REFUSED .*mine: expected to create it, but permission is denied/);
  });
});
