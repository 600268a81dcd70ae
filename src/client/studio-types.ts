// Types of the HTTP interface of the studio: runs, sweeps, the registry and lineage, for admins. Like types.ts the file
// imports only types, and a test compares each with the schema that the server documents.
import type { Figures } from './types.ts';

/** A number that a metric had; one that is not finite stands as text. Number(value) reads both. */
export type MetricValue = number | 'NaN' | 'Infinity' | '-Infinity';

/** What a run's metric has been so far; points that a resume has hidden do not count. */
export interface MetricFacts {
  readonly name: string;
  readonly last: MetricValue;
  readonly lastStep: number;
  /** NaN only if all values are. */
  readonly min: MetricValue;
  readonly max: MetricValue;
}

/** Figures on a split. */
export interface SplitMetrics {
  readonly accuracy: number;
  readonly macroF1: number;
  readonly rocAuc: number | null;
  readonly brier: number;
  readonly ece: number;
  readonly loss: number;
}

/** One run in a list. */
export interface RunFacts {
  readonly id: string;
  readonly createdAt: string;
  /** interrupted: its process ended without a last word. */
  readonly status: 'running' | 'finished' | 'stopped' | 'failed' | 'interrupted';
  readonly model: string;
  readonly datasetVersion: string;
  /** [dataset version], and behind it pretrained weights, a teacher or a sweep. */
  readonly parents: readonly string[];
  /** Optimizer steps done. */
  readonly steps: number;
  /** The best evaluation on validation so far. */
  readonly best: {
    readonly step: number;
    readonly metrics: SplitMetrics;
    readonly calibratedLoss: number;
  } | null;
  /** On the test split, once finished. */
  readonly test: SplitMetrics | null;
  /** The model version that it registered. */
  readonly modelVersion: string | null;
  readonly seconds: number | null;
  readonly peakMemoryBytes: number | null;
  readonly tags: readonly string[];
  readonly note: string | null;
  /** Host of the process that wrote the run last. */
  readonly machine: string | null;
  /** By name. */
  readonly metrics: readonly MetricFacts[];
  /** The values of the configuration that the request named, by dotted path. */
  readonly config: Readonly<Record<string, unknown>>;
}

export interface RunsQuery {
  /** Such as `val_loss<0.2 and model=compact`, as `veracity runs list --where` takes it. */
  readonly where?: string;
  /** Dotted paths of the configuration whose values to add to each run. */
  readonly config?: readonly string[];
  /** At most this many runs, the newest; default 1000. */
  readonly limit?: number;
}

export interface RunsFound {
  /** Newest first. */
  readonly runs: readonly RunFacts[];
  /** How many fit the filter. */
  readonly total: number;
  /** Runs whose files cannot be read. */
  readonly damaged: readonly { readonly id: string; readonly code: string; readonly message: string }[];
  /** For watchRuns: what changes after this list. */
  readonly cursor: string;
}

/** One value of a run's configuration. */
export interface ConfigurationValue {
  /** Dotted path, such as optimizer.lr. */
  readonly path: string;
  readonly value: unknown;
  /** Where it was set; null if the run did not record it. */
  readonly origin: string | null;
}

export interface RunArtifact {
  readonly name: string;
  readonly kind: string;
  readonly digest: string;
  readonly sizeBytes: number;
  /** Relative to the run's folder, or an address. */
  readonly path: string;
}

export interface RunText {
  readonly name: string;
  readonly step: number;
  readonly text: string;
}

export interface RunHistogram {
  readonly name: string;
  readonly step: number;
  /** One more than counts. */
  readonly edges: readonly number[];
  readonly counts: readonly number[];
}

export interface RunDetails {
  readonly run: RunFacts;
  /** What was recorded when it began, as `veracity runs show --json` prints it: commit, versions, machine, … */
  readonly head: Readonly<Record<string, unknown>>;
  /** As it is now: a resume may have changed values. */
  readonly configuration: readonly ConfigurationValue[];
  /** Started, evaluated, checkpoint, finished, stopped, failed; oldest first. */
  readonly events: readonly {
    readonly type: string;
    readonly createdAt: string;
    readonly [field: string]: unknown;
  }[];
  readonly evaluations: readonly Figures[];
  readonly artifacts: readonly RunArtifact[];
  readonly texts: readonly RunText[];
  readonly histograms: readonly RunHistogram[];
  /** Where its parts lie on the server's machine, by name. */
  readonly paths: Readonly<Record<string, string>>;
  /** It was asked to stop and still works. */
  readonly stopRequested: boolean;
  /** Whether resumeRun can continue it. */
  readonly canResume: boolean;
}

export type CurveAxis = 'step' | 'epoch' | 'time' | 'articles';

export interface CurvesRequest {
  readonly runs: readonly string[];
  readonly metrics: readonly string[];
  /** time: seconds in which a process worked on the run; default step. */
  readonly axis?: CurveAxis | undefined;
  /** Bounds on the axis, inclusive. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  /** Points of each curve at most, 2 to 2000 (default 500): the least and the greatest of each of as many parts of the axis as fit. */
  readonly maxPoints?: number | undefined;
}

/** One metric of one run: x[i] belongs to values[i]. */
export interface MetricCurve {
  readonly runId: string;
  readonly metric: string;
  readonly x: readonly number[];
  readonly values: readonly MetricValue[];
  /** The step of each point. */
  readonly steps: readonly number[];
  /** How many points lie behind the curve. */
  readonly count: number;
}

export interface CurvesFound {
  readonly axis: CurveAxis;
  /** In the order of the request, run by run; a run without a metric has no curve of it. */
  readonly curves: readonly MetricCurve[];
  /** Runs that are not there. */
  readonly missing: readonly string[];
}

/** The log of a run as lines for people. */
export interface RunLog {
  readonly lines: readonly {
    readonly createdAt: string | null;
    readonly level: 'info' | 'warn' | 'error';
    readonly text: string;
    /** events: made from an event of the run; output: printed by a training that the server started. */
    readonly source: 'events' | 'output';
  }[];
}

/** What differs between the configurations of runs. */
export interface ConfigurationDifferences {
  readonly runs: readonly string[];
  /** Values in the order of `runs`; undefined values are null and named in `absent`. */
  readonly differences: readonly {
    readonly path: string;
    readonly values: readonly unknown[];
    /** Indices of runs that have no such value. */
    readonly absent: readonly number[];
  }[];
  /** How many paths have the same value in all of them. */
  readonly same: number;
}

/** What changed among the runs. */
export interface RunChanges {
  /** Give it to watchRuns or listCurves later. */
  readonly cursor: string;
  /** As they are now; `metrics` says to which step there are points. */
  readonly runs: readonly RunFacts[];
  readonly deleted: readonly string[];
}

export interface StartedResume {
  readonly runId: string;
  /** Of the training on the server's machine. */
  readonly processId: number;
  readonly status: RunFacts['status'];
}

export type ParameterValue = string | number | boolean | null;

export interface SweepFacts {
  readonly id: string;
  readonly createdAt: string;
  readonly name: string;
  readonly status: 'running' | 'finished' | 'stopped' | 'failed' | 'interrupted';
  /** Of the sampler: grid, random, gp, tpe. */
  readonly method: string;
  readonly metric: string;
  readonly goal: 'minimize' | 'maximize';
  readonly parameters: readonly SweepParameter[];
  readonly trials: {
    readonly finished: number;
    readonly running: number;
    readonly failed: number;
    readonly stopped: number;
    /** The budget with the repeats so far; null: no limit. */
    readonly planned: number | null;
  };
  readonly best: {
    readonly trial: number;
    readonly runId: string | null;
    readonly value: MetricValue;
  } | null;
}

/** One axis of the search space. */
export interface SweepParameter {
  readonly name: string;
  readonly kind: 'float' | 'int' | 'categorical';
  readonly low: number | null;
  readonly high: number | null;
  readonly log: boolean;
  readonly choices: readonly ParameterValue[] | null;
}

export interface SweepTrial {
  readonly number: number;
  readonly state: 'waiting' | 'running' | 'finished' | 'failed' | 'stopped';
  readonly runId: string | null;
  /** Active parameters only. */
  readonly parameters: Readonly<Record<string, ParameterValue>>;
  readonly value: MetricValue | null;
  readonly createdAt: string | null;
  readonly finishedAt: string | null;
  /** Values on the way, by which a trial is stopped early. */
  readonly reports: readonly { readonly step: number; readonly value: MetricValue }[];
  /** The trial that it repeats with another seed; null: it tries new settings. */
  readonly repeats: number | null;
  /** Its own seed; null: that of the configuration. */
  readonly seed: number | null;
  readonly failure: { readonly code: string; readonly message: string } | null;
}

export interface SweepDetails {
  readonly sweep: SweepFacts;
  readonly trials: readonly SweepTrial[];
  /** Settings that were trained with several seeds; null: none were. */
  readonly noise: SweepNoise | null;
}

/** How much results differ by the seed alone. */
export interface SweepNoise {
  /** The best mean first; `trial` proposed the settings. */
  readonly settings: readonly {
    readonly trial: number;
    readonly n: number;
    readonly mean: number;
    readonly deviation: number | null;
    /** Probability that a new training beats one with the best settings. */
    readonly beatsBest: number | null;
  }[];
  readonly pooledDeviation: number | null;
  /** Whether the best lead by more than the noise of the seed. */
  readonly isClear: boolean | null;
  /** The same as a sentence. */
  readonly says: string;
}

/** How much of a metric's variance each parameter explains (functional ANOVA), and how it is correlated. */
export interface ParameterImportance {
  readonly metric: string;
  /** Finished and stopped early; repeats are left out. */
  readonly trials: number;
  /** Those of them that were stopped early. */
  readonly stopped: number;
  /** Largest first. */
  readonly parameters: readonly {
    readonly name: string;
    /** Share of the variance, 0 to 1. */
    readonly importance: number;
    /** 10th and 90th percentile over the trees. */
    readonly low: number;
    readonly high: number;
    /** Spearman's; for choices the share of the variance between them (eta squared). */
    readonly correlation: { readonly kind: 'spearman' | 'ratio'; readonly value: number } | null;
  }[];
  /** What two parameters explain beyond each alone; largest first. */
  readonly pairs: readonly {
    readonly names: readonly [string, string];
    readonly importance: number;
    readonly low: number;
    readonly high: number;
  }[];
  /** Why there is none; null where there is. */
  readonly reason: string | null;
}

/** Trials of which none is better in both metrics. */
export interface ParetoView {
  readonly metrics: readonly [string, string];
  readonly points: readonly {
    readonly trial: number;
    readonly runId: string;
    readonly values: readonly [number, number];
    readonly isBest: boolean;
    /** Stopped early; never the best. */
    readonly isStopped: boolean;
  }[];
}

export type StageKind = 'production' | 'staging';

export interface RegistryVersion {
  readonly name: string;
  readonly version: number;
  /** NAME@VERSION */
  readonly reference: string;
  readonly createdAt: string;
  readonly runId: string;
  readonly datasetVersion: string;
  readonly synthetic: boolean;
  readonly parameterCount: number;
  readonly sizeBytes: number;
  readonly stages: readonly StageKind[];
  readonly evaluations: readonly Figures[];
}

export interface StageChangeFacts {
  readonly createdAt: string;
  readonly stage: StageKind;
  /** null: the stage was emptied. */
  readonly version: number | null;
  readonly action: 'promote' | 'rollback';
  readonly forced: boolean;
  /** What the program noted, such as the result of the gate. */
  readonly note: string;
  /** What the person gave as the reason; null: none. */
  readonly reason: string | null;
}

export interface RegistryFound {
  /** By name, then number. */
  readonly versions: readonly RegistryVersion[];
  readonly damaged: readonly {
    readonly reference: string;
    readonly code: string;
    readonly message: string;
  }[];
  /** NAME@VERSION that is used where no model is named. */
  readonly served: string | null;
  /** Versions in production of which a person has to choose the default. */
  readonly undecided: readonly string[];
}

export interface RegisteredName {
  readonly name: string;
  readonly versions: readonly RegistryVersion[];
  /** Oldest first. */
  readonly history: readonly StageChangeFacts[];
  /** The version that a rollback would put back into production; null: none. */
  readonly rollbackTo: number | null;
}

export interface PromotionRequest {
  readonly version: number;
  readonly stage: StageKind;
  /** Kept with the change. */
  readonly reason: string;
  /** Although it is worse or cannot be compared. */
  readonly force?: boolean | undefined;
  /** Whether this name is used where no model is named; needed where another name is in production. */
  readonly default?: boolean | undefined;
}

export interface StageChanged {
  readonly change: StageChangeFacts;
  readonly previous: number | null;
  readonly served: string | null;
  /** Servers that run now keep the version before: the classes differ. */
  readonly needsRestart: boolean;
}

export interface LineageNode {
  /** Unique: md5:…, ds-…, run-…, commit:…, NAME@VERSION, NAME@production, live, feedback:…, or the id of a prediction. */
  readonly id: string;
  readonly kind:
    | 'file'
    | 'dataset'
    | 'pretrained'
    | 'commit'
    | 'run'
    | 'sweep'
    | 'model'
    | 'deployment'
    | 'prediction'
    | 'evaluation'
    | 'feedback';
  readonly label: string;
  readonly createdAt: string | null;
  /** status, stage, rows, sizeBytes, accuracy, …: what there is. */
  readonly facts: Readonly<Record<string, string | number | boolean | null>>;
  /** It is named by another record, and is not there any more. */
  readonly missing: boolean;
}

/** From raw files to deployments: everything that `id` comes from, and everything that was made of it. */
export interface LineageGraph {
  readonly id: string;
  readonly nodes: readonly LineageNode[];
  readonly edges: readonly { readonly from: string; readonly to: string }[];
}
