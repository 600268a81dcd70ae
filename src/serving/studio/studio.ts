// What the studio's routes need. workflows/studio implements it on the stores of a home: a route may not call a workflow.
import type { StageName } from '../../foundation/records/index.ts';
import type { ServedLineage, ServedName, ServedRegistry, ServedStageChange } from './registry-schemas.ts';
import type {
  CurvesQuery,
  ServedChanges,
  ServedCurves,
  ServedDifferences,
  ServedResume,
  ServedRun,
  ServedRunDetails,
  ServedRunLog,
  ServedRuns,
} from './run-schemas.ts';
import type { ServedImportance, ServedPareto, ServedSweep, ServedSweepDetails } from './sweep-schemas.ts';

/** Every method is asynchronous and rejects with the errors named. */
export interface Studio {
  /** @throws RUN_FILTER_INVALID, RUN_FIELD_UNKNOWN */
  listRuns(query: {
    readonly where: string | undefined;
    readonly config: readonly string[];
    readonly limit: number;
  }): Promise<ServedRuns>;
  /** @throws RUN_NOT_FOUND, RECORD_INVALID */
  showRun(id: string): Promise<ServedRunDetails>;
  loadCurves(query: CurvesQuery): Promise<ServedCurves>;
  /** @throws RUN_NOT_FOUND, RECORD_INVALID */
  loadLog(id: string): Promise<ServedRunLog>;
  /** @throws RUN_NOT_FOUND, RECORD_INVALID */
  compareRuns(ids: readonly string[]): Promise<ServedDifferences>;
  /** @throws RUN_NOT_FOUND, DISK_FULL */
  tagRun(id: string, change: { readonly add: string[]; readonly remove: string[] }): Promise<ServedRun>;
  /** @throws RUN_NOT_FOUND, DISK_FULL */
  setNote(id: string, note: string | null): Promise<ServedRun>;
  /** Asks the process that works on the run to stop, on whichever machine. @throws RUN_NOT_FOUND, RUN_NOT_RUNNING */
  stopRun(id: string): Promise<ServedRun>;
  /** Starts a training that continues the run. @throws RUN_NOT_FOUND, RUN_ACTIVE, RESUME_FINISHED, RESUME_FAILED */
  resumeRun(id: string): Promise<ServedResume>;
  /** @throws RUN_NOT_FOUND, RUN_ACTIVE */
  deleteRun(id: string): Promise<void>;
  /** @param since  a cursor; undefined: none has changed yet, only the present cursor is wanted */
  changesSince(since: string | undefined): Promise<ServedChanges>;
  /** The present state of these runs; those that are gone are left out. */
  findRuns(ids: readonly string[]): Promise<readonly ServedRun[]>;
  listSweeps(): Promise<readonly ServedSweep[]>;
  /** @throws SWEEP_NOT_FOUND */
  showSweep(id: string): Promise<ServedSweepDetails>;
  /** @throws SWEEP_NOT_FOUND */
  measureImportance(id: string, metric: string | undefined): Promise<ServedImportance>;
  /** @throws SWEEP_NOT_FOUND */
  compareTrials(id: string, metrics: readonly [string, string] | undefined): Promise<ServedPareto>;
  listRegistry(): Promise<ServedRegistry>;
  /** @throws MODEL_NOT_FOUND, MODEL_REFERENCE_INVALID, RECORD_INVALID */
  showName(name: string): Promise<ServedName>;
  /** @throws what promoting throws */
  promote(
    name: string,
    change: {
      readonly version: number;
      readonly stage: StageName;
      readonly reason: string;
      readonly force: boolean;
      readonly isDefault: boolean | undefined;
    },
  ): Promise<ServedStageChange>;
  /** @throws ROLLBACK_IMPOSSIBLE */
  rollback(name: string, reason: string): Promise<ServedStageChange>;
  /** @param live  what this server runs now; null: it serves no model. @throws LINEAGE_UNKNOWN */
  traceLineage(id: string, live: string | null): Promise<ServedLineage>;
  close(): Promise<void>;
}
