import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ArticleTable, openFileTable, type TableOptions } from './article-table.ts';
import { compareTables } from './data-difference.ts';
import { formatDifferenceHtml } from './difference-html.ts';
import { formatDifferenceMarkdown, formatDifferenceText } from './difference-text.ts';

interface Row {
  readonly id?: string;
  readonly title: string;
  readonly text: string;
  readonly label?: string;
  readonly source?: string;
}

const WORDS = 'harbour ferry council budget storm library bridge school market garden tram museum'.split(' ');
/** An invented article; the same for the same number. */
function invent(n: number, change: Partial<Row> = {}): Row {
  const words = Array.from(
    { length: 40 },
    (_, i) => `${WORDS[(n * 7 + i * (n + 3)) % WORDS.length]}${(n * 13 + i * 5) % 97}`,
  );
  const label = ['left', 'right', 'centre'][n % 3]!;
  return {
    title: `Notice ${n} about the ${words[0]} plan`,
    text: words.join(' '),
    label,
    source: `outlet${n % 2}`,
    ...change,
  };
}
const many = (from: number, to: number): Row[] =>
  Array.from({ length: to - from }, (_, i) => invent(from + i));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'veracity-difference-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const COLUMNS = { title: null, text: null, label: null, source: null, date: null, id: null };
function table(name: string, rows: readonly Row[], changes: Partial<TableOptions> = {}): ArticleTable {
  const path = join(folder, name);
  const quote = (value: string): string => `"${value.replaceAll('"', '""')}"`;
  const names = Object.keys(rows[0]!) as (keyof Row)[];
  const content = name.endsWith('.csv')
    ? [names.join(','), ...rows.map((row) => names.map((one) => quote(row[one] ?? '')).join(','))].join('\n')
    : rows.map((row) => JSON.stringify(row)).join('\n');
  writeFileSync(path, content);
  return openFileTable(name, [{ path, name, sizeBytes: statSync(path).size }], {
    ...{
      columns: COLUMNS,
      labels: null,
      cleaning: null,
      reading: { encoding: null, separator: null, quotes: null },
    },
    signal: new AbortController().signal,
    ...changes,
  });
}

const compare = (before: ArticleTable, after: ArticleTable, titles = false) =>
  compareTables(before, after, { titles, listed: 5 });

describe('compareTables', () => {
  it('finds nothing between a file and itself in another order and format', async () => {
    const rows = many(0, 60);
    expect(await compare(table('a.csv', rows), table('b.jsonl', rows.toReversed()))).toMatchObject({
      ...{ added: 0, removed: 0, relabelled: 0, textChanged: 0, unchanged: 60 },
      matchedBy: { content: 60 },
    });
  });

  it('counts rows added, removed, relabelled and rewritten, without ids', async () => {
    const before = many(0, 60);
    const after = [
      ...many(60, 67),
      ...before
        .slice(4)
        .map((row, i) =>
          i < 5
            ? { ...row, label: 'other' }
            : i < 8
              ? { ...row, text: `${row.text} and one more sentence` }
              : i < 10
                ? { ...row, title: 'Corrected: another head of it' }
                : row,
        ),
    ];
    expect(await compare(table('a.csv', before), table('b.csv', after))).toMatchObject({
      ...{ added: 7, removed: 4, relabelled: 5, textChanged: 5, unchanged: 46 },
      matchedBy: { content: 51, words: 2, title: 3 },
    });
  });

  it('finds a row again whose title is new and whose text is mostly the same', async () => {
    const before = many(0, 20);
    const row = before[3]!;
    const after = before.with(3, {
      ...row,
      title: 'Nothing of the old head',
      text: `${row.text.split(' ').slice(0, 34).join(' ')} seven other words at the end here`,
    });
    expect(await compare(table('a.csv', before), table('b.csv', after))).toMatchObject({
      added: 0,
      removed: 0,
      textChanged: 1,
      matchedBy: { similarity: 1 },
    });
  });

  it('follows ids, even to an article without any word of the old one', async () => {
    const before = many(0, 20).map((row, i) => ({ id: `n${i}`, ...row }));
    const after = before.with(3, {
      ...before[3]!,
      title: 'All new',
      text: 'entirely rewritten by another author',
    });
    expect(await compare(table('a.csv', before), table('b.csv', after))).toMatchObject({
      added: 0,
      removed: 0,
      textChanged: 1,
      matchedBy: { id: 20 },
      idsIgnored: false,
    });
  });

  it('ignores ids that only number the rows', async () => {
    const number = (rows: readonly Row[]): Row[] => rows.map((row, i) => ({ id: String(i), ...row }));
    const before = many(0, 40);
    const after = [...before.slice(0, 30), invent(99), ...before.slice(30)];
    expect(await compare(table('a.csv', number(before)), table('b.csv', number(after)))).toMatchObject({
      added: 1,
      removed: 0,
      relabelled: 0,
      textChanged: 0,
      idsIgnored: true,
    });
  });

  it('counts copies: of three equal rows, one is removed and one relabelled', async () => {
    const row = invent(5, { label: 'left' });
    const rest = many(10, 20);
    const difference = await compare(
      table('a.csv', [row, row, row, ...rest]),
      table('b.csv', [row, { ...row, label: 'right' }, ...rest]),
    );
    expect(difference).toMatchObject({
      added: 0,
      removed: 1,
      relabelled: 1,
      relabels: [{ from: 'left', to: 'right', rows: 1 }],
    });
  });

  it('gives the balance of classes, in total and by source, and names labels that are missing', async () => {
    const before = [invent(0, { label: 'left', source: 'a' }), invent(1, { label: 'right', source: 'b' })];
    const after = [
      invent(0, { label: 'left', source: 'a' }),
      invent(1, { label: '', source: 'b' }),
      invent(2, { label: 'right', source: 'b' }),
    ];
    expect(await compare(table('a.csv', before), table('b.csv', after))).toMatchObject({
      classes: [
        { className: 'left', before: 1, after: 1 },
        { className: 'right', before: 1, after: 1 },
        { className: null, before: 0, after: 1 },
      ],
      sources: [
        { source: 'b', before: 1, after: 2, added: 1, relabelled: 1 },
        { source: 'a', added: 0 },
      ],
    });
  });

  it('takes line breaks of another system and spaces at the ends for no change', async () => {
    const rows = many(0, 10).map((row) => ({ ...row, text: `${row.text}\nsecond line` }));
    const other = rows.map((row) => ({ ...row, text: ` ${row.text.replace('\n', '\r\n')} ` }));
    expect(await compare(table('a.jsonl', rows), table('b.jsonl', other))).toMatchObject({ unchanged: 10 });
  });

  it('names a file without articles and one without a column for them', async () => {
    const rows = table('a.csv', many(0, 3));
    writeFileSync(join(folder, 'b.csv'), 'title,text\n');
    await expect(
      compare(
        rows,
        openFileTable('b.csv', [{ path: join(folder, 'b.csv'), name: 'b.csv', sizeBytes: 11 }], options()),
      ),
    ).rejects.toMatchObject({ code: 'DATA_FILE_INVALID' });
    writeFileSync(join(folder, 'c.csv'), 'x,y\n1,2\n');
    await expect(
      compare(
        rows,
        openFileTable('c.csv', [{ path: join(folder, 'c.csv'), name: 'c.csv', sizeBytes: 8 }], options()),
      ),
    ).rejects.toMatchObject({ code: 'ARTICLE_COLUMNS_MISSING' });
  });

  const options = (): TableOptions => ({
    ...{
      columns: COLUMNS,
      labels: null,
      cleaning: null,
      reading: { encoding: null, separator: null, quotes: null },
    },
    signal: new AbortController().signal,
  });
});

describe('the reports of a difference', () => {
  const LONG = 'one two three four five six seven eight nine ten eleven twelve thirteen <b>fourteen</b>';
  const build = (titles: boolean) =>
    compare(
      table('a.csv', many(0, 9)),
      table('b.csv', [invent(20, { title: LONG, source: '<i>odd</i> @team' }), ...many(2, 9)]),
      titles,
    );

  it('have no title unless it is asked for, and then 12 words of it; never a text', async () => {
    const [without, shown] = [await build(false), await build(true)];
    for (const format of [
      formatDifferenceText,
      formatDifferenceHtml,
      formatDifferenceMarkdown,
      JSON.stringify,
    ]) {
      expect(format(without)).not.toMatch(/Notice|one two three/);
      expect(format(shown)).not.toContain('thirteen');
      expect(format(shown)).not.toContain(invent(0).text.slice(0, 40));
    }
    expect(formatDifferenceText(shown)).toContain('eleven twelve …');
    expect(formatDifferenceHtml(shown)).toContain('eleven twelve …');
  });

  it('escape what comes from the data', async () => {
    const difference = await build(true);
    expect(formatDifferenceHtml(difference)).not.toContain('<i>odd');
    expect(formatDifferenceMarkdown(difference)).not.toMatch(/<i>odd|@team/);
  });
});
