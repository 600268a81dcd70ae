// The Pareto front of runs or trials under two metrics: those that no other beats in one without losing in the other.

export interface Objective {
  readonly name: string;
  readonly goal: 'minimize' | 'maximize';
}

export interface ParetoPoint {
  readonly id: string;
  /** In the order of the two objectives. */
  readonly values: readonly [number, number];
  /** True if no other point is at least as good in both and better in one. */
  readonly isOnFront: boolean;
}

/** Marks the front; points with a value that is not a finite number are left out. In the order of the first objective. */
export function findParetoFront(
  points: readonly { readonly id: string; readonly values: readonly [number, number] }[],
  objectives: readonly [Objective, Objective],
): ParetoPoint[] {
  const signs = objectives.map(({ goal }) => (goal === 'minimize' ? 1 : -1));
  const costs = (values: readonly [number, number]): [number, number] => [
    values[0] * signs[0]!,
    values[1] * signs[1]!,
  ];
  const sorted = points
    .filter(({ values }) => values.every(Number.isFinite))
    .map((point) => ({ ...point, costs: costs(point.values) }))
    .sort((a, b) => a.costs[0] - b.costs[0] || a.costs[1] - b.costs[1]);
  let lowest = Number.POSITIVE_INFINITY;
  let lowestAt = Number.NaN;
  return sorted.map(({ id, values, costs: [first, second] }) => {
    const isEqual = second === lowest && first === lowestAt;
    const isOnFront = second < lowest || isEqual;
    if (second < lowest) [lowest, lowestAt] = [second, first];
    return { id, values, isOnFront };
  });
}
