// Splits groups, stratified by label. The groups of a class are ordered by hash(seed, group); in this order they fill the
// test split, then the validation split. The hash depends on the group alone, so most groups stay in their split when
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
  }
  return result;
}
