// What is to be removed from a home, as a plan that is shown before anything is done, and the execution of that plan.
import { rmSync } from 'node:fs';
import type { Leftover } from '../../foundation/core/index.ts';
import type { WorkflowContext } from '../context/index.ts';

export type RemovalKind =
  | 'run'
  | 'sweep'
  | 'checkpoints'
  | 'model version'
  | 'dataset version'
  | 'blob'
  | 'cache'
  | 'cached object'
  | 'half-written';

/** Why it is removed. */
export type RemovalReason =
  /** Its name was given. */
  | 'named'
  /** The process that wrote it is gone. */
  | 'abandoned'
  /** The run has finished: nothing resumes from them. */
  | 'finished'
  /** Older than those to keep. */
  | 'old'
  /** No dataset version names it. */
  | 'unused'
  /** No pointer names it. */
  | 'unnamed'
  /** It can be made again. */
  | 'derived';

export interface Removal {
  readonly kind: RemovalKind;
  /** The id, the reference or the path, as text for people. */
  readonly name: string;
  readonly reason: RemovalReason;
  readonly sizeBytes: number;
  readonly remove: () => Promise<void>;
}

export interface RemovalPlan {
  readonly removals: readonly Removal[];
  /** What was not looked at, or stays although it might be wanted gone, and why; for people. */
  readonly notes: readonly string[];
}

/** Sums the sizes of everything in the plan. */
export function sumRemovals({ removals }: Pick<RemovalPlan, 'removals'>): number {
  return removals.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

/** Removes everything in the plan, in its order. @throws what removing throws, and the signal's reason */
export async function executeRemovals(plan: RemovalPlan, { signal }: WorkflowContext): Promise<void> {
  for (const { remove } of plan.removals) {
    signal.throwIfAborted();
    await remove();
  }
}

/** The removal of what a killed process left half-written. */
export function buildLeftoverRemoval({ path, sizeBytes }: Leftover): Removal {
  return {
    kind: 'half-written',
    name: path,
    reason: 'abandoned',
    sizeBytes,
    remove: async () => rmSync(path, { recursive: true, force: true }),
  };
}
