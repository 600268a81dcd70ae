import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createQuietContext } from '../../../test/fixtures/quiet-context.ts';
import { locateHome } from '../../foundation/records/home.ts';
import type { WorkflowContext } from '../context/workflow-context.ts';
import { pullData } from './data-pull.ts';
import { pushData } from './data-push.ts';
import { addData } from './data-recording.ts';
import { readDataStatus } from './data-status.ts';

let folder: string;
let context: WorkflowContext;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'veracity-transfer-')));
  execFileSync('git', ['init', '-q', folder]);
  mkdirSync(join(folder, 'store'));
  write(
    '.dvc/config',
    '[core]\n    remote = store\n[\'remote "store"\']\n    url = ../store\n[\'remote "other"\']\n    url = ../other\n',
  );
  context = createQuietContext(locateHome(join(folder, '.veracity')), folder);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const at = (...parts: string[]): string => join(folder, ...parts);
const write = (name: string, text: string): void => {
  mkdirSync(dirname(at(name)), { recursive: true });
  if (existsSync(at(name))) chmodSync(at(name), 0o644);
  writeFileSync(at(name), text);
};
const read = (name: string): string => readFileSync(at(name), 'utf8');
const add = (...names: string[]) => addData(names, { force: false }, context);
const push = (remote: string | null = null, ...paths: string[]) =>
  pushData(paths, { remote, jobs: undefined, allowedSecrets: [] }, context);
const pull = (remote: string | null = null, ...paths: string[]) =>
  pullData(paths, { remote, jobs: undefined, force: false }, context);
const forget = (...names: string[]): void => {
  for (const name of names) rmSync(at(name), { recursive: true, force: true });
};
const keyOf = (pointer: string): string => {
  const md5 = /md5: (\S+)/.exec(read(pointer))![1]!;
  return `files/md5/${md5.slice(0, 2)}/${md5.slice(2)}`;
};

describe('data push and data pull', () => {
  it('bring everything that pointers name to another checkout, and move it once', async () => {
    write('data/a', 'one');
    write('data/sub/b', 'two');
    write('model/weights', 'three');
    await add('data', 'model/weights');
    expect(await push()).toMatchObject({ moved: 4, skipped: 0, failed: [], data: ['data', 'model/weights'] });
    expect(await push()).toMatchObject({ moved: 0, skipped: 4 });
    rmSync(at('store', keyOf('data.dvc')));
    expect((await readDataStatus([], { verify: false, remote: null }, context)).data).toMatchObject([
      { path: 'data', remote: { objects: 3, missing: 1 } },
      { path: 'model/weights', remote: { objects: 1, missing: 0 } },
    ]);
    await push();
    forget('data', 'model/weights', '.dvc/cache', '.dvc/tmp');
    expect(await pull()).toMatchObject({
      moved: 4,
      failed: [],
      data: [
        { path: 'data', written: 2, deleted: 0 },
        { path: 'model/weights', written: 1 },
      ],
    });
    expect(read('data/a') + read('data/sub/b') + read('model/weights')).toBe('onetwothree');
    expect(await pull()).toMatchObject({ moved: 0, data: [{ written: 0 }, { written: 0 }] });
  });

  it('take a remote by name, by folder, or from the pointer', async () => {
    mkdirSync(at('other'));
    mkdirSync(at('third'));
    write('a', 'one');
    await add('a');
    await push('other');
    expect(existsSync(at('other', keyOf('a.dvc')))).toBe(true);
    await push('./third');
    expect(existsSync(at('third', keyOf('a.dvc')))).toBe(true);
    forget('other', 'third', 'store');
    mkdirSync(at('other'));
    write('a.dvc', `${read('a.dvc')}  remote: other\n`);
    await push();
    expect(existsSync(at('other', keyOf('a.dvc')))).toBe(true);
    write('a.dvc', read('a.dvc').replace('  remote: other\n', ''));
    await expect(push('nothing')).rejects.toMatchObject({ code: 'REMOTE_NOT_CONFIGURED' });
    write('.dvc/config', '');
    await expect(pull()).resolves.toMatchObject({ moved: 0 });
    forget('a', '.dvc/cache');
    await expect(pull()).rejects.toMatchObject({ code: 'REMOTE_NOT_CONFIGURED' });
  });

  it.each([
    ['nosuch', 'REMOTE_NOT_CONFIGURED'],
    ['ftp://host/folder', 'REMOTE_UNSUPPORTED'],
  ])('refuse the remote %s also where nothing has to be moved', async (remote, code) => {
    await expect(pull(remote)).rejects.toMatchObject({ code });
    await expect(push(remote)).rejects.toMatchObject({ code });
  });

  it('fetch an object again that is damaged in the cache, and name it', async () => {
    write('data/a', 'one');
    write('data/b', 'two');
    await add('data');
    await push();
    write('.dvc/cache/files/md5/f9/7c5d29941bfb1b2fdab0874906ab82', 'xxx');
    expect(await pull()).toMatchObject({ moved: 1, mended: ['data/a'], failed: [] });
    expect(read('.dvc/cache/files/md5/f9/7c5d29941bfb1b2fdab0874906ab82')).toBe('one');
    write(`.dvc/cache/${keyOf('data.dvc')}`, '[]');
    forget('data');
    expect(await pull()).toMatchObject({ mended: ['data'], data: [{ written: 2 }] });
  });

  it('name what the remote lacks or has damaged, and leave that data as it was', async () => {
    write('data/a', 'one');
    write('other', 'two');
    await add('data', 'other');
    await push();
    forget('data', 'other', '.dvc/cache', '.dvc/tmp', 'store/files/md5/f9');
    expect(await pull()).toMatchObject({
      failed: [{ path: 'data/a', code: 'REMOTE_OBJECT_MISSING' }],
      data: [{ path: 'other', written: 1 }],
    });
    expect(existsSync(at('data'))).toBe(false);
    write('store/files/md5/f9/7c5d29941bfb1b2fdab0874906ab82', 'xxx');
    expect(await pull()).toMatchObject({ failed: [{ path: 'data/a', code: 'REMOTE_OBJECT_CORRUPT' }] });
  });

  it('replace objects of the remote that have other bytes of the same size, if the push verifies', async () => {
    write('data/a', 'one');
    write('data/b', 'two');
    await add('data');
    await push();
    const key = 'store/files/md5/f9/7c5d29941bfb1b2fdab0874906ab82';
    write(key, 'xne');
    const list = `store/${keyOf('data.dvc')}`;
    const text = read(list);
    write(list, text.replace('"a"', '"c"'));
    expect(await push()).toMatchObject({ moved: 0, skipped: 3, mended: [] });
    const verify = () =>
      pushData([], { remote: null, jobs: undefined, allowedSecrets: [], verifies: true }, context);
    expect(await verify()).toMatchObject({ moved: 2, skipped: 1, failed: [], mended: ['data/a', 'data'] });
    expect([read(key), read(list)]).toEqual(['one', text]);
    expect(await verify()).toMatchObject({ moved: 0, skipped: 3, mended: [] });
    // What is damaged here, too, is never sent.
    write(key, 'xne');
    write('.dvc/cache/files/md5/f9/7c5d29941bfb1b2fdab0874906ab82', 'yne');
    expect(await verify()).toMatchObject({
      moved: 0,
      failed: [{ path: 'data/a', code: 'REMOTE_OBJECT_CORRUPT' }],
    });
    expect(read(key)).toBe('xne');
  });

  it('do not push the list of a folder whose files are not all there', async () => {
    write('data/a', 'one');
    await add('data');
    forget('.dvc/cache/files/md5/f9');
    expect(await push()).toMatchObject({ failed: [{ path: 'data/a', code: 'CACHE_OBJECT_MISSING' }] });
    expect(existsSync(at('store', keyOf('data.dvc')))).toBe(false);
    write('.dvc/cache/files/md5/f9/7c5d29941bfb1b2fdab0874906ab82', 'xxx');
    expect(await push()).toMatchObject({ failed: [{ path: 'data/a', code: 'REMOTE_OBJECT_CORRUPT' }] });
    expect(existsSync(at('store', keyOf('data.dvc')))).toBe(false);
  });

  it.each(['A', 'B', 'A and B'])(
    'do not push the list of a folder that shares a damaged object with another, when %s is pushed',
    async (which) => {
      write('A/x', 'one');
      write('B/y', 'one');
      write('C/z', 'two');
      await add('A', 'B', 'C');
      write('.dvc/cache/files/md5/f9/7c5d29941bfb1b2fdab0874906ab82', 'xxx');
      const { failed } = await push(null, ...which.split(' and '), 'C');
      expect(failed).toHaveLength(1);
      expect(existsSync(at('store', keyOf('A.dvc')))).toBe(false);
      expect(existsSync(at('store', keyOf('B.dvc')))).toBe(false);
      expect(existsSync(at('store', keyOf('C.dvc')))).toBe(true);
    },
  );

  it('push the other data where one list of files is damaged, and name it', async () => {
    write('A/x', 'one');
    write('B/y', 'two');
    await add('A', 'B');
    write(`.dvc/cache/${keyOf('A.dvc')}`, '[]');
    expect(await push()).toMatchObject({ moved: 2, failed: [{ path: 'A', code: 'CACHE_OBJECT_CORRUPT' }] });
    expect(existsSync(at('store', keyOf('B.dvc')))).toBe(true);
  });

  it('refuse what looks like a key, with file and line, unless the place is allowed', async () => {
    const key = ['AKIA', 'Q3EGRZ5XNC7BPLVD'].join('');
    write('data/notes.txt', `one\nkey ${key}\n`);
    await expect(add('data')).rejects.toMatchObject({ code: 'SECRET_FOUND' });
    expect(existsSync(at('data.dvc'))).toBe(false);
    await addData(['data'], { force: false, allowedSecrets: ['data/notes.txt'] }, context);
    await expect(push()).rejects.toMatchObject({
      code: 'SECRET_FOUND',
      message: expect.stringContaining('data/notes.txt:2'),
    });
    expect(existsSync(at('store/files'))).toBe(false);
    const allowedSecrets = ['data/notes.txt:2'];
    await expect(pushData([], { remote: null, jobs: 2, allowedSecrets }, context)).resolves.toMatchObject({
      moved: 2,
    });
    // Allowed once, for one push.
    await expect(push('other')).rejects.toMatchObject({ code: 'SECRET_FOUND' });
    write('.allowed-secrets', 'data/notes.txt:2 # invented\n');
    await expect(push('other')).resolves.toMatchObject({ moved: 2 });
    forget('.allowed-secrets');
    await expect(push()).rejects.toMatchObject({ code: 'SECRET_FOUND' });
  });

  it('leave at home what is kept in Git, what says push: false, and versions of a cloud store', async () => {
    write('a', 'one');
    write('b', 'two');
    await add('a', 'b');
    write('a.dvc', `${read('a.dvc')}  push: false\n`);
    write('b.dvc', `${read('b.dvc')}  cache: false\n`);
    expect(await push()).toMatchObject({ moved: 0, left: [{ path: 'a' }, { path: 'b' }] });
    write(
      '.dvc/config',
      `${read('.dvc/config')}['remote "cloud"']\n    url = s3://bucket\n    version_aware = true\n`,
    );
    write('c', 'three');
    await add('c');
    await expect(push('cloud')).rejects.toMatchObject({ code: 'REMOTE_VERSIONED' });
  });

  it('name a file of versioned data that the pointer has no version of', async () => {
    const md5 = 'f97c5d29941bfb1b2fdab0874906ab82';
    write(
      'data.dvc',
      `outs:\n- path: data\n  hash: md5\n  files:\n  - relpath: a\n    md5: ${md5}\n    size: 3\n    cloud:\n      elsewhere:\n        etag: x\n        version_id: "1700000000000001"\n`,
    );
    expect(await pull()).toMatchObject({
      failed: [{ path: 'data/a', code: 'VERSION_UNKNOWN', reason: expect.stringContaining('elsewhere') }],
    });
  });
});

describe('the stage of a preparation', () => {
  it('keeps other stages and comments of dvc.yaml and dvc.lock', async () => {
    const { recordPreparation } = await import('./stage-record.ts');
    const yaml = '# pipeline\nstages:\n  train: # by hand\n    cmd: python train.py\n    deps: [a,  b]\n';
    write('dvc.yaml', yaml);
    write('dvc.lock', "schema: '2.0'\nstages:\n  train:\n    cmd: python train.py\n");
    write('data/a.csv', 'x');
    const stage = {
      name: 'prepare',
      args: ['data.path=data/a.csv', 'data.columns={title: null}'],
      dataPath: 'data/a.csv',
      settings: { strip: true, name: null },
      settingFiles: [],
      result: { datasetVersion: 'ds-0123456789ab' },
    };
    expect(await recordPreparation(stage, context)).toEqual([
      'prepare.params.yaml',
      'prepare.dataset.json',
      'dvc.yaml',
      'dvc.lock',
    ]);
    expect(read('dvc.yaml')).toContain(
      '# pipeline\nstages:\n  train: # by hand\n    cmd: python train.py\n    deps: [a,  b]\n',
    );
    expect(read('dvc.yaml')).toContain(
      '\n    cmd: "veracity data prepare data.path=data/a.csv \'data.columns={title: null}\' --stage prepare"\n',
    );
    expect(read('dvc.lock')).toMatch(
      /^schema: '2\.0'\nstages:\n {2}train:\n {4}cmd: python train\.py\n {2}prepare:\n/,
    );
    const before = read('dvc.yaml') + read('dvc.lock');
    await recordPreparation(stage, context);
    expect(read('dvc.yaml') + read('dvc.lock')).toBe(before);
    // Small files of a stage are kept in Git: nothing to push or to pull.
    expect(await push()).toMatchObject({ moved: 0, left: [{ path: 'prepare.dataset.json' }] });
    expect(await pull()).toMatchObject({ moved: 0, failed: [] });
  });
});
