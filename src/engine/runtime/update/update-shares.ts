// Divides the parameters among the threads that update them.

export interface SharedOutParameter {
  readonly elements: number;
  /** A table whose gradient has few rows: rows that no gradient ever reached are only decayed. */
  readonly inRows: boolean;
}

/** Time for a table's element, relative to one with a dense gradient: measured. */
const ROWS_COST = 0.3;
/** Time for an element in another thread, which copies it in and out, relative to the calling thread: measured. */
const COPIED_COST = 2;

/**
 * Assigns the largest parameters first, each to the thread that would finish it soonest.
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
