import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withBuildLock } from './build-lock.ts';
import { processSpace } from './process-space.ts';

describe('withBuildLock', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'veracity-lock-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('builds once where each looks first whether it is there', async () => {
    const path = join(folder, 'deep', 'tokens');
    let built = 0;
    const build = () =>
      withBuildLock(path, async () => {
        if (existsSync(path)) return;
        await sleep(20);
        built++;
        writeFileSync(path, 'x');
      });
    await Promise.all([build(), build(), build()]);
    expect(built).toBe(1);
    expect(existsSync(`${path}.lock`)).toBe(false);
  });

  it('frees the lock after a failure', async () => {
    const path = join(folder, 'tokens');
    await expect(withBuildLock(path, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await withBuildLock(path, async () => 'yes')).toBe('yes');
  });

  it('takes over the lock of a process that is dead, not that of another machine', async () => {
    const path = join(folder, 'tokens');
    const since = new Date().toISOString();
    writeFileSync(`${path}.lock`, JSON.stringify({ process: 2 ** 22, processSpace: processSpace(), since }));
    expect(await withBuildLock(path, async () => 'built')).toBe('built');
    writeFileSync(
      `${path}.lock`,
      JSON.stringify({ process: 2 ** 22, processSpace: `not ${hostname()}`, since }),
    );
    const stop = new AbortController();
    const waiting = withBuildLock(path, async () => 'built', stop.signal);
    await sleep(250);
    stop.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
  });
});
