import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTemporaryName, findLeftovers } from './temporary-name.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'veracity-leftover-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const own = createTemporaryName('model').split('-') as [string, string, string, string];
/** The number of a process that has ended. */
const deadId = spawnSync(process.execPath, ['-e', '']).pid;
const find = (nowMs = Date.now()) => findLeftovers(folder, { nowMs }).map(({ path }) => basename(path));
const write = (name: string, bytes = 3): string => {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, 'x'.repeat(bytes));
  return path;
};

describe('findLeftovers', () => {
  it('finds files and folders of a dead process, with their sizes', () => {
    write(`runs/a/model.tmp-${deadId}-${own[2]}-0123abcd/weights`, 5);
    write(`runs/a/run.json.tmp-${deadId}-${own[2]}-0123abcd`, 7);
    expect(findLeftovers(folder, { nowMs: Date.now() }).map(({ sizeBytes }) => sizeBytes)).toEqual([5, 7]);
  });

  it('finds those that an earlier version named', () => {
    write(`model.tmp-${deadId}-0123abcd`);
    write(`.incoming-${deadId}-0123abcd/model`);
    expect(find()).toHaveLength(2);
  });

  it('leaves alone what a living process writes', () => {
    write(basename(createTemporaryName('model')));
    write(`old.tmp-${process.pid}-0123abcd`);
    expect(find()).toEqual([]);
  });

  it('leaves what another machine may be writing alone for a day', () => {
    write(`model.tmp-${deadId}-00000000-0123abcd`);
    write('preparing-Ab3dEf/texts.jsonl');
    expect(find()).toEqual([]);
    expect(find(Date.now() + 25 * 3_600_000)).toHaveLength(2);
  });

  it('does not take the names of people for temporary ones', () => {
    for (const name of [
      'a.tmp-1',
      'model.tmp-old',
      'notes.tmp-12-xyz',
      'preparing-notes',
      'tmp-1-0123abcd.txt',
    ])
      write(name);
    expect(find(Number.POSITIVE_INFINITY)).toEqual([]);
  });

  it('finds nothing in a folder that is not there', () => {
    expect(findLeftovers(join(folder, 'no'), { nowMs: Date.now() })).toEqual([]);
  });
});
