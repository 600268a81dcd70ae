import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentProgress } from '../../../foundation/core/progress.ts';
import { createRandom } from '../../../foundation/core/random.ts';
import type { DataOptions } from '../options.ts';
import { auditData } from './audit.ts';
import { formatAuditHtml } from './audit-html.ts';
import { formatAuditText } from './audit-text.ts';
import { measureMark } from './information.ts';
import type { AuditReport } from './report.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'veracity-audit-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const WORDS = 'ferry harbour council bridge storm market school budget river road'.split(' ');

/** 100 invented articles. REAL ones have a dateline; FAKE ones have a give-away word, their own outlet and a final space. */
function writeArticles(): string {
  const random = createRandom('audit-test');
  const lines = ['title,text,label,outlet,topic'];
  for (let i = 0; i < 100; i++) {
    const real = i % 2 === 0;
    const body = Array.from({ length: 30 }, () => WORDS[random.integer(WORDS.length)]).join(' ');
    const text = real ? `OSLO (Meridian) - ${body}.` : `${body} shocking truth <b>.`;
    lines.push(
      `"Number ${i} of ${i + 1}${real ? '' : ' LOUD '}","${text}",${real ? 'REAL' : 'FAKE'},${real ? 'Courier' : 'Daily <Shock>'},${i % 5}`,
    );
  }
  lines.push('"Number 1 of 2","Repeated title.",REAL,Courier,1', '"Empty",,FAKE,,1', '"No label","x",,,1');
  const path = join(folder, 'data.csv');
  writeFileSync(path, lines.join('\n'));
  return path;
}

function audit(
  change: Partial<DataOptions> = {},
  signal = new AbortController().signal,
): Promise<AuditReport> {
  const columns = { title: 'title', text: 'text', label: 'label', source: 'outlet', date: null, id: null };
  const config: DataOptions = {
    name: 'test',
    kind: 'csv',
    path: join(folder, 'data.csv'),
    columns,
    labels: null,
    classes: null,
    strip: true,
    max_set_aside: 1,
    max_rejects: null,
    near_duplicates: { threshold: 0.8, shingle_words: 3, permutations: 16 },
    split: { validation: 0.1, test: 0.1, seed: 42 },
    ...change,
  };
  return auditData(config, { progress: silentProgress, signal });
}

describe('measureMark', () => {
  it('measures one bit for a mark that separates two equal classes and none for one that does not', () => {
    expect(measureMark([50, 0], [50, 50])).toMatchObject({ share: [1, 0], accuracyAlone: 1 });
    expect(measureMark([50, 0], [50, 50]).bits).toBeCloseTo(1);
    expect(measureMark([25, 25], [50, 50])).toMatchObject({ accuracyAlone: 0.5, bits: 0 });
    // By hand: H(Y) - H(Y|X) = 1 - 0.5 * 0.8113 - 0.5 * 0.8113.
    expect(measureMark([75, 25], [100, 100]).bits).toBeCloseTo(0.1887, 4);
  });
});

describe('audit', () => {
  it('finds give-aways of the label, before and after cleaning', async () => {
    writeArticles();
    const report = await audit();
    expect(report.rows).toEqual({
      read: 103,
      usable: 101,
      empty: 1,
      rejected: [{ reason: { code: 'LABEL_EMPTY' }, count: 1 }],
    });
    expect(report.classes.map(({ name, rows }) => [name, rows])).toEqual([
      ['FAKE', 50],
      ['REAL', 51],
    ]);
    expect(report.majorityAccuracy).toBeCloseTo(51 / 101);
    const mark = (name: string) => report.giveAways.find((one) => one.name === name);
    expect(mark('rule:dateline')).toMatchObject({ raw: { share: [0, 50 / 51] }, cleaned: null });
    expect(mark('title-capitals')).toMatchObject({ raw: { share: [1, 0] }, cleaned: { share: [1, 0] } });
    const terms = (side: 'raw' | 'cleaned'): string[] => report.terms[side].map(({ term }) => term);
    expect(terms('raw')).toEqual(
      expect.arrayContaining(['oslo', 'oslo meridian', 'shocking', 'shocking truth', 'loud']),
    );
    expect(terms('cleaned')).toContain('shocking');
    expect(terms('cleaned')).not.toContain('oslo');
    const column = (name: string) => report.columns.find((one) => one.column === name);
    expect(column('outlet')).toMatchObject({ distinct: 2, accuracyAlone: 1, pure: 1 });
    expect(column('topic')?.accuracyAlone).toBeLessThan(0.7);
    expect(column('text')).toMatchObject({ distinct: null });
    expect(column('title')?.marks.find(({ name }) => name === 'ends with white space')).toMatchObject({
      share: [1, 0],
    });
    expect(report.copies).toMatchObject({
      repeatedTitles: [0, 0],
      contradictingTitles: 0,
      repeatedTexts: [0, 0],
    });
  });

  it('counts repeated titles and titles that occur with both labels', async () => {
    const path = join(folder, 'data.csv');
    writeFileSync(
      path,
      'title,text,label,outlet\nOne two three,first,FAKE,\n"One, two three!",second,REAL,\nOne two three,first,FAKE,\n',
    );
    expect((await audit()).copies).toEqual({
      repeatedTitles: [1, 1],
      contradictingTitles: 1,
      repeatedTexts: [1, 0],
    });
  });

  it('formats as text, and as one self-contained page that escapes markup', async () => {
    writeArticles();
    const report = await audit();
    const text = formatAuditText(report);
    expect(text).toContain('cleaning rule dateline');
    expect(text).toContain('column outlet (2 values; 100.0%');
    expect(text).toContain('shocking');
    const html = formatAuditHtml({ ...report, name: '<script>alert(1)</script>' });
    expect(html).not.toMatch(/<script|src=|href=|@import|url\(/);
    expect(html).toContain('&lt;script&gt;');
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });

  it('needs two classes, and stops when its signal is aborted', async () => {
    writeArticles();
    await expect(audit({ labels: { REAL: 'ALL', FAKE: 'ALL' } })).rejects.toMatchObject({
      code: 'DATA_LABELS',
    });
    const controller = new AbortController();
    controller.abort();
    await expect(audit({}, controller.signal)).rejects.toMatchObject({ name: 'AbortError' });
  });
});
