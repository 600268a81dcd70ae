import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { appendLine, cutTornLine, readLines } from './line-log.ts';

describe('line log', () => {
  let folder: string;
  let path: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'veracity-lines-'));
    path = join(folder, 'below', 'events.jsonl');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('has no lines where there is no file, and creates it with its folder', () => {
    expect(readLines(path)).toEqual([]);
    cutTornLine(path);
    appendLine(path, '{"a":"é"}', { flushed: true });
    appendLine(path, 'b', { flushed: false });
    expect(readLines(path)).toEqual(['{"a":"é"}', 'b']);
  });

  it('leaves a torn last line out, and cuts it off in the middle of a character', () => {
    appendLine(path, 'whole', { flushed: true });
    appendFileSync(path, Buffer.from('torn é').subarray(0, -1));
    expect(readLines(path)).toEqual(['whole']);
    cutTornLine(path);
    appendLine(path, 'next', { flushed: true });
    expect(readFileSync(path, 'utf8')).toBe('whole\nnext\n');
  });
});
