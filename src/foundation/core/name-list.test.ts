import { expect, it } from 'vitest';
import { formatNames } from './name-list.ts';

it.each([
  [['FAKE', 'REAL'], 'FAKE, REAL'],
  [['Frage, offen', 'Lob'], '"Frage, offen", Lob'],
  [['Fake ', '', 'sehr gut'], '"Fake ", "", sehr gut'],
])('names %j are told apart in a sentence', (names, text) => {
  expect(formatNames(names)).toBe(text);
});
