// The curves of the drawn runs. Each is fetched once; when its run records more, only the points after its last one are
// fetched. A zoomed range is fetched finer.
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { MetricCurve, RunChanges } from '../../../../src/client/studio-types.ts';
import type { FailureFacts } from '../../api.ts';
import { asFailure } from '../../loading.ts';
import type { Axis } from '../charts/values.ts';
import type { Range } from '../charts/zoom.ts';
import { loadCurves } from '../studio-api.ts';

/** Points of one curve. */
export interface Curve {
  readonly xs: Float64Array;
  readonly ys: Float64Array;
}

/** By run and metric: `${runId} ${metric}`. */
export type Curves = ReadonlyMap<string, Curve>;

export const curveKey = (runId: string, metric: string): string => `${runId} ${metric}`;

const MAX_POINTS = 800;
/** A live curve that has grown beyond this is fetched anew, so that it stays as light as the others. */
const MOST_LIVE_POINTS = 3000;
const ZOOM_WAIT_MS = 120;
/** Changes within this time are fetched together. */
const LIVE_WAIT_MS = 300;

export interface LiveCurves {
  readonly curves: Curves;
  readonly isLoading: boolean;
  readonly failure: FailureFacts | null;
  /** Fetches what the changed runs have recorded since. */
  readonly follow: (changes: RunChanges) => void;
}

export function useCurves(options: {
  readonly runs: readonly string[];
  readonly metrics: readonly string[];
  readonly axis: Axis;
  readonly range: Range | null;
}): LiveCurves {
  const { runs, metrics, axis, range } = options;
  const [curves, setCurves] = useState<Curves>(new Map());
  const [isLoading, setIsLoading] = useState(false);
  const [failure, setFailure] = useState<FailureFacts | null>(null);
  const held = useRef<{ readonly context: string; readonly curves: Map<string, Curve> }>({
    context: '',
    curves: new Map(),
  });
  /** Runs that have recorded more than is drawn. */
  const waiting = useRef<Set<string>>(new Set());
  const rewound = useRef<Set<string>>(new Set());
  const isBusy = useRef(false);
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  const lastSteps = useRef<Map<string, number>>(new Map());
  const context = `${axis} ${range === null ? '' : range.join(' ')}`;
  const wanted = runs.flatMap((run) => metrics.map((metric) => curveKey(run, metric))).join('\n');
  const latest = useRef({ runs, metrics, axis, range, context });
  latest.current = { runs, metrics, axis, range, context };

  useEffect(() => {
    const controller = new AbortController();
    const isNew = held.current.context !== context;
    // what is shown stays until the finer points arrive, unless the axis changed
    const sameAxis = held.current.context.split(' ')[0] === axis;
    if (!sameAxis) setCurves(new Map());
    const have = isNew ? new Map<string, Curve>() : held.current.curves;
    const missing = runs.filter((run) => metrics.some((metric) => !have.has(curveKey(run, metric))));
    if (missing.length === 0) {
      setCurves(new Map(have));
      return;
    }
    setIsLoading(true);
    const timer = setTimeout(
      () => {
        loadCurves(
          { runs: missing, metrics, axis, maxPoints: MAX_POINTS, ...bounds(range) },
          controller.signal,
        ).then(
          (found) => {
            const next = new Map(have);
            for (const run of missing)
              for (const metric of metrics)
                next.set(curveKey(run, metric), { xs: new Float64Array(0), ys: new Float64Array(0) });
            for (const curve of found.curves) next.set(curveKey(curve.runId, curve.metric), readCurve(curve));
            held.current = { context, curves: next };
            setCurves(next);
            setFailure(null);
            setIsLoading(false);
          },
          (error: unknown) => {
            if (controller.signal.aborted) return;
            setFailure(asFailure(error));
            setIsLoading(false);
          },
        );
      },
      range === null ? 0 : ZOOM_WAIT_MS,
    );
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [wanted, context]);

  const fetchNewer = useCallback(() => {
    const now = latest.current;
    const ids = now.runs.filter((id) => waiting.current.delete(id));
    waiting.current.clear();
    if (ids.length === 0) return;
    const mine = ids.flatMap((id) =>
      now.metrics.map((metric) => held.current.curves.get(curveKey(id, metric))),
    );
    const isHeavy = mine.some((curve) => (curve?.xs.length ?? 0) > MOST_LIVE_POINTS);
    const isRewound = ids.some((id) => rewound.current.delete(id));
    // one request for all of them, from where the one that is furthest behind ends
    const from =
      isHeavy || isRewound
        ? Number.NEGATIVE_INFINITY
        : Math.min(...mine.map((curve) => curve?.xs.at(-1) ?? Number.NEGATIVE_INFINITY));
    if (now.range !== null && from >= now.range[1]) return;
    isBusy.current = true;
    loadCurves({
      runs: ids,
      metrics: now.metrics,
      axis: now.axis,
      maxPoints: MAX_POINTS,
      ...bounds(now.range),
      ...(Number.isFinite(from) ? { from } : {}),
    })
      .then((found) => {
        if (latest.current.context !== now.context || held.current.context !== now.context) return;
        const next = new Map(held.current.curves);
        for (const curve of found.curves) {
          const key = curveKey(curve.runId, curve.metric);
          const before = Number.isFinite(from) ? next.get(key) : undefined;
          next.set(key, appendCurve(before, readCurve(curve)));
        }
        held.current = { context: now.context, curves: next };
        setCurves(next);
      })
      .catch(() => undefined) // the next change tries again
      .finally(() => {
        isBusy.current = false;
        if (waiting.current.size > 0) plan();
      });
  }, []);

  const plan = useCallback(() => {
    if (timer.current !== null || isBusy.current) return;
    timer.current = setTimeout(() => {
      timer.current = null;
      fetchNewer();
    }, LIVE_WAIT_MS);
  }, []);

  const follow = useCallback((changes: RunChanges) => {
    for (const { id, metrics } of changes.runs) {
      if (!latest.current.runs.includes(id)) continue;
      const lastStep = Math.max(-1, ...metrics.map((metric) => metric.lastStep));
      // a resume at an earlier step hides points that are shown: then the whole curve is fetched
      if (lastStep < (lastSteps.current.get(id) ?? -1)) rewound.current.add(id);
      lastSteps.current.set(id, lastStep);
      waiting.current.add(id);
    }
    if (waiting.current.size > 0) plan();
  }, []);
  useEffect(
    () => () => {
      if (timer.current !== null) clearTimeout(timer.current);
    },
    [],
  );
  return { curves, isLoading, failure, follow };
}

function bounds(range: Range | null): { readonly from?: number; readonly to?: number } {
  return range === null ? {} : { from: range[0], to: range[1] };
}

function readCurve({ x, values }: MetricCurve): Curve {
  return { xs: Float64Array.from(x), ys: Float64Array.from(values, Number) };
}

/** The curve with the points of `more` that lie after its last one; points before that which changed are replaced. */
export function appendCurve(before: Curve | undefined, more: Curve): Curve {
  if (before === undefined || before.xs.length === 0 || more.xs.length === 0)
    return more.xs.length === 0 && before !== undefined ? before : more;
  const first = more.xs[0]!;
  let kept = before.xs.length;
  while (kept > 0 && before.xs[kept - 1]! >= first) kept--;
  const join = (a: Float64Array, b: Float64Array): Float64Array => {
    const out = new Float64Array(kept + b.length);
    out.set(a.subarray(0, kept));
    out.set(b, kept);
    return out;
  };
  return { xs: join(before.xs, more.xs), ys: join(before.ys, more.ys) };
}
