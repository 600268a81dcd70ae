// The runs of a home: list them, show one with its events, evaluations and files.
import { existsSync } from 'node:fs';
import type { Artifact, EvaluationReport, Run, RunEvent, RunStatus } from '../../foundation/records/index.ts';
import { formatDestination, listRunExports } from '../../keeping/exporters/index.ts';
import {
  filterRuns,
  type MetricSummary,
  parseRunFilter,
  type RunSummary,
  sortRuns,
} from '../../keeping/runs/index.ts';
import type { WorkflowContext } from '../context/index.ts';

/** A run whose files cannot be read. */
export interface ListedDamage {
  readonly id: string;
  readonly damaged: { readonly code: string; readonly message: string };
}

export interface ListedRuns {
  /** Newest first. */
  readonly runs: readonly RunSummary[];
  readonly damaged: readonly ListedDamage[];
}

export interface ShownRun {
  readonly run: Run;
  readonly summary: RunSummary;
  readonly events: readonly RunEvent[];
  readonly evaluations: readonly EvaluationReport[];
  readonly metrics: readonly MetricSummary[];
  readonly artifacts: readonly Artifact[];
  /** Where its parts lie, by name, for people. */
  readonly paths: Readonly<Record<string, string>>;
  /** Whether the run has exported its model. */
  readonly hasModel: boolean;
  readonly exports: readonly ShownExport[];
}

/** How far a run is exported to one destination. */
export interface ShownExport {
  readonly to: string;
  /** The destination for people. */
  readonly place: string;
  /** Status of the run, and the last step, when it was last sent; null: nothing was sent yet. */
  readonly status: RunStatus | null;
  readonly step: number;
  /** Why the last export failed; null: it did not. */
  readonly failure: { readonly at: string; readonly code: string; readonly message: string } | null;
}

/** Which runs to list; absent: all, newest first. */
export interface RunListRequest {
  /** A filter such as `val_loss<0.2 and model=compact`. */
  readonly where?: string;
  /** A field to order by, best or lowest first; with a leading `-` the other way round. */
  readonly sort?: string;
  readonly limit?: number;
}

/**
 * Lists runs; those whose files are damaged only where nothing is filtered.
 * @throws RUN_FILTER_INVALID, RUN_FIELD_UNKNOWN
 */
export async function listRuns(
  { stores }: Pick<WorkflowContext, 'stores'>,
  { where, sort, limit }: RunListRequest = {},
): Promise<ListedRuns> {
  const filter = where === undefined ? null : parseRunFilter(where);
  const { runs: listed, damaged } = await stores.runs.list();
  const registered = await listRegistered(stores);
  const runs = listed.map((run) => nameVersion(run, registered));
  const found = filter === null ? runs : filterRuns(filter, runs);
  const field = sort?.replace(/^-/, '');
  const sorted =
    field === undefined ? found : sortRuns(found, field, sort === field ? 'ascending' : 'descending');
  return {
    runs: sorted.slice(0, limit),
    damaged:
      filter === null
        ? damaged.map(({ id, error: { code, message } }) => ({ id, damaged: { code, message } }))
        : [],
  };
}

/** Loads everything that is recorded of one run. @throws RUN_NOT_FOUND, RECORD_INVALID */
export async function showRun(id: string, { stores }: WorkflowContext): Promise<ShownRun> {
  const { runs } = stores;
  return {
    summary: nameVersion(await runs.summarize(id), await listRegistered(stores)),
    run: await runs.load(id),
    events: await runs.loadEvents(id),
    evaluations: await runs.loadEvaluations(id),
    metrics: await runs.listMetrics(id),
    artifacts: await runs.listArtifacts(id),
    paths: await runs.locations(id),
    hasModel: existsSync((await runs.files(id)).model),
    exports: listExports((await runs.files(id)).folder),
  };
}

/** The first version that came from each run: a sweep registers its best run after that run has finished. */
async function listRegistered({ registry }: WorkflowContext['stores']): Promise<Map<string, string>> {
  const references = new Map<string, string>();
  for (const { info, reference } of (await registry.list()).models)
    if (!references.has(info.runId)) references.set(info.runId, reference);
  return references;
}

function nameVersion(run: RunSummary, registered: ReadonlyMap<string, string>): RunSummary {
  return run.modelVersion === null && run.status === 'finished'
    ? { ...run, modelVersion: registered.get(run.id) ?? null }
    : run;
}

function listExports(folder: string): ShownExport[] {
  return listRunExports(folder).map(({ destination, state, status, step, failure }) => ({
    to: destination.to,
    place: formatDestination(destination),
    status: state === null ? null : status,
    step,
    failure,
  }));
}
