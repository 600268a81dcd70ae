// A binary heap of pairs: the most frequent on top, the lower pair where two are as frequent.

export interface PairHeap {
  push(pair: number, count: number): void;
  /** Removes the top; undefined when empty. */
  pop(): { pair: number; count: number } | undefined;
}

export function createPairHeap(): PairHeap {
  const pairs: number[] = [];
  const counts: number[] = [];
  const isBefore = (a: number, b: number): boolean =>
    counts[a]! > counts[b]! || (counts[a] === counts[b] && pairs[a]! < pairs[b]!);
  const swap = (a: number, b: number): void => {
    [pairs[a], pairs[b]] = [pairs[b]!, pairs[a]!];
    [counts[a], counts[b]] = [counts[b]!, counts[a]!];
  };

  return {
    push: (pair, count) => {
      pairs.push(pair);
      counts.push(count);
      for (let child = pairs.length - 1; child > 0; ) {
        const parent = (child - 1) >> 1;
        if (!isBefore(child, parent)) return;
        swap(child, parent);
        child = parent;
      }
    },
    pop: () => {
      if (pairs.length === 0) return undefined;
      swap(0, pairs.length - 1);
      const top = { pair: pairs.pop()!, count: counts.pop()! };
      for (let parent = 0; ; ) {
        let best = parent;
        for (let child = 2 * parent + 1; child <= 2 * parent + 2 && child < pairs.length; child++) {
          if (isBefore(child, best)) best = child;
        }
        if (best === parent) return top;
        swap(parent, best);
        parent = best;
      }
    },
  };
}
