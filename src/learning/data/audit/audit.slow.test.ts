import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  formatJsonl,
  type InventedOptions,
  type InventedRow,
  inventRows,
  inventText,
} from '../../../../test/fixtures/audited-articles.ts';
import { silentProgress } from '../../../foundation/core/progress.ts';
import { locateHome } from '../../../foundation/records/index.ts';
import type { DataOptions } from '../options.ts';
import { auditData } from './audit.ts';
import { formatAuditHtml } from './audit-html.ts';
import { formatAuditText } from './audit-text.ts';
import type { AuditReport, GiveAwayStatus } from './report.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'veracity-audit-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function audit(
  rows: readonly InventedRow[],
  change: Partial<DataOptions> = {},
  signal = new AbortController().signal,
): Promise<AuditReport> {
  const path = join(folder, 'data.jsonl');
  writeFileSync(path, formatJsonl(rows));
  const columns = { title: 'title', text: 'text', label: 'label', source: null, date: null, id: null };
  const config: DataOptions = {
    ...{ name: 'test', kind: 'jsonl', path, columns, labels: null, classes: null, strip: true },
    ...{ max_set_aside: 1, max_rejects: null },
    near_duplicates: { threshold: 0.8, shingle_words: 3, permutations: 16 },
    split: { validation: 0.1, test: 0.1, seed: 42 },
    ...change,
  };
  return auditData(config, { home: locateHome(folder), progress: silentProgress, say: () => {}, signal });
}

const invented = (options: InventedOptions = {}, change: Partial<DataOptions> = {}) =>
  audit(inventRows(options), change);
const of = (report: AuditReport, status: GiveAwayStatus): string[] =>
  report.giveAways.filter((one) => one.status === status).map(({ name }) => name);
const real =
  (change: (row: InventedRow, i: number) => Partial<InventedRow>) => (row: InventedRow, i: number) =>
    (row.label === 'REAL' ? { ...row, ...change(row, i) } : row) as InventedRow;

describe('an audit of clean articles', () => {
  it('finds nothing, whatever the number, the language and the balance of the classes', async () => {
    const reports = [
      await invented(),
      await invented({ classes: ['billing', 'delivery', 'praise'], rows: 300 }),
      await invented({
        change: (row, i) => (row.label === 'REAL' && i % 5 > 0 ? { ...row, label: 'FAKE' } : row),
      }),
    ];
    for (const report of reports) {
      expect(report.giveAways.filter(({ status }) => status !== 'slight')).toEqual([]);
      expect(report.whole?.suspects.rows).toBe(null);
    }
  });

  it('finds no leak where the classes differ in what the articles are about', async () => {
    const report = await invented({
      rows: 400,
      change: real((row) => ({
        text: row.text.replaceAll('ferry', 'refund').replaceAll('market', 'invoice'),
      })),
    });
    expect([...of(report, 'stops'), ...of(report, 'case')]).toEqual([]);
  });

  it('finds no leak in tiny data that a word tells apart by chance', async () => {
    const report = await invented({ rows: 20, change: real((row) => ({ text: `${row.text} Meridian.` })) });
    expect(of(report, 'stops')).toEqual([]);
  });
});

describe('publisher marks', () => {
  it.each<[string, (row: InventedRow, i: number) => Partial<InventedRow>, string]>([
    ['a dateline', (row) => ({ text: `OSTREY (Nordwire) - ${row.text}` }), '(nordwire)'],
    [
      'a byline in another language',
      (row, i) => ({ text: `Von ${inventText(2, 'name', i)} | Kurier: ${row.text}` }),
      'kurier',
    ],
    ['a credit at the end', (row) => ({ text: `${row.text} Alle Rechte vorbehalten, Bergbote` }), 'bergbote'],
  ])('%s is found and stops', async (_, change, words) => {
    const report = await invented({ change: real(change) }, { strip: false });
    const phrases = report.giveAways.filter(({ kind, status }) => kind === 'phrase' && status === 'stops');
    expect(phrases.map(({ summary }) => summary.toLowerCase()).join()).toContain(words);
    expect(phrases[0]).toMatchObject({
      className: 'REAL',
      limit: { setting: 'data.leak_limits.mark', value: 0.95 },
    });
    expect(phrases[0]?.advice).toContain('data.strip=true');
  });

  it('are found as removed where cleaning takes them out', async () => {
    const report = await invented({ change: real((row) => ({ text: `OSTREY (Nordwire) - ${row.text}` })) });
    expect(of(report, 'stops')).toEqual([]);
    expect(of(report, 'removed').join()).toContain('nordwire');
    expect(of(report, 'removed')).toContain('rule:dateline');
  });

  it('are not found where both classes have them', async () => {
    const report = await invented(
      { change: (row) => ({ ...row, text: `OSTREY (Nordwire) - ${row.text}` }) },
      { strip: false },
    );
    expect(report.giveAways.filter(({ status }) => status !== 'slight')).toEqual([]);
  });

  it('are found of one class of three', async () => {
    const classes = ['a', 'b', 'c'];
    const change = (row: InventedRow) =>
      row.label === 'b' ? { ...row, text: `Quelle: Bote. ${row.text}` } : row;
    const report = await invented({ classes, rows: 300, change });
    expect(report.giveAways[0]).toMatchObject({ status: 'stops', className: 'b' });
  });
});

describe('signs and habits of typing', () => {
  it.each<[string, (row: InventedRow) => Partial<InventedRow>, string]>([
    ['a sign that no list names', (row) => ({ text: row.text.replace('. ', ' ※ ') }), 'sign-text-203B'],
    ['curly quotes', (row) => ({ text: `“${row.text}”` }), 'curly-quotes'],
    ['double spaces', (row) => ({ text: row.text.replaceAll('. ', '.  ') }), 'double-spaces'],
  ])('%s stops where cleaning leaves it, and is found where it does not', async (_, change, name) => {
    const report = await invented({ change: real(change) }, { strip: false });
    const found = report.giveAways.find((one) => one.name === name);
    expect(found?.status).toBe(name === 'double-spaces' ? 'removed' : 'stops');
    expect(found?.raw).toMatchObject({ separation: 1, given: 1 });
  });

  it('capitals of titles stop only models that tell them', async () => {
    const report = await invented({ change: real((row) => ({ title: row.title.toUpperCase() })) });
    expect(of(report, 'stops')).toEqual([]);
    expect(of(report, 'case')).toContain('title-capitals');
  });

  it('punctuation and case are measured together, with all words hidden', async () => {
    const change = real((row) => ({ text: row.text.replaceAll(/(\w+) (\w+) (\w+) /g, '$1, $2; $3: ') }));
    const report = await invented({ change });
    expect(of(report, 'stops')).toContain('part-signs');
  });
});

describe('length', () => {
  it.each([20, 40, 200])('of %i words where the other class has 80 gives the label away', async (words) => {
    const report = await invented({
      rows: 300,
      change: real((_, i) => ({ text: inventText(words + (i % 5), 'other', i) })),
    });
    expect(of(report, 'stops')).toContain('part-lengths');
  });

  it('that overlaps does not', async () => {
    const change = (row: InventedRow, i: number) => ({
      ...row,
      text: inventText(60 + ((i * 7) % 50), row.label, i),
    });
    expect(of(await invented({ change }), 'stops')).toEqual([]);
  });
});

describe('the first and last tokens alone', () => {
  it.each<[string, (row: InventedRow, i: number) => Partial<InventedRow>, string]>([
    [
      'first',
      (row, i) => ({
        text: `${['Heute', 'Gestern', 'Morgen'][i % 3]} meldet ${['Amt', 'Rat'][i % 2]}: ${row.text}`,
      }),
      'part-first',
    ],
    [
      'first, in several phrases',
      (row, i) => ({
        text: `${['Kurz gesagt', 'Wie berichtet', 'Laut Bote', 'Im Bild'][i % 4]} ${row.text}`,
      }),
      'part-first',
    ],
    [
      'last',
      (row, i) => ({ text: `${row.text} ${['Mehr dazu', 'Zum Archiv', 'Zur Liste', 'Alle Bilder'][i % 4]}` }),
      'part-last',
    ],
  ])('%s, say more than the middle', async (_, change, name) => {
    const report = await invented({ rows: 900, change: real(change) }, { strip: false });
    expect(of(report, 'stops')).toContain(name);
  });

  it('are no leak where the middle says as much', async () => {
    const change = real((row) => ({ text: row.text.replaceAll(/\b(\w)(\w+)/g, '$1$2u') }));
    const report = await invented({ rows: 400, change });
    expect(of(report, 'stops').filter((name) => name.startsWith('part-f') || name === 'part-last')).toEqual(
      [],
    );
  });
});

describe('columns', () => {
  it.each<[string, (row: InventedRow, i: number) => Record<string, string>, string]>([
    [
      'a subject',
      (row, i) => ({ subject: `${row.label === 'REAL' ? 'world' : 'left'} ${i % 3}` }),
      'column-subject',
    ],
    [
      'an id with a prefix',
      (row, i) => ({ code: `${row.label === 'REAL' ? 'r' : 'f'}-${i * 7919}` }),
      'column-code',
    ],
    [
      'a number in the order of the classes',
      (row, i) => ({ place: String(i + (row.label === 'REAL' ? 5000 : 0)) }),
      'column-place',
    ],
  ])('%s gives the label away: a warning, because no model reads it', async (_, add, name) => {
    const report = await invented({ change: (row, i) => ({ ...row, ...add(row, i) }) });
    expect(of(report, 'unread')).toContain(name);
    expect(of(report, 'stops')).toEqual([]);
  });

  it('a space at the end of a value is found', async () => {
    const change = (row: InventedRow, i: number) => ({
      ...row,
      date: `May ${(i % 28) + 1}, 2017${row.label === 'REAL' ? ' ' : ''}`,
    });
    expect(of(await invented({ change }), 'unread')).toContain('column-date-ends-with-white-space');
  });

  it('an id that differs in every row is no leak, nor a topic that all classes have', async () => {
    const change = (row: InventedRow, i: number) => ({
      ...row,
      id: `${row.label === 'REAL' ? i * 2 : i * 2 + 1}`.padStart(4, '0'),
      topic: String(i % 5),
    });
    const report = await invented({ rows: 400, change });
    expect(report.giveAways.filter(({ kind, status }) => kind === 'column' && status !== 'slight')).toEqual(
      [],
    );
    expect(report.columns.find(({ column }) => column === 'id')?.accuracyAlone).toBeLessThan(0.6);
  });
});

describe('words', () => {
  it('that most articles of a class have are listed with counts of both classes; one that all have stops', async () => {
    const report = await invented({
      rows: 600,
      change: real((row, i) => ({
        text: row.text.replace(
          /(\S+ ){30}/,
          (head) => `${head}Meridian ${i % 2 === 0 ? 'weekly' : 'monthly'} `,
        ),
      })),
    });
    expect(report.terms.cleaned[0]).toMatchObject({ term: 'meridian', rows: [0, 300] });
    expect(of(report, 'stops')).toContain('word-meridian');
    expect(of(report, 'stops')).not.toContain('word-meridian weekly');
  });
});

describe('the page and the text', () => {
  it('name what stops, and the page needs nothing else and escapes markup', async () => {
    const report = await invented(
      { change: real((row) => ({ text: `<b>Bote</b> ${row.text}` })) },
      { strip: false },
    );
    expect(formatAuditText(report)).toContain('a training is stopped');
    const html = formatAuditHtml({ ...report, name: '<script>alert(1)</script>' });
    expect(html).not.toMatch(/<script|src=|href=|@import|url\(/);
    expect(html).toContain('&lt;script&gt;');
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });

  it('show at most twelve words of an article', async () => {
    const report = await invented(
      { change: real((row) => ({ text: `OSTREY (Nordwire) - ${row.text}` })) },
      { strip: false },
    );
    const examples = report.giveAways.flatMap(({ example }) => (example === null ? [] : [example]));
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples)
      expect(example.replaceAll('…', '').trim().split(/\s+/).length).toBeLessThanOrEqual(12);
  });
});

describe('an audit', () => {
  it('needs two classes, and stops when its signal is aborted', async () => {
    await expect(invented({}, { labels: { REAL: 'ALL', FAKE: 'ALL' } })).rejects.toMatchObject({
      code: 'DATA_LABELS',
    });
    const controller = new AbortController();
    controller.abort();
    await expect(audit(inventRows(), {}, controller.signal)).rejects.toMatchObject({ name: 'AbortError' });
  });
});
