// Compares runs: what differs in their configuration and circumstances, their metrics side by side, and which was best with
// the same budget of steps, epochs, seconds or articles.
import { appError } from '../../foundation/core/index.ts';
import type { Run } from '../../foundation/records/index.ts';
import { type AxisPoint, type AxisRanking, rankByAxis } from '../../judging/compare/index.ts';
import {
  type ActiveClock,
  createActiveClock,
  flattenConfig,
  goalOfMetric,
  type MetricGoal,
  type Point,
  type RunFieldValue,
  type RunStore,
  type RunSummary,
  readRunField,
  toFieldValue,
} from '../../keeping/runs/index.ts';
import type { WorkflowContext } from '../context/index.ts';
import { loadRunConfiguration } from './run-configuration.ts';

/** One row of a comparison: a name, and its value in each run. */
export interface ComparedRow {
  readonly name: string;
  readonly values: readonly RunFieldValue[];
}

export interface RunComparison {
  readonly runs: readonly RunSummary[];
  /** Keys of the configuration whose values differ. */
  readonly configuration: readonly ComparedRow[];
  /** Keys of the configuration whose values are the same in all runs. */
  readonly equalKeys: number;
  /** Dataset, commit, machine and versions, where they differ. */
  readonly circumstances: readonly ComparedRow[];
  /** Validation metrics at the best step, other metrics at the last. */
  readonly metrics: readonly ComparedRow[];
  readonly ranking: {
    readonly metric: string;
    readonly goal: MetricGoal;
    readonly axes: readonly AxisRanking[];
  };
}

export interface ComparisonRequest {
  readonly ids: readonly string[];
  /** The metric of the ranking. */
  readonly metric: string;
}

export interface BudgetRequest {
  readonly ids: readonly string[];
  readonly metric: string;
  readonly goal: MetricGoal;
}

/** The best of the runs by step, epoch, time and articles, each with the most that all of them reached. */
export async function rankRunsByBudget(
  { ids, metric, goal }: BudgetRequest,
  store: Pick<RunStore, 'load' | 'loadPoints' | 'loadEvents'>,
): Promise<AxisRanking[]> {
  const curves = await Promise.all(
    ids.map(async (id) => {
      const clock = createActiveClock(await store.load(id), await store.loadEvents(id));
      return { id, points: toAxisPoints(await store.loadPoints(id, metric), clock) };
    }),
  );
  return rankByAxis(curves, goal);
}

/** @throws RUN_NOT_FOUND, RECORD_INVALID; METRIC_NOT_FOUND if none of the runs has the metric */
export async function compareRuns(
  { ids, metric }: ComparisonRequest,
  { stores: { runs: store } }: WorkflowContext,
): Promise<RunComparison> {
  const runs = await Promise.all(ids.map((id) => store.summarize(id)));
  const configs = await Promise.all(ids.map((id) => loadRunConfiguration(store, id)));
  const heads = await Promise.all(ids.map((id) => store.load(id)));
  const goal = goalOfMetric(metric);
  const axes = await rankRunsByBudget({ ids, metric, goal }, store);
  if (axes.length === 0) {
    const known = [...new Set(runs.flatMap((run) => Object.keys(run.metrics)))].sort();
    throw appError('METRIC_NOT_FOUND', { metric, runs: ids.join(', '), known: known.join(', ') || 'none' });
  }
  const settings = configs.map((config) => flattenConfig({ ...config }));
  const keys = [...new Set(settings.flatMap((one) => [...one.keys()]))].sort();
  const rows = keys.map((name) => ({ name, values: settings.map((one) => toFieldValue(one.get(name))) }));
  const differing = rows.filter(isDifferent);
  return {
    runs,
    configuration: differing,
    equalKeys: rows.length - differing.length,
    circumstances: listCircumstances(heads).filter(isDifferent),
    metrics: listMetricRows(runs),
    ranking: { metric, goal, axes },
  };
}

function isDifferent({ values }: ComparedRow): boolean {
  return values.some((value) => JSON.stringify(value) !== JSON.stringify(values[0]));
}

function listCircumstances(heads: readonly Run[]): ComparedRow[] {
  const row = (name: string, read: (head: Run) => RunFieldValue | undefined): ComparedRow => ({
    name,
    values: heads.map((head) => read(head) ?? null),
  });
  return [
    row('dataset', ({ datasetVersion }) => datasetVersion),
    row('pretrained', ({ pretrained }) => (pretrained === undefined ? null : JSON.stringify(pretrained))),
    row('commit', ({ commit }) => commit?.slice(0, 12)),
    row('device', ({ device }) => device),
    row('threads', ({ threads }) => threads),
    row('veracity', ({ versions }) => versions.veracity),
    row('node', ({ versions }) => versions.node),
    row('onnxruntime', ({ versions }) => versions.onnxruntime),
  ];
}

/** Metrics that at least one run has: validation and test first, then training, then the machine. */
function listMetricRows(runs: readonly RunSummary[]): ComparedRow[] {
  const order = ['val_', 'test_', ''];
  const placeOf = (name: string): number =>
    name.startsWith('system_') ? order.length : order.findIndex((prefix) => name.startsWith(prefix));
  const names = [...new Set(runs.flatMap((run) => Object.keys(run.metrics)))];
  return names
    .sort((a, b) => placeOf(a) - placeOf(b) || (a < b ? -1 : 1))
    .map((name) => ({ name, values: runs.map((run) => readRunField(run, name)) }));
}

/** Points with seconds of work instead of the time of day. */
function toAxisPoints(points: readonly Point[], clock: ActiveClock): AxisPoint[] {
  return points.map(({ timeMs, ...point }) => ({ ...point, time: clock.toSeconds(timeMs) }));
}
