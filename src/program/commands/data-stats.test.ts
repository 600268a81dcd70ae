import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createQuietContext } from '../../../test/fixtures/quiet-context.ts';
import { locateHome } from '../../foundation/records/home.ts';
import { dataStatsCommand } from './data-stats.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'veracity-stats-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const describeData = (args: string[], options: Record<string, string> = {}) =>
  dataStatsCommand.run({ args, options }, createQuietContext(locateHome(join(folder, 'home')), folder));

const GERMAN = 'Der Stadtrat hat gestern beschlossen, die alte Brücke am Hafen im nächsten Jahr zu erneuern.';
const ENGLISH =
  'The town council decided yesterday that the old bridge at the harbour will be renewed next year.';

describe('data stats', () => {
  it('counts classes, lengths, languages, sources, months and copies of any labels', async () => {
    const rows = [
      { headline: 'A head', body: ENGLISH, class: 'politics', publisher: 'a.example', date: '2024-01-05' },
      { headline: 'A head', body: ENGLISH, class: 'sports', publisher: 'a.example', date: '2024-01-09' },
      { headline: '', body: GERMAN, class: 'politics', publisher: 'b.example', date: '2024-03-01' },
      { headline: 'No text', body: '', class: 'culture', publisher: '', date: '' },
      { headline: '', body: '', class: 'culture', publisher: '', date: '' },
    ];
    writeFileSync(join(folder, 'data.jsonl'), rows.map((row) => JSON.stringify(row)).join('\n'));
    const { json, text } = await describeData(['data.jsonl'], { html: 'page.html' });
    expect(json).toMatchObject({
      ...{ articles: 4, unusable: 1, withoutTitle: 1, withoutText: 1, withoutLabel: 0, distinctSources: 2 },
      classes: [
        { name: 'politics', rows: 2 },
        { name: 'sports', rows: 1 },
        { name: 'culture', rows: 1 },
      ],
      text: { words: { max: 17, min: 0 }, characters: { max: ENGLISH.length } },
      title: { words: { median: 2 } },
      languages: expect.arrayContaining([{ name: 'de', rows: 1, perClass: [1, 0, 0] }]),
      sources: [{ name: 'a.example', rows: 2 }, { name: 'b.example' }, { name: null }],
      months: [{ name: '2024-01', rows: 2 }, { name: '2024-03' }, { name: null }],
      copies: { articles: 1, titles: 1, texts: 1, contradicting: 1 },
      tokenizer: null,
    });
    expect(text).toContain('politics');
    for (const output of [text, JSON.stringify(json), readFileSync(join(folder, 'page.html'), 'utf8')])
      expect(output).not.toMatch(/council|Stadtrat|A head/);
  });

  it('describes the bundled sample without arguments', async () => {
    const { json } = await describeData([]);
    expect(json).toMatchObject({ classes: [{ name: expect.any(String) }, { name: expect.any(String) }] });
  });

  it.each([
    ['short,REAL,bad', 'got 3 other columns'],
    ['"The ferry sank.",REAL', 'got 2 other columns'],
    [`${ENGLISH},REAL`, 'got 2 other columns'],
  ])('repeats no field of a first line that is no header: %s', async (line, got) => {
    writeFileSync(join(folder, 'data.csv'), `${line}\n${line}\n`);
    await expect(describeData(['data.csv'])).rejects.toMatchObject({
      code: 'ARTICLE_COLUMNS_MISSING',
      message: expect.stringContaining(got),
    });
    await expect(describeData(['data.csv'])).rejects.not.toThrow(/short|ferry|council/);
  });

  it('reads the files of a folder without hidden ones, those of packages, and links that lead nowhere', async () => {
    const data = join(folder, 'data');
    for (const name of ['a', '.git', 'node_modules/x', 'deep/er'])
      mkdirSync(join(data, name), { recursive: true });
    for (const name of ['a/one.csv', '.git/two.csv', 'node_modules/x/three.csv', 'deep/er/four.csv.gz.txt'])
      writeFileSync(join(data, name), `title,text,label\n${name},"${ENGLISH}",REAL\n`);
    writeFileSync(join(data, 'dataset_infos.json'), '{}');
    symlinkSync('gone.csv', join(data, 'dangling.csv'));
    symlinkSync(join(data, 'a'), join(data, 'folder.csv'));
    symlinkSync(join(data, 'a', 'one.csv'), join(data, 'linked.csv'));
    const { json } = await describeData(['data']);
    expect(json).toMatchObject({ articles: 2, copies: { articles: 1 } });
  });

  it('takes a folder of files without labels as one class a file', async () => {
    for (const name of ['True.csv', 'Fake.csv'])
      writeFileSync(join(folder, name), `title,text\n"${name} says","${ENGLISH}"\n`);
    expect((await describeData(['.'])).json).toMatchObject({
      articles: 2,
      classes: expect.arrayContaining([
        { name: 'REAL', rows: 1 },
        { name: 'FAKE', rows: 1 },
      ]),
      copies: { texts: 1, articles: 0 },
    });
  });

  it('refuses two datasets', async () => {
    await expect(describeData(['a.csv', 'b.csv'])).rejects.toMatchObject({ code: 'USAGE' });
  });
});
