// Splitting by group, stratified by label. A group's place follows from hash(seed, group) alone, so that a group keeps its
// place when others come or go; within a class groups are taken in that order until a split has its share of rows.
import { createHash } from 'node:crypto';
import { type SplitName, splitNames } from '../../foundation/records/index.ts';

export interface SplitShares {
  readonly validation: number;
  readonly test: number;
}

export interface Group {
  /** g- and 16 hex digits of its smallest member's content hash. */
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
      // The group goes where it fits to within half its size; what fits nowhere is for training.
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
