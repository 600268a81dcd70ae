import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isSourceFile, recordCode } from './recorded-code.ts';

describe('the recorded code', () => {
  let folder: string;
  const git = (...args: string[]): string => execFileSync('git', args, { cwd: folder, encoding: 'utf8' });
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'veracity-code-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function createCheckout(): void {
    git('init', '--quiet');
    git('config', 'user.email', 'a@example.org');
    git('config', 'user.name', 'a');
    git('config', 'diff.noprefix', 'true');
    write('loop.ts', 'const rate = 1;\n');
    write('articles.csv', 'title,text\nFerry,The ferry sank\n');
    git('add', '.');
    git('commit', '--quiet', '-m', 'first');
  }

  it('has no commit and no changes outside of a checkout', async () => {
    expect(await recordCode(folder)).toMatchObject({ commit: null, code: { changes: null } });
  });

  it('has the commit, and no changes where there are none', async () => {
    createCheckout();
    const { commit, code } = await recordCode(folder);
    expect(commit).toBe(git('rev-parse', 'HEAD').trim());
    expect(code.programSha256).toMatch(/^[0-9a-f]{64}$/);
    expect(code.changes).toMatchObject({ diff: '', sizeBytes: 0, leftOut: [], untracked: [] });
  });

  it('keeps the changes of source files as a patch that applies, and only names data and new files', async () => {
    createCheckout();
    write('loop.ts', 'const rate = 2;\n');
    write('articles.csv', 'title,text\nFerry,The captain was seen in harbour\n');
    write('new-file.ts', 'secret');
    const { code } = await recordCode(folder);
    expect(code.changes?.leftOut).toEqual(['articles.csv']);
    expect(code.changes?.untracked).toEqual(['new-file.ts']);
    expect(JSON.stringify(code)).not.toContain('captain');
    git('stash', '--quiet');
    writeFileSync(join(folder, 'recorded.patch'), code.changes!.diff);
    git('apply', 'recorded.patch');
    expect(git('diff', '--name-only').trim()).toBe('loop.ts');
  });

  it('has another digest when only data has changed', async () => {
    createCheckout();
    write('articles.csv', 'a\n');
    const first = (await recordCode(folder)).code.changes?.sha256;
    write('articles.csv', 'b\n');
    expect((await recordCode(folder)).code.changes?.sha256).not.toBe(first);
  });

  it('masks secrets in changed lines', async () => {
    createCheckout();
    write('loop.ts', 'const apiKey = "kanarienvogel";\n');
    const { code } = await recordCode(folder);
    expect(code.changes?.diff).toContain('+const apiKey = ***');
    expect(JSON.stringify(code)).not.toContain('kanarienvogel');
  });

  it('cuts a long patch and says so; the digest is that of the whole', async () => {
    createCheckout();
    write('loop.ts', 'const rate = 2;\n'.repeat(40_000));
    const { changes } = (await recordCode(folder)).code;
    expect(changes?.isCut).toBe(true);
    expect(changes!.diff.length).toBeLessThan(300_000);
    expect(changes!.sizeBytes).toBeGreaterThan(600_000);
  });

  it('sees changes of the whole checkout from one of its folders', async () => {
    createCheckout();
    mkdirSync(join(folder, 'inside'));
    write('loop.ts', 'const rate = 2;\n');
    expect((await recordCode(join(folder, 'inside'))).code.changes?.diff).toContain('+const rate = 2;');
  });

  it.each([
    ['src/learning/loop.ts', true],
    ['configs/train.yaml', true],
    ['package.json', true],
    ['articles.json', false],
    ['notes.txt', false],
    ['data/read.py', false],
    ['.env', false],
    ['config/secrets.yaml', false],
  ])('decides whether the change of %s is kept as text: %s', (path, isKept) => {
    expect(isSourceFile(path)).toBe(isKept);
  });
});
