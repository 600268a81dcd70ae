// What several transfers have moved, together.
import type { TrackedData } from '../../keeping/dvc/index.ts';
import type { PulledObject } from '../../keeping/remotes/index.ts';

export interface FailedTransfer {
  /** What people call the object: the path of its file below the root. */
  readonly path: string;
  readonly key: string;
  readonly code: string;
  readonly reason: string;
}

/** An object that the cache lacks, and whose it is. */
export interface WantedObject extends PulledObject {
  readonly data: TrackedData;
  /** What people call it. */
  readonly label: string;
  /** The cache has it with other bytes. */
  readonly isDamaged: boolean;
}

export interface TransferSum {
  readonly moved: number;
  /** Objects that were there already. */
  readonly skipped: number;
  readonly bytes: number;
  /** Damaged objects that are right now, by path. */
  readonly mended: readonly string[];
  readonly failed: readonly FailedTransfer[];
}

export function emptyTransfer(): TransferSum {
  return { moved: 0, skipped: 0, bytes: 0, mended: [], failed: [] };
}

/** Adds failures, and objects that were there already. */
export function addFailures(
  sum: TransferSum,
  failed: readonly FailedTransfer[],
  skipped: number,
): TransferSum {
  return { ...sum, skipped: sum.skipped + skipped, failed: [...sum.failed, ...failed] };
}

/** Adds what another transfer has moved. */
export function addSums(a: TransferSum, b: TransferSum): TransferSum {
  return {
    moved: a.moved + b.moved,
    skipped: a.skipped + b.skipped,
    bytes: a.bytes + b.bytes,
    mended: [...a.mended, ...b.mended],
    failed: [...a.failed, ...b.failed],
  };
}
