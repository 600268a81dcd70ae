// The room's door: what other rooms may use.
export { createSqlSweepStore } from './sql-sweep-store.ts';
export type {
  LostTrials,
  NewTrial,
  SweepLease,
  SweepStore,
  SweepSummary,
  TrialLease,
  TrialResult,
  TrialTask,
} from './sweep-store.ts';
export { createTrialQueue, type QueuedTrial, type TrialQueue } from './trial-queue.ts';
