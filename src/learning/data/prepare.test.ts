import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentProgress } from '../../foundation/core/progress.ts';
import { createRandom } from '../../foundation/core/random.ts';
import type { DatasetArticle } from '../../foundation/records/article.ts';
import { type DatasetManifest, splitNames } from '../../foundation/records/dataset-manifest.ts';
import { locateHome } from '../../foundation/records/home.ts';
import { createFileBlobStore } from '../../keeping/blobs/file-blob-store.ts';
import { createFileDatasetStore } from '../../keeping/datasets/file-dataset-store.ts';
import type { ColumnMap, DataOptions } from './options.ts';
import { type PreparedDataset, prepareDataset } from './prepare.ts';

const noColumns: ColumnMap = { title: null, text: null, label: null, source: null, date: null, id: null };
const columns: ColumnMap = { ...noColumns, title: 'title', text: 'text', label: 'label' };
const clock = { nowIso: () => '2026-01-01T00:00:00.000Z', monotonicMs: () => 0 };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'veracity-prepare-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Row {
  title?: string | undefined;
  text: string;
  label: string;
  [column: string]: string | undefined;
}

/** Invented articles, each with different words. */
function makeRows(count: number, seed = 1): Row[] {
  const random = createRandom('prepare-test', seed);
  const words = (n: number): string =>
    Array.from({ length: n }, () => `w${random.integer(1e9).toString(36)}`).join(' ');
  return Array.from({ length: count }, (_, i) => ({
    title: words(6),
    text: words(40),
    label: i % 3 === 0 ? 'REAL' : 'FAKE',
  }));
}

function writeCsv(rows: readonly Row[], name = 'data.csv'): string {
  const names = Object.keys(rows[0] ?? {});
  const quote = (value: string): string => `"${value.replaceAll('"', '""')}"`;
  const path = join(folder, name);
  writeFileSync(
    path,
    [names, ...rows.map((row) => names.map((column) => row[column] ?? ''))]
      .map((row) => row.map(quote).join(','))
      .join('\n'),
  );
  return path;
}

interface Settings extends Omit<Partial<DataOptions>, 'split'> {
  readonly split?: { validation: number; test: number; given?: boolean };
  readonly seed?: number;
  readonly homeName?: string;
  readonly signal?: AbortSignal;
  readonly said?: string[];
}

function prepare({
  seed = 42,
  homeName = 'home',
  split,
  signal,
  said,
  ...config
}: Settings): Promise<PreparedDataset> {
  return prepareDataset({
    config: {
      name: 'test',
      kind: 'csv',
      path: null,
      columns,
      labels: null,
      classes: null,
      strip: true,
      max_set_aside: 0.1,
      max_rejects: null,
      near_duplicates: { threshold: 0.8, shingle_words: 3, permutations: 128 },
      ...config,
      split: { validation: 0.1, test: 0.1, seed, ...split },
    },
    home: locateHome(join(folder, homeName)),
    stores: openStores(homeName),
    progress: silentProgress,
    say: (line) => said?.push(line),
    signal: signal ?? new AbortController().signal,
    clock,
  });
}

function openStores(homeName: string) {
  const home = locateHome(join(folder, homeName));
  const blobs = createFileBlobStore(home.blobs);
  return { blobs, datasets: createFileDatasetStore(home, blobs) };
}

async function readAll(
  manifest: DatasetManifest,
  homeName = 'home',
): Promise<(DatasetArticle & { split: string })[]> {
  const articles = [];
  for (const split of splitNames) {
    for await (const article of openStores(homeName).datasets.readSplit(manifest, split))
      articles.push({ ...article, split });
  }
  return articles;
}

function checkSums({ rows, splits }: DatasetManifest): void {
  expect(rows.kept + rows.rejected + rows.empty + rows.duplicate + rows.conflicting).toBe(rows.read);
  expect(splits.train.rows + splits.validation.rows + splits.test.rows).toBe(rows.kept);
}

describe('preparing a dataset', () => {
  it('keeps every ordinary article once, in the configured shares, with its class', async () => {
    const rows = makeRows(200);
    const { manifest, cached } = await prepare({ path: writeCsv(rows) });
    checkSums(manifest);
    expect(cached).toBe(false);
    expect(manifest.rows).toEqual({
      read: 200,
      kept: 200,
      rejected: 0,
      empty: 0,
      duplicate: 0,
      conflicting: 0,
    });
    expect(manifest.classNames).toEqual(['FAKE', 'REAL']);
    expect(manifest.splits.test.perClass).toEqual([13, 7]);
    expect(manifest.splits.validation.perClass).toEqual([13, 7]);
    const articles = await readAll(manifest);
    const byText = new Map(articles.map((article) => [article.text, article]));
    for (const row of rows) {
      expect(byText.get(row.text)).toMatchObject({
        title: row.title,
        label: row.label === 'REAL' ? 1 : 0,
        source: null,
        publishedAt: null,
      });
    }
    expect(new Set(articles.map(({ id }) => id)).size).toBe(200);
    expect(await openStores('home').datasets.load(manifest.id)).toEqual(manifest);
  });

  it('gives the same id for the same input in another folder, in another home and at another time', async () => {
    const rows = makeRows(60);
    const first = await prepare({ path: writeCsv(rows) });
    const path = writeCsv(rows);
    mkdirSync(join(folder, 'elsewhere'));
    writeFileSync(join(folder, 'elsewhere', 'data.csv'), readFileSync(path));
    const second = await prepare({ path: join(folder, 'elsewhere', 'data.csv'), homeName: 'other' });
    expect(second.manifest).toEqual(first.manifest);
    expect(second.cached).toBe(false);
    expect(JSON.stringify(first.manifest)).not.toContain(folder);
  });

  it('gives another id for another seed, configuration or file', async () => {
    const path = writeCsv(makeRows(60));
    const ids = [];
    for (const change of [
      {},
      { seed: 1 },
      { strip: false },
      { split: { validation: 0.2, test: 0.1 } },
      { path: writeCsv(makeRows(60, 2), 'b.csv') },
    ]) {
      ids.push((await prepare({ path, ...change })).manifest.id);
    }
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('finds an existing version without reading the rows, and writes it again when a blob is damaged', async () => {
    const path = writeCsv(makeRows(60));
    const { manifest } = await prepare({ path });
    expect(await prepare({ path })).toMatchObject({ cached: true, manifest });
    const { md5 } = manifest.splits.train;
    const blob = join(folder, 'home', 'files', 'md5', md5.slice(0, 2), md5.slice(2));
    const bytes = readFileSync(blob);
    chmodSync(blob, 0o644);
    bytes[100] = (bytes[100] as number) ^ 1;
    writeFileSync(blob, bytes);
    await expect(readAll(manifest)).rejects.toMatchObject({ code: 'FILE_CORRUPT' });
    const said: string[] = [];
    expect(await prepare({ path, said })).toMatchObject({ cached: false, manifest });
    expect(said.join('\n')).toContain('damaged');
    expect(await readAll(manifest)).toHaveLength(60);
    expect(readdirSync(join(folder, 'home', 'cache'))).toEqual(['prepared', 'rows']);
  });

  it('drops copies, including those that differ only before cleaning', async () => {
    const rows = makeRows(40);
    const first = rows[0] as Row;
    rows.push({ ...first }, { ...first, text: `OSLO (Meridian) -  ${first.text} ` });
    const { manifest } = await prepare({ path: writeCsv(rows) });
    checkSums(manifest);
    expect(manifest.rows).toMatchObject({ kept: 40, duplicate: 2 });
    expect(manifest.cleaning).toEqual({}); // counts are those of the kept articles
  });

  it('keeps near-duplicates together: one text, mostly the same words, or one title with a part of the text', async () => {
    const rows = makeRows(200);
    for (let i = 0; i < 60; i += 3) {
      const { title, text, label } = rows[i] as Row;
      const words = text.split(' ');
      words[39] = 'changed';
      rows.push(
        {
          title: `${title?.toUpperCase()}!`,
          text: `${text.split(' ').slice(0, 15).join(' ')} ${makeRows(1, 1000 + i)[0]?.text}`,
          label,
        },
        { title: `another title of mine ${i}`, text: words.join(' '), label },
        { title: `a third title for ${i}`, text: text.replaceAll(' ', ', '), label },
      );
    }
    const { manifest } = await prepare({ path: writeCsv(rows), split: { validation: 0.3, test: 0.3 } });
    checkSums(manifest);
    expect(manifest.rows.kept).toBe(rows.length);
    expect(manifest.groups).toBe(200);
    const splitOfGroup = new Map<string, string>();
    for (const { group, split } of await readAll(manifest)) {
      expect(splitOfGroup.get(group) ?? split).toBe(split);
      splitOfGroup.set(group, split);
    }
    expect(splitOfGroup.size).toBe(200);
  });

  it('groups by similarity from the threshold upwards, and not at all at 1', async () => {
    const rows = makeRows(40);
    const text = rows[0]?.text ?? '';
    // One changed word of 40 breaks 3 of 38 shingles: Jaccard 35/41 = 0.85.
    rows.push({
      title: 'quite another title',
      text: text.replace(/^\S+ \S+ \S+ \S+ \S+/, (words) => `${words} extra`),
      label: 'REAL',
    });
    const path = writeCsv(rows);
    const groups = async (threshold: number): Promise<number> =>
      (await prepare({ path, near_duplicates: { threshold, shingle_words: 3, permutations: 256 } })).manifest
        .groups;
    expect(await groups(0.6)).toBe(40);
    expect(await groups(0.99)).toBe(41);
    expect(await groups(1)).toBe(41);
  });

  it('does not merge articles that share only an empty, short or generic title, or a boilerplate text', async () => {
    const rows = makeRows(120);
    for (const [i, row] of rows.entries()) {
      if (i < 20) row.title = '';
      else if (i < 40) row.title = 'Letters, again';
      else if (i < 100) row.title = 'Letters to the editor this week';
      if (i >= 100) row.text = 'Watch the video';
    }
    const { manifest } = await prepare({ path: writeCsv(rows) });
    expect(manifest.rows.kept).toBe(120);
    expect(manifest.groups).toBe(120);
  });

  it('merges rows without titles by their text', async () => {
    const rows = makeRows(30).map(({ text, label }) => ({ text, label }));
    rows.push({ text: `${rows[0]?.text}!`, label: 'REAL' });
    const { manifest } = await prepare({ path: writeCsv(rows), columns: { ...columns, title: null } });
    expect(manifest.groups).toBe(30);
    expect(manifest.rows.kept).toBe(31);
  });

  it('sets groups with more than one label aside and lists their files and lines', async () => {
    const rows = makeRows(40);
    const [a, b] = rows as [Row, Row];
    rows.push({ ...a, label: 'FAKE' }); // the same article
    rows.push({ title: 'quite another title', text: `“${b.text}”`, label: 'REAL' }); // the same text
    const { manifest } = await prepare({ path: writeCsv(rows) });
    checkSums(manifest);
    expect(manifest.rows).toMatchObject({ kept: 38, conflicting: 4, duplicate: 0 });
    const { md5 } = manifest.conflicts ?? { md5: '' };
    const lines = readFileSync(join(folder, 'home', 'files', 'md5', md5.slice(0, 2), md5.slice(2)), 'utf8')
      .trim()
      .split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { file: 'data.csv', line: 2, label: 'REAL', group: { file: 'data.csv', line: 2 } },
      { file: 'data.csv', line: 3, label: 'FAKE', group: { file: 'data.csv', line: 3 } },
      { file: 'data.csv', line: 42, label: 'FAKE', group: { file: 'data.csv', line: 2 } },
      { file: 'data.csv', line: 43, label: 'REAL', group: { file: 'data.csv', line: 3 } },
    ]);
    const kept = await readAll(manifest);
    expect(kept.some(({ text }) => text === a.text || text === b.text)).toBe(false);
  });

  it('counts empty texts and leaves them out', async () => {
    const rows = makeRows(40);
    rows.push(
      { title: 'a title of four', text: ' \u200b&nbsp; ', label: 'FAKE' },
      { title: '', text: '', label: 'REAL' },
    );
    const { manifest } = await prepare({ path: writeCsv(rows) });
    checkSums(manifest);
    expect(manifest.rows).toMatchObject({ kept: 40, empty: 2 });
  });

  it('counts bad rows by reason and lists them without their text', async () => {
    const path = writeCsv(makeRows(300));
    writeFileSync(path, `${readFileSync(path, 'utf8')}\nsecret title,secret text\n"t","secret",""\n`);
    const said: string[] = [];
    const { manifest } = await prepare({ path, said });
    checkSums(manifest);
    expect(manifest.rows).toMatchObject({ read: 302, kept: 300, rejected: 2 });
    const { md5 } = manifest.rejects ?? { md5: '' };
    const list = readFileSync(join(folder, 'home', 'files', 'md5', md5.slice(0, 2), md5.slice(2)), 'utf8');
    expect(
      list
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([
      { file: 'data.csv', line: 302, reason: 'fewer fields than the header' },
      { file: 'data.csv', line: 303, reason: 'no label' },
    ]);
    expect(said.join('\n')).toContain('1 × no label');
    expect(said.join('\n')).toContain(join('md5', md5.slice(0, 2), md5.slice(2)));
  });

  it('stops when more rows are bad than allowed, naming the reasons and the list', async () => {
    const path = writeCsv(makeRows(50));
    writeFileSync(path, `${readFileSync(path, 'utf8')}\nsecret title,secret text\n`);
    const error = await prepare({ path, max_rejects: 0.01 }).catch((caught: unknown) => caught);
    expect(error).toMatchObject({
      code: 'DATA_REJECTS',
      details: { rejected: 1, read: 51, reasons: '1 × fewer fields than the header: data.csv:52' },
      hint: expect.stringContaining('To go on without these rows: data.max_rejects=0.02'),
    });
    const { rejects } = (error as { details: { rejects: string } }).details;
    expect(readFileSync(rejects, 'utf8')).toContain('"line":52');
    expect(String(error)).not.toContain('secret');
    expect(existsSync(join(folder, 'home', 'datasets'))).toBe(false);
    expect((await prepare({ path, max_rejects: 0.05 })).manifest.rows.rejected).toBe(1);
  });

  it('uses the id column, and refuses an id that another article has', async () => {
    const rows: Row[] = makeRows(200).map((row, i) => ({ ...row, key: `n${i}` }));
    (rows[7] as Row).key = 'n3';
    const { manifest } = await prepare({ path: writeCsv(rows), columns: { ...columns, id: 'key' } });
    checkSums(manifest);
    expect(manifest.rows.rejected).toBe(1);
    const articles = await readAll(manifest);
    expect(articles.find(({ text }) => text === rows[12]?.text)?.id).toBe('n12');
    expect(articles.filter(({ id }) => id === 'n3')).toHaveLength(1);
  });

  it('maps labels, reads outlets and dates, and takes any number of classes in the configured order', async () => {
    const rows: Row[] = makeRows(90).map((row, i) => ({
      ...row,
      label: String(i % 3),
      outlet: i % 2 === 0 ? 'Aldane Courier' : '',
      day: 'May 2, 2017 ',
    }));
    const { manifest } = await prepare({
      path: writeCsv(rows),
      labels: { 0: 'TRUE', 1: 'MIXED', 2: 'FALSE' },
      classes: ['FALSE', 'MIXED', 'TRUE'],
      columns: { ...columns, source: 'outlet', date: 'day' },
    });
    expect(manifest.classNames).toEqual(['FALSE', 'MIXED', 'TRUE']);
    const articles = await readAll(manifest);
    expect(articles.find(({ text }) => text === rows[0]?.text)).toMatchObject({
      label: 2,
      source: 'Aldane Courier',
      publishedAt: '2017-05-02',
    });
    expect(articles.find(({ text }) => text === rows[1]?.text)).toMatchObject({ label: 1, source: null });
  });

  it('reads a null in JSON Lines as an empty field, and refuses a missing field', async () => {
    const path = join(folder, 'data.jsonl');
    const lines = [
      ...makeRows(200),
      { title: 'a', text: null, label: 'REAL' },
      { title: 'b', label: 'REAL' },
    ];
    writeFileSync(path, lines.map((line) => JSON.stringify(line)).join('\n'));
    const { manifest } = await prepare({ kind: 'jsonl', path });
    expect(manifest.rows).toMatchObject({ read: 202, kept: 200, empty: 1, rejected: 1 });
  });

  it('reads JSON Lines to the same articles as CSV', async () => {
    const rows = makeRows(60);
    const path = join(folder, 'data.jsonl');
    writeFileSync(path, rows.map((row) => JSON.stringify(row)).join('\n'));
    const fromJson = await prepare({ kind: 'jsonl', path });
    const fromCsv = await prepare({ path: writeCsv(rows) });
    expect(fromJson.manifest.splits).toEqual(fromCsv.manifest.splits);
  });

  it('reads the ISOT layout, calls other content a different edition, and drops the subject', async () => {
    const rows: Row[] = makeRows(60).map(({ title, text }) => ({
      title,
      text,
      subject: 'politics',
      date: 'May 2, 2017 ',
      label: '',
    }));
    mkdirSync(join(folder, 'isot'));
    writeCsv(rows.slice(0, 30), 'isot/True.csv');
    writeCsv(rows.slice(30), 'isot/Fake.csv');
    const said: string[] = [];
    const { manifest } = await prepare({
      kind: 'isot',
      path: join(folder, 'isot'),
      columns: noColumns,
      said,
    });
    expect(manifest.files.map(({ name, edition }) => [name, edition])).toEqual([
      ['True.csv', 'a different edition'],
      ['Fake.csv', 'a different edition'],
    ]);
    expect(said.join('\n')).toContain('a different edition');
    const articles = await readAll(manifest);
    expect(articles.find(({ text }) => text === rows[0]?.text)).toMatchObject({
      label: 1,
      source: null,
      publishedAt: '2017-05-02',
    });
    expect(JSON.stringify(articles)).not.toContain('politics');
  });

  it('leaves no files behind when it is stopped', async () => {
    const controller = new AbortController();
    controller.abort();
    await expect(prepare({ path: writeCsv(makeRows(60)), signal: controller.signal })).rejects.toMatchObject({
      name: 'AbortError',
    });
    expect(readdirSync(join(folder, 'home', 'cache'))).toEqual([]);
  });
});

describe('preparing a dataset folder', () => {
  const read = async ({ manifest }: PreparedDataset) => {
    const ids = { train: [] as string[], validation: [] as string[], test: [] as string[] };
    for (const split of splitNames)
      for await (const { title } of openStores('home').datasets.readSplit(manifest, split))
        ids[split].push(title);
    return ids;
  };
  const write = (files: Readonly<Record<string, readonly Row[]>>): string => {
    mkdirSync(join(folder, 'set'));
    for (const [name, rows] of Object.entries(files)) writeCsv(rows, `set/${name}`);
    return join(folder, 'set');
  };

  it('splits the rows of all its files anew, and says so', async () => {
    const rows = makeRows(90);
    const path = write({ 'train.csv': rows.slice(0, 60), 'test.csv': rows.slice(60) });
    const said: string[] = [];
    const { manifest } = await prepare({ kind: 'file', path, said });
    expect(manifest.files.map(({ name }) => name).sort()).toEqual(['test.csv', 'train.csv']);
    expect([manifest.rows.kept, manifest.splits.test.rows]).toEqual([90, 9]);
    expect(said).toContain(
      'set: its splits (test, train) are joined and split anew; data.split.given=true keeps them',
    );
  });

  it('keeps its splits where they are asked for, and takes the missing one from the training rows', async () => {
    const rows = makeRows(90);
    const path = write({ 'train.csv': rows.slice(0, 60), 'test.csv': rows.slice(60) });
    const prepared = await prepare({
      kind: 'file',
      path,
      split: { validation: 0.1, test: 0.1, given: true },
    });
    const { train, validation, test } = await read(prepared);
    expect(test.sort()).toEqual(
      rows
        .slice(60)
        .map(({ title }) => title)
        .sort(),
    );
    expect([...train, ...validation].sort()).toEqual(
      rows
        .slice(0, 60)
        .map(({ title }) => title)
        .sort(),
    );
    expect(validation).toHaveLength(6);
    expect(prepared.manifest.config).toMatchObject({ split: { given: true } });
  });

  it('does not train on copies and near-copies of the rows that it measures', async () => {
    const rows = makeRows(60);
    const near = rows
      .slice(40, 43)
      .map(({ title, text, label }) => ({ title, text: `${text} today`, label }));
    const path = write({
      'train.csv': [...rows.slice(0, 40), ...near, ...rows.slice(43, 45)],
      'valid.csv': [...rows.slice(30, 33), ...rows.slice(50)],
      'test.csv': rows.slice(40, 50),
    });
    const prepared = await prepare({
      kind: 'file',
      path,
      split: { validation: 0.1, test: 0.1, given: true },
    });
    const { train, validation, test } = await read(prepared);
    expect([train.length, validation.length, test.length]).toEqual([37, 13, 10]);
    expect(train.filter((title) => [...validation, ...test].includes(title))).toEqual([]);
    expect(prepared.manifest.warnings).toContainEqual({ code: 'SPLITS_OVERLAP', rows: 3 });
    expect(prepared.manifest.rows).toMatchObject({ kept: 60, duplicate: 8 });
  });

  it('gives the labels the names of the card', async () => {
    const rows = makeRows(60).map((row) => ({ ...row, label: row.label === 'REAL' ? '0' : '1' }));
    const path = write({ 'train.csv': rows });
    const names = "{'0': real, '1': fake}";
    writeFileSync(
      join(path, 'README.md'),
      `---\ndataset_info: {features: [{name: label, dtype: {class_label: {names: ${names}}}}]}\n---\n`,
    );
    const { manifest } = await prepare({ kind: 'file', path });
    expect(manifest.classNames).toEqual(['fake', 'real']);
    expect(manifest.readings).toMatchObject([
      {
        file: 'train.csv',
        format: 'csv',
        encoding: 'utf-8',
        separator: 'comma',
        labelNames: ['real', 'fake'],
      },
    ]);
    const other = await prepare({ kind: 'file', path, labels: { 0: 'A', 1: 'B' } });
    expect(other.manifest.classNames).toEqual(['A', 'B']);
  });
});

describe('preparing a dataset from wrong input', () => {
  it.each<[string, string, Settings]>([
    ['a missing file', 'FILE_NOT_FOUND', { path: '/nowhere/data.csv' }],
    ['no path', 'DATA_PATH_UNSET', { path: null }],
    ['no text column', 'DATA_COLUMN_UNSET', { columns: { ...columns, text: null } }],
    ['no label column', 'DATA_COLUMN_UNSET', { columns: { ...columns, label: null } }],
    ['a column that is not there', 'DATA_COLUMN_MISSING', { columns: { ...columns, text: 'body' } }],
    ['unmapped labels', 'DATA_REJECTS', { labels: { 1: 'FAKE' } }],
    ['one class only', 'DATA_LABELS', { labels: { REAL: 'ALL', FAKE: 'ALL' } }],
    ['a class without articles', 'DATA_TOO_FEW', { classes: ['FAKE', 'REAL', 'SATIRE'] }],
  ])('names %s', async (_, code, settings) => {
    const path = writeCsv(makeRows(60));
    await expect(prepare({ path, ...settings })).rejects.toMatchObject({ code });
  });

  it.each<[string, Buffer]>([
    ['an empty file', Buffer.alloc(0)],
    ['a header that never ends', Buffer.from('"title,text')],
    ['UTF-32', Buffer.from([...'title,text,label\n'].flatMap((c) => [c.charCodeAt(0), 0, 0, 0]))],
    ['an archive', Buffer.from('504b030414000000', 'hex')],
  ])('names %s', async (_, bytes) => {
    const path = join(folder, 'bad.csv');
    writeFileSync(path, bytes);
    await expect(prepare({ path })).rejects.toMatchObject({ code: 'DATA_FILE_INVALID' });
  });

  it.each([1100, 60, 12])('names a column that cannot hold labels, in %d articles', async (count) => {
    const rows = makeRows(count).map((row, i) => ({ ...row, label: `label ${i}` }));
    const error = await prepare({ path: writeCsv(rows) }).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'DATA_LABELS' });
    expect(String(error)).not.toContain('label 1');
  });

  it.each<[string, string, Partial<ColumnMap>]>([
    ['the text named as the label', 'title,text,label', { label: 'text' }],
    ['a text with its title as the header', 'A secret title,SECRET,REAL', {}],
    ['JSON Lines read as CSV', '{"title": "A secret title","text": "SECRET"}', {}],
  ])('shows nothing of an article: %s', async (_, header, roles) => {
    const secret = 'secret words of an article '.repeat(5);
    const path = join(folder, 'data.csv');
    const rows = makeRows(30).map(({ title, label }, i) => `${title},${secret} ${i},${label}`);
    writeFileSync(path, [header.replace('SECRET', secret), ...rows].join('\n'));
    const error = await prepare({ path, columns: { ...columns, ...roles } }).catch((e: unknown) => e);
    expect(error).toMatchObject({
      code: expect.stringMatching(/DATA_REJECTS|DATA_FILE_INVALID|DATA_COLUMN_MISSING/),
    });
    expect(JSON.stringify(error) + String(error)).not.toContain('secret');
  });

  it('names a missing dataset version', async () => {
    await expect(openStores('home').datasets.load('ds-000000000000')).rejects.toMatchObject({
      code: 'DATASET_NOT_FOUND',
    });
    await expect(openStores('home').datasets.load('../../etc')).rejects.toMatchObject({
      code: 'DATASET_NOT_FOUND',
    });
  });
});
