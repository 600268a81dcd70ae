import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../foundation/core/random.ts';
import { formatLabelErrors } from './label-error-list.ts';
import { findSuspectLabels } from './label-errors.ts';
import type { LabelledFeatures } from './quick-model.ts';

/** Rows of ten features: mostly of their class's own, some that all share. `wrong` rows have another class's label. */
function rowsWithErrors(classes: number, wrong: readonly number[], rows = 300): LabelledFeatures {
  const random = createRandom('label-errors', classes);
  const features = Array.from({ length: rows * 10 }, (_, i) => {
    const own = Math.floor(i / 10) % classes;
    return random.next() < 0.8 ? 1000 * (own + 1) + random.integer(40) : random.integer(40);
  });
  const labels = Uint16Array.from(
    { length: rows },
    (_, row) => (row + (wrong.includes(row) ? 1 : 0)) % classes,
  );
  const starts = Int32Array.from({ length: rows + 1 }, (_, row) => row * 10);
  return { rows: { starts, features: Int32Array.from(features) }, labels, classes };
}

describe('labels that may be wrong', () => {
  it.each([
    [2, [10, 57, 200]],
    [3, [11, 60, 141]],
    [5, [4, 99, 250]],
  ])('of %i classes: the wrong ones are first, with the class that they should have', (classes, wrong) => {
    const found = findSuspectLabels(rowsWithErrors(classes, wrong));
    expect(
      found
        .slice(0, 3)
        .map(({ row }) => row)
        .sort((a, b) => a - b),
    ).toEqual(wrong);
    for (const { row, suggested } of found.slice(0, 3)) expect(suggested).toBe(row % classes);
    expect(found.length).toBeLessThan(12);
  });

  it('are none or few where all labels are right', () => {
    expect(findSuspectLabels(rowsWithErrors(2, [])).length).toBeLessThanOrEqual(3);
  });

  it('are listed by id, file and line, as CSV that no spreadsheet computes, or JSON Lines', () => {
    const row = {
      ...{ id: '=1+1', file: 'a,b.csv', line: 7, label: 'FAKE', suggested: 'REAL' },
      ...{ probability: 0.25, suggestedProbability: 0.75 },
    };
    expect(formatLabelErrors([row], 'review.csv')).toBe(
      'id,file,line,label,suggested,probability,suggestedProbability\r\n\'=1+1,"a,b.csv",7,FAKE,REAL,0.25,0.75\r\n',
    );
    expect(JSON.parse(formatLabelErrors([row], 'review.jsonl'))).toEqual(row);
  });
});
