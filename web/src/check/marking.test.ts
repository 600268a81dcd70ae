import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Explanation } from '../api.ts';
import {
  cutIntoSegments,
  findStrongest,
  gradePassages,
  listPassages,
  type Passage,
  rankPassages,
} from './marking.ts';

const passage = (start: number, end: number, influence: number): Passage => ({
  field: 'text',
  start,
  end,
  influence,
  probabilityWithout: 0.5,
});
const TEXT = 'One. Two. Three.';
const PASSAGES = [passage(10, 16, -0.13), passage(0, 4, 0.14), passage(5, 9, 0.01)];

describe('cutIntoSegments', () => {
  test('marks influential passages by direction and strength', () => {
    expect(cutIntoSegments(TEXT, PASSAGES, [], gradePassages(PASSAGES))).toEqual([
      { text: 'One.', mark: { tone: 'for', strong: true }, first: true },
      { text: ' Two. ', mark: null, first: false },
      { text: 'Three.', mark: { tone: 'against', strong: true }, first: true },
    ]);
  });

  test('shows unread text within a passage, and gives the passage one sign', () => {
    const unread = [{ field: 'text', start: 1, end: 2 } as const];
    expect(cutIntoSegments('One.', [passage(0, 4, 1)], unread, gradePassages(PASSAGES))).toEqual([
      { text: 'O', mark: { tone: 'for', strong: true }, first: true },
      { text: 'n', mark: 'unread', first: false },
      { text: 'e.', mark: { tone: 'for', strong: true }, first: false },
    ]);
  });

  test('joins what was not read to one piece, whatever passages lie in it', () => {
    const unread = [
      { field: 'text', start: 4, end: 9 } as const,
      { field: 'text', start: 9, end: 16 } as const,
    ];
    expect(cutIntoSegments(TEXT, PASSAGES, unread, gradePassages(PASSAGES)).map(({ text }) => text)).toEqual([
      'One.',
      ' Two. Three.',
    ]);
  });

  test('loses no character, whatever the passages are', () => {
    const at = fc.integer({ min: 0, max: 30 });
    const place = fc.tuple(at, at, fc.double({ min: -1, max: 1, noNaN: true }));
    fc.assert(
      fc.property(fc.string({ maxLength: 25 }), fc.array(place), fc.array(place), (text, marks, unread) => {
        const passages = marks.map(([start, end, influence]) => passage(start, end, influence));
        const left = unread.map(([start, end]) => ({ field: 'text', start, end }) as const);
        const segments = cutIntoSegments(text, passages, left, gradePassages(passages));
        expect(segments.map((segment) => segment.text).join('')).toBe(text);
      }),
    );
  });
});

describe('gradePassages', () => {
  test('marks nothing if no passage is influential', () => {
    const still = [passage(0, 1, 0.019), passage(1, 2, -0.01)];
    expect(still.map(gradePassages(still))).toEqual([null, null]);
  });
});

test('gradePassages marks no more than a quarter of many', () => {
  const many = Array.from({ length: 40 }, (_, place) => passage(place, place + 1, 1 + place / 100));
  const grade = gradePassages(many);
  expect(many.filter((one) => grade(one) !== null)).toHaveLength(10);
});

test('rankPassages puts the strongest first and leaves the rest out', () => {
  const ranked = rankPassages(PASSAGES, gradePassages(PASSAGES), 1);
  expect(ranked.map((one) => one.passage.start)).toEqual([0]);
  expect(rankPassages(PASSAGES, gradePassages(PASSAGES), 9)).toHaveLength(2);
});

test('gradePassages marks by the change alone: weak passages stay weak where nothing is stronger', () => {
  const weak = [passage(0, 1, 0.04), passage(1, 2, -0.03), passage(2, 3, 0.002)];
  expect(weak.map(gradePassages(weak))).toEqual([
    { tone: 'for', strong: false },
    { tone: 'against', strong: false },
    null,
  ]);
  const mixed = [...weak, passage(3, 4, 0.6)];
  expect(mixed.map(gradePassages(mixed)).map((mark) => mark?.strong)).toEqual([
    false,
    false,
    undefined,
    true,
  ]);
});

test('findStrongest finds the passage with the largest change, for or against', () => {
  expect(findStrongest(PASSAGES)?.start).toBe(0);
  expect(findStrongest([passage(0, 1, 0.001), passage(1, 2, -0.002)])?.start).toBe(1);
  expect(findStrongest([])).toBeUndefined();
});

describe('listPassages', () => {
  const word = (marginInfluence: number | null, gradient: number | null) => ({
    ...passage(0, 1, 0),
    influence: marginInfluence === null ? null : 0.1,
    marginInfluence,
    gradient,
    sentence: 0,
  });

  test('uses the influence of removed passages, and gradients only if no passage was removed', () => {
    const explain = (words: ReturnType<typeof word>[]) =>
      ({ sentences: [], words, probability: 0.5 }) as unknown as Explanation;
    const influences = (words: ReturnType<typeof word>[]): number[] =>
      listPassages(explain(words), 'words', 2).map(({ influence }) => influence);
    expect(influences([word(0.5, 9), word(null, 9)])).toEqual([0.1]);
    // 0.5 - sigmoid(-0.2 / 2)
    expect(influences([word(null, 0.2), word(null, null)])[0]).toBeCloseTo(0.02498, 5);
  });
});
