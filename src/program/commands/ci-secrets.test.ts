import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { repositoryRoot } from '../../../test/architecture/source-imports.ts';
import { createQuietContext } from '../../../test/fixtures/quiet-context.ts';
import { locateHome } from '../../foundation/records/home.ts';
import { ciSecretsCommand } from './ci-secrets.ts';

const SECRET = `glpat-${'a1B2c3D4e5F6'.repeat(2)}`;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'veracity-ci-'));
  mkdirSync(join(folder, 'node_modules'));
  writeFileSync(join(folder, 'node_modules', 'a.js'), SECRET);
  writeFileSync(join(folder, 'deploy.sh'), `set -e\nTOKEN=${SECRET}\n`);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const check = (args: string[] = [], options = {}, at = folder) =>
  ciSecretsCommand.run({ args, options }, createQuietContext(locateHome(join(folder, 'home')), at));

describe('ci secrets', () => {
  it('exits 1 and names file and line; packages are left out', async () => {
    const { json, text, exitCode } = await check();
    expect(exitCode).toBe(1);
    expect(json).toEqual({
      ok: false,
      files: 1,
      secrets: [{ file: 'deploy.sh', line: 2, kind: 'gitlab-token', words: 'a GitLab token' }],
    });
    expect(text).toContain('deploy.sh:2: looks like a GitLab token');
    expect(JSON.stringify([json, text])).not.toContain(SECRET.slice(6, 14));
  });

  it('exits 0 where the place is allowed', async () => {
    expect(await check([], { allowSecret: ['deploy.sh:2'] })).toMatchObject({ exitCode: 0 });
  });

  it('names files from the root of the repository, where the list of allowed places lies', async () => {
    spawnSync('git', ['init', '-q'], { cwd: folder });
    const deep = join(folder, 'deploy', 'site');
    mkdirSync(deep, { recursive: true });
    writeFileSync(join(deep, 'run.sh'), `TOKEN=${SECRET}\n`);
    expect(await check([], {}, deep)).toMatchObject({
      json: { files: 1, secrets: [{ file: 'deploy/site/run.sh', line: 1 }] },
    });
    expect(await check([], { allowSecret: ['deploy/site/run.sh:1'] }, deep)).toMatchObject({ exitCode: 0 });
    writeFileSync(join(folder, '.allowed-secrets'), 'deploy/site/run.sh:1 # invented\n');
    for (const at of [deep, join(folder, 'deploy')])
      expect(await check([], {}, at)).toMatchObject({ exitCode: 0 });
  });

  it('reads what Git tracks or would add, in a checkout', async () => {
    spawnSync('git', ['init', '-q'], { cwd: folder });
    writeFileSync(join(folder, '.gitignore'), 'local.txt\nnode_modules\n');
    writeFileSync(join(folder, 'local.txt'), SECRET);
    expect(await check()).toMatchObject({ json: { files: 2, secrets: [{ file: 'deploy.sh' }] } });
    expect(await check(['local.txt'])).toMatchObject({ json: { secrets: [{ file: 'local.txt', line: 1 }] } });
  });

  it('names a path that is not there', async () => {
    await expect(check(['nowhere'])).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
  });

  it('finds no secret in this repository', async () => {
    const result = await check([], {}, repositoryRoot);
    expect((result.json as { secrets: unknown[] }).secrets).toEqual([]);
  });
});
