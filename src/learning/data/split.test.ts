import { describe, expect, it } from 'vitest';
import { createRandom } from '../../foundation/core/random.ts';
import { type Group, splitGroups } from './split.ts';

function makeGroups(count: number): Group[] {
  const random = createRandom('split-test');
  return Array.from({ length: count }, (_, i) => ({
    name: `g-${i}`,
    label: random.integer(3),
    rows: random.next() < 0.1 ? 5 : 1,
  }));
}

function countRows(groups: readonly Group[], splits: Uint8Array, label: number): number[] {
  const rows = [0, 0, 0];
  for (const [i, group] of groups.entries()) {
    if (group.label === label) rows[splits[i] as number] = (rows[splits[i] as number] ?? 0) + group.rows;
  }
  return rows;
}

describe('splitGroups', () => {
  it('gives every class its configured shares, exact to the row', () => {
    const groups = makeGroups(2000);
    const splits = splitGroups(groups, { validation: 0.1, test: 0.2 }, 1);
    for (const label of [0, 1, 2]) {
      const [train = 0, validation = 0, test = 0] = countRows(groups, splits, label);
      const total = train + validation + test;
      expect(validation).toBe(Math.round(0.1 * total));
      expect(test).toBe(Math.round(0.2 * total));
    }
  });

  it('does not depend on the order of the groups', () => {
    const groups = makeGroups(300);
    const place = (list: readonly Group[]): Map<string, number> => {
      const splits = splitGroups(list, { validation: 0.1, test: 0.1 }, 1);
      return new Map(list.map(({ name }, i) => [name, splits[i] as number]));
    };
    const shuffled = createRandom('order').shuffle([...groups]);
    const expected = place(groups);
    for (const [name, split] of place(shuffled)) expect(split).toBe(expected.get(name));
  });

  it('depends on the seed', () => {
    const groups = makeGroups(300);
    const shares = { validation: 0.1, test: 0.1 };
    expect(splitGroups(groups, shares, 1)).not.toEqual(splitGroups(groups, shares, 2));
  });

  it('moves few groups when some are added', () => {
    const groups = makeGroups(1000);
    const shares = { validation: 0.1, test: 0.1 };
    const before = splitGroups(groups, shares, 1);
    const more = [
      ...groups,
      ...Array.from({ length: 20 }, (_, i) => ({ name: `n-${i}`, label: i % 3, rows: 1 })),
    ];
    const after = splitGroups(more, shares, 1);
    expect(before.filter((split, i) => split !== after[i]).length).toBeLessThan(20);
  });

  it('keeps a group that is larger than a split for training', () => {
    const groups = [
      { name: 'giant', label: 0, rows: 60 },
      ...Array.from({ length: 40 }, (_, i) => ({ name: `g-${i}`, label: 0, rows: 1 })),
    ];
    for (let seed = 0; seed < 20; seed++) {
      const splits = splitGroups(groups, { validation: 0.1, test: 0.1 }, seed);
      expect(splits[0]).toBe(0);
      expect(countRows(groups, splits, 0)).toEqual([80, 10, 10]);
    }
  });

  it('leaves a split of share 0 empty and gives small classes a row in each other split', () => {
    const groups = Array.from({ length: 4 }, (_, i) => ({ name: `g-${i}`, label: 0, rows: 1 }));
    expect(countRows(groups, splitGroups(groups, { validation: 0, test: 0.1 }, 1), 0)).toEqual([3, 0, 1]);
    expect(countRows(groups, splitGroups(groups, { validation: 0.1, test: 0.1 }, 1), 0)).toEqual([2, 1, 1]);
  });
});
