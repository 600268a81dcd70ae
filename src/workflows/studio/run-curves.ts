// Curves of metrics for drawing. Time is the active time of each run, so that runs of different days lie over each other.
import { isAppError } from '../../foundation/core/index.ts';
import { type CurveRequest, createActiveClock, type RunStore, readAxis } from '../../keeping/runs/index.ts';
import { type CurvesQuery, type ServedCurves, toMetricValue } from '../../serving/studio/index.ts';

export async function loadCurves(runs: RunStore, query: CurvesQuery): Promise<ServedCurves> {
  const curves: ServedCurves['curves'] = [];
  const missing: string[] = [];
  for (const runId of query.runs) {
    try {
      curves.push(...(await loadRunCurves(runs, runId, query)));
    } catch (error) {
      if (!isAppError(error) || error.code !== 'RUN_NOT_FOUND') throw error;
      missing.push(runId);
    }
  }
  return { axis: query.axis, curves, missing };
}

async function loadRunCurves(
  runs: RunStore,
  runId: string,
  { metrics, axis, from, to, maxPoints }: CurvesQuery,
): Promise<ServedCurves['curves']> {
  const clock =
    axis === 'time' ? createActiveClock(await runs.load(runId), await runs.loadEvents(runId)) : null;
  const toStored = (value: number): number => clock?.toTimeMs(value) ?? value;
  const request: CurveRequest = {
    axis,
    maxPoints,
    ...(from === undefined ? {} : { from: toStored(from) }),
    ...(to === undefined ? {} : { to: toStored(to) }),
  };
  const curves: ServedCurves['curves'] = [];
  for (const metric of metrics) {
    const { total, points } = await runs.loadCurve(runId, metric, request);
    if (total === 0) continue;
    curves.push({
      runId,
      metric,
      x: points.map((point) => clock?.toSeconds(point.timeMs) ?? readAxis(point, axis)),
      values: points.map(({ value }) => toMetricValue(value)),
      steps: points.map(({ step }) => step),
      count: total,
    });
  }
  return curves;
}
