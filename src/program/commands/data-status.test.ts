import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createQuietContext } from '../../../test/fixtures/quiet-context.ts';
import { locateHome } from '../../foundation/records/home.ts';
import { dataAddCommand } from './data-add.ts';
import { dataPullCommand } from './data-pull.ts';
import { dataPushCommand } from './data-push.ts';
import { dataStatusCommand } from './data-status.ts';

let folder: string;
beforeEach(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'veracity-status-')));
  execFileSync('git', ['init', '-q', folder]);
  mkdirSync(join(folder, 'data', 'sub'), { recursive: true });
  for (const name of ['data/a', 'data/sub/copy of a', 'b']) writeFileSync(join(folder, name), 'one');
  await dataAddCommand.run({ args: ['data'], options: {} }, context());
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const context = () => createQuietContext(locateHome(join(folder, '.veracity')), folder);
const status = (options: Record<string, boolean> = {}) =>
  dataStatusCommand.run({ args: [], options }, context());

describe('data status', () => {
  it('ends with 0 where all is whole', async () => {
    expect(await status({ verify: true })).toMatchObject({ exitCode: 0 });
  });

  it('ends with 1 where an object is damaged, and names each file that has its bytes', async () => {
    const object = join(folder, '.veracity/cache/files/md5/f9/7c5d29941bfb1b2fdab0874906ab82');
    chmodSync(object, 0o644);
    writeFileSync(object, 'xxx');
    expect((await status()).exitCode).toBe(0); // not looked for
    const { text, exitCode } = await status({ verify: true });
    expect(exitCode).toBe(1);
    expect(text).toContain('damaged: data/a, data/sub/copy of a');
    expect(text).not.toContain('f97c5d29');
  });

  it('ends with 1 where a list of files is damaged, and shows why beside the other data', async () => {
    await dataAddCommand.run({ args: ['b'], options: {} }, context());
    const md5 = /md5: (\S+)/.exec(readFileSync(join(folder, 'data.dvc'), 'utf8'))![1]!;
    const list = join(folder, '.veracity/cache/files/md5', md5.slice(0, 2), md5.slice(2));
    chmodSync(list, 0o644);
    writeFileSync(list, '[]');
    const { text, exitCode } = await status();
    expect(exitCode).toBe(1);
    expect(text).toMatch(/^b +unchanged/m);
    expect(text).toMatch(/^data +cannot be compared/m);
    expect(text).toContain(`data: ${list}: expected bytes with the md5`);
  });

  it('calls objects of a remote there, whose bytes nobody has compared; a pull of damaged ones names the push that mends', async () => {
    const store = join(folder, 'store');
    const remote = { remote: store };
    await dataPushCommand.run({ args: [], options: remote }, context());
    const object = join(store, 'files/md5/f9/7c5d29941bfb1b2fdab0874906ab82');
    chmodSync(object, 0o644);
    writeFileSync(object, 'xne');
    const { text } = await dataStatusCommand.run({ args: [], options: remote }, context());
    expect(text).toMatch(/ there\s*$/m);
    const cache = join(folder, '.veracity/cache');
    renameSync(cache, `${cache}-of-another`);
    const pulled = await dataPullCommand.run({ args: [], options: remote }, context());
    expect(pulled.exitCode).toBe(1);
    expect(pulled.text).toContain('veracity data push --verify');
    expect(pulled.text).not.toContain('no data with pointers');
    rmSync(cache, { recursive: true, force: true });
    renameSync(`${cache}-of-another`, cache);
    await dataPushCommand.run({ args: [], options: { ...remote, verify: true } }, context());
    rmSync(cache, { recursive: true });
    expect((await dataPullCommand.run({ args: [], options: remote }, context())).exitCode).toBe(0);
  });

  it('ends with 1 where a pointer is broken', async () => {
    writeFileSync(join(folder, 'b.dvc'), 'outs: [');
    const { text, exitCode } = await status();
    expect(exitCode).toBe(1);
    expect(text).toContain('b.dvc');
  });
});
