// The return value of a worker's method: its result, or its result together with the buffers that are moved to the caller
// instead of copied.
import type { TransferListItem } from 'node:worker_threads';

/** A result whose buffers change threads. Made by `moveWith`. */
export class MovedResult<R> {
  readonly result: R;
  readonly buffers: readonly TransferListItem[];

  constructor(result: R, buffers: readonly TransferListItem[]) {
    this.result = result;
    this.buffers = buffers;
  }
}

export type WorkerAnswer<R> = R | MovedResult<R>;

/** Returns `result` and moves `buffers`, which are empty in the worker afterwards. */
export function moveWith<R>(result: R, buffers: readonly TransferListItem[]): WorkerAnswer<R> {
  return new MovedResult(result, buffers);
}
