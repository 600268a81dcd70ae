// Tests cleaning and splitting on real articles. It needs ../shared/data, which is not part of the repository.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/foundation/core/clock.ts';
import { silentProgress } from '../../src/foundation/core/progress.ts';
import { splitNames } from '../../src/foundation/records/dataset-manifest.ts';
import { locateHome } from '../../src/foundation/records/home.ts';
import {
  auditData,
  type DataOptions,
  prepareDataset,
  readCollection,
} from '../../src/learning/data/index.ts';
import { createStores } from '../../src/workflows/context/stores.ts';

const shared = fileURLToPath(new URL('../../../shared/data', import.meta.url));
const absent = !existsSync(shared);
if (absent) console.warn(`skipped: the real data is not at ${shared}`);

const noColumns = { title: null, text: null, label: null, source: null, date: null, id: null };
const isot: DataOptions = {
  name: 'isot',
  kind: 'isot',
  path: join(shared, 'isot-sample'),
  columns: noColumns,
  labels: null,
  classes: null,
  strip: true,
  max_set_aside: 0.1,
  max_rejects: null,
  near_duplicates: { threshold: 0.8, shingle_words: 3, permutations: 128 },
  split: { validation: 0.1, test: 0.1, seed: 42 },
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'veracity-real-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const prepare = (config: DataOptions) =>
  prepareDataset({
    config,
    home: locateHome(folder),
    stores: createStores(locateHome(folder), systemClock),
    progress: silentProgress,
    say: () => {},
    signal: new AbortController().signal,
    clock: systemClock,
  });

describe.skipIf(absent)('real articles (skipped without ../shared/data)', () => {
  it('keeps all of the ISOT sample and leaves no dateline, credit or curly quote in it', async () => {
    const { manifest } = await prepare(isot);
    expect(manifest.rows).toMatchObject({ read: 2181, kept: 2181, rejected: 0 });
    const marks = [
      /\(Reuters\)/,
      /[Ff]eatured image/,
      /[“”‘’]/,
      /\b(?:couldn|didn|doesn) t\b/,
      /https?:/,
      /pic\.twitter\.com/,
    ];
    const counts = marks.map(() => 0);
    for (const split of splitNames) {
      for await (const { text } of createStores(locateHome(folder), systemClock).datasets.readSplit(
        manifest,
        split,
      )) {
        for (const [i, mark] of marks.entries()) if (mark.test(text)) counts[i] = (counts[i] ?? 0) + 1;
      }
    }
    for (const [i, count] of counts.entries())
      expect(count, String(marks[i])).toBeLessThanOrEqual(0.006 * 2181);
  });

  it('finds the known give-aways and that cleaning takes most of them', async () => {
    const report = await auditData(isot, {
      home: locateHome(folder),
      progress: silentProgress,
      say: () => {},
      signal: new AbortController().signal,
    });
    const of = (name: string) => report.giveAways.find((one) => one.name === name);
    expect(of('phrase-first:(reuters')?.status).toBe('removed');
    expect(of('rule:dateline')?.raw?.separation).toBeGreaterThan(0.95);
    expect(of('rule:lost-apostrophe')?.raw?.separation).toBeGreaterThan(0.9);
    expect(of('curly-quotes')?.raw?.separation).toBeGreaterThan(0.9);
    expect(of('curly-quotes')?.cleaned?.separation).toBe(0.5);
    expect(of('title-capitals')?.raw?.given).toBe(0);
    expect(of('phrase-title:video')?.status).toBe('removed');
    expect(of('column-date-ends-with-white-space')?.status).toBe('unread');
    expect(of('column-subject')?.status).toBe('unread');
    expect(report.giveAways.filter(({ status }) => status === 'stops')).toEqual([]);
    expect(report.columns.find(({ column }) => column === 'subject')?.accuracyAlone).toBe(1);
  });

  it('groups the repeated titles of the full set', async () => {
    const { manifest } = await prepare({
      ...isot,
      name: 'titles',
      kind: 'csv',
      path: join(shared, 'isot-titles.csv'),
      columns: { ...noColumns, text: 'title', label: 'label' },
    });
    // 38,720 distinct normalised titles, some of them addresses only, some near-duplicates of others.
    expect(manifest.rows.read).toBe(44_898);
    expect(manifest.groups).toBeGreaterThan(38_000);
    expect(manifest.groups).toBeLessThanOrEqual(38_720);
  });

  it('reads the other collections, skipping satire', async () => {
    const columns = { ...noColumns, title: 'title', text: 'text', label: 'label' };
    const count = async (file: string) => {
      const collection = readCollection({
        name: file,
        path: join(shared, 'other-sources', file),
        columns,
        labels: null,
        reading: { encoding: null, separator: null, quotes: null },
        classNames: ['FAKE', 'REAL'],
        strip: true,
      });
      const perClass = [0, 0];
      for await (const { label } of collection) perClass[label] = (perClass[label] ?? 0) + 1;
      return { perClass, empty: collection.counts.empty, skipped: collection.counts.skipped.list() };
    };
    expect(await count('horne2017.csv')).toEqual({
      perClass: [123, 128],
      empty: 0,
      skipped: [{ reason: { code: 'LABEL_UNKNOWN' }, count: 75 }],
    });
    expect(await count('buzzfeed-politifact.csv')).toEqual({
      perClass: [209, 211],
      empty: 2, // two rows whose text column is blank
      skipped: [],
    });
  });
});
