import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { askGit } from './git.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ask-git-'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

/** Puts a program of this name before the real one. */
function pretend(script: string): void {
  writeFileSync(join(folder, 'git'), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, 'git'), 0o755);
  vi.stubEnv('PATH', `${folder}:${process.env.PATH}`);
}

it('waits for Git until a limit, also for one that ignores requests to end', () => {
  pretend(`trap '' TERM; while :; do :; done`);
  expect(askGit(folder, ['status'], { limitMs: 200 })).toBeNull();
});

it('lets Git neither ask for a password nor start a program that watches the files', () => {
  pretend(`echo "$GIT_TERMINAL_PROMPT $*"; cat`);
  expect(askGit(folder, ['ls-files'], { input: 'names' })?.toString()).toBe(
    `0 -C ${folder} -c core.quotepath=off -c core.fsmonitor=false ls-files\nnames`,
  );
  pretend('exit 1');
  expect(askGit(folder, ['ls-files'])).toBeNull();
});
