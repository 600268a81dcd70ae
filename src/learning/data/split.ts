// Splits groups, stratified by label. The groups of a class are ordered by hash(seed, group); in this order they fill the
// test split, then the validation split. A class with at least as many groups as splits is in every split. The hash depends on the group alone, so most groups stay in their split when
// other groups are added or removed.
import { createHash } from 'node:crypto';
import { type SplitName, splitNames } from '../../foundation/records/index.ts';

export interface SplitShares {
  readonly validation: number;
  readonly test: number;
}

export interface Group {
  /** `g-` and the first 16 hex digits of the smallest content hash of its rows. */
  readonly name: string;
  readonly label: number;
  readonly rows: number;
}

/** @returns the split of each group: an index into splitNames (0 = train) */
export function splitGroups(groups: readonly Group[], shares: SplitShares, seed: number): Uint8Array {
  const result = new Uint8Array(groups.length);
  const place = groups.map(({ name }) => createHash('sha256').update(`${seed}:${name}`).digest('hex'));
  for (const label of new Set(groups.map((group) => group.label))) {
    const order = groups.flatMap((group, i) => (group.label === label ? [i] : []));
    order.sort((a, b) => ((place[a] as string) < (place[b] as string) ? -1 : 1));
    const total = order.reduce((sum, i) => sum + (groups[i] as Group).rows, 0);
    const rows = { test: 0, validation: 0 };
    for (const i of order) {
      const size = (groups[i] as Group).rows;
      // A group enters a split if at least half of it fits below the target; otherwise it goes to training.
      for (const name of ['test', 'validation'] as const) {
        const target = shares[name] === 0 ? 0 : Math.max(1, Math.round(shares[name] * total));
        if (rows[name] + size / 2 > target) continue;
        rows[name] += size;
        result[i] = splitNames.indexOf(name satisfies SplitName);
        break;
      }
    }
    fillEmptySplits(order, groups, shares, result);
  }
  return result;
}

/** Gives each split with a share a group of the class, the smallest one, if large groups have left it without any. */
function fillEmptySplits(
  order: readonly number[],
  groups: readonly Group[],
  shares: SplitShares,
  result: Uint8Array,
): void {
  const wanted = splitNames.filter((name) => name === 'train' || shares[name] > 0);
  if (order.length < wanted.length) return;
  for (const name of wanted) {
    const split = splitNames.indexOf(name);
    const count = (of: number): number => order.filter((i) => result[i] === of).length;
    if (count(split) > 0) continue;
    const spare = order.filter((i) => count(result[i] as number) > 1);
    const size = (i: number): number => (groups[i] as Group).rows;
    const [smallest] = spare.sort((a, b) => size(a) - size(b));
    if (smallest !== undefined) result[smallest] = split;
  }
}
