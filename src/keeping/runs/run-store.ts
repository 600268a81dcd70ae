// The port of runs: what a training records about itself. A run is a head that never changes, its configuration, an
// ordered log of events, evaluation reports, and a folder of files (checkpoints, the exported model).
//
// Every implementation guarantees, and test/conformance/run-store.ts checks:
// - Order: `loadEvents` returns the events of a run in the order of the `append` calls.
// - Durability: what a resolved promise wrote survives a kill of the process. It survives a crash of the machine as
//   well, except for `step` events, which may be lost back to the last event of another type.
// - Crash: a kill during a call leaves the state before or after that call, never a part. `list`, `load` and `claim`
//   work afterwards without repair by hand. A kill during `saveEvaluations` may leave fewer reports: finishing a run
//   writes all of them again.
// - Two processes: any number may read and create runs. Only one at a time writes a run: the holder of its lease. A
//   lease lasts 30 seconds, is renewed every few seconds while its process lives, and is released by a clean stop. Once
//   it has expired, `claim` gives the run to another process; from then on every write of the earlier holder fails with
//   RUN_LEASE_LOST. Expiry compares the clocks of two machines: they must agree to within a few seconds.
// - Errors: those named at each method, always as a rejected promise.
import type { AppError } from '../../foundation/core/index.ts';
import type { EvaluationReport, Run, RunEvent, RunStatus } from '../../foundation/records/index.ts';
import type { RunSummary } from './run-summary.ts';

/** What a run is created from; the store adds id, time and schema version. */
export type NewRun = Omit<Run, 'schemaVersion' | 'id' | 'createdAt'>;

type WithoutStamp<E> = E extends RunEvent ? Omit<E, 'schemaVersion' | 'createdAt'> : never;
/** An event as it is handed in; the store adds time and schema version. */
export type NewRunEvent = WithoutStamp<RunEvent>;

/** Local folders of one run, absolute. `checkpoints` and `model` exist once something has been written there. */
export interface RunFiles {
  readonly folder: string;
  readonly checkpoints: string;
  readonly model: string;
}

/** A run whose records cannot be read. It stops nothing but its own use. */
export interface DamagedRun {
  readonly id: string;
  readonly error: AppError;
}

export interface RunList {
  /** Newest first. */
  readonly runs: readonly RunSummary[];
  readonly damaged: readonly DamagedRun[];
}

export interface RunStore {
  /** Creates a run with its resolved configuration (YAML text). Two calls never return the same id. @throws DISK_FULL */
  create(run: NewRun, configYaml: string): Promise<Run>;
  /**
   * Takes the run's lease: this process is then the only one that writes the run.
   * @throws RUN_NOT_FOUND; RUN_ACTIVE while another writer holds the lease; DISK_FULL
   */
  claim(id: string): Promise<RunWriter>;
  /** @throws RUN_NOT_FOUND, RECORD_INVALID */
  load(id: string): Promise<Run>;
  /** All events, oldest first. @throws RUN_NOT_FOUND, RECORD_INVALID */
  loadEvents(id: string): Promise<RunEvent[]>;
  /** `running` while a process holds the lease; `interrupted` if it ended without a last word. @throws RUN_NOT_FOUND */
  status(id: string): Promise<RunStatus>;
  /** @throws RUN_NOT_FOUND, RECORD_INVALID */
  summarize(id: string): Promise<RunSummary>;
  /** All runs; a run that another process is creating is listed entirely or not at all. */
  list(): Promise<RunList>;
  /** In the order they were saved; none before the run has finished. @throws RUN_NOT_FOUND, RECORD_INVALID */
  loadEvaluations(id: string): Promise<EvaluationReport[]>;
  /**
   * A local folder for the run's checkpoints and exported model. A file that lies there when `append` resolves lasts as
   * long as the event does: an implementation that keeps files elsewhere copies them there and back.
   * @throws RUN_NOT_FOUND
   */
  files(id: string): Promise<RunFiles>;
  /**
   * Deletes the run with all its files. A kill leaves it whole or gone; remains are found as leftovers.
   * @throws RUN_NOT_FOUND; RUN_ACTIVE while a writer holds the lease
   */
  delete(id: string): Promise<void>;
  /** Deletes the checkpoints of a run. @throws RUN_NOT_FOUND; RUN_ACTIVE while a writer holds the lease */
  deleteCheckpoints(id: string): Promise<void>;
  /** Where each part of the run is kept, by name, as text for people: paths or addresses. @throws RUN_NOT_FOUND */
  locations(id: string): Promise<Readonly<Record<string, string>>>;
}

/**
 * The only writer of one run, from `claim` until `release` or until its lease is taken over. After a takeover every
 * method rejects with RUN_LEASE_LOST and has written nothing. Calls take effect in the order they were made.
 */
export interface RunWriter {
  readonly runId: string;
  /** @throws RUN_LEASE_LOST, DISK_FULL */
  append(event: NewRunEvent): Promise<void>;
  /**
   * Drops the events after the checkpoint at `step`, and that checkpoint's own event, which a resumed run logs again.
   * Keeps `started`, `stopped` and `failed`. @throws RUN_LEASE_LOST, DISK_FULL
   */
  truncateEvents(step: number): Promise<void>;
  /** Replaces all evaluation reports: the test split first, then other collections. @throws RUN_LEASE_LOST, DISK_FULL */
  saveEvaluations(reports: readonly EvaluationReport[]): Promise<void>;
  /** Extends the lease now; it is also renewed in the background. @throws RUN_LEASE_LOST, DISK_FULL */
  renew(): Promise<void>;
  /** Gives the lease back: the run may be claimed at once. Never rejects; a second call does nothing. */
  release(): Promise<void>;
}
