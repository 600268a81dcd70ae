import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createRealModel } from '../../../test/serve/real-model.ts';
import { createRandom } from '../../foundation/core/random.ts';
import { modelFolderRecord, type Precision } from '../../foundation/records/model-folder.ts';
import { loadRecord } from '../../foundation/records/record.ts';
import { compressFolder } from '../../learning/compress/compress-folder.ts';
import type { TokenizedSplit } from '../../text/tokenize/article-encoder.ts';
import { type LimitOptions, measureLimit, measureSpace } from './measure-space.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'veracity-space-'));
  createRealModel(join(root, 'original'), { width: 64 });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Articles of 5 to 44 random ids. */
function createSplit(name: string, articles: number, order = Array.from({ length: articles }, (_, i) => i)) {
  const sequences = order.map((article) => {
    const random = createRandom(3, name, article);
    return Int32Array.from({ length: 5 + (article % 40) }, () => 5 + Math.floor(random.next() * 120));
  });
  const offsets = new Uint32Array(articles + 1);
  sequences.forEach(({ length }, row) => {
    offsets[row + 1] = offsets[row]! + length;
  });
  const ids = new Int32Array(offsets[articles]!);
  sequences.forEach((sequence, row) => {
    ids.set(sequence, offsets[row]);
  });
  const labels = Int32Array.from(order, (article) => article % 2);
  return { ids, offsets, labels } as Partial<TokenizedSplit> as TokenizedSplit;
}

function compress(precision: Precision, heads: number[][] | null = null): string {
  const folder = join(root, `${precision}${heads === null ? '' : '-cut'}`);
  mkdirSync(folder);
  const source = join(root, 'original');
  compressFolder(source, loadRecord(modelFolderRecord, join(source, 'veracity.json')), folder, {
    precision,
    heads,
  });
  return folder;
}

const optionsFor = (folder: string, precision: Precision = 'fp32'): LimitOptions => ({
  folder,
  precision,
  classNames: ['FAKE', 'REAL'],
  validation: createSplit('validation', 60),
  threads: 1,
});

describe('the limit of distance', () => {
  test('of a compressed model is measured on its own vectors, near that of the original', async () => {
    const train = createSplit('train', 120);
    const original = await measureSpace({
      ...optionsFor(join(root, 'original')),
      train,
      keepIndex: false,
    });
    const { highest } = original!.distance;
    expect(highest).toBeGreaterThan(0.5);
    for (const [precision, near] of [
      ['fp16', 1e-3],
      ['int8', 0.05],
    ] as const) {
      const folder = compress(precision);
      const space = readFileSync(join(folder, 'class-distance.bin'));
      const found = await measureLimit(optionsFor(folder, precision));
      expect(found).toMatchObject({ kind: 'embedding', articles: 60 });
      expect(found!.highest).not.toBe(highest);
      expect(Math.abs(found!.highest - highest)).toBeLessThan(near * highest);
      expect(readFileSync(join(folder, 'class-distance.bin'))).toEqual(space);
    }
  });

  test('of an 8-bit model does not depend on which articles lie side by side', async () => {
    await measureSpace({
      ...optionsFor(join(root, 'original')),
      train: createSplit('train', 120),
      keepIndex: false,
    });
    const folder = compress('int8');
    const order = createRandom(1, 'order').shuffle(Array.from({ length: 60 }, (_, i) => i));
    const [straight, shuffled] = [
      await measureLimit(optionsFor(folder, 'int8')),
      await measureLimit({
        ...optionsFor(folder, 'int8'),
        validation: createSplit('validation', 60, order),
      }),
    ];
    expect(shuffled!.highest).toBeCloseTo(straight!.highest, 6);
  });

  test('is unknown where the folder has no space', async () => {
    expect(await measureLimit(optionsFor(join(root, 'original')))).toBeNull();
  });
});
