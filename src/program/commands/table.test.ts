import { expect, it } from 'vitest';
import { countCells, formatTable } from './table.ts';

it.each([
  ['Briefe', 6],
  ['日本語.csv', 10],
  ['한국어', 6],
  ['Müll', 4],
  ['Mu\u0308ll', 4],
  ['Frage 🚀', 8],
  ['ﾃﾞ', 2],
])('counts the places that a text takes in a terminal: %s', (text, cells) => {
  expect(countCells(text)).toBe(cells);
});

it('aligns columns whose cells are written in wide characters', () => {
  const lines = formatTable(
    ['name', 'rows'],
    [
      ['日本語', '7'],
      ['Briefe', '12'],
    ],
  ).split('\n');
  expect(lines).toEqual(['name    rows', '日本語     7', 'Briefe    12']);
});
