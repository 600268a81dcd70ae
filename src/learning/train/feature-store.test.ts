import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hashTokens, openFeatureStore } from './feature-store.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'veracity-features-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const id = (n: number): string => hashTokens(Int32Array.of(n));
const open = (width = 2, told: string[] = []) =>
  openFeatureStore(root, width, (line) => void told.push(line));

describe('openFeatureStore', () => {
  it('finds the vectors that two writers stored at the same time', async () => {
    const [one, two] = [await open(), await open()];
    one.add(id(1), Float32Array.of(1, 2));
    two.add(id(2), Float32Array.of(3, 4));
    two.add(id(1), Float32Array.of(1, 2));
    one.flush();
    two.flush();
    one.flush();
    expect(readdirSync(root)).toHaveLength(2);
    const both = await open();
    expect(both.get(id(1))).toEqual(Float32Array.of(1, 2));
    expect(both.get(id(2))).toEqual(Float32Array.of(3, 4));
    expect(both.get(id(3))).toBeUndefined();
  });

  it('keeps a copy of a vector whose buffer is used again', async () => {
    const store = await open();
    const buffer = Float32Array.of(1, 2);
    store.add(id(1), buffer);
    buffer.fill(0);
    store.flush();
    expect((await open()).get(id(1))).toEqual(Float32Array.of(1, 2));
  });

  it('drops shards of another width, and says so', async () => {
    const store = await open();
    store.add(id(1), Float32Array.of(1, 2));
    store.flush();
    const told: string[] = [];
    expect((await open(4, told)).get(id(1))).toBeUndefined();
    expect(told).toEqual([expect.stringMatching(/is damaged/)]);
    expect(readdirSync(root)).toEqual([]);
  });

  it('removes files that a killed writer left an hour ago, and no younger ones', async () => {
    mkdirSync(root, { recursive: true });
    const [old, young] = ['a.safetensors.tmp-1-0a', 'b.safetensors.tmp-2-0b'];
    for (const name of [old, young]) writeFileSync(join(root, name), 'half');
    utimesSync(join(root, old), 1, 1);
    await open();
    expect(readdirSync(root)).toEqual([young]);
  });
});
