import { describe, expect, test } from 'vitest';
import { formatChoice, listExpected, type ModelColumns, proposeColumns } from './columns.ts';

const NONE: ModelColumns = { title: null, text: null, label: null, source: null, date: null, id: null };
const GERMAN: ModelColumns = { ...NONE, title: 'Betreff', text: 'Nachricht', label: 'Kategorie' };

describe('proposeColumns', () => {
  test.each<[string, ModelColumns | null, string, [string | null, string | null, string | null], boolean]>([
    [
      "the model's own columns",
      GERMAN,
      'Nr,Betreff,Nachricht,Kategorie',
      ['Betreff', 'Nachricht', null],
      true,
    ],
    ['usual names without a record', null, 'id,title,text,label', ['title', 'text', 'id'], true],
    ['names in another case', null, 'Title,TEXT', ['Title', 'TEXT', null], true],
    ['usual names instead of own ones', GERMAN, 'title,text', ['title', 'text', null], true],
    ['own names before usual ones', GERMAN, 'text,betreff,Nachricht', ['betreff', 'Nachricht', null], true],
    ['a title as text', { ...NONE, text: 'title' }, 'title,label', [null, 'title', null], true],
    ['no title for a model without one', { ...NONE, text: 'body' }, 'title,body', [null, 'body', null], true],
    [
      'a title alone, with nothing else to choose',
      GERMAN,
      'Betreff,Kategorie',
      ['Betreff', null, null],
      true,
    ],
    [
      'a title alone, with a column that could be the text',
      GERMAN,
      'Betreff,Inhalt',
      ['Betreff', null, null],
      false,
    ],
    ['none of others', null, 'headline,body', [null, null, null], false],
    ['none of a label alone', GERMAN, 'Kategorie', [null, null, null], false],
  ])('proposes %s', (_, model, names, [title, text, id], isSure) => {
    expect(proposeColumns(names.split(','), model)).toEqual({ choice: { title, text, id }, isSure });
  });
});

test('listExpected names the columns of the model, else the usual ones', () => {
  expect([listExpected(GERMAN), listExpected({ ...NONE, text: 'body' }), listExpected(null)]).toEqual([
    ['Betreff', 'Nachricht'],
    ['body'],
    ['title', 'text'],
  ]);
});

test('formatChoice puts names in quotes, so that they may hold commas and quotes', () => {
  expect(formatChoice({ title: 'a "b", c=d', text: null, id: '' })).toBe('title="a ""b"", c=d",text=,id=""');
});
