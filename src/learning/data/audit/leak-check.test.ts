import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { formatJsonl, type InventedOptions, inventRows } from '../../../../test/fixtures/audited-articles.ts';
import { systemClock } from '../../../foundation/core/clock.ts';
import { silentProgress } from '../../../foundation/core/progress.ts';
import { type Home, locateHome } from '../../../foundation/records/index.ts';
import { createFileBlobStore } from '../../../keeping/blobs/index.ts';
import { createFileDatasetStore } from '../../../keeping/datasets/index.ts';
import type { DataOptions } from '../options.ts';
import { type PreparedDataset, prepareDataset } from '../prepare.ts';
import { samplePath } from '../source-files.ts';
import type { LeakReader } from './leak-check.ts';

let folder: string;
let home: Home;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'veracity-leaks-'));
  home = locateHome(join(folder, 'home'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const UNCASED: LeakReader = { readsCase: false };

function prepare(
  invented: InventedOptions,
  change: Partial<DataOptions> = {},
  reader: LeakReader | null = UNCASED,
): Promise<PreparedDataset> {
  const path = join(folder, 'data.jsonl');
  writeFileSync(path, formatJsonl(inventRows(invented)));
  const columns = { title: 'title', text: 'text', label: 'label', source: null, date: null, id: null };
  const config: DataOptions = {
    ...{ name: 'test', kind: 'jsonl', path, columns, labels: null, classes: null, strip: false },
    ...{ max_set_aside: 0.1, max_rejects: null },
    near_duplicates: { threshold: 0.8, shingle_words: 3, permutations: 16 },
    split: { validation: 0.1, test: 0.1, seed: 42 },
    ...change,
  };
  const blobs = createFileBlobStore(home.blobs);
  const stores = { blobs, datasets: createFileDatasetStore(home, blobs) };
  const signal = new AbortController().signal;
  return prepareDataset({
    ...{ config, home, stores, reader, signal, progress: silentProgress, say: () => {}, clock: systemClock },
    workingDirectory: folder,
  });
}

const dateline: InventedOptions = {
  change: (row) => (row.label === 'REAL' ? { ...row, text: `OSTREY (Nordwire) - ${row.text}` } : row),
};
const capitals: InventedOptions = {
  change: (row) => (row.label === 'FAKE' ? { ...row, title: row.title.toUpperCase() } : row),
};
const subject: InventedOptions = {
  change: (row) => ({ ...row, subject: row.label === 'REAL' ? 'world' : 'gossip' }),
};

describe('preparing data with a dateline in one class', () => {
  it('stops, names what gives the label away and what to do, and writes the page and no version', async () => {
    const error = await prepare(dateline).catch((cause) => cause);
    expect(error).toMatchObject({ code: 'DATA_LEAKS' });
    expect(error.message).toContain('(Nordwire)');
    expect(error.issues[0].message).toContain('data.leak_limits.mark=0.95');
    expect(error.hint).toContain('data.strip=true');
    expect(error.hint).toContain('data.accept_leaks="why"');
    expect(error.issues.length).toBeGreaterThan(0);
    const page = join(home.root, 'audits', 'test.html');
    expect(error.hint).toContain(page);
    expect(readFileSync(page, 'utf8')).toContain('Nordwire');
    expect(existsSync(home.datasets) ? readdirSync(home.datasets) : []).toEqual([]);
  });

  it('goes on where cleaning removes it', async () => {
    const { leakCheck } = await prepare(dateline, { strip: true });
    expect(leakCheck).toMatchObject({ leaks: [], accepted: null });
  });

  it('goes on with a reason, which is part of the dataset version', async () => {
    const { manifest } = await prepare(dateline, { accept_leaks: 'a test of the wire' });
    expect(manifest.config).toMatchObject({ accept_leaks: 'a test of the wire' });
    expect(manifest.leakCheck).toMatchObject({ accepted: 'a test of the wire' });
    expect(manifest.leakCheck?.leaks[0]).toMatchObject({ className: 'REAL', limit: 0.95 });
    const other = await prepare(dateline, { accept_leaks: 'another reason' });
    expect(other.manifest.id).not.toBe(manifest.id);
  });

  it('goes on where the limits are higher, and where nothing learns from it', async () => {
    const one = 1;
    const leak_limits = { mark: one, word: one, edges: one, signs: one, length: one, column: one };
    await expect(prepare(dateline, { leak_limits })).resolves.toMatchObject({ leakCheck: { leaks: [] } });
    await expect(prepare(dateline, {}, null)).resolves.toMatchObject({ leakCheck: null });
    await expect(prepare(dateline)).rejects.toMatchObject({ code: 'DATA_LEAKS' });
  });
});

describe('preparing data whose titles have capitals in one class', () => {
  it('stops for models that read capitals only, also where the version exists', async () => {
    const { manifest, leakCheck } = await prepare(capitals);
    expect(leakCheck?.leaks).toEqual([]);
    expect(leakCheck?.caseLeaks.map(({ name }) => name)).toContain('title-capitals');
    await expect(prepare(capitals, {}, { readsCase: true })).rejects.toMatchObject({ code: 'DATA_LEAKS' });
    await expect(prepare(capitals)).resolves.toMatchObject({ cached: true, manifest: { id: manifest.id } });
  });
});

describe('preparing data that no leak is in', () => {
  it('has the version that it had before, whether a reason is given or not', async () => {
    const { manifest } = await prepare({});
    expect(manifest.leakCheck).toEqual({ leaks: [], caseLeaks: [], unread: [], accepted: null });
    const { manifest: again } = await prepare({}, { accept_leaks: 'to be sure' });
    expect(again.id).toBe(manifest.id);
    expect(again.config).not.toHaveProperty('accept_leaks');
  });

  it('warns of a column that no model reads', async () => {
    const { leakCheck } = await prepare(subject);
    expect(leakCheck).toMatchObject({ leaks: [], unread: [{ name: 'column-subject' }] });
  });

  it('finds nothing in the sample', async () => {
    const columns = {
      title: 'title',
      text: 'text',
      label: 'label',
      source: 'source',
      date: 'date',
      id: 'id',
    };
    const { leakCheck } = await prepare(
      {},
      { kind: 'sample', path: samplePath, columns },
      { readsCase: true },
    );
    expect(leakCheck).toEqual({ leaks: [], caseLeaks: [], unread: [], accepted: null });
  });
});
