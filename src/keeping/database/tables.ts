// The tables of the database, as the query layer sees them. migrations.ts creates them.
import type { Generated } from 'kysely';

/** One row for each run: its head, and what changes about it. */
export interface RunTable {
  number: Generated<number>;
  id: string;
  created_at: string;
  /** The record `run` as JSON. */
  head: string;
  config_yaml: string;
  /** Grows with each change of any run. */
  changed: number;
  /** JSON: the resumes, as [{attempt, step}]. */
  rewinds: string;
  next_event: number;
  next_chunk: number;
  /** Counts the holders of the lease; 0: none yet. */
  generation: number;
  /** The record `run lease` as JSON; null before the first. */
  lease: string | null;
  /** `owner` of the lease while it is held; null once it is released. */
  owner: string | null;
  lease_expires_ms: number;
  stop_requested: number;
  /** running, finished, stopped, failed or interrupted. */
  status: string;
  note: string | null;
  /** JSON: what lists show of events and metrics. */
  summary: string;
  /** Folder of the run's files, on the machine that created it. */
  host: string;
  folder: string;
}

export interface RunEventTable {
  run: number;
  position: number;
  /** A line of the event log as JSON. */
  line: string;
}

/** A part of one metric of one attempt: up to 4,096 points in columns. */
export interface ChunkTable {
  run: number;
  metric: string;
  attempt: number;
  chunk: number;
  count: number;
  first_step: number;
  last_step: number;
  /** First, last, lowest and highest point; null in rows that versions 1 to 3 wrote. */
  extremes: Uint8Array | null;
  /** Lowest and highest point of each block; see keeping/runs/chunk.ts. */
  summary: Uint8Array;
}

/** Apart from `chunks`, so that a curve over millions of points reads few pages. */
export interface ChunkDataTable {
  run: number;
  chunk: number;
  data: Uint8Array;
}

/** Texts and histograms. */
export interface RecordingTable {
  run: number;
  position: number;
  /** The record `run measurement` as JSON. */
  line: string;
}

export interface RunTagTable {
  run: number;
  tag: string;
}

export interface ArtifactTable {
  run: number;
  name: string;
  position: number;
  /** JSON */
  artifact: string;
}

export interface EvaluationTable {
  run: number;
  position: number;
  /** The record `evaluation report` as JSON. */
  report: string;
}

/** Runs that were deleted. */
export interface DeletedRunTable {
  id: string;
  /** As in `runs`. */
  changed: number;
}

/** One row for each sweep. */
export interface SweepTable {
  id: string;
  created_at: string;
  /** The record `sweep` as JSON. */
  record: string;
  /** running, finished or stopped. */
  status: string;
  reason: string | null;
  /** How long its process has worked on it. */
  seconds: number;
  /** JSON: the process that proposes; null: none. */
  lease: string | null;
}

/** One row for each trial of a sweep. */
export interface TrialTable {
  sweep_id: string;
  number: number;
  /** Hash of what must not be tried twice: parameters and seed. */
  identity: string;
  state: string;
  /** The record `trial` as JSON. */
  record: string;
  /** JSON: the configuration of its training. */
  task: string;
  /** JSON: the process that works on it; null: none. */
  lease: string | null;
  /** Increases with every write. */
  revision: number;
}

export interface Tables {
  sweeps: SweepTable;
  trials: TrialTable;
  runs: RunTable;
  run_events: RunEventTable;
  chunks: ChunkTable;
  chunk_data: ChunkDataTable;
  recordings: RecordingTable;
  run_tags: RunTagTable;
  artifacts: ArtifactTable;
  evaluations: EvaluationTable;
  deleted_runs: DeletedRunTable;
}
