import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createQuietContext } from '../../../test/fixtures/quiet-context.ts';
import { createTemporaryName } from '../../foundation/core/temporary-name.ts';
import { locateHome } from '../../foundation/records/home.ts';
import type { WorkflowContext } from '../context/workflow-context.ts';
import { planCacheCleanup } from './cache-cleanup.ts';
import { checkoutData } from './data-checkout.ts';
import { pullData } from './data-pull.ts';
import { addData, commitData } from './data-recording.ts';
import { readDataStatus } from './data-status.ts';

let folder: string;
let context: WorkflowContext;
let said: string[];
const git = (...args: string[]): string =>
  execFileSync('git', ['-C', folder, '-c', 'user.name=n', '-c', 'user.email=e@x', ...args], {
    encoding: 'utf8',
  });
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'veracity-versions-')));
  git('init', '-q');
  said = [];
  context = createQuietContext(locateHome(join(folder, '.veracity')), folder, {
    say: (line) => said.push(line),
  });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const at = (...parts: string[]): string => join(folder, ...parts);
const write = (name: string, text: string): void => {
  mkdirSync(dirname(at(name)), { recursive: true });
  writeFileSync(at(name), text);
};
const read = (name: string): string => readFileSync(at(name), 'utf8');
const add = (...names: string[]) => addData(names, { force: false }, context);
const commit = (...names: string[]) => commitData(names, { force: false }, context);
const checkout = (...names: string[]) => checkoutData(names, { force: false }, context);
const states = async (): Promise<string[]> =>
  (await readDataStatus([], { verify: false }, context)).data.map(({ path, state }) => `${path} ${state}`);
const objectOf = (pointer: string, cache = '.veracity/cache/files/md5'): string => {
  const md5 = /md5: (\S+)/.exec(read(pointer))![1]!;
  return at(cache, md5.slice(0, 2), md5.slice(2));
};
const damage = (path: string, text: string): void => {
  chmodSync(path, 0o644);
  writeFileSync(path, text);
};

describe('data add', () => {
  it('keeps its cache in the home without DVC, in .dvc/cache with it, or where cache.dir says', async () => {
    write('data/a.csv', 'one');
    const { recorded, forGit } = await add('data/a.csv');
    expect(recorded).toEqual([
      {
        path: 'data/a.csv',
        pointer: 'data/a.csv.dvc',
        md5: 'f97c5d29941bfb1b2fdab0874906ab82',
        sizeBytes: 3,
        files: null,
        changed: true,
      },
    ]);
    expect(forGit).toEqual(['data/a.csv.dvc', 'data/.gitignore']);
    expect(existsSync(objectOf('data/a.csv.dvc'))).toBe(true);
    expect(git('status', '--short', '-uall')).toBe('?? data/.gitignore\n?? data/a.csv.dvc\n');

    mkdirSync(at('.dvc'));
    await add('data/a.csv');
    expect(existsSync(objectOf('data/a.csv.dvc', '.dvc/cache/files/md5'))).toBe(true);

    write(
      '.dvc/config',
      '[core]\n    remote = store\n[\'remote "store"\']\n    url = ../x\n[cache]\n    dir = ../elsewhere # here\n',
    );
    await add('data/a.csv');
    expect(existsSync(objectOf('data/a.csv.dvc', 'elsewhere/files/md5'))).toBe(true);
  });

  it.each([
    ['"../with #sign"', 'with #sign'],
    ["'../with ;sign' # here", 'with ;sign'],
    ['../plain # here', 'plain'],
  ])('reads the value %s of .dvc/config', async (value, name) => {
    write('.dvc/config', `[cache]\n    dir = ${value}\n`);
    write('a', 'one');
    await add('a');
    expect(existsSync(objectOf('a.dvc', `${name}/files/md5`))).toBe(true);
  });

  it('works from any folder of the repository, with one cache', async () => {
    write('data/a.csv', 'one');
    const below = createQuietContext(locateHome(at('data/.veracity')), at('data'));
    await addData(['a.csv'], { force: false }, below);
    expect(existsSync(objectOf('data/a.csv.dvc'))).toBe(true);
    expect(existsSync(at('data/.veracity'))).toBe(false);
  });

  it('keeps the entries of .gitignore of all that add data at once', async () => {
    const names = Array.from({ length: 12 }, (_, i) => `data/${i}.csv`);
    for (const name of names) write(name, name);
    await Promise.all(names.map((name) => add(name)));
    expect(read('data/.gitignore').trim().split('\n').sort()).toEqual(
      names.map((name) => name.replace('data', '')).sort(),
    );
  });

  it('keeps comments, unknown keys, order and spaces of a pointer that it rewrites', async () => {
    write('a.csv', 'one');
    await add('a.csv');
    const text = `# who: the team
outs:
- path: a.csv   # the data
  md5: f97c5d29941bfb1b2fdab0874906ab82 # old
  size:   3
  hash: md5
  labels: [x,  y]
  cache: true
# meta
meta:
  owner: "somebody"   # a person
`;
    writeFileSync(at('a.csv.dvc'), text);
    write('a.csv', 'three');
    chmodSync(at('a.csv'), 0o755);
    await add('a.csv');
    expect(read('a.csv.dvc')).toBe(
      text
        .replace('f97c5d29941bfb1b2fdab0874906ab82', '35d6d33467aae9a2e3dccb4b6b027878')
        .replace('size:   3', 'size:   5')
        .replace('  cache: true\n', '  cache: true\n  isexec: true\n'),
    );
    chmodSync(at('a.csv'), 0o644);
    write('a.csv', 'one');
    await add('a.csv');
    expect(read('a.csv.dvc')).toBe(text);
  });

  it('rewrites a pointer in one line, and one whose file has become a folder', async () => {
    write('a', 'one');
    writeFileSync(
      at('a.dvc'),
      '# top\nouts: [{md5: a0000000000000000000000000000000, size: 1, path: a, x: 1}]\n',
    );
    await add('a');
    expect(read('a.dvc')).toBe(
      '# top\nouts: [{md5: f97c5d29941bfb1b2fdab0874906ab82, size: 3, path: a, x: 1, hash: md5}]\n',
    );
    rmSync(at('a'));
    rmSync(at('a.dvc'));
    write('a', 'one');
    await add('a');
    rmSync(at('a'));
    write('a/b', 'one');
    await add('a');
    expect(read('a.dvc')).toMatch(
      /^outs:\n- md5: \w{32}\.dir\n {2}size: 3\n {2}hash: md5\n {2}path: a\n {2}nfiles: 1\n$/,
    );
  });

  it('leaves out what .dvcignore names, from every folder down to the data', async () => {
    write('.dvcignore', '# rules\n*.log\n!keep.log\n/data/top\nbuild/\n**/deep/*.tmp\n');
    write('data/.dvcignore', 'x?.csv\n[ab].txt\n');
    for (const name of [
      'a.log',
      'keep.log',
      'top',
      'sub/top',
      'build/x',
      'sub/build/y',
      'deep/z.tmp',
      'deep/z.csv',
      'x1.csv',
      'x12.csv',
      'a.txt',
      'c.txt',
    ])
      write(`data/raw/${name}`, name);
    const { recorded } = await add('data/raw');
    const manifest = readFileSync(objectOf('data/raw.dvc'), 'utf8');
    expect([...manifest.matchAll(/"relpath": "([^"]+)"/g)].map(([, name]) => name)).toEqual([
      'c.txt',
      'deep/z.csv',
      'keep.log',
      'sub/top',
      'top',
      'x12.csv',
    ]);
    expect(recorded[0]!.files).toBe(6);
    write('data/top', 'x');
    await expect(add('data/top')).rejects.toMatchObject({ code: 'DATA_IGNORED' });
  });

  it('warns of each pipe and socket that it leaves out, and refuses one that is named', async () => {
    write('data/a', 'one');
    mkdirSync(at('data/deep'));
    execFileSync('mkfifo', [at('data/deep/pipe')]);
    symlinkSync(at('data/deep/pipe'), at('data/link'));
    const server = createServer().listen(at('data/socket'));
    await once(server, 'listening');
    await add('data');
    server.close();
    for (const name of ['deep/pipe', 'link', 'socket'])
      expect(said.join('\n')).toContain(`${name} of data is a pipe, a socket or a device; it is left out`);
    expect(said).toHaveLength(3);
    await expect(add('data/deep/pipe')).rejects.toMatchObject({ exitCode: 2 });
    execFileSync('mkfifo', [at('pipe')]);
    await expect(add('pipe')).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining('pipe'),
    });
  });

  it('follows links to files, and warns of links to folders', async () => {
    write('one/x', 'x');
    write('data/a', 'a');
    symlinkSync('../one/x', at('data/link'));
    symlinkSync('../one', at('data/folder'));
    expect((await add('data')).recorded[0]!.files).toBe(2);
    expect(said.join()).toContain('folder is a link to a folder');
    symlinkSync('one', at('other'));
    await expect(add('other')).rejects.toMatchObject({ code: 'DATA_IS_LINK' });
  });

  it('names no command for data that is not here as the way out of an overlap', async () => {
    write('data/gone.csv.dvc', `outs:\n- md5: ${'a'.repeat(32)}\n  hash: md5\n  path: gone.csv\n`);
    write('data/a', 'a');
    await expect(add('data')).rejects.toMatchObject({
      code: 'DATA_OVERLAP',
      hint: expect.stringMatching(
        /^data\/gone\.csv is not here\. Fetch it with: veracity data pull data\/gone\.csv;/,
      ),
    });
  });

  it('says what cannot be added, and why', async () => {
    write('in-git.csv', 'x');
    git('add', 'in-git.csv');
    write('data/a', 'a');
    await add('data');
    write('other/.dvcignore', '*.x');
    write('notes.dvc', 'outs: 5\n');
    const refused: [string, string][] = [
      ['missing.csv', 'FILE_NOT_FOUND'],
      ['../outside.csv', 'DATA_OUTSIDE_REPOSITORY'],
      ['in-git.csv', 'DATA_IN_GIT'],
      ['data/a', 'DATA_OVERLAP'],
      ['.', 'DATA_IGNORED'],
      ['.git', 'DATA_IGNORED'],
      ['other', 'DATA_IGNORE_INSIDE'],
      ['data.dvc', 'USAGE'],
    ];
    for (const [path, code] of refused) await expect(add(path), path).rejects.toMatchObject({ code });
    const before = readdirSync(folder).sort();
    await expect(add('data', 'in-git.csv')).rejects.toMatchObject({ code: 'DATA_IN_GIT' });
    expect(readdirSync(folder).sort()).toEqual(before);
    writeFileSync(Buffer.concat([Buffer.from(at('data/')), Buffer.from([0x66, 0xff])]), 'x');
    await expect(add('data')).rejects.toMatchObject({ code: 'DATA_NAME_UNREADABLE' });
    const none = createQuietContext(locateHome(join(tmpdir(), 'none')), tmpdir());
    await expect(addData(['x'], { force: false }, none)).rejects.toMatchObject({
      code: 'DATA_NOT_REPOSITORY',
    });
  });

  it('makes the data links to the cache where cache.type says so', async () => {
    write('.dvc/config', '[cache]\n\ttype = "hardlink,copy"\n');
    write('data/a', 'a');
    await add('data');
    expect(statSync(at('data/a')).nlink).toBe(2);
    rmSync(at('data'), { recursive: true });
    await checkout();
    expect(statSync(at('data/a')).nlink).toBe(2);
    write('.dvc/config', '[cache]\n\ttype = wormhole\n');
    await expect(add('data')).rejects.toMatchObject({ code: 'DVC_CONFIG_INVALID' });
    write('.dvc/config', '[cache]\nno value\n');
    await expect(add('data')).rejects.toMatchObject({ code: 'DVC_CONFIG_INVALID' });
  });

  it.each(['copy', 'hardlink', 'symlink'])(
    'mends a damaged object before data becomes a %s of it: the data stays as it is',
    async (type) => {
      write('.dvc/config', '');
      write('data/a', 'one');
      write('b', 'two');
      await add('data', 'b');
      const object = at('.dvc/cache/files/md5/f9/7c5d29941bfb1b2fdab0874906ab82');
      damage(object, 'xyz');
      damage(objectOf('b.dvc', '.dvc/cache/files/md5'), '');
      write('.dvc/config', `[cache]\ntype = ${type}\n`);
      await commit();
      expect(read('data/a') + read('b')).toBe('onetwo');
      expect(readFileSync(object, 'utf8')).toBe('one');
      expect(lstatSync(at('b')).isSymbolicLink()).toBe(type === 'symlink');
    },
  );

  it('says so where core.autostage is on and Git cannot add the pointer', async () => {
    write('.dvc/config', '[core]\nautostage = true\n');
    write('a', 'one');
    write('b', 'two');
    expect((await add('a')).forGit).toEqual([]);
    expect(git('diff', '--cached', '--name-only')).toBe('.gitignore\na.dvc\n');
    write('.git/index.lock', '');
    expect((await add('b')).forGit).toEqual(['b.dvc', '.gitignore']);
    expect(said).toEqual([expect.stringContaining('git add failed')]);
  });

  it('replaces a damaged object of the cache by the right one', async () => {
    write('a', 'one');
    await add('a');
    damage(objectOf('a.dvc'), 'two');
    write('b', 'one');
    await add('b');
    expect(readFileSync(objectOf('a.dvc'), 'utf8')).toBe('one');
  });
});

describe('data commit and data checkout', () => {
  it('record a change and go back to the version of another commit', async () => {
    write('data/a', '1');
    write('data/b', '1');
    await add('data');
    git('add', '.');
    git('commit', '-qm', 'one');
    write('data/a', '2');
    write('data/c', '3');
    rmSync(at('data/b'));
    expect(await readDataStatus([], { verify: false }, context)).toMatchObject({
      data: [{ path: 'data', state: 'changed', changes: { added: ['c'], modified: ['a'], removed: ['b'] } }],
    });
    await commit();
    git('commit', '-qam', 'two');
    git('checkout', '-q', 'HEAD~1');
    const { data } = await checkout();
    expect(data).toEqual([{ path: 'data', written: 2, deleted: 1 }]);
    expect(read('data/a') + read('data/b')).toBe('11');
    expect(existsSync(at('data/c'))).toBe(false);
    expect(await states()).toEqual(['data unchanged']);
  });

  it('never lose a change that is nowhere else without --force, and then touch nothing', async () => {
    write('data/a', '1');
    write('other', '1');
    await add('data', 'other');
    write('data/a', 'mine');
    write('data/new', 'mine');
    rmSync(at('other'));
    await expect(checkout()).rejects.toMatchObject({
      code: 'DATA_CHANGED',
      issues: [{ path: 'data/a' }, { path: 'data/new' }],
    });
    expect(read('data/a')).toBe('mine');
    expect(existsSync(at('other'))).toBe(false);
    await checkoutData(['data'], { force: true }, context);
    expect(readdirSync(at('data'))).toEqual(['a']);
    expect(read('data/a')).toBe('1');
  });

  it.each([
    ['cut', (path: string) => damage(path, '')],
    ['of other bytes', (path: string) => damage(path, 'TWO')],
    ['missing', (path: string) => rmSync(path)],
  ])('keep the only good copy of a version whose object is %s', async (_, spoil) => {
    write('a', 'one');
    await add('a');
    const first = read('a.dvc');
    write('a', 'two');
    await commit();
    spoil(objectOf('a.dvc'));
    writeFileSync(at('a.dvc'), first);
    await expect(checkout()).rejects.toMatchObject({ code: 'DATA_CHANGED', issues: [{ path: 'a' }] });
    expect(read('a')).toBe('two');
  });

  it('see an edit that was made during a checkout, of a file that stays and of one that was written', async () => {
    write('data/stays', 'one');
    write('data/written', 'two');
    await add('data');
    rmSync(at('data/written'));
    const edit = (): void => {
      writeFileSync(at('data/written'), 'TWO');
      writeFileSync(at('data/stays'), 'ONE');
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50); // older than what is too young to be remembered
    };
    const busy = createQuietContext(context.home, folder, {
      progress: (label) => ({ update: () => {}, stop: label === 'check out' ? edit : () => {} }),
    });
    await checkoutData([], { force: false }, busy);
    expect((await readDataStatus([], { verify: false }, context)).data).toMatchObject([
      { state: 'changed', changes: { modified: ['stays', 'written'] } },
    ]);
  });

  it('turn a file into a folder and back', async () => {
    write('x', 'file');
    await add('x');
    const asFile = read('x.dvc');
    rmSync(at('x'));
    write('x/y/z', 'folder');
    await commit('x');
    const asFolder = read('x.dvc');
    writeFileSync(at('x.dvc'), asFile);
    await checkout();
    expect(read('x')).toBe('file');
    writeFileSync(at('x.dvc'), asFolder);
    await checkout('x.dvc');
    expect(read('x/y/z')).toBe('folder');
  });

  it('name an object that is missing, damaged, or no list of files', async () => {
    write('data/a', 'one');
    await add('data');
    const list = objectOf('data.dvc');
    const object = at('.veracity/cache/files/md5/f9/7c5d29941bfb1b2fdab0874906ab82');
    rmSync(at('data'), { recursive: true });
    damage(object, 'two');
    await expect(checkout()).rejects.toMatchObject({
      code: 'CACHE_OBJECT_CORRUPT',
      message: expect.stringContaining(object),
    });
    expect(await states()).toEqual(['data unfinished']);
    expect((await readDataStatus([], { verify: true }, context)).data[0]!.cache).toEqual({
      objects: 2,
      missing: 0,
      corrupt: ['f97c5d29941bfb1b2fdab0874906ab82'],
      damagedFiles: ['data/a'],
    });
    rmSync(object);
    await expect(checkout()).rejects.toMatchObject({ code: 'CACHE_OBJECT_MISSING' });
    damage(list, '[]');
    await expect(checkout()).rejects.toMatchObject({ code: 'CACHE_OBJECT_CORRUPT' });
    const escaping = '[{"md5": "f97c5d29941bfb1b2fdab0874906ab82", "relpath": "../x"}]';
    const md5 = createHash('md5').update(escaping).digest('hex');
    write(`.veracity/cache/files/md5/${md5.slice(0, 2)}/${md5.slice(2)}.dir`, escaping);
    writeFileSync(at('data.dvc'), `outs:\n- md5: ${md5}.dir\n  hash: md5\n  path: data\n`);
    await expect(checkout()).rejects.toMatchObject({ code: 'CACHE_OBJECT_INVALID' });
  });

  it.each([
    ['of other bytes', 'CACHE_OBJECT_CORRUPT', () => damage(objectOf('data.dvc'), '[]')],
    ['cut', 'CACHE_OBJECT_CORRUPT', () => damage(objectOf('data.dvc'), '')],
    [
      'no list',
      'CACHE_OBJECT_INVALID',
      () => {
        write(`.veracity/cache/files/md5/f9/7c5d29941bfb1b2fdab0874906ab82.dir`, 'one');
        write('data.dvc', read('data.dvc').replace(/md5: \S+/, 'md5: f97c5d29941bfb1b2fdab0874906ab82.dir'));
      },
    ],
  ])('show the other data where one list of files is %s', async (_, code, spoil) => {
    write('data/a', 'one');
    write('other', 'two');
    await add('data', 'other');
    spoil();
    expect((await readDataStatus([], { verify: false }, context)).data).toMatchObject([
      { path: 'data', state: 'unknown', problem: { code, hint: expect.stringContaining('') } },
      { path: 'other', state: 'unchanged', problem: null },
    ]);
  });

  it('refuse to record data whose checkout was stopped, until it is completed', async () => {
    write('data/a', 'one');
    write('data/b', 'two');
    await add('data');
    const object = at('.veracity/cache/files/md5/f9/7c5d29941bfb1b2fdab0874906ab82');
    rmSync(at('data'), { recursive: true });
    damage(object, 'xxx');
    await expect(checkout()).rejects.toMatchObject({ code: 'CACHE_OBJECT_CORRUPT' });
    await expect(commit()).rejects.toMatchObject({ code: 'CHECKOUT_UNFINISHED' });
    await expect(add('data')).rejects.toMatchObject({ code: 'CHECKOUT_UNFINISHED' });
    damage(object, 'one');
    await checkout();
    expect((await commit()).recorded[0]!.changed).toBe(false);
  });

  it('say what is wrong with an argument or a pointer', async () => {
    write('a', 'one');
    await add('a');
    await expect(checkout('nothing')).rejects.toMatchObject({ code: 'POINTER_NOT_FOUND' });
    await expect(checkout('..')).rejects.toMatchObject({ code: 'DATA_OUTSIDE_REPOSITORY' });
    for (const text of [
      'outs:\n- path: a\n  md5: short\n',
      'outs: {\n',
      '<<<<<<< HEAD\nouts:\n=======\n',
      'a: 1\n',
      '',
    ]) {
      writeFileSync(at('a.dvc'), text);
      await expect(checkout(), text).rejects.toMatchObject({ code: 'POINTER_INVALID' });
      expect((await readDataStatus([], { verify: false }, context)).broken).toHaveLength(1);
    }
  });
});

describe('a pointer that leads out of the repository, into a folder of Git or DVC, or behind a link', () => {
  const pointTo = (path: string, more = ''): void =>
    write('bad.dvc', `outs:\n- md5: f97c5d29941bfb1b2fdab0874906ab82\n  hash: md5\n  path: ${path}\n${more}`);
  const pull = () => pullData([], { remote: null, jobs: undefined, force: true }, context);

  it.each([
    ['../../veracity-out/x', 'DATA_OUTSIDE_REPOSITORY'],
    ['/tmp/veracity-out/x', 'DATA_OUTSIDE_REPOSITORY'],
    ['.git/hooks/post-checkout', 'DATA_IGNORED'],
    ['.GIT/config', 'DATA_IGNORED'],
    ['sub/.git/hooks/pre-commit', 'DATA_IGNORED'],
    ['.dvc/config.local', 'DATA_IGNORED'],
    ['.', 'DATA_IGNORED'],
    ['link/x', 'DATA_IS_LINK'],
    ['link/deep/x', 'DATA_IS_LINK'],
    ['inner/x', 'DATA_IS_LINK'],
  ])('is refused by checkout, pull and commit: %s', async (path, code) => {
    const out = mkdtempSync(join(tmpdir(), 'veracity-out-'));
    symlinkSync(out, at('link'));
    mkdirSync(at('folder'));
    symlinkSync('folder', at('inner'));
    write('a', 'one');
    await add('a');
    pointTo(path, '  isexec: true\n');
    await expect(checkoutData([], { force: true }, context)).rejects.toMatchObject({ code });
    await expect(checkout('bad.dvc')).rejects.toMatchObject({ code });
    await expect(pull()).rejects.toMatchObject({ code });
    await expect(commit('bad.dvc')).rejects.toMatchObject({ code });
    expect(readdirSync(out)).toEqual([]);
    expect(existsSync(at('.git/hooks/post-checkout'))).toBe(false);
    rmSync(out, { recursive: true });
  });

  it('is not written by add', async () => {
    const out = mkdtempSync(join(tmpdir(), 'veracity-out-'));
    writeFileSync(join(out, 'name'), 'one');
    mkdirSync(at('folder'));
    write('folder/x', 'one');
    symlinkSync(out, at('link'));
    symlinkSync('folder', at('inner'));
    for (const path of ['link/name', 'inner/x'])
      await expect(add(path), path).rejects.toMatchObject({ code: 'DATA_IS_LINK' });
    expect(readdirSync(out)).toEqual(['name']);
    rmSync(out, { recursive: true });
  });

  it.each(['.git/hooks/pre-commit', '.git', 'sub/.DVC/config', '../x'])(
    'is refused as a file of a folder: %s',
    async (relpath) => {
      const list = `[{"md5": "f97c5d29941bfb1b2fdab0874906ab82", "relpath": "${relpath}"}]`;
      const md5 = createHash('md5').update(list).digest('hex');
      write(`.veracity/cache/files/md5/${md5.slice(0, 2)}/${md5.slice(2)}.dir`, list);
      write('data.dvc', `outs:\n- md5: ${md5}.dir\n  hash: md5\n  path: data\n`);
      await expect(checkout()).rejects.toMatchObject({ code: 'CACHE_OBJECT_INVALID' });
    },
  );

  it('is none where wdir or .. stay in the repository', async () => {
    write('a', 'one');
    await add('a');
    const output = '- md5: f97c5d29941bfb1b2fdab0874906ab82\n  hash: md5\n';
    write('sub/b.dvc', `wdir: ..\nouts:\n${output}  path: data/b\n`);
    write('sub/c.dvc', `outs:\n${output}  path: ../c\n`);
    write('sub/d.dvc', `wdir: ../other\nouts:\n${output}  path: ../sub/d\n`);
    await checkout();
    expect(read('data/b') + read('c') + read('sub/d')).toBe('oneoneone');
    expect((await commit()).recorded).toHaveLength(4);
  });
});

describe('data gc', () => {
  const old = new Date(Date.now() - 86_400_000);
  const age = (): void => {
    const cache = at('.veracity/cache/files/md5');
    for (const name of readdirSync(cache, { recursive: true, encoding: 'utf8' }))
      execFileSync('touch', ['-d', old.toISOString(), join(cache, name)]);
  };
  const plan = (options = {}) => planCacheCleanup({ current: false, shared: false, ...options }, context);

  it('keeps what a pointer of any commit names, and what is young', async () => {
    write('data/a', '1');
    await add('data');
    git('add', '.');
    git('commit', '-qm', 'one');
    write('data/a', '2');
    await commit();
    write('data/a', '3');
    await commit();
    expect(plan().removals).toEqual([]);
    age();
    const md5Of2 = 'c81e728d9d4c2f636f067f89cc14862c';
    expect(plan().removals.map(({ name }) => name)).toEqual(
      expect.arrayContaining([md5Of2, expect.stringMatching(/\.dir$/)]),
    );
    expect(plan().removals).toHaveLength(2);
    expect(plan({ current: true }).removals).toHaveLength(4);
    for (const { remove } of plan().removals) await remove();
    expect(existsSync(at('.veracity/cache/files/md5/c8/1e728d9d4c2f636f067f89cc14862c'))).toBe(false);
    git('checkout', '-q', '--', '.');
    await checkout();
    expect(read('data/a')).toBe('1');
  });

  it('deletes nothing while it cannot know what is named', async () => {
    write('data/a', '1');
    await add('data');
    age();
    const pointer = read('data.dvc');
    writeFileSync(at('data.dvc'), 'outs: {\n');
    expect(plan()).toMatchObject({ removals: [], notes: [expect.stringContaining('data.dvc')] });
    writeFileSync(at('data.dvc'), pointer);
    rmSync(objectOf('data.dvc'));
    expect(plan()).toMatchObject({ removals: [], notes: [expect.stringContaining('data')] });
    rmSync(at('.git/HEAD'));
    rmSync(at('data.dvc'));
    expect(() => plan()).toThrow(expect.objectContaining({ code: 'DATA_HISTORY_UNREADABLE' }));
  });

  it.each(['cache: false', 'push: false', 'cache: false\n        remote: other'])(
    'keeps what the dvc.lock of a commit names, whatever the dvc.yaml of today says: %s',
    async (setting) => {
      write('a', '1');
      await add('a');
      const output = read('a.dvc').replaceAll('\n  ', '\n      ').replace('outs:\n- ', 'outs:\n    - ');
      write('dvc.lock', `schema: '2.0'\nstages:\n  s:\n    cmd: x\n    ${output}`);
      rmSync(at('a.dvc'));
      git('add', 'dvc.lock');
      git('commit', '-qm', 'one');
      rmSync(at('dvc.lock'));
      write('dvc.yaml', `stages:\n  s:\n    wdir: elsewhere\n    outs:\n    - a:\n        ${setting}\n`);
      age();
      expect(plan().removals).toEqual([]);
      expect(plan({ current: true }).removals).toHaveLength(1);
    },
  );

  it('removes what killed processes left in the folders of DVC, and nothing that is being written', async () => {
    write('.dvc/config', '');
    write('a', '1');
    await add('a');
    const left = [
      '.dvc/cache/files/md5/ab/cdef0123456789abcdef0123456789.tmp-999999-0123abcd',
      '.dvc/tmp/veracity/object.tmp-999999-0123abcd',
      '.dvc/tmp/veracity/uploads/0123456789abcdef.tmp-999999-0123abcd',
    ];
    const living = createTemporaryName('.dvc/tmp/veracity/object');
    for (const name of [...left, living, '.dvc/tmp/mine']) write(name, 'half');
    const { removals } = plan();
    expect(removals.map(({ name }) => name).sort()).toEqual(left.map((name) => at(name)).sort());
    for (const { remove } of removals) await remove();
    expect([...left, living, '.dvc/tmp/mine'].filter((name) => existsSync(at(name)))).toEqual([
      living,
      '.dvc/tmp/mine',
    ]);
    expect(plan().removals).toEqual([]);
  });

  it('leaves a cache that others may use, unless it is told to', async () => {
    const shared = mkdtempSync(join(tmpdir(), 'veracity-shared-'));
    write('.dvc/config', `[cache]\ndir = ${shared}\n`);
    write('a', '1');
    await add('a');
    execFileSync('touch', [
      '-d',
      old.toISOString(),
      objectOf('a.dvc', '.').replace(folder, join(shared, 'files/md5')),
    ]);
    rmSync(at('a.dvc'));
    expect(plan()).toMatchObject({ removals: [], notes: [expect.stringContaining('--shared')] });
    expect(plan({ shared: true }).removals).toHaveLength(1);
    rmSync(shared, { recursive: true });
  });
});
