import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createQuietContext } from '../../../test/fixtures/quiet-context.ts';
import { locateHome } from '../../foundation/records/home.ts';
import { dataAddCommand } from './data-add.ts';
import { dataDiffCommand } from './data-diff.ts';
import { dataPrepareCommand } from './data-prepare.ts';

let folder: string;
const rowsOf = (from: number, to: number, label = (i: number) => i % 2): string[] =>
  Array.from({ length: to - from }, (_, k) => {
    const i = from + k;
    return `${label(i)},"Notice ${i} of the office","${Array.from({ length: 14 }, (__, j) => `word${(i * 31 + j * (i + 7)) % 211}`).join(' ')}."`;
  });
const write = (name: string, rows: readonly string[]): void =>
  writeFileSync(join(folder, name), ['verdict,title,body', ...rows].join('\n'));
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'veracity-diff-'));
  write('old.csv', rowsOf(0, 60));
  write('new.csv', [...rowsOf(5, 60), ...rowsOf(80, 83)]);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const columns = [
  'data=csv',
  'data.columns={title: title, text: body, label: verdict}',
  'data.labels={0: FAKE, 1: REAL}',
];
const context = () => createQuietContext(locateHome(join(folder, 'home')), folder);
const diff = (args: string[], options: Record<string, string | boolean> = {}) =>
  dataDiffCommand.run({ args, options }, context());

describe('data diff', () => {
  it('compares two files with the columns and labels of the overrides, and writes a page', async () => {
    const { json, text } = await diff(['old.csv', 'new.csv', ...columns], { html: 'diff.html' });
    expect(json).toMatchObject({ added: 3, removed: 5, relabelled: 0, textChanged: 0, unchanged: 55 });
    expect(json).toMatchObject({ classes: [{ className: 'FAKE' }, { className: 'REAL' }] });
    expect(text).toContain('old.csv: 60 articles');
    expect(readFileSync(join(folder, 'diff.html'), 'utf8')).toContain('<!doctype html>');
  });

  it('compares a dataset version with a file, which is cleaned as the version was', async () => {
    const prepared = await dataPrepareCommand.run(
      { args: ['data.path=old.csv', ...columns], options: {} },
      context(),
    );
    const { datasetVersion } = prepared.json as { datasetVersion: string };
    expect((await diff([datasetVersion, 'old.csv', ...columns])).json).toMatchObject({
      unchanged: 60,
      added: 0,
      removed: 0,
    });
    expect((await diff([datasetVersion, 'new.csv', ...columns])).json).toMatchObject({
      unchanged: 55,
      added: 3,
      removed: 5,
    });
  });

  it('names a side that is not there, a version that is not in this home, and a missing side', async () => {
    await expect(diff(['old.csv', 'none.csv'])).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
    await expect(diff(['ds-0123456789ab', 'old.csv'])).rejects.toMatchObject({ code: 'DATASET_NOT_FOUND' });
    await expect(diff(['old.csv'])).rejects.toMatchObject({ code: 'USAGE' });
  });

  it('compares with what a revision of Git had: the file, a folder, or the content that a pointer names', async () => {
    const git = (...args: string[]): void => {
      const author = ['-c', 'user.name=a', '-c', 'user.email=a@example.org'];
      expect(spawnSync('git', [...author, ...args], { cwd: folder }).status).toBe(0);
    };
    git('init', '-q', '-b', 'main');
    mkdirSync(join(folder, 'kept'));
    mkdirSync(join(folder, 'raw'));
    write('kept/part.csv', rowsOf(0, 40));
    write('raw/part.csv', rowsOf(0, 60));
    await dataAddCommand.run({ args: ['raw', 'old.csv'], options: {} }, context());
    git('add', 'kept', 'raw.dvc', 'old.csv.dvc');
    git('commit', '-qm', 'data');
    write('kept/part.csv', rowsOf(0, 42));
    const overrides = columns.slice(1);
    const compare = async (before: string, after: string) => (await diff([before, after, ...overrides])).json;
    expect(await compare('main:kept/part.csv', 'kept/part.csv')).toMatchObject({ added: 2, removed: 0 });
    expect(await compare('HEAD:kept', 'kept')).toMatchObject({ added: 2, removed: 0 });
    for (const before of ['main:old.csv.dvc', 'main:old.csv', 'old.csv.dvc', 'main:raw'])
      expect(await compare(before, 'new.csv')).toMatchObject({ added: 3, removed: 5 });
    await expect(compare('main:none.csv', 'new.csv')).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
    await expect(compare('elsewhere:kept', 'new.csv')).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
    const cache = join(folder, 'home', 'cache', 'files', 'md5');
    const objects = readdirSync(cache, { recursive: true, encoding: 'utf8' }).filter((name) =>
      /\w{30}$/.test(name),
    );
    const path = join(cache, objects[0]!);
    const bytes = readFileSync(path);
    chmodSync(path, 0o644);
    for (const damaged of [bytes.subarray(0, 500), `${bytes.toString()} `, '']) {
      writeFileSync(path, damaged);
      for (const before of ['main:old.csv', 'old.csv.dvc', 'main:raw'])
        await expect(compare(before, 'new.csv'), before).rejects.toMatchObject({
          code: 'CACHE_OBJECT_CORRUPT',
        });
    }
    const leftBehind = (): number =>
      readdirSync(temporary).filter((name) => name.startsWith('veracity-revision-')).length;
    const temporary = join(folder, 'temporary');
    mkdirSync(temporary);
    vi.stubEnv('TMPDIR', temporary);
    const { stdout: blob } = spawnSync('git', ['rev-parse', 'main:kept/part.csv'], {
      cwd: folder,
      encoding: 'utf8',
    });
    rmSync(join(folder, '.git', 'objects', blob.slice(0, 2), blob.trim().slice(2)));
    for (const before of ['main:kept', 'main:kept/part.csv'])
      await expect(compare(before, 'kept'), before).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
    expect(leftBehind()).toBe(0);
    vi.unstubAllEnvs();
    rmSync(join(folder, 'home', 'cache'), { recursive: true, force: true });
    await expect(compare('main:raw', 'new.csv')).rejects.toMatchObject({ code: 'CACHE_OBJECT_MISSING' });
  });
});
