import { mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileState } from './file-state.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'file-state-'));
});
afterEach(() => rmSync(folder, { recursive: true }));
const pathOf = (name: string): string => join(folder, name);

describe('the md5 of files that is kept', () => {
  it('keeps the entries of other files; of more than the limit only those whose file is there', async () => {
    const names = ['a', 'b', 'c'];
    for (const name of names) {
      writeFileSync(pathOf(name), name);
      utimesSync(pathOf(name), 1e9, 1e9);
    }
    await setTimeout(30); // what was changed just now is not kept
    const stats = names.map((name) => statSync(pathOf(name)));
    const open = () => new FileState(join(folder, 'state.json'));
    const first = open();
    for (const [i, name] of names.entries()) first.set(name, stats[i]!, `md5 of ${name}`);
    first.save();
    rmSync(pathOf('b'));
    const find = () => names.map((name, i) => open().find(name, stats[i]!));
    open().save({ pathOf, most: 3 });
    expect(find()).toEqual(['md5 of a', 'md5 of b', 'md5 of c']);
    open().save({ pathOf, most: 2 });
    expect(find()).toEqual(['md5 of a', null, 'md5 of c']);
    open().save();
    expect(find()).toEqual([null, null, null]);
  });
});
