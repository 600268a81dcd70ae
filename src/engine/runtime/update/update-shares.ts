// Which thread updates which parameter.

export interface SharedOutParameter {
  readonly elements: number;
  /** A table whose gradient is few rows: what no gradient ever reached is only decayed. */
  readonly inRows: boolean;
}

/** What a table's element takes, beside one whose gradient is dense: measured. */
const ROWS_COST = 0.3;
/** What an element takes in a thread that it must be copied into and out of, beside the calling thread: measured. */
const COPIED_COST = 2;

/**
 * The largest first, each to the thread that is done with it soonest.
 * @returns for each parameter the number of its thread; 0 is the calling one, where nothing is copied
 */
export function shareOut(parameters: readonly SharedOutParameter[], threads: number): readonly number[] {
  const costs = new Float64Array(threads);
  const threadOf = new Array<number>(parameters.length).fill(0);
  const costOf = ({ elements, inRows }: SharedOutParameter): number => elements * (inRows ? ROWS_COST : 1);
  const byCost = parameters
    .map((_, i) => i)
    .toSorted((a, b) => costOf(parameters[b]!) - costOf(parameters[a]!));
  for (const i of byCost) {
    const cost = costOf(parameters[i]!);
    const doneAt = (thread: number): number => costs[thread]! + cost * (thread === 0 ? 1 : COPIED_COST);
    let soonest = 0;
    for (let thread = 1; thread < threads; thread++) if (doneAt(thread) < doneAt(soonest)) soonest = thread;
    costs[soonest] = doneAt(soonest);
    threadOf[i] = soonest;
  }
  return threadOf;
}
