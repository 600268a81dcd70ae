import { describe, expect, test } from 'vitest';
import type { BatchRow } from './predict-file.ts';
import { formatResults, isKind, sortRows } from './results.ts';

function row(
  line: number,
  title: string,
  label: string | null,
  probability = 0.9,
  abstained = false,
): BatchRow {
  const answer = {
    label: label ?? '',
    probability,
    probabilities: { [label ?? '']: probability },
    abstained,
    modelVersion: 'm@1',
    predictionId: `p${line}`,
    warnings: [],
  };
  return {
    line,
    id: '',
    title,
    answer: label === null ? null : answer,
    reason: label === null ? 'empty' : '',
    others: {},
  };
}
const rows = [row(2, 'b', 'x', 0.7), row(3, 'a', null), row(4, 'c', 'y', 0.8, true), row(5, 'd', 'a', 0.9)];
const lines = (list: readonly BatchRow[]): number[] => list.map(({ line }) => line);

describe('sortRows', () => {
  test('sorts by any column in both directions, and does not change the original', () => {
    expect(lines(sortRows(rows, { column: 'title', descending: false }))).toEqual([3, 2, 4, 5]);
    expect(lines(sortRows(rows, { column: 'probability', descending: true }))).toEqual([5, 4, 2, 3]);
    expect(lines(sortRows(rows, { column: 'line', descending: true }))).toEqual([5, 4, 3, 2]);
    expect(lines(rows)).toEqual([2, 3, 4, 5]);
  });

  test('puts rows without a class after the others', () => {
    expect(lines(sortRows(rows, { column: 'prediction', descending: false }))).toEqual([5, 2, 4, 3]);
  });
});

test('isKind distinguishes a class from an abstention', () => {
  expect(lines(rows.filter((one) => isKind(one, { label: 'y' })))).toEqual([]);
  expect(lines(rows.filter((one) => isKind(one, 'not sure')))).toEqual([4]);
  expect(lines(rows.filter((one) => isKind(one, 'rejected')))).toEqual([3]);
});

test('formatResults quotes fields that need it and prevents formulas', () => {
  const [header, first] = formatResults([row(2, '=1+1,"a"\nb', 'x')], ['x', 'y']).split('\r\n');
  expect(header).toBe(
    'line,id,title,label,probability,abstained,probability_x,probability_y,modelVersion,predictionId,warnings,error',
  );
  expect(first).toBe(`2,,"'=1+1,""a""\nb",x,0.900000,false,0.900000,,m@1,p2,,`);
});

test('formatResults adds the other columns of the file, and renames those that have a name of ours', () => {
  const withOthers = [
    { ...row(2, 'a', 'x'), others: { label: 'truth', Datum: '2024-05-01', 'row.label': '7' } },
    { ...row(3, 'b', null), others: { tags: ['a,b'], Datum: '=1', temperature: -5 } },
  ];
  const [header, first, second] = formatResults(withOthers, ['x']).split('\r\n');
  expect(header).toMatch(/,error,row\.label,Datum,row\.row\.label,tags,temperature$/);
  expect(first).toMatch(/,p2,,,truth,2024-05-01,7,,$/);
  expect(second).toMatch(/,empty,,'=1,,"\[""a,b""\]",-5$/);
});
