// Ranks runs by what they reached with the same budget, on each axis: optimizer steps, epochs, wall clock, articles seen.
// A run that is ahead by epoch can be behind by step, because batch sizes differ; so each axis has its own order.

export const BUDGET_AXES = ['step', 'epoch', 'time', 'articles'] as const;
export type BudgetAxis = (typeof BUDGET_AXES)[number];

/** One value of a metric, and where it was measured on each axis. `time` is seconds of work since the run's start. */
export interface AxisPoint {
  readonly step: number;
  readonly epoch: number;
  readonly time: number;
  readonly articles: number;
  readonly value: number;
}

export interface RankedRun {
  readonly id: string;
  /** The best value up to the common budget; null if nothing was measured by then. */
  readonly best: number | null;
  /** Where on the axis the best was reached. */
  readonly at: number | null;
}

export interface AxisRanking {
  readonly axis: BudgetAxis;
  /** The end of the shortest curve: up to here every run was measured. */
  readonly budget: number;
  /** Best first. */
  readonly runs: readonly RankedRun[];
}

/** Ranks the runs on every axis at the largest budget that all of them reached. Curves are in the order of steps. */
export function rankByAxis(
  curves: readonly { readonly id: string; readonly points: readonly AxisPoint[] }[],
  goal: 'minimize' | 'maximize',
): AxisRanking[] {
  const measured = curves.filter(({ points }) => points.length > 0);
  if (measured.length === 0) return [];
  const isBetter = (a: number, b: number): boolean => (goal === 'minimize' ? a < b : a > b);
  return BUDGET_AXES.map((axis) => {
    const budget = Math.min(...measured.map(({ points }) => points.at(-1)![axis]));
    const runs = measured.map(({ id, points }): RankedRun => {
      let best: AxisPoint | null = null;
      for (const point of points)
        if (point[axis] <= budget && Number.isFinite(point.value))
          if (best === null || isBetter(point.value, best.value)) best = point;
      return { id, best: best?.value ?? null, at: best?.[axis] ?? null };
    });
    return { axis, budget, runs: runs.sort(compareRanked(isBetter)) };
  });
}

function compareRanked(isBetter: (a: number, b: number) => boolean) {
  return (a: RankedRun, b: RankedRun): number => {
    if (a.best === null || b.best === null) return Number(a.best === null) - Number(b.best === null);
    if (a.best === b.best) return 0;
    return isBetter(a.best, b.best) ? -1 : 1;
  };
}
