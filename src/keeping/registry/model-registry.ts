// The port of model versions: NAME@NUMBER, immutable, with their files; which one is in which stage; and evaluations that
// were made after a version was registered.
//
// Every implementation guarantees, and test/conformance/model-registry.ts checks:
// - Immutable: the files and the record of a version never change after `register`; `materialize` compares every file
//   with its digest. A number is never given twice, even if the folder of its version was deleted.
// - Order: `history` returns the changes of stage in the order in which they were made; the last one counts.
// - Durability: what a resolved promise wrote survives a kill of the process and a crash of the machine.
// - Crash: a kill during `register` leaves either the whole version or none; what it had copied is removed by a later
//   `register`. A kill during any other call leaves the state before or after it.
// - Two processes: both may write at once. Two `register` calls get two numbers. Two `promote` or `rollback` calls are
//   both recorded, the later one counts, and each compared with what was in production when it began. Every call reads
//   the present state, so a server sees what another process promoted.
// - Deletion: a kill during `delete` leaves the version whole or deleted; what it leaves half-removed is a leftover.
// - Errors: those named at each method, always as a rejected promise.
import type { AppError } from '../../foundation/core/index.ts';
import type {
  EvaluationReport,
  GateResult,
  ModelFolder,
  ModelVersion,
  Run,
  StageEvent,
  StageName,
} from '../../foundation/records/index.ts';
import type { ProductionChoice } from './production-choice.ts';

export interface RegisteredModel {
  readonly name: string;
  readonly version: number;
  /** NAME@VERSION */
  readonly reference: string;
  /** Where the version is kept, as text for people: a path or an address. `materialize` gives its files. */
  readonly location: string;
  readonly record: ModelVersion;
  readonly info: ModelFolder;
  /** Stages it is in now. */
  readonly stages: readonly StageName[];
  /** Registered and later evaluations; in-source first. */
  readonly evaluations: readonly EvaluationReport[];
}

/** A version whose files lie in a local folder and are as they were registered. */
export interface MaterializedModel extends RegisteredModel {
  /** Absolute path of a folder that must not be changed. */
  readonly folder: string;
}

/** A version whose record cannot be read, or was changed. It stops nothing but its own use. */
export interface DamagedVersion {
  readonly name: string;
  readonly version: number;
  readonly reference: string;
  readonly stages: readonly StageName[];
  readonly error: AppError;
}

/** A model whose log of stages cannot be read: which of its versions is in which stage is not known. */
export interface DamagedLog {
  readonly name: string;
  readonly error: AppError;
}

export interface ModelList {
  /** By name, then number. */
  readonly models: readonly RegisteredModel[];
  readonly damaged: readonly DamagedVersion[];
  /** Their versions are listed without stages. */
  readonly damagedLogs: readonly DamagedLog[];
}

export interface NewModel {
  readonly name: string;
  /** Local model folder; its files are copied. */
  readonly folder: string;
  readonly run?: Run | undefined;
  readonly evaluations: readonly EvaluationReport[];
}

export interface PromotionOptions {
  readonly stage: StageName;
  /** Promotes although the version is worse or cannot be compared. */
  readonly force: boolean;
  /**
   * Whether the promoted name is used where no model is named (true), or the one that is used now (false). Absent: not
   * said, which is refused while another name is in production and the promotion would leave the choice open.
   */
  readonly isDefault?: boolean | undefined;
  /** Why, in the words of the person who does it; kept with the change. */
  readonly reason?: string | undefined;
}

export interface Promotion {
  readonly event: StageEvent;
  /** What was in the stage before. */
  readonly previous: number | null;
  /** null: nothing was there to compare with, or the stage is not production. */
  readonly gate: GateResult | null;
}

/** Version numbers of one model; null: none. */
export interface StageView {
  readonly production: number | null;
  readonly staging: number | null;
  readonly newest: number | null;
  /** Number of promotions and rollbacks so far. */
  readonly changes: number;
}

export interface ModelRegistry {
  /**
   * Copies a model folder into the registry under the next number.
   * @throws MODEL_NAME_INVALID, FILE_NOT_FOUND, RECORD_INVALID, DISK_FULL
   */
  register(model: NewModel): Promise<RegisteredModel>;
  /**
   * Checks that a version of `name` could be written now; null: of any name. Leaves nothing behind.
   * @throws SYSTEM_REFUSED, DISK_FULL
   */
  assertWritable(name: string | null): Promise<void>;
  /** All versions, or those of one name. What cannot be read of one model hides none of the others. */
  list(options?: { readonly name?: string }): Promise<ModelList>;
  /**
   * Finds a version without reading its weights.
   * @param reference  NAME (production, else newest), NAME@3, NAME@production, NAME@staging or NAME@latest
   * @throws MODEL_REFERENCE_INVALID, MODEL_NOT_FOUND, MODEL_DIGEST_MISMATCH (of version.json)
   */
  resolve(reference: string): Promise<RegisteredModel>;
  /**
   * Finds a version, compares every file with its digest and gives the local folder in which they lie.
   * @throws what resolve throws, and MODEL_DIGEST_MISMATCH naming the file
   */
  materialize(reference: string): Promise<MaterializedModel>;
  /** Keeps a later evaluation with a version. It replaces an earlier one on the same test set. @throws as resolve, DISK_FULL */
  addEvaluation(reference: string, report: EvaluationReport): Promise<void>;
  /**
   * Puts a version into a stage.
   * @throws PROMOTION_WORSE, PROMOTION_NOT_COMPARABLE unless forced; PROMOTION_NEEDS_DEFAULT, MODEL_DIGEST_MISMATCH always
   */
  promote(reference: string, options: PromotionOptions): Promise<Promotion>;
  /** Puts the version before the present one back into production. @throws ROLLBACK_IMPOSSIBLE */
  rollback(name: string, options?: Pick<PromotionOptions, 'reason'>): Promise<Promotion>;
  /** The version that a rollback would put back into production; null: there is none. @throws RECORD_INVALID */
  findRollback(name: string): Promise<number | null>;
  /**
   * Deletes a version, damaged or not. Its number is not given again.
   * @param reference  NAME@NUMBER
   * @param options.force  also if it is in a stage, which is then empty
   * @throws USAGE for a reference without a number; MODEL_REFERENCE_INVALID, MODEL_NOT_FOUND, MODEL_IN_STAGE unless forced
   */
  delete(reference: string, options: { readonly force: boolean }): Promise<void>;
  /** Stage events of one model, oldest first. @throws RECORD_INVALID */
  history(name: string): Promise<StageEvent[]>;
  /** The version in each stage now. Opens no version: cheap enough for a call each second. @throws RECORD_INVALID */
  viewStages(name: string): Promise<StageView>;
  /** The version in production that is used where no model is named. Opens no version. @throws RECORD_INVALID */
  viewProduction(): Promise<ProductionChoice>;
}
