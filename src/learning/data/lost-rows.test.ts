// Which rows are lost while a dataset is prepared, what is said of them, and which classes are left.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AppError } from '../../foundation/core/errors.ts';
import { silentProgress } from '../../foundation/core/progress.ts';
import { createRandom } from '../../foundation/core/random.ts';
import type { DatasetArticle } from '../../foundation/records/article.ts';
import { type DatasetManifest, splitNames } from '../../foundation/records/dataset-manifest.ts';
import { locateHome } from '../../foundation/records/home.ts';
import { createFileBlobStore } from '../../keeping/blobs/file-blob-store.ts';
import { createFileDatasetStore } from '../../keeping/datasets/file-dataset-store.ts';
import type { DataOptions } from './options.ts';
import { prepareDataset } from './prepare.ts';

const noColumns = { title: null, text: null, label: null, source: null, date: null, id: null };
const defaults: DataOptions = {
  name: 'test',
  kind: 'jsonl',
  path: null,
  columns: { ...noColumns, title: 'title', text: 'text', label: 'label' },
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
  folder = mkdtempSync(join(tmpdir(), 'veracity-lost-rows-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Row {
  readonly title?: string;
  readonly text: string;
  readonly label: unknown;
  readonly id?: string;
}

const random = createRandom('lost-rows-test');
const words = (count: number): string =>
  Array.from({ length: count }, () => `w${random.integer(1e9).toString(36)}`).join(' ');
const makeRows = (count: number, label: string, textWords = 30): Row[] =>
  Array.from({ length: count }, () => ({ title: words(5), text: words(textWords), label }));

/** Prepares rows; row i stands on line i + 1. */
async function prepare(rows: readonly Row[], options: Partial<DataOptions> = {}): Promise<DatasetManifest> {
  const path = join(folder, 'data.jsonl');
  writeFileSync(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  const home = locateHome(join(folder, 'home'));
  const blobs = createFileBlobStore(home.blobs);
  const { manifest } = await prepareDataset({
    config: { ...defaults, path, ...options },
    home,
    stores: { blobs, datasets: createFileDatasetStore(home, blobs) },
    progress: silentProgress,
    say: () => {},
    signal: new AbortController().signal,
    clock: { nowIso: () => '2026-01-01T00:00:00.000Z', monotonicMs: () => 0 },
  });
  return manifest;
}

const refusal = async (...args: Parameters<typeof prepare>): Promise<AppError> => {
  try {
    await prepare(...args);
  } catch (error) {
    return error as AppError;
  }
  throw new Error('nothing was thrown');
};

async function splitOfTexts(manifest: DatasetManifest): Promise<Map<string, string>> {
  const home = locateHome(join(folder, 'home'));
  const datasets = createFileDatasetStore(home, createFileBlobStore(home.blobs));
  const splits = new Map<string, string>();
  for (const split of splitNames)
    for await (const article of datasets.readSplit(manifest, split) as AsyncIterable<DatasetArticle>)
      splits.set(article.text, split);
  return splits;
}

describe('rows with one title', () => {
  it.each([
    ['four words', 'delivery of my order', 0.8],
    ['four words, without an estimate of similarity', 'delivery of my order', 1],
    ['two words', 'Re: complaint', 0.8],
    ['eleven words', 'a long title that says what each of these letters says', 0.8],
  ])('are all kept under two labels if their texts differ: %s', async (_, title, threshold) => {
    const rows = ['A', 'B'].flatMap((label) => makeRows(20, label).map((row) => ({ ...row, title })));
    const manifest = await prepare(rows, {
      near_duplicates: { ...defaults.near_duplicates, threshold },
    });
    expect(manifest.rows).toMatchObject({ kept: 40, conflicting: 0 });
    expect(manifest.groups).toBe(40);
    expect(manifest.warnings).toEqual([]);
  });

  it('fill every split if 140 rows have four titles', async () => {
    const titles = ['invoice', 'delivery', 'my account', 'other matters'].map(
      (topic) => `question about ${topic} please`,
    );
    const rows = titles.flatMap((title, i) =>
      makeRows(35, i < 2 ? 'A' : 'B').map((row) => ({ ...row, title })),
    );
    const manifest = await prepare(rows);
    expect(manifest.rows.kept).toBe(140);
    expect(manifest.groups).toBe(140);
    expect(manifest.splits.test.perClass).toEqual([7, 7]);
  });

  it('are not one group for the phrases that letters share', async () => {
    const [greeting, close] = [words(7), words(5)];
    const letters = makeRows(15, 'B').map(({ text }) => ({
      title: 'praise for your service',
      text: `${greeting} ${text} ${close}`,
      label: 'B',
    }));
    expect((await prepare([...makeRows(60, 'A'), ...letters])).groups).toBe(75);
  });

  it('are kept with short texts that differ, and contradict each other with one short text', async () => {
    const title = 'a title that many short letters have';
    const short = ['A', 'B'].flatMap((label) => makeRows(20, label, 3).map((row) => ({ ...row, title })));
    expect((await prepare(short)).rows).toMatchObject({ kept: 40, conflicting: 0 });
    const same = [
      ...short,
      { title, text: 'Never arrived.', label: 'A' },
      { title, text: 'never arrived', label: 'B' },
    ];
    expect((await prepare(same)).rows).toMatchObject({ kept: 40, conflicting: 2 });
  });

  it('enter one split if their texts share a part, and never contradict each other for that', async () => {
    const others = [...makeRows(60, 'A'), ...makeRows(60, 'B')];
    for (let seed = 0; seed < 8; seed++) {
      const text = words(60);
      const title = words(5);
      const edited = `${text.split(' ').slice(0, 35).join(' ')} ${words(25)}`;
      const opposite = `${text.split(' ').slice(20).join(' ')} ${words(25)}`;
      const manifest = await prepare(
        [
          ...others,
          { title, text, label: 'A' },
          { title: `${title.toUpperCase()}!`, text: edited, label: 'A' },
          { title, text: opposite, label: 'B' },
        ],
        { split: { validation: 0.3, test: 0.3, seed } },
      );
      expect(manifest.rows).toMatchObject({ kept: 123, conflicting: 0 });
      const splits = await splitOfTexts(manifest);
      expect(splits.get(edited)).toBe(splits.get(text));
    }
  });

  it('are copies or contradictions if the title is all they have', async () => {
    const titles = Array.from({ length: 40 }, () => words(6));
    const rows = titles.map((text, i) => ({ text, label: i % 2 === 0 ? 'A' : 'B' }));
    rows.push({ text: `“${titles[0]?.toUpperCase()}”`, label: 'A' }, { text: `${titles[1]}!`, label: 'A' });
    const manifest = await prepare(rows, { columns: { ...defaults.columns, title: null } });
    expect(manifest.rows).toMatchObject({ kept: 40, conflicting: 2 });
    expect(manifest.groups).toBe(39);
  });
});

describe('many copies under one label and few under another', () => {
  const mislabelled = (copies: number, wrongAt: number, change: (text: string) => string) => {
    const text = words(150);
    return Array.from({ length: copies }, (_, i) => ({
      ...{ title: words(5), text: change(text), label: i === wrongAt ? 'B' : 'A' },
    }));
  };
  const others = () => [...makeRows(40, 'A'), ...makeRows(40, 'B')];
  const edit = (text: string) => text.replace(/ \S+ /, ` ${words(1)} `);

  it.each([
    ['edited texts', 20, 7, edit, 19],
    ['equal texts', 20, 7, (text: string) => text, 19],
    ['equal texts, the wrong one first', 20, 0, (text: string) => text, 19],
  ])('lose only the few: %s', async (_, copies, wrongAt, change, left) => {
    const { rows } = await prepare([...others(), ...mislabelled(copies, wrongAt, change)]);
    expect(rows).toMatchObject({ conflicting: 1 });
    expect(rows.kept + rows.duplicate).toBe(80 + left);
  });

  it('are all set aside if they are less than ten or less than nine in ten', async () => {
    expect((await prepare([...others(), ...mislabelled(8, 7, edit)])).rows.conflicting).toBe(8);
    const divided = mislabelled(12, 3, edit).map((row, i) => (i % 4 === 0 ? { ...row, label: 'B' } : row));
    expect((await prepare([...others(), ...divided], { max_set_aside: 1 })).rows.conflicting).toBe(12);
  });

  it('are found in scripts without spaces', async () => {
    const thai = (n: number) =>
      Array.from({ length: n }, () => String.fromCodePoint(0xe01 + random.integer(40))).join('');
    const texts = Array.from({ length: 20 }, () => thai(80));
    const rows = texts.flatMap((text) =>
      [text, `${text.slice(0, 40)}ก${text.slice(41)}`].map((t) => ({ text: t, label: 'A' })),
    );
    const manifest = await prepare([...rows, ...makeRows(40, 'B')]);
    expect(manifest.groups).toBe(60);
  });
});

describe('lost rows', () => {
  const most = () => [...makeRows(90, 'A'), ...makeRows(90, 'B')];
  const contradictions = (pairs: number) =>
    makeRows(pairs, 'A').flatMap((row) => [row, { ...row, title: words(5), label: 'B' }]);

  it('are no warning up to 2% for one reason', async () => {
    const manifest = await prepare([
      ...most(),
      ...contradictions(1),
      { text: '', title: 'a b c', label: 'A' },
    ]);
    expect(manifest.rows).toMatchObject({ conflicting: 2, empty: 1 });
    expect(manifest.warnings).toEqual([]);
  });

  it('are a warning with lines above 2%: contradicting, empty, unlabelled and repeated ids, each for itself', async () => {
    const rows = [
      ...most(),
      ...contradictions(4),
      ...makeRows(6, 'A').map((row) => ({ ...row, text: ' ' })),
      ...makeRows(7, ''),
    ].map((row, i) => ({ ...row, id: i < 5 ? 'same' : `n${i}` }));
    const { warnings, rows: counts } = await prepare(rows, { columns: { ...defaults.columns, id: 'id' } });
    expect(counts).toMatchObject({ read: 201, conflicting: 8, empty: 6, rejected: 11 });
    expect(
      warnings.map((warning) => (warning.code === 'ROWS_SET_ASIDE' ? [warning.reason, warning.rows] : [])),
    ).toEqual([
      ['LABEL_EMPTY', 7],
      ['EMPTY', 6],
      ['CONFLICTING', 8],
    ]);
    expect(warnings[0]).toMatchObject({
      read: 201,
      examples: [195, 196, 197, 198, 199].map((line) => ({ file: 'data.jsonl', line })),
    });
    expect(warnings[2]).toMatchObject({
      perClass: [
        { name: 'A', rows: 4 },
        { name: 'B', rows: 4 },
      ],
      examples: [181, 182, 183, 184].map((line) => ({ file: 'data.jsonl', line })),
    });
    const text = JSON.stringify(warnings);
    for (const row of rows.slice(180))
      for (const word of row.text.trim().split(' ')) if (word) expect(text).not.toContain(word);
  });

  it('are not lost twice: a copy stands in for a row whose id is taken, and a dropped copy takes no id', async () => {
    const [other, row, third] = makeRows(3, 'A') as [Row, Row, Row];
    const rows = [
      ...most().map((each, i) => ({ ...each, id: `n${i}` })),
      { ...other, id: 'x' },
      { ...row, id: 'x' }, // its id is taken
      { ...row, id: 'y' }, // its copy is kept
      { ...other, id: 'z' }, // a copy of a kept row
      { ...third, id: 'z' }, // so that z is free
    ];
    const manifest = await prepare(rows, { columns: { ...defaults.columns, id: 'id' } });
    expect(manifest.rows).toMatchObject({ kept: 183, rejected: 1, duplicate: 1 });
    expect([...(await splitOfTexts(manifest)).keys()]).toEqual(
      expect.arrayContaining([row.text, third.text]),
    );
  });

  it('are no loss as exact copies under one label', async () => {
    const rows = most();
    const manifest = await prepare([...rows, ...rows.slice(0, 60)]);
    expect(manifest.rows).toMatchObject({ kept: 180, duplicate: 60 });
    expect(manifest.warnings).toEqual([]);
  });

  it.each<[string, (rows: Row[]) => Row[], string, RegExp]>([
    [
      'contradicting',
      (rows) => [...rows, ...contradictions(12)],
      'DATA_SET_ASIDE',
      /24 rows of 204 \(11\.8%\).*data\.jsonl:181, 182/,
    ],
    [
      'empty',
      (rows) => [...rows, ...makeRows(24, 'A', 0)],
      'DATA_SET_ASIDE',
      /24 rows of 204 .*no text is left after cleaning/,
    ],
    [
      'without a label',
      (rows) => [...rows, ...makeRows(24, '')],
      'DATA_REJECTS',
      /24 of 204 \(24 × no label: data\.jsonl:181, 182/,
    ],
  ])('stop preparing above 10%, and the named setting goes on: %s', async (_, change, code, message) => {
    const rows = change(most());
    const error = await refusal(rows);
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
    expect(error.hint).toContain('data.max_set_aside=0.12');
    const manifest = await prepare(rows, { max_set_aside: 0.12 });
    expect(manifest.rows.kept).toBe(180);
    expect(manifest.warnings).toHaveLength(1);
  });

  it('stop preparing above 10% where a column of ids repeats them', async () => {
    const rows = most().map((row, i) => ({ ...row, id: String(i % 100) }));
    const error = await refusal(rows, { columns: { ...defaults.columns, id: 'id' } });
    expect(error).toMatchObject({
      code: 'DATA_REJECTS',
      hint: expect.stringContaining('data.columns.id=null'),
    });
  });

  it('list the lines of contradictions in the file that the error names', async () => {
    const error = await refusal([...most(), ...contradictions(12)]);
    const list = /listed in (\S+)\. /.exec(error.hint)?.[1] ?? '';
    const lines = readFileSync(list, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toHaveLength(24);
    expect(lines[1]).toEqual({
      file: 'data.jsonl',
      line: 182,
      label: 'B',
      group: { file: 'data.jsonl', line: 181 },
    });
  });

  it('count against data.max_rejects together where that is set, and then only there', async () => {
    const rows = [...most(), ...makeRows(30, '')];
    const error = await refusal(rows, { max_rejects: 0.05 });
    expect(error.hint).toContain('data.max_rejects=0.15');
    expect((await prepare(rows, { max_rejects: 0.2 })).rows.rejected).toBe(30);
  });

  it('do not change the id of a version by the limits that they pass', async () => {
    const rows = most();
    expect((await prepare(rows, { max_set_aside: 0.5 })).id).toBe((await prepare(rows)).id);
  });
});

describe('labels that nothing names', () => {
  const rows = () => [
    ...makeRows(60, '1'),
    ...makeRows(60, '0'),
    { ...(makeRows(1, 'x')[0] as Row), label: 1.0 },
    { ...(makeRows(1, 'x')[0] as Row), label: ' 0.0 ' },
    ...makeRows(4, 'satire'),
    ...makeRows(2, 'Real'),
  ];
  const labels = { 1: 'REAL', 0: 'FAKE' };

  it('are named with their counts and lines, and a setting that names them', async () => {
    const manifest = await prepare(rows(), { labels });
    expect(manifest.rows).toMatchObject({ kept: 122, rejected: 6 });
    expect(manifest.warnings).toEqual([
      {
        code: 'LABELS_UNMAPPED',
        setting: 'data.labels',
        rows: 6,
        read: 128,
        values: [
          {
            name: 'satire',
            rows: 4,
            examples: [123, 124, 125, 126].map((line) => ({ file: 'data.jsonl', line })),
          },
          { name: 'Real', rows: 2, examples: [127, 128].map((line) => ({ file: 'data.jsonl', line })) },
        ],
        others: 0,
        examples: [123, 124, 125, 126, 127].map((line) => ({ file: 'data.jsonl', line })),
        labels: { 0: 'FAKE', 1: 'REAL', satire: null, Real: 'REAL' },
      },
    ]);
  });

  it('are no warning if data.labels leaves them out', async () => {
    const manifest = await prepare(rows(), { labels: { ...labels, satire: null, Real: null } });
    expect(manifest.rows).toMatchObject({ kept: 122, rejected: 6 });
    expect(manifest.warnings).toEqual([]);
    const many = [...rows(), ...makeRows(60, 'satire')];
    expect((await prepare(many, { labels: { ...labels, satire: null, Real: null } })).rows.kept).toBe(122);
  });

  it('are named by the error if they are many', async () => {
    const error = await refusal([...rows(), ...makeRows(30, 'satire')], { labels });
    expect(error.code).toBe('DATA_REJECTS');
    expect(error.issues.map(({ message }) => message).join('\n')).toContain(
      '"satire": 34 rows (data.jsonl:123, 124',
    );
  });

  it('are not shown if they may be titles of articles from a wrong column', async () => {
    const secret = Array.from({ length: 40 }, (_, i) => ({ text: words(20), label: `secret title ${i}` }));
    const error = await refusal([...rows(), ...secret], { labels });
    expect(JSON.stringify([error, error.message, error.hint])).not.toContain('secret');
    expect(
      JSON.stringify((await prepare([...rows(), ...secret], { labels, max_set_aside: 1 })).warnings),
    ).not.toContain('secret');
  });
});

describe('classes', () => {
  it('that look alike are a warning in the manifest and stay apart', async () => {
    const manifest = await prepare([
      ...makeRows(40, 'True'),
      ...makeRows(40, 'TRUE '),
      ...makeRows(40, 'False'),
    ]);
    expect(manifest.classNames).toEqual(['False', 'TRUE', 'True']);
    expect(manifest.warnings).toMatchObject([
      { code: 'LABELS_ALIKE', labels: { False: 'False', TRUE: 'TRUE', True: 'TRUE' } },
    ]);
  });

  it('with too little because their labels are misspelt are named with a setting that joins them', async () => {
    const rows = [
      ...[...makeRows(40, 'Frage'), ...makeRows(40, 'Lob')],
      ...[...makeRows(1, 'FRAGE'), ...makeRows(2, 'Lo'), ...makeRows(1, 'NaN'), ...makeRows(2, 'Bitte')],
    ];
    const error = await refusal(rows);
    expect(error.issues).toEqual([
      {
        path: 'Bitte',
        code: 'DATA_TOO_FEW',
        message: '2 rows in 2 groups of near-duplicates (data.jsonl:85), 3 are needed',
      },
      { path: 'FRAGE', code: 'DATA_TOO_FEW', message: '1 row (data.jsonl:81), 3 are needed' },
      {
        path: 'Lo',
        code: 'DATA_TOO_FEW',
        message: '2 rows in 2 groups of near-duplicates (data.jsonl:82), 3 are needed',
      },
      { path: 'NaN', code: 'DATA_TOO_FEW', message: '1 row (data.jsonl:84), 3 are needed' },
      {
        path: 'data.labels',
        code: 'LABELS_ALIKE',
        message:
          '"Frage" 40, "FRAGE" 1 look like one class; "Lob" 40, "Lo" 2 look like one class; "NaN" 1: like a missing label. ' +
          "Correct this and add it (null leaves rows out): 'data.labels={Frage: Frage, FRAGE: Frage, Lob: Lob, Lo: Lob, Bitte: null, NaN: null}'",
      },
    ]);
  });

  it('whose rows all contradict those of another class are named with counts and lines', async () => {
    const both = makeRows(20, 'A').flatMap((row) => [row, { ...row, label: 'B' }]);
    const error = await refusal([...makeRows(30, 'A'), ...both]);
    expect(error.message).toBe(
      'test: expected articles of every class, but none of B is left: 40 rows (A 20, B 20): the same or nearly the same text stands under another label (data.jsonl:31, 32)',
    );
    expect(error.hint).toContain('conflicts-test.jsonl');
    expect(error.hint).not.toMatch(/add|more/i);
  });

  it('whose rows are all empty are named', async () => {
    const error = await refusal([...makeRows(30, 'A'), ...makeRows(30, 'B'), ...makeRows(2, 'C', 0)]);
    expect(error).toMatchObject({
      code: 'DATA_CLASS_LOST',
      message: expect.stringContaining(
        'none of C is left: 2 rows (C 2): no text is left after cleaning (data.jsonl:61, 62)',
      ),
    });
  });

  it.each<[string, () => Row[], RegExp, RegExp]>([
    [
      'one row',
      () => makeRows(1, 'C'),
      /class C .*got 1 row \(data\.jsonl:61\)/,
      /Add articles of C.*C: null/,
    ],
    ['two rows', () => makeRows(2, 'C'), /class C .*got 2 rows in 2 groups/, /Add articles of C/],
    [
      'one group of near-duplicates',
      () => {
        const text = words(60);
        return Array.from({ length: 30 }, (_, i) => ({ text: `${text} number${i}`, label: 'C' }));
      },
      /class C .*got 30 rows that are all near-duplicates of one another/,
      /data\.near_duplicates\.threshold \(now 0\.8/,
    ],
  ])('with too little for every split are named: %s', async (_, makeThird, message, hint) => {
    const error = await refusal([...makeRows(30, 'A'), ...makeRows(30, 'B'), ...makeThird()]);
    expect(error.code).toBe('DATA_TOO_FEW');
    expect(error.message).toMatch(message);
    expect(error.hint).toMatch(hint);
  });

  it('that are large groups of near-duplicates still enter every split', async () => {
    const groups = Array.from({ length: 4 }, () => words(60)).flatMap((text) =>
      Array.from({ length: 35 }, (_, i) => ({ text: `${text} number${i}`, label: 'B' })),
    );
    const manifest = await prepare([...makeRows(100, 'A'), ...groups]);
    expect(manifest.splits.train.perClass[1]).toBe(70);
    expect(manifest.splits.validation.perClass[1]).toBe(35);
    expect(manifest.splits.test.perClass[1]).toBe(35);
  });

  it('are left out by the labels of the file, and not by a hint that would leave only one class', async () => {
    const two = await refusal([...makeRows(30, 'A'), ...makeRows(2, 'B')]);
    expect(two.hint.trim()).toBe('Add articles of B, or join it with another class in data.labels.');
    const rows = [...makeRows(30, '1'), ...makeRows(30, '2'), ...makeRows(2, '3')];
    const three = await refusal(rows, { labels: { 1: 'A', 2: 'B', 3: 'C' } });
    expect(three.hint).toContain("'data.labels={1: A, 2: B, 3: null}'");
  });

  it('of data.classes that no row has are named with those that rows have', async () => {
    const error = await refusal([...makeRows(30, 'A'), ...makeRows(20, 'B')], {
      classes: ['A', 'B', 'SATIRE'],
    });
    expect(error.message).toContain('none of SATIRE (there are A 30, B 20)');
  });

  it('are at least two', async () => {
    expect((await refusal(makeRows(30, 'A'))).message).toContain('got only A (30 rows)');
    expect((await refusal([])).message).toContain('got no usable row');
  });

  it('may be two rows if a split has no share', async () => {
    const rows = [...makeRows(30, 'A'), ...makeRows(2, 'B')];
    const manifest = await prepare(rows, { split: { validation: 0.1, test: 0, seed: 1 } });
    expect(manifest.splits.validation.perClass[1]).toBe(1);
  });
});
