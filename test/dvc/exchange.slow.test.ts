// Exchanges data with the real DVC, both ways: opt in with VERACITY_TEST_DVC=PATH of its program (3.67), and for pointers of DVC 2
// also VERACITY_TEST_DVC2 (2.58). A third variable, VERACITY_TEST_DVC_NOTES, names a file for versions and results.
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { goldenTree, writeFiles, writeGolden2 } from './golden-data.ts';

const dvc3 = process.env.VERACITY_TEST_DVC;
const dvc2 = process.env.VERACITY_TEST_DVC2;
const program = join(import.meta.dirname, '..', '..', 'dist', 'cli.js');

let place: string;
beforeEach(() => {
  place = realpathSync(mkdtempSync(join(tmpdir(), 'veracity-exchange-')));
});
afterEach(() => rmSync(place, { recursive: true, force: true }));

const environment = { ...process.env, DVC_NO_ANALYTICS: '1', VERACITY_HOME: '', PYTHONWARNINGS: 'ignore' };
const run = (command: string, args: readonly string[], cwd: string): string =>
  execFileSync(command, args, { cwd, env: environment, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
const veracity = (cwd: string, ...args: string[]): Record<string, unknown> =>
  JSON.parse(run(process.execPath, [program, ...args, '--json'], cwd)) as Record<string, unknown>;
const note = (line: string): void => {
  if (process.env.VERACITY_TEST_DVC_NOTES !== undefined)
    appendFileSync(process.env.VERACITY_TEST_DVC_NOTES, `${line}\n`);
};

/** A repository with a DVC configuration and a remote in a folder beside it. */
function makeRepository(name: string): string {
  const folder = join(place, name);
  mkdirSync(join(folder, '.dvc'), { recursive: true });
  run('git', ['init', '-q', '.'], folder);
  writeFileSync(
    join(folder, '.dvc/config'),
    '[core]\n    remote = store\n[\'remote "store"\']\n    url = ../../store\n',
  );
  writeFileSync(join(folder, '.dvc/.gitignore'), '/config.local\n/tmp\n/cache\n');
  mkdirSync(join(place, 'store'), { recursive: true });
  return folder;
}

function writeData(folder: string): void {
  writeFiles(join(folder, 'data', 'tree'), goldenTree);
  writeFiles(folder, {
    'data/articles.csv': 'title,text\r\nOne,Two\r\n',
    'models/distil/model.bin': Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 7919) % 251)),
    'models/distil/config.json': '{}\n',
    'run.sh': '#!/bin/sh\n',
  });
  chmodSync(join(folder, 'run.sh'), 0o755);
}

const DATA = ['data/tree', 'data/articles.csv', 'models/distil', 'run.sh'];

function readAll(folder: string): Record<string, string> {
  const files: Record<string, string> = {};
  for (const name of DATA) {
    const path = join(folder, name);
    const below = statSync(path).isDirectory()
      ? readdirSync(path, { recursive: true, encoding: 'utf8' })
      : [''];
    for (const relpath of below) {
      const file = join(path, relpath);
      if (statSync(file).isFile())
        files[`${name}/${relpath}`] = `${statSync(file).mode & 0o100} ${readFileSync(file, 'hex')}`;
    }
  }
  return files;
}

/** Another checkout of the repository, without data and cache. */
function cloneRepository(from: string, name: string): string {
  const folder = join(place, name);
  cpSync(from, folder, {
    recursive: true,
    filter: (path) => !path.startsWith(join(from, '.dvc/cache')) && !path.startsWith(join(from, '.dvc/tmp')),
  });
  for (const one of DATA) rmSync(join(folder, one), { recursive: true, force: true });
  return folder;
}

function expectClean(dvc: string, folder: string): void {
  expect(JSON.parse(run(dvc, ['status', '--json'], folder))).toEqual({});
  const status = JSON.parse(run(dvc, ['data', 'status', '--json'], folder)) as Record<string, unknown>;
  expect(Object.keys(status).filter((key) => !['committed', 'git', 'unchanged'].includes(key))).toEqual([]);
}

describe.skipIf(dvc3 === undefined)('the exchange with DVC 3 (VERACITY_TEST_DVC)', () => {
  const dvc = dvc3 ?? '';
  const version = dvc3 === undefined ? '' : run(dvc, ['--version'], tmpdir()).trim();

  it('lets DVC pull what we have pushed, byte for byte', () => {
    const ours = makeRepository('ours');
    writeData(ours);
    veracity(ours, 'data', 'add', ...DATA);
    expectClean(dvc, ours);
    expect(veracity(ours, 'data', 'push')).toMatchObject({ failed: [] });
    expect(run(dvc, ['status', '-c', '--json'], ours).trim()).toBe('{}');
    const theirs = cloneRepository(ours, 'theirs');
    run(dvc, ['pull', '-q'], theirs);
    expect(readAll(theirs)).toEqual(readAll(ours));
    expectClean(dvc, theirs);
    note(
      `DVC ${version}: dvc pull of what veracity data push wrote: ${Object.keys(readAll(theirs)).length} files, byte for byte`,
    );
  });

  it('pulls what DVC has pushed, byte for byte, and leaves a repository that DVC calls clean', () => {
    const theirs = makeRepository('theirs');
    writeData(theirs);
    run(dvc, ['add', '-q', ...DATA], theirs);
    run(dvc, ['push', '-q'], theirs);
    const ours = cloneRepository(theirs, 'ours');
    expect(veracity(ours, 'data', 'pull')).toMatchObject({ failed: [] });
    expect(readAll(ours)).toEqual(readAll(theirs));
    expectClean(dvc, ours);
    const pointer = readFileSync(join(ours, 'data/tree.dvc'), 'utf8');
    veracity(ours, 'data', 'commit');
    expect(readFileSync(join(ours, 'data/tree.dvc'), 'utf8')).toBe(pointer);
    note(
      `DVC ${version}: veracity data pull of what dvc push wrote: ${Object.keys(readAll(ours)).length} files, dvc status and dvc data status clean`,
    );
  });

  it('goes back and forth between versions that each of the two has recorded', () => {
    const folder = makeRepository('both');
    writeData(folder);
    veracity(folder, 'data', 'add', ...DATA);
    run('git', ['add', '.'], folder);
    run('git', ['-c', 'user.name=n', '-c', 'user.email=e@x', 'commit', '-qm', 'one'], folder);
    const first = readAll(folder);
    writeFileSync(join(folder, 'data/tree/new'), 'new');
    rmSync(join(folder, 'data/tree/a-b'));
    run(dvc, ['commit', '-q', '-f'], folder);
    expect(veracity(folder, 'data', 'status')).toMatchObject({
      data: DATA.map(() => ({ state: 'unchanged' })),
    });
    const second = readAll(folder);
    run('git', ['stash', '-q'], folder);
    veracity(folder, 'data', 'checkout');
    expect(readAll(folder)).toEqual(first);
    expectClean(dvc, folder);
    run('git', ['stash', 'pop', '-q'], folder);
    run(dvc, ['checkout', '-q'], folder);
    expect(readAll(folder)).toEqual(second);
    note(`DVC ${version}: versions of both programs checked out by the other`);
  });

  it('writes a stage of data prepare that DVC calls unchanged', () => {
    const folder = makeRepository('stage');
    const rows = Array.from(
      { length: 40 },
      (_, i) => `${i % 2 === 0 ? 'REAL' : 'FAKE'},Title ${i},Text number ${i} of ${i * i} words`,
    );
    writeFiles(folder, { 'data/articles.csv': `label,title,text\n${rows.join('\n')}\n` });
    veracity(folder, 'data', 'add', 'data/articles.csv');
    veracity(folder, 'data', 'prepare', 'data=csv', 'data.path=data/articles.csv', '--stage', 'prepare');
    const lock = readFileSync(join(folder, 'dvc.lock'), 'utf8');
    const dry = run(dvc, ['repro', '--dry'], folder);
    expect(dry).toContain("Stage 'prepare' didn't change");
    expect(readFileSync(join(folder, 'dvc.lock'), 'utf8')).toBe(lock);
    expectClean(dvc, folder);
    run(dvc, ['commit', '-q', '-f'], folder);
    expect(readFileSync(join(folder, 'dvc.lock'), 'utf8')).toBe(lock);
    writeFiles(folder, { 'data/articles.csv': `label,title,text\n${rows.slice(2).join('\n')}\n` });
    expect(run(dvc, ['repro', '--dry'], folder)).toContain("Running stage 'prepare'");
    note(
      `DVC ${version}: dvc repro --dry of the stage that veracity data prepare --stage wrote: unchanged; dvc.lock as dvc commit writes it`,
    );
  });
});

describe.skipIf(dvc3 === undefined || dvc2 === undefined)(
  'the exchange with DVC 2 (VERACITY_TEST_DVC2)',
  () => {
    it('pulls what DVC 2 has pushed, and leaves pointers and data that DVC 3 calls clean', () => {
      const version = run(dvc2!, ['--version'], tmpdir()).trim();
      const theirs = makeRepository('theirs');
      writeGolden2(theirs);
      const names = ['tree', 'big.csv', 'binary.dat', 'split.csv'];
      run(dvc2!, ['add', '-q', ...names], theirs);
      run(dvc2!, ['push', '-q'], theirs);
      const ours = cloneRepository(theirs, 'ours');
      for (const name of names) rmSync(join(ours, name), { recursive: true });
      const pointers = names.map((name) => readFileSync(join(ours, `${name}.dvc`), 'utf8'));
      expect(veracity(ours, 'data', 'pull')).toMatchObject({ failed: [] });
      expect(readFileSync(join(ours, 'big.csv')).equals(readFileSync(join(theirs, 'big.csv')))).toBe(true);
      expect(existsSync(join(ours, '.dvc/cache/files'))).toBe(false);
      expect(names.map((name) => readFileSync(join(ours, `${name}.dvc`), 'utf8'))).toEqual(pointers);
      expectClean(dvc3!, ours);
      veracity(ours, 'data', 'commit');
      expectClean(dvc3!, ours);
      veracity(ours, 'data', 'push');
      run(dvc3!, ['status', '-c'], ours);
      note(
        `DVC ${version}: veracity data pull of what dvc push wrote: pointers unchanged, clean for DVC 3; after data commit in the form of DVC 3, clean`,
      );
    });

    it('lets DVC 2 pull what we have pushed of its pointers', () => {
      const theirs = makeRepository('theirs');
      writeGolden2(theirs);
      const names = ['tree', 'big.csv', 'binary.dat', 'split.csv', 'mixed.dat'];
      run(dvc2!, ['add', '-q', ...names], theirs);
      veracity(theirs, 'data', 'push');
      const again = cloneRepository(theirs, 'again');
      for (const name of names) rmSync(join(again, name), { recursive: true });
      run(dvc2!, ['pull', '-q'], again);
      expect(readFileSync(join(again, 'big.csv')).equals(readFileSync(join(theirs, 'big.csv')))).toBe(true);
      note(
        `DVC ${run(dvc2!, ['--version'], tmpdir()).trim()}: dvc pull of what veracity data push wrote of its pointers`,
      );
    });
  },
);
