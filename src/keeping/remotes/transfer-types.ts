// What a transfer of many objects is given, and what it returns.
import type { ErrorCode, ProgressFactory } from '../../foundation/core/index.ts';
import type { ObjectSource } from './remote.ts';

/** An object to push: a file of this machine, and its key in the remote. */
export interface PushedObject extends ObjectSource {
  readonly key: string;
}

/** An object to pull, and where to. */
export interface PulledObject {
  readonly key: string;
  /** The file that is written, whole and with mode 0444; a file that is there already is replaced, unless it is intact. */
  readonly path: string;
  /** Null: unknown, as for some pointers of DVC. */
  readonly sizeBytes: number | null;
  readonly md5: string;
  /** How the md5 was taken: of the bytes, or as DVC 2 does it, of text with CRLF as LF. */
  readonly check?: 'md5' | 'md5-dos2unix';
  readonly version?: string | undefined;
}

export interface TransferOptions {
  /** How many objects are moved at once; see DEFAULT_JOBS. */
  readonly jobs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Draws the bar: bytes, rate, ETA and the number of objects. */
  readonly progress?: ProgressFactory | undefined;
  /** A push also compares the bytes of objects that are there already, and replaces wrong ones. */
  readonly verifies?: boolean | undefined;
  /** The pause before the second try; it doubles. Default: 500. */
  readonly firstPauseMs?: number | undefined;
  /** Called once for each object that was moved or was there already. */
  readonly onObject?: (key: string) => void;
}

export interface TransferFailure {
  readonly key: string;
  readonly code: ErrorCode;
  /** One sentence for people. */
  readonly reason: string;
}

export interface TransferResult {
  /** Objects that were moved. */
  readonly moved: number;
  /** Objects that were there already. */
  readonly skipped: number;
  /** Objects that arrived damaged and were fetched again, or were damaged at the remote and were replaced by a push. */
  readonly mended: readonly string[];
  /** Bytes of the moved objects. */
  readonly bytes: number;
  readonly failed: readonly TransferFailure[];
  /** True: the signal was aborted first; what was moved until then is whole, and the same call continues. */
  readonly isStopped: boolean;
}
