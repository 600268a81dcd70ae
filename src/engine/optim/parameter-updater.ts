// Norm and update of one parameter, whose gradient has all its elements or only some rows. Rows that no gradient has ever
// reached have a state of zeros: an update only decays them and does not read their state.
import type { KernelMemory } from './kernel-memory.ts';
import type { OptimizerOptions, UpdateOptions } from './optimizer.ts';
import type { RowGradient } from './row-gradient.ts';
import { createUpdateKernel, penaltyOf } from './update-kernel.ts';

export interface UpdatedParameter {
  readonly weights: Float32Array;
  readonly gradient: Float32Array | RowGradient;
  /** State arrays in the order of `stateNames`. */
  readonly state: readonly Float32Array[];
  /** For tables with gradients of rows: a flag for each block of rows (`countRowBlocks`). */
  readonly reached: Uint8Array | null;
  /** D: the last axis. */
  readonly width: number;
}

export interface ParameterUpdater {
  /** Sum of the gradient's squares, in float64. */
  sumSquares(gradient: Float32Array | RowGradient): number;
  update(parameter: UpdatedParameter, update: UpdateOptions): void;
  /** target += values */
  add(target: Float32Array, values: Float32Array): void;
}

/** Elements that are handled together, so that narrow tables are not updated row by row. */
const BLOCK_LENGTH = 1024;
const LONGEST_RUN = 16_384;

/** One updater per thread. @param memory  where arrays may lie that are then updated in place */
export function createParameterUpdater(options: OptimizerOptions, memory?: KernelMemory): ParameterUpdater {
  const kernel = createUpdateKernel(options, memory);
  let gathered = new Float32Array(0);
  /** The gradient of rows `from` to `to`, with zeros where there is none; null where there is none at all. */
  const gather = (
    { rows, places, values }: RowGradient,
    first: number,
    from: number,
    to: number,
    width: number,
  ): { gradient: Float32Array | null; next: number } => {
    let next = first;
    while (next < rows.length && rows[next]! < to) next++;
    if (next === first) return { gradient: null, next };
    const length = (to - from) * width;
    if (gathered.length < length) gathered = new Float32Array(length);
    const gradient = gathered.subarray(0, length);
    if (next - first < to - from) gradient.fill(0);
    for (let n = first; n < next; n++) {
      const place = places[n]! * width;
      gradient.set(values.subarray(place, place + width), (rows[n]! - from) * width);
    }
    return { gradient, next };
  };
  return {
    sumSquares: (gradient) => kernel.sumSquares('rows' in gradient ? gradient.values : gradient),
    add: kernel.add,
    update: ({ weights, gradient, state, reached, width }, update) => {
      if (!('rows' in gradient)) {
        kernel.update(weights, gradient, state, update);
        return;
      }
      const flags = reached!;
      const blockRows = blockRowsOf(width);
      const longest = Math.max(blockRows, Math.floor(LONGEST_RUN / width / blockRows) * blockRows);
      for (const row of gradient.rows) flags[Math.floor(row / blockRows)] = 1;
      if (penaltyOf(options, update) !== 0) flags.fill(1); // decay by way of the gradient reaches every row
      const rowCount = weights.length / width;
      let next = 0;
      for (let from = 0; from < rowCount; ) {
        const flag = flags[from / blockRows];
        let to = from + blockRows;
        const most = flag === 0 ? rowCount : longest;
        while (to < rowCount && to - from < most && flags[to / blockRows] === flag) to += blockRows;
        to = Math.min(to, rowCount);
        const cut = (array: Float32Array): Float32Array => array.subarray(from * width, to * width);
        if (flag === 0) kernel.decay(cut(weights), update);
        else {
          const found = gather(gradient, next, from, to, width);
          next = found.next;
          kernel.update(cut(weights), found.gradient, state.map(cut), update);
        }
        from = to;
      }
    },
  };
}

/** How many flags a table has: one per block of rows, 1 where a gradient may have reached the block. */
export function countRowBlocks(rowCount: number, width: number): number {
  return Math.ceil(rowCount / blockRowsOf(width));
}

/** Sets the flags from a state that was loaded. */
export function findReachedRows(reached: Uint8Array, state: readonly Float32Array[], width: number): void {
  const length = blockRowsOf(width) * width;
  for (let block = 0; block < reached.length; block++) {
    const isReached = state.some((array) =>
      array.subarray(block * length, (block + 1) * length).some((value) => value !== 0),
    );
    reached[block] = isReached ? 1 : 0;
  }
}

function blockRowsOf(width: number): number {
  return Math.max(1, Math.floor(BLOCK_LENGTH / width));
}
