import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createLineWriter, type LineWriter } from './line-writer.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'veracity-lines-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function watch(writer: LineWriter): string[] {
  const events: string[] = [];
  writer.watch({
    onLost: (reason) => events.push(reason),
    onRecovered: () => events.push('recovered'),
  });
  return events;
}

describe('a line writer', () => {
  test('writes lines in order', () => {
    const path = join(folder, 'log');
    const file = openSync(path, 'a');
    const writer = createLineWriter(file);
    for (const line of ['one\n', 'zwölf\n', '']) writer.write(line);
    closeSync(file);
    expect(readFileSync(path, 'utf8')).toBe('one\nzwölf\n');
  });

  test.runIf(existsSync('/dev/full'))('counts lines that a full disk refuses, and does not throw', () => {
    const file = openSync('/dev/full', 'w');
    const writer = createLineWriter(file);
    const events = watch(writer);
    writer.write('one\n');
    writer.write('two\n');
    closeSync(file);
    expect(events).toEqual(['ENOSPC', 'ENOSPC']);
  });

  test('begins a new line after one that was cut', () => {
    let [left, text] = [6, ''];
    const writer = createLineWriter(2, (_file, bytes, offset) => {
      if (left === 0) throw Object.assign(new Error('full'), { code: 'ENOSPC' });
      const part = Buffer.from(bytes).subarray(offset, offset + left);
      left -= part.length;
      text += part.toString();
      return part.length;
    });
    const events = watch(writer);
    writer.write('one\n');
    writer.write('two\n');
    left = 100;
    writer.write('three\n');
    expect(text).toBe('one\ntw\nthree\n');
    expect(events).toEqual(['ENOSPC', 'recovered']);
  });

  test('waits a moment for a slow reader, and then not again until it reads', () => {
    let [isBusy, calls] = [true, 0];
    const writer = createLineWriter(2, (_file, bytes, offset) => {
      calls++;
      if (isBusy) throw Object.assign(new Error('busy'), { code: 'EAGAIN' });
      return bytes.length - offset;
    });
    const events = watch(writer);
    writer.write('one\n');
    expect(calls).toBeGreaterThan(5);
    calls = 0;
    writer.write('two\n');
    expect(calls).toBeLessThan(3);
    isBusy = false;
    writer.write('three\n');
    expect(events).toEqual(['EAGAIN', 'EAGAIN', 'recovered']);
  });
});
