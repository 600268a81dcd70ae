// The rule by which points of a run are shown or hidden. A run that is resumed at step s goes on from there: what earlier
// attempts measured after s is kept, but hidden. So a metric is one curve with strictly increasing steps.

/** A resume: it began this attempt and continued after this step. */
export interface Rewind {
  readonly attempt: number;
  readonly step: number;
}

interface Placed {
  readonly attempt: number;
  readonly step: number;
}

/** The last step of each attempt that no later attempt has replaced. */
export function createStepLimit(rewinds: readonly Rewind[]): (attempt: number) => number {
  return (attempt) =>
    rewinds.reduce(
      (limit, rewind) => (rewind.attempt > attempt ? Math.min(limit, rewind.step) : limit),
      Number.POSITIVE_INFINITY,
    );
}

/**
 * Marks the hidden points: those that a later attempt has replaced, and of several points at one step all but the one of
 * the latest attempt that was written last.
 * @param points  of one metric, in the order in which they were written
 * @returns       the points by ascending step; points of one step in the order in which they were written
 */
export function markHidden<P extends Placed>(
  points: readonly P[],
  rewinds: readonly Rewind[],
): { readonly point: P; readonly hidden: boolean }[] {
  const limitOf = createStepLimit(rewinds);
  const limits = new Map<number, number>();
  const shown = new Map<number, P>();
  for (const point of points) {
    let limit = limits.get(point.attempt);
    if (limit === undefined) {
      limit = limitOf(point.attempt);
      limits.set(point.attempt, limit);
    }
    if (point.step > limit) continue;
    const other = shown.get(point.step);
    if (other === undefined || other.attempt <= point.attempt) shown.set(point.step, point);
  }
  return points
    .map((point) => ({ point, hidden: shown.get(point.step) !== point }))
    .sort((a, b) => a.point.step - b.point.step);
}

/** The visible points by strictly ascending step. */
export function selectVisible<P extends Placed>(points: readonly P[], rewinds: readonly Rewind[]): P[] {
  return markHidden(points, rewinds).flatMap(({ point, hidden }) => (hidden ? [] : [point]));
}

/** As selectVisible, for things of several names: by step, and then by name. */
export function selectVisibleByName<P extends Placed & { readonly name: string }>(
  things: readonly P[],
  rewinds: readonly Rewind[],
): P[] {
  const groups = new Map<string, P[]>();
  for (const thing of things) groups.set(thing.name, [...(groups.get(thing.name) ?? []), thing]);
  return [...groups.values()]
    .flatMap((group) => selectVisible(group, rewinds))
    .sort((a, b) => a.step - b.step || (a.name < b.name ? -1 : 1));
}
