import {
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { copyLargeFile } from './sparse-copy.ts';

const MIB = 2 ** 20;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'veracity-sparse-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it.each([
  ['a hole at the end', [[0, 'begin']]],
  ['a hole at the beginning', [[7 * MIB - 3, 'end']]],
  [
    'words across the borders of pieces',
    [
      [MIB - 2, 'abcd'],
      [5 * MIB + 1, 'x'],
    ],
  ],
  ['nothing but a hole', []],
] as const)('copies a file with %s byte for byte, and keeps its holes', (_what, words) => {
  const [from, to] = [join(folder, 'from'), join(folder, 'to')];
  writeFileSync(from, '');
  truncateSync(from, 7 * MIB);
  const file = openSync(from, 'r+');
  for (const [at, word] of words) writeSync(file, word, at);
  closeSync(file);
  copyLargeFile(from, to);
  expect(readFileSync(to).equals(readFileSync(from))).toBe(true);
  expect(statSync(to).blocks).toBeLessThanOrEqual(words.length * 2 * 2048 + 64);
});

it('copies a file without holes, and an empty one', () => {
  for (const bytes of [Buffer.alloc(3 * MIB + 5, 'ab'), Buffer.alloc(0)]) {
    writeFileSync(join(folder, 'from'), bytes);
    rmSync(join(folder, 'to'), { force: true });
    copyLargeFile(join(folder, 'from'), join(folder, 'to'));
    expect(readFileSync(join(folder, 'to')).equals(bytes)).toBe(true);
  }
});
