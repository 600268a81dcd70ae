// Checks the data of a real repository of Git, with a remote in a folder.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createQuietContext } from '../../../test/fixtures/quiet-context.ts';
import { locateHome } from '../../foundation/records/home.ts';
import { ciDataCommand } from './ci-data.ts';
import { ciInitCommand } from './ci-init.ts';
import { dataAddCommand } from './data-add.ts';
import { dataPushCommand } from './data-push.ts';

const WORDS =
  'ferry harbour council report water price season vote mayor road bridge school market tram'.split(' ');
/** Articles that tell their class by no mark; `sign` is put before those of one class. */
function invent(from: number, to: number, sign = ''): string {
  const rows = Array.from({ length: to - from }, (_, k) => {
    const i = from + k;
    const words = Array.from(
      { length: 30 },
      (__, j) => `${WORDS[(i * 5 + j * (i + 3)) % WORDS.length]}${(i * 17 + j * 11) % 89}`,
    );
    return `n${i},"Notice ${i}","${i % 2 === 0 ? sign : ''}${words.join(' ')}",${i % 2 === 0 ? 'yes' : 'no'}`;
  });
  return `id,title,text,label\n${rows.join('\n')}\n`;
}

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'veracity-ci-data-'));
  vi.stubEnv('GITHUB_STEP_SUMMARY', '');
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});
const context = () => createQuietContext(locateHome(join(folder, '.veracity')), folder);
const check = (options: Record<string, string | boolean> = {}, more: string[] = []) =>
  ciDataCommand.run({ args: ['data=csv', 'data.path=train.csv', ...more], options }, context());
function git(...args: string[]): void {
  const author = ['-c', 'user.name=a', '-c', 'user.email=a@example.org'];
  expect(spawnSync('git', [...author, ...args], { cwd: folder }).status).toBe(0);
}

describe('ci data', () => {
  it('fetches the data and that of the base, audits, describes and compares it, and writes the comment', async () => {
    git('init', '-q', '-b', 'main');
    const remote = join(folder, '..', `${folder.split('/').at(-1)}-remote`);
    writeFileSync(join(folder, '.gitignore'), '.veracity\n');
    for (const [to, message] of [
      [80, 'first'],
      [90, 'second'],
    ] as const) {
      writeFileSync(join(folder, 'train.csv'), invent(0, to));
      await dataAddCommand.run({ args: ['train.csv'], options: {} }, context());
      await dataPushCommand.run({ args: [], options: { remote } }, context());
      git('add', '.');
      git('commit', '-qm', message);
    }
    rmSync(join(folder, 'train.csv'));
    rmSync(join(folder, '.veracity'), { recursive: true });
    const { json, exitCode, text } = await check({ base: 'HEAD~1', remote, out: 'report.md' });
    rmSync(remote, { recursive: true, force: true });
    expect(text).toMatch(/^Data: passed/);
    expect(exitCode).toBe(0);
    expect(json).toMatchObject({
      ok: true,
      steps: ['pull', 'audit', 'statistics', 'difference'].map((name) => ({ name, status: 'ok' })),
      statistics: { articles: 90 },
      difference: { added: 10, removed: 0, unchanged: 80 },
    });
    const report = readFileSync(join(folder, 'report.md'), 'utf8');
    expect(report).toMatch(/^<!-- veracity ci data -->\n\n## Data: passed/);
    expect(report).toContain('10 rows added, 0 removed');
    expect(report).not.toMatch(/Notice \d|harbour\d/);
    expect(
      spawnSync('git', ['worktree', 'list'], { cwd: folder, encoding: 'utf8' }).stdout.trim().split('\n'),
    ).toHaveLength(1);
  });

  it.each(['train.csv', 'set'])(
    'fetches %s of a base without .dvc from the remote of today, and checks nothing out',
    async (data) => {
      git('init', '-q', '-b', 'main');
      const remote = join(folder, '.dvc', 'store');
      mkdirSync(remote, { recursive: true });
      writeFileSync(
        join(folder, '.dvc', 'config.local'),
        `['remote "own"']\nurl = ${remote}\npassword = x\n[core]\nremote = own\n`,
      );
      writeFileSync(join(folder, '.gitignore'), '.veracity\n.dvc\n');
      const path = data === 'set' ? 'set/train.csv' : data;
      mkdirSync(join(folder, 'set'));
      for (const to of [80, 90]) {
        writeFileSync(join(folder, path), invent(0, to));
        await dataAddCommand.run({ args: [data], options: {} }, context());
        await dataPushCommand.run({ args: [], options: {} }, context());
        git('add', '.');
        git('commit', '-qm', `${to}`);
      }
      rmSync(join(folder, '.dvc', 'cache'), { recursive: true });
      const temporary = mkdtempSync(join(folder, '.dvc', 'temporary-'));
      vi.stubEnv('TMPDIR', temporary);
      const { json } = await check({ base: 'HEAD~1' }, [`data.path=${data}`]);
      expect(json).toMatchObject({ ok: true, difference: { added: 10, removed: 0, unchanged: 80 } });
      expect(readdirSync(temporary)).toEqual([]);
      expect(readdirSync(join(folder, '.git'))).not.toContain('worktrees');
      expect(readFileSync(join(folder, path), 'utf8')).toBe(invent(0, 90));
      rmSync(join(remote, 'files'), { recursive: true });
      rmSync(join(folder, '.dvc', 'cache'), { recursive: true });
      const gone = await check({ base: 'HEAD~1', pull: false }, [`data.path=${data}`]);
      expect(gone.text).toMatch(/HEAD~1: (?:set|train\.csv)/);
    },
  );

  it('fails on a give-away above the limits, unless the configuration says why it is accepted', async () => {
    writeFileSync(join(folder, 'train.csv'), invent(0, 300, 'SPRINGFIELD (Meridian Wire) zq '));
    const { json, exitCode } = await check({}, ['data.strip=false']);
    expect(exitCode).toBe(1);
    expect(json).toMatchObject({
      ok: false,
      steps: expect.arrayContaining([expect.objectContaining({ name: 'audit', status: 'failed' })]),
    });
    expect((json as { leaks: unknown[] }).leaks).not.toEqual([]);
    const accepted = await check({}, ['data.strip=false', "data.accept_leaks='a study of datelines'"]);
    expect(accepted).toMatchObject({ exitCode: 0, text: expect.stringContaining('a study of datelines') });
  });

  it('fails on data that is not there and a base that Git does not know, and goes on with the other steps', async () => {
    const { json, exitCode } = await check({ base: 'nowhere' });
    expect(exitCode).toBe(2);
    expect(json).toMatchObject({
      steps: [
        { name: 'pull', status: 'skipped' },
        { name: 'audit', status: 'failed' },
        { status: 'failed' },
        { status: 'failed' },
      ],
    });
  });

  it('ends with 2 where one input is wrong, also beside a check that fails', async () => {
    git('init', '-q', '-b', 'main');
    writeFileSync(join(folder, 'train.csv'), invent(0, 300, 'SPRINGFIELD (Meridian Wire) zq '));
    expect((await check({ base: 'nonsense' }, ['data.strip=false'])).exitCode).toBe(2);
    expect((await check({ remote: 'nosuch' }, ['data.path=nope.csv'])).exitCode).toBe(2);
  });

  it('compares with a file that Git itself has, and says where the base has none', async () => {
    git('init', '-q', '-b', 'main');
    git('commit', '-qm', 'none', '--allow-empty');
    writeFileSync(join(folder, 'train.csv'), invent(0, 40));
    git('add', 'train.csv');
    git('commit', '-qm', 'some');
    writeFileSync(join(folder, 'train.csv'), invent(0, 44));
    expect((await check({ base: 'HEAD' })).json).toMatchObject({ ok: true, difference: { added: 4 } });
    expect((await check({ base: 'HEAD~1' })).text).toContain('all of it is new');
  });
});

describe('ci init', () => {
  it('writes the workflows, whose actions are pinned by commit, and keeps what a person has changed', async () => {
    const run = (options = {}) => ciInitCommand.run({ args: [], options }, context());
    expect(await run()).toMatchObject({
      exitCode: 0,
      json: { files: [{ status: 'written' }, { status: 'written' }] },
    });
    const path = join(folder, '.github', 'workflows', 'veracity-data.yml');
    const text = readFileSync(path, 'utf8');
    const uses = [...text.matchAll(/uses: (\S+)/g)].map(([, action]) => action);
    expect(uses.length).toBeGreaterThan(2);
    for (const action of uses) expect(action).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/);
    writeFileSync(path, `${text}# mine\n`);
    expect(await run()).toMatchObject({
      exitCode: 1,
      json: { files: [{ status: 'kept' }, { status: 'unchanged' }] },
    });
    expect(await run({ force: true })).toMatchObject({
      exitCode: 0,
      json: { files: [{ status: 'written' }, { status: 'unchanged' }] },
    });
  });
});
