// Sweeps as the studio shows them: the list, one with its trials, importance of its parameters, two metrics of its trials.
import type { Trial } from '../../foundation/records/index.ts';
import type { SeedNoise } from '../../judging/compare/index.ts';
import type { SweepSummary } from '../../keeping/sweeps/index.ts';
import {
  type ServedImportance,
  type ServedPareto,
  type ServedSweep,
  type ServedSweepDetails,
  toMetricValue,
} from '../../serving/studio/index.ts';
import type { Stores } from '../context/index.ts';
import {
  analyseImportance,
  compareTrials,
  describeNoise,
  listProposed,
  measureTrialNoise,
  rankTrials,
} from '../sweep-analysis/index.ts';

type SweepStores = Pick<Stores, 'sweeps' | 'runs'>;

export async function listServedSweeps({ sweeps }: SweepStores): Promise<ServedSweep[]> {
  const found: ServedSweep[] = [];
  for (const summary of await sweeps.list())
    found.push(describeSweep(summary, await sweeps.listTrials(summary.sweep.id)));
  return found;
}

/** @throws SWEEP_NOT_FOUND */
export async function showServedSweep(id: string, { sweeps }: SweepStores): Promise<ServedSweepDetails> {
  const trials = await sweeps.listTrials(id);
  const summary = await sweeps.summarize(id);
  const noise = measureTrialNoise(trials, summary.sweep.definition);
  return {
    sweep: describeSweep(summary, trials),
    trials: trials.map(describeTrial),
    noise: noise === null ? null : describeSeedNoise(noise),
  };
}

/** @param metric  default: that of the sweep. @throws SWEEP_NOT_FOUND */
export async function showImportance(
  id: string,
  metric: string | undefined,
  stores: SweepStores,
): Promise<ServedImportance> {
  const { metric: name, report, stopped, correlations, reason } = await analyseImportance(id, metric, stores);
  const common = { metric: name, trials: report.trials, stopped, reason };
  if (report.status !== 'measured') return { ...common, parameters: [], pairs: [] };
  return {
    ...common,
    parameters: report.main.map(({ parameters: [parameter = ''], share, low, high }) => {
      const found = correlations.find((correlation) => correlation.parameter === parameter);
      return {
        ...{ name: parameter, importance: share, low, high },
        correlation: found === undefined ? null : { kind: found.kind, value: found.value },
      };
    }),
    pairs: report.pairs.map(({ parameters: [first = '', second = ''], share, low, high }) => ({
      ...{ names: [first, second], importance: share, low, high },
    })),
  };
}

/** @param named  default: the metric of the sweep, and the seconds of the run. @throws SWEEP_NOT_FOUND */
export async function showPareto(
  id: string,
  named: readonly [string, string] | undefined,
  stores: SweepStores,
): Promise<ServedPareto> {
  const { objectives, points } = await compareTrials(id, named, stores);
  return {
    metrics: [objectives[0].name, objectives[1].name],
    points: points.flatMap(({ trial: { number, runId, state }, values, isBest }) =>
      runId === null
        ? []
        : [
            {
              ...{ trial: number, runId, values: [values[0], values[1]] as [number, number], isBest },
              isStopped: state === 'stopped',
            },
          ],
    ),
  };
}

function describeSweep({ sweep, status, counts }: SweepSummary, trials: readonly Trial[]): ServedSweep {
  const { definition, id, createdAt } = sweep;
  const { name, method, metric, space, budget } = definition;
  const repeats = trials.length - listProposed(trials).length;
  const planned = budget.trials === null ? null : budget.trials + repeats;
  const best = rankTrials(trials, definition)[0] ?? null;
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
      ...{ failed: counts.failed, stopped: counts.stopped, planned },
    },
    best:
      best === null
        ? null
        : { trial: best.number, runId: best.runId, value: toMetricValue(best.value ?? NaN) },
  };
}

function describeSeedNoise(noise: SeedNoise): NonNullable<ServedSweepDetails['noise']> {
  const { settings, pooledDeviation, isClear } = noise;
  return {
    settings: settings.map(({ id, ...measured }) => ({ trial: Number(id), ...measured })),
    ...{ pooledDeviation, isClear, says: describeNoise(noise) },
  };
}

function describeTrial(trial: Trial): ServedSweepDetails['trials'][number] {
  const { number, state, runId, parameters, value, reports, startedAt, endedAt, repeats, seed, failure } =
    trial;
  return {
    ...{ number, runId, parameters: { ...parameters }, repeats, seed, failure },
    state: state === 'proposed' ? 'waiting' : state,
    value: value === null ? null : toMetricValue(value),
    ...{ createdAt: startedAt, finishedAt: endedAt },
    reports: reports.map(({ trainStep, value: reported }) => ({
      ...{ step: trainStep, value: toMetricValue(reported) },
    })),
  };
}
