import { describe, expect, it } from 'vitest';
import { createLabelRules, tidyLabel, unifyLabel } from './label-rules.ts';

describe('the class of a label', () => {
  const choose = (
    label: string,
    labels: Record<string, string | null> | null,
    classes: string[] | null = null,
  ) => createLabelRules({ labels, classes }).choose(tidyLabel(label));
  const named = (name: string) => ({ kind: 'class', name });

  it('is the label without the spaces around it if nothing names labels', () => {
    for (const [label, name] of [
      [' TRUE ', 'TRUE'],
      ['\u00a01.0\t', '1.0'],
      ['\ufeffReal\u200b', 'Real'],
      ['0', '0'],
    ] as const)
      expect(choose(label, null)).toEqual(named(name));
    expect(choose(' \u200b ', null)).toBeNull();
  });

  it.each([
    ['1', '1.0'],
    ['1.0', '1'],
    ['1e0', '1'],
    ['+1', '1.00'],
    ['0', '-0.0'],
    ['TRUE', 'true'],
    [' True ', 'true'],
    ['false', 'FALSE'],
    ['re\u0301el', 'r\u00e9el'],
  ])('finds the label %j under the key %j of data.labels', (label, key) => {
    expect(choose(label, { [key]: 'A', other: 'B' })).toEqual(named('A'));
  });

  it.each([
    ['Real', 'REAL'],
    ['01', '1'],
    ['1', 'true'],
    ['1.5', '1'],
    ['12345678901234567891', '12345678901234567890'],
    ['', 'REAL'],
  ])('does not take the label %j for the key %j', (label, key) => {
    expect(choose(label, { [key]: 'A' })?.kind ?? 'empty').toMatch(/unnamed|empty/);
  });

  it('prefers the key that is written as the label is', () => {
    const labels = { '1': 'A', '1.0': 'B' };
    expect(choose('1', labels)).toEqual(named('A'));
    expect(choose('1.0', labels)).toEqual(named('B'));
    expect(choose('1.00', labels)).toMatchObject({ kind: 'unnamed' }); // two keys name this number
  });

  it('leaves out what data.labels maps to null, also an empty label', () => {
    expect(choose('nan', { nan: null, REAL: 'REAL' })).toEqual({ kind: 'left out' });
    expect(choose('', { '': null, REAL: 'REAL' })).toEqual({ kind: 'left out' });
    expect(choose('', { '': 'NONE' })).toEqual(named('NONE'));
  });

  it('is spelt as data.classes spells it', () => {
    expect(choose('0.0', null, ['0', '1'])).toEqual(named('0'));
    expect(choose('True', null, ['true', 'false'])).toEqual(named('true'));
    expect(choose('x', { x: '1.0' }, ['0', '1'])).toEqual(named('1'));
    expect(choose('2', null, ['0', '1'])).toEqual({ kind: 'unnamed', setting: 'data.classes' });
  });

  it('takes a file whose rows all have one label without an entry in data.labels', () => {
    const rules = createLabelRules({ labels: { FAKE: 'untrue' }, classes: null });
    expect(rules.choose('FAKE', { ofFile: true })).toEqual(named('untrue'));
    expect(rules.choose('REAL', { ofFile: true })).toEqual(named('REAL'));
  });

  it('unifies numbers and truth values only', () => {
    expect(['1.0', 'TRUE', 'Real', 'C++', ''].map(unifyLabel)).toEqual(['1', 'true', 'Real', 'C++', '']);
  });
});
