import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { parseOverride } from '../../foundation/config/override-parser.ts';
import { toPlainValue } from '../../foundation/config/override-value.ts';
import { formatLabelsArgument, formatLabelsYaml } from './label-block.ts';
import { findLabelSpellings, suggestClass } from './label-spellings.ts';

const find = (counts: Record<string, number>, classes: string[] | null = null) =>
  findLabelSpellings(
    Object.entries(counts).map(([written, rows]) => ({ written, className: written, rows })),
    classes,
    null,
  );
const groups = (counts: Record<string, number>) =>
  find(counts)?.alike.map(({ labels, differIn }) => [labels.map(({ name }) => name), differIn]) ?? [];

describe('labels that look alike', () => {
  it.each<[string, Record<string, number>, string[], string]>([
    ['case', { Beschwerde: 50, BESCHWERDE: 9, Lob: 40 }, ['Beschwerde', 'BESCHWERDE'], 'case'],
    ['spaces', { 'not true': 5, nottrue: 50, true: 40 }, ['nottrue', 'not true'], 'spaces'],
    ['punctuation', { 'half-true': 30, half_true: 20, false: 40 }, ['half-true', 'half_true'], 'punctuation'],
    ['a full stop', { REAL: 30, 'REAL.': 20, FAKE: 40 }, ['REAL', 'REAL.'], 'punctuation'],
    ['number format', { 0: 30, '0.0': 20, 1: 40 }, ['0', '0.0'], 'number format'],
    ['a decimal comma', { '1.5': 30, '1,5': 20, 2: 40 }, ['1.5', '1,5'], 'number format'],
    ['a changed letter', { praise: 30, prayse: 20, anger: 40 }, ['praise', 'prayse'], 'one letter'],
    [
      'a missing letter',
      { Beschwerde: 30, Beschwrde: 2, Lob: 40 },
      ['Beschwerde', 'Beschwrde'],
      'one letter',
    ],
    ['exchanged letters', { FAKE: 30, FKAE: 2, REAL: 40 }, ['FAKE', 'FKAE'], 'one letter'],
    ['a letter of a short name with few rows', { Lob: 300, Lo: 2, Frage: 40 }, ['Lob', 'Lo'], 'one letter'],
    ['composed letters', { 're\u0301el': 3, 'r\u00e9el': 30, faux: 40 }, ['r\u00e9el', 're\u0301el'], 'case'],
  ])('are found: %s', (_, counts, names, how) => {
    expect(groups(counts)).toEqual([[names, [how]]]);
  });

  it.each<[string, Record<string, number>]>([
    ['signs of numbers', { '-1': 20, 1: 30 }],
    ['numbers and their parts', { '1.5': 20, 15: 30 }],
    ['digits', { class1: 20, class2: 30 }],
    ['short words', { cat: 20, bat: 30 }],
    ['signs that distinguish', { C: 20, 'C++': 30, 'C#': 30 }],
    ['plus and minus', { '+': 20, '-': 30 }],
    ['other words', { question: 20, complaint: 30, praise: 9 }],
  ])('are not: %s', (_, counts) => {
    expect(find(counts)).toBeNull();
  });

  it('names spellings of a missing label, and leaves them out', () => {
    const found = find({ REAL: 40, FAKE: 50, nan: 5, NULL: 2, 'N/A': 1, None: 1 });
    expect(found?.missing.map(({ name }) => name)).toEqual(['nan', 'NULL', 'N/A', 'None']);
    expect(found?.labels).toEqual({
      FAKE: 'FAKE',
      REAL: 'REAL',
      nan: null,
      NULL: null,
      'N/A': null,
      None: null,
    });
  });

  it('names classes below 1% of the rows, but not where most of many classes are', () => {
    expect(find({ REAL: 995, FAKE: 1000, SATIRE: 5 })?.rare).toEqual([{ name: 'SATIRE', rows: 5 }]);
    expect(find({ REAL: 80, FAKE: 99, SATIRE: 2 })).toBeNull();
    expect(find(Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`topic ${i}`, 10])))).toBeNull();
  });

  it('are no matter once the classes are named', () => {
    expect(find({ True: 20, TRUE: 30 }, ['True', 'TRUE'])).toBeNull();
  });

  it('suggests the spelling with most rows, of labels as the file has them', () => {
    expect(
      findLabelSpellings(
        [
          { written: 'w', className: 'True', rows: 30 },
          { written: 'y', className: 'true', rows: 31 },
          { written: 'f', className: 'false', rows: 30 },
        ],
        null,
        { w: 'True', y: 'true', f: 'false', '?': null },
      )?.labels,
    ).toEqual({ y: 'true', w: 'true', f: 'false', '?': null });
  });

  it('suggests the class of a label that is not named', () => {
    const known = [['1', 'REAL'] as const, ['fake', 'FAKE'] as const];
    expect(['Fake', '1,0', 'NaN', 'satire', 'fak e'].map((label) => suggestClass(label, known))).toEqual([
      'FAKE',
      'REAL',
      null,
      null,
      'FAKE',
    ]);
  });
});

describe('the setting to paste', () => {
  const labels = {
    0: 'REAL',
    '1.0': 'FAKE',
    true: '1',
    nan: null,
    'half true': 'Frage?',
    null: 'a, b: c',
    größer: "it's",
    'say "no"': 'no',
    'C:\\': 'x\\',
    'a=b {c}': '[d]',
  };

  it('means in YAML what it says', () => {
    const lines = formatLabelsYaml(labels, new Map([['nan', 1200]]));
    expect(parseYaml(lines.join('\n'))).toEqual({ labels });
    expect(lines.find((line) => line.includes('nan'))).toContain('# 1,200 rows');
  });

  it('means on the command line, through a shell, what it says', () => {
    const plain = {
      0: 'REAL',
      '1.0': 'FAKE',
      true: '1',
      nan: null,
      'half true': 'Frage?',
      null: 'a, b: c',
      größer: "it's",
    };
    const argument = execFileSync('sh', ['-c', `printf %s ${formatLabelsArgument(plain)}`], {
      encoding: 'utf8',
    });
    expect(toPlainValue(parseOverride(argument).value!)).toEqual(plain);
  });
});
