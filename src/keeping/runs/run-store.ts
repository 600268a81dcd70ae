// The port of runs: what a training records about itself. A run is a head that never changes, its configuration, an
// ordered log of events, what was measured (metrics, texts, histograms), evaluation reports, tags and a note, a list of
// artifacts, and a folder of files (checkpoints, the exported model).
//
// Every implementation guarantees, and test/conformance/run-store.ts checks:
// - Order: `loadEvents` returns the events of a run in the order of the `append` calls.
// - Durability: what a resolved promise wrote survives a kill of the process and a crash of the machine. What `record`,
//   `recordText` and `recordHistogram` were given is written in the background, in order: a kill loses at most the last
//   second of it, and nothing that came before an `append` or `flush` that resolved.
// - Attempts: a resume (`rewind`) begins the next attempt. What earlier attempts logged and measured after its step is kept
//   but hidden, so that a metric is one curve with strictly increasing steps (visible-points.ts).
// - Crash: a kill during a call leaves the state before or after that call, never a part. `list`, `load` and `claim`
//   work afterwards without repair by hand. A kill during `saveEvaluations` may leave fewer reports: finishing a run
//   writes all of them again.
// - Two processes: any number may read and create runs. Only one at a time writes a run: the holder of its lease. A
//   lease lasts 30 seconds, is renewed every few seconds while its process lives, and is released by a clean stop. Once
//   it has expired, `claim` gives the run to another process; from then on every write of the earlier holder fails with
//   RUN_LEASE_LOST. Expiry compares the clocks of two machines: they must agree to within a few seconds.
// - Errors: those named at each method, always as a rejected promise.
import type { AppError } from '../../foundation/core/index.ts';
import type { Artifact, EvaluationReport, Run, RunEvent, RunStatus } from '../../foundation/records/index.ts';
import type {
  Curve,
  CurveRequest,
  Histogram,
  KeptPoint,
  MetricSummary,
  Moment,
  NewMeasurement,
  Point,
  RecordedHistogram,
  RecordedText,
} from './measurement.ts';
import type { RunSummary } from './run-summary.ts';

/** What a run is created from; the store adds id, time and schema version. */
export type NewRun = Omit<Run, 'schemaVersion' | 'id' | 'createdAt'>;

type WithoutStamp<E> = E extends RunEvent ? Omit<E, 'schemaVersion' | 'createdAt'> : never;
/** An event as it is handed in; the store adds time and schema version. Steps are measurements, no events any more. */
export type NewRunEvent = WithoutStamp<Exclude<RunEvent, { type: 'step' }>>;

export interface TagChange {
  readonly add?: readonly string[];
  readonly remove?: readonly string[];
}

/** What has changed, and from where to ask next. */
export interface ChangedRuns {
  readonly cursor: string;
  /** A run may be named again without a further change. */
  readonly runIds: readonly string[];
}

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

export interface PointRange {
  /** Points from this step on. */
  readonly fromStep?: number;
  readonly includeHidden?: boolean;
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
  /** The visible events, oldest first. @throws RUN_NOT_FOUND, RECORD_INVALID */
  loadEvents(id: string): Promise<RunEvent[]>;
  /** `running` while a process holds the lease; `interrupted` if it ended without a last word. @throws RUN_NOT_FOUND */
  status(id: string): Promise<RunStatus>;
  /** @throws RUN_NOT_FOUND, RECORD_INVALID */
  summarize(id: string): Promise<RunSummary>;
  /** All runs; a run that another process is creating is listed entirely or not at all. */
  list(): Promise<RunList>;
  /** In the order they were saved; none before the run has finished. @throws RUN_NOT_FOUND, RECORD_INVALID */
  loadEvaluations(id: string): Promise<EvaluationReport[]>;
  /** The metrics that have visible points, by name. @throws RUN_NOT_FOUND, RECORD_INVALID */
  listMetrics(id: string): Promise<MetricSummary[]>;
  /**
   * The points of one metric by strictly ascending step; with the hidden ones, by step and then in the order of recording.
   * None for a metric that the run does not have.
   * @throws RUN_NOT_FOUND, RECORD_INVALID
   */
  loadPoints(id: string, name: string, options: PointRange & { includeHidden: true }): Promise<KeptPoint[]>;
  loadPoints(id: string, name: string, options?: PointRange): Promise<Point[]>;
  /** The visible points of one metric, thinned for drawing. @throws RUN_NOT_FOUND, RECORD_INVALID */
  loadCurve(id: string, name: string, request: CurveRequest): Promise<Curve>;
  /** The visible texts by step. @throws RUN_NOT_FOUND, RECORD_INVALID */
  loadTexts(id: string): Promise<RecordedText[]>;
  /** The visible histograms by step. @throws RUN_NOT_FOUND, RECORD_INVALID */
  loadHistograms(id: string): Promise<RecordedHistogram[]>;
  /** In the order in which they were first added. @throws RUN_NOT_FOUND, RECORD_INVALID */
  listArtifacts(id: string): Promise<Artifact[]>;
  /** Needs no lease; what is not there to be removed is no error. @throws RUN_NOT_FOUND, DISK_FULL */
  setTags(id: string, change: TagChange): Promise<void>;
  /** Replaces the note; null removes it. Needs no lease. @throws RUN_NOT_FOUND, DISK_FULL */
  setNote(id: string, text: string | null): Promise<void>;
  /**
   * Asks the process that writes the run to stop; it looks by itself, with `isStopRequested`. The request ends when
   * another process claims the run. Needs no lease. @throws RUN_NOT_FOUND, DISK_FULL
   */
  requestStop(id: string): Promise<void>;
  /** @throws RUN_NOT_FOUND */
  isStopRequested(id: string): Promise<boolean>;
  /**
   * The runs that have changed since a cursor; null begins: no runs, and the cursor of now. A deleted run may be left out.
   * @param id  only this run
   */
  changesSince(cursor: string | null, id?: string): Promise<ChangedRuns>;
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
  /** Records metrics in the background; returns at once. A failure is told by the next call that returns a promise. */
  record(measurement: NewMeasurement): void;
  /** Records a text, such as an example of predictions, in the background. */
  recordText(name: string, at: Moment, text: string): void;
  recordHistogram(name: string, at: Moment, histogram: Histogram): void;
  /** Resolves when everything recorded so far is durable. @throws RUN_LEASE_LOST, DISK_FULL */
  flush(): Promise<void>;
  /** Adds an artifact, or replaces that of the same name. @throws RUN_LEASE_LOST, DISK_FULL */
  addArtifact(artifact: Artifact): Promise<void>;
  /**
   * Begins the next attempt, which continues from the checkpoint at `step`: hides the points and events after it, and that
   * checkpoint's own event, which a resumed run logs again. `started`, `stopped` and `failed` stay visible.
   * @throws RUN_LEASE_LOST, DISK_FULL
   */
  rewind(step: number): Promise<void>;
  /** Replaces all evaluation reports: the test split first, then other collections. @throws RUN_LEASE_LOST, DISK_FULL */
  saveEvaluations(reports: readonly EvaluationReport[]): Promise<void>;
  /** Extends the lease now; it is also renewed in the background. @throws RUN_LEASE_LOST, DISK_FULL */
  renew(): Promise<void>;
  /** Gives the lease back: the run may be claimed at once. Never rejects; a second call does nothing. */
  release(): Promise<void>;
}
