// What every exporter is given, and what it does with it: the port of the programs that runs are exported to.
import type { Artifact, RunStatus } from '../../foundation/records/index.ts';
import type { Point, RecordedHistogram, RecordedText } from '../runs/index.ts';

export type ExportedValue = string | number | boolean;

/** What a run is, apart from what it measured. */
export interface ExportedRun {
  readonly id: string;
  readonly status: RunStatus;
  /** Milliseconds since 1970. */
  readonly startedMs: number;
  /** Null while it runs. */
  readonly endedMs: number | null;
  /** The configuration that it started with: dotted names and plain values. */
  readonly parameters: Readonly<Record<string, ExportedValue>>;
  /** What resumes have changed of it since. */
  readonly changed: Readonly<Record<string, ExportedValue>>;
  readonly tags: readonly string[];
  readonly note: string | null;
  readonly parents: readonly string[];
  readonly datasetVersion: string;
  readonly commit: string | null;
  /** NAME@VERSION in the registry; null before it is registered. */
  readonly modelVersion: string | null;
  /** Version of this program. */
  readonly producer: string;
  /** The local folder that paths of artifacts are relative to. */
  readonly folder: string;
}

/** New points of one metric, by strictly ascending step. */
export interface Series {
  readonly name: string;
  readonly points: readonly Point[];
}

/** What a target does not have yet of a run. */
export interface ExportChanges {
  readonly run: ExportedRun;
  readonly series: readonly Series[];
  readonly texts: readonly RecordedText[];
  readonly histograms: readonly RecordedHistogram[];
  /** All artifacts; `newArtifacts` are those that the target does not have. */
  readonly artifacts: readonly Artifact[];
  readonly newArtifacts: readonly Artifact[];
  /** How far the target is once these changes are sent. */
  readonly reached: Reached;
}

/** How far an export is: a resume before `step` by a later attempt makes it wrong. */
export interface Reached {
  /** How often the run was started or resumed. */
  readonly attempts: number;
  readonly step: number;
}

/** What an exporter must know for its next export, as JSON. */
export type TargetState = Readonly<Record<string, unknown>>;

export interface FoundRun {
  readonly state: TargetState;
  readonly reached: Reached;
}

/**
 * A place that runs are exported to. `send` may be killed at any time and called again with the same changes, or with more:
 * the target then holds each of them once.
 */
export interface ExportTarget {
  /** What the target has of the run although no cursor tells; null: nothing, or it starts anew anyway. */
  find(runId: string, except: TargetState | null): Promise<FoundRun | null>;
  /** False if `changes` cannot be added to what `state` describes: everything is then sent anew. */
  continues(state: TargetState, changes: ExportChanges): Promise<boolean>;
  /**
   * @param state     of the last export; null: the target has nothing of the run
   * @param replaced  what this export takes the place of
   * @throws TRACKER_UNREACHABLE, TRACKER_REFUSED, TRACKER_HOST_REFUSED, DISK_FULL, SYSTEM_REFUSED
   */
  send(changes: ExportChanges, state: TargetState | null, replaced: TargetState | null): Promise<TargetState>;
}
