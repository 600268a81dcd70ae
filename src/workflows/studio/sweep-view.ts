// Sweeps as the studio shows them: the list, one with its trials, importance of its parameters, two metrics of its trials.
import { isAppError } from '../../foundation/core/index.ts';
import type { Trial } from '../../foundation/records/index.ts';
import {
  type AnalysedTrial,
  type FactorRange,
  findParetoFront,
  MIN_IMPORTANCE_TRIALS,
  measureCorrelations,
  measureImportance,
} from '../../judging/compare/index.ts';
import { goalOfMetric, readRunField } from '../../keeping/runs/index.ts';
import type { SweepSummary } from '../../keeping/sweeps/index.ts';
import {
  type ServedImportance,
  type ServedPareto,
  type ServedSweep,
  type ServedSweepDetails,
  toMetricValue,
} from '../../serving/studio/index.ts';
import type { Stores } from '../context/index.ts';

type SweepStores = Pick<Stores, 'sweeps' | 'runs'>;
type Definition = SweepSummary['sweep']['definition'];

export async function listServedSweeps({ sweeps }: SweepStores): Promise<ServedSweep[]> {
  const found: ServedSweep[] = [];
  for (const summary of await sweeps.list())
    found.push(describeSweep(summary, await sweeps.listTrials(summary.sweep.id)));
  return found;
}

/** @throws SWEEP_NOT_FOUND */
export async function showServedSweep(id: string, { sweeps }: SweepStores): Promise<ServedSweepDetails> {
  const trials = await sweeps.listTrials(id);
  return { sweep: describeSweep(await sweeps.summarize(id), trials), trials: trials.map(describeTrial) };
}

/** @param metric  default: that of the sweep. @throws SWEEP_NOT_FOUND */
export async function analyseImportance(
  id: string,
  metric: string | undefined,
  stores: SweepStores,
): Promise<ServedImportance> {
  const { definition } = await stores.sweeps.load(id);
  const name = metric ?? definition.metric.name;
  const trials: AnalysedTrial[] = [];
  for (const trial of await stores.sweeps.listTrials(id)) {
    if (trial.state !== 'finished') continue;
    const value = await readMetric(trial, name, definition, stores);
    if (value !== null) trials.push({ parameters: trial.parameters, value });
  }
  const ranges = rangesOf(definition);
  const report = measureImportance(trials, ranges);
  const correlations = new Map(
    measureCorrelations(trials, ranges).map(({ parameter, kind, value }) => [
      parameter,
      kind === 'spearman' ? value : null,
    ]),
  );
  const common = { metric: name, trials: report.trials };
  if (report.status !== 'measured')
    return { ...common, parameters: [], reason: explainMissing(report.status, report.trials) };
  return {
    ...common,
    parameters: report.main.map(({ parameters: [parameter = ''], share }) => ({
      ...{ name: parameter, importance: share },
      correlation: correlations.get(parameter) ?? null,
    })),
    reason: null,
  };
}

/** @param named  default: the metric of the sweep, and the seconds of the run. @throws SWEEP_NOT_FOUND */
export async function compareTrials(
  id: string,
  named: readonly [string, string] | undefined,
  stores: SweepStores,
): Promise<ServedPareto> {
  const { definition } = await stores.sweeps.load(id);
  const [first, second] = named ?? [definition.metric.name, 'seconds'];
  const points: { id: string; values: [number, number] }[] = [];
  const trials = new Map<string, Trial>();
  for (const trial of await stores.sweeps.listTrials(id)) {
    const a = await readMetric(trial, first, definition, stores);
    const b = await readMetric(trial, second, definition, stores);
    if (trial.runId === null || a === null || b === null) continue;
    trials.set(`${trial.number}`, trial);
    points.push({ id: `${trial.number}`, values: [a, b] });
  }
  const goals = [first, second].map((name) => ({ name, goal: goalOf(name, definition) }));
  const front = findParetoFront(points, [goals[0]!, goals[1]!]);
  return {
    metrics: [first, second],
    points: front.map(({ id: number, values, isOnFront }) => ({
      ...{ trial: Number(number), runId: trials.get(number)?.runId ?? '' },
      ...{ values: [values[0], values[1]], isBest: isOnFront },
    })),
  };
}

/** A metric of a trial: that of the sweep as the trial has it, any other as its run has it. */
async function readMetric(
  { value, runId }: Trial,
  name: string,
  definition: Definition,
  { runs }: SweepStores,
): Promise<number | null> {
  if (name === definition.metric.name) return value;
  if (runId === null) return null;
  try {
    const field = readRunField(await runs.summarize(runId), name);
    return typeof field === 'number' ? field : null;
  } catch (error) {
    if (isAppError(error)) return null; // the run was deleted, or cannot be read
    throw error;
  }
}

function goalOf(name: string, { metric }: Definition): 'minimize' | 'maximize' {
  return name === metric.name ? metric.goal : goalOfMetric(name);
}

function explainMissing(status: 'too-few-trials' | 'no-variation', trials: number): string {
  return status === 'too-few-trials'
    ? `Importance needs at least ${MIN_IMPORTANCE_TRIALS} finished trials; there are ${trials}.`
    : 'Neither a parameter nor the metric has taken two values.';
}

function rangesOf({ space }: Definition): Record<string, FactorRange> {
  return Object.fromEntries(
    Object.entries(space).map(([name, parameter]): [string, FactorRange] => [
      name,
      parameter.kind === 'categorical'
        ? { kind: 'category', choices: parameter.choices }
        : { kind: 'number', low: parameter.low, high: parameter.high, log: parameter.log ?? false },
    ]),
  );
}

function describeSweep({ sweep, status, counts }: SweepSummary, trials: readonly Trial[]): ServedSweep {
  const { definition, id, createdAt } = sweep;
  const { name, method, metric, space, budget } = definition;
  const best = findBest(trials, metric.goal);
  return {
    ...{ id, createdAt, name, status, method, metric: metric.name, goal: metric.goal },
    parameters: Object.entries(space).map(([parameter, range]) => ({
      ...{ name: parameter, kind: range.kind },
      ...(range.kind === 'categorical'
        ? { low: null, high: null, log: false, choices: [...range.choices] }
        : { low: range.low, high: range.high, log: range.log ?? false, choices: null }),
    })),
    trials: {
      ...{ finished: counts.finished, running: counts.running + counts.proposed },
      ...{ failed: counts.failed, stopped: counts.stopped, planned: budget.trials },
    },
    best:
      best === null
        ? null
        : { trial: best.number, runId: best.runId, value: toMetricValue(best.value ?? NaN) },
  };
}

function findBest(trials: readonly Trial[], goal: 'minimize' | 'maximize'): Trial | null {
  const sign = goal === 'minimize' ? 1 : -1;
  const ranked = trials
    .filter(({ state, value }) => state === 'finished' && Number.isFinite(value))
    .sort((a, b) => sign * ((a.value ?? 0) - (b.value ?? 0)));
  return ranked[0] ?? null;
}

function describeTrial(trial: Trial): ServedSweepDetails['trials'][number] {
  const { number, state, runId, parameters, value, reports, startedAt, endedAt } = trial;
  return {
    ...{ number, runId, parameters: { ...parameters } },
    state: state === 'proposed' ? 'waiting' : state,
    value: value === null ? null : toMetricValue(value),
    ...{ createdAt: startedAt, finishedAt: endedAt },
    reports: reports.map(({ trainStep, value: reported }) => ({
      ...{ step: trainStep, value: toMetricValue(reported) },
    })),
  };
}
