// Disjoint sets (union-find) over row numbers. The root of a set is its smallest row, so the result does not depend on
// the order of the unions.

export interface UnionFind {
  find(row: number): number;
  union(a: number, b: number): void;
}

export function createUnionFind(size: number): UnionFind {
  const parent = new Int32Array(size);
  for (let i = 0; i < size; i++) parent[i] = i;
  const find = (row: number): number => {
    let at = row;
    while (parent[at] !== at) {
      parent[at] = parent[parent[at] as number] as number; // path halving
      at = parent[at] as number;
    }
    return at;
  };
  return {
    find,
    union: (a, b) => {
      const [x, y] = [find(a), find(b)];
      if (x < y) parent[y] = x;
      else parent[x] = y;
    },
  };
}
