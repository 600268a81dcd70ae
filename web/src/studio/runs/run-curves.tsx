// The charts of the drawn runs, one for each chosen metric, with their controls. All charts share the x axis and the zoom.
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { RunFacts } from '../../../../src/client/studio-types.ts';
import { type ChartCurve, CurveChart } from '../charts/curve-chart.tsx';
import type { Look } from '../charts/series-looks.ts';
import { AXES, type Axis } from '../charts/values.ts';
import { type Range, zoomByKey } from '../charts/zoom.ts';
import { linkToPlace, splitList } from '../place.ts';
import { studioStrings } from '../studio-strings.ts';
import { StudioFailure } from '../studio-view.tsx';
import { listMetricNames, nameRun } from './columns.ts';
import { type Curves, curveKey, useCurves } from './use-curves.ts';
import type { useRuns } from './use-runs.ts';

export interface RunCurvesProps {
  readonly runs: readonly RunFacts[];
  readonly looks: ReadonlyMap<string, Look>;
  readonly query: Readonly<Record<string, string>>;
  readonly change: (changes: Readonly<Record<string, string>>) => void;
  /** Receives the function that takes the changes of runs. */
  readonly follow: { current: Parameters<typeof useRuns>[2] };
  readonly highlighted: string | null;
  readonly onHighlight: (id: string | null) => void;
  /** The metrics that are drawn if the address names none. */
  readonly preferred?: readonly string[];
}

/** Percent of the slider, where the address says nothing. */
const SMOOTHING = '30';
const ADDRESS_WAIT_MS = 400;
const PREFERRED: readonly string[] = ['val_loss', 'train_loss'];

export function RunCurves(props: RunCurvesProps) {
  const { runs, looks, query, change, follow, highlighted, onHighlight, preferred = PREFERRED } = props;
  const names = useMemo(() => listMetricNames(runs), [runs]);
  const metrics = chooseMetrics(splitList(query.metrics), names, preferred);
  const axis = AXES.find((known) => known === query.x) ?? 'step';
  const [range, setRange] = useState<Range | null>(null);
  useEffect(() => setRange(null), [axis, query.logx]);
  const ids = runs.map(({ id }) => id);
  const live = useCurves({ runs: ids, metrics, axis, range });
  follow.current = live.follow;
  const [percent, setPercent] = useSmoothing(query.smooth, change);
  const smoothing = Math.min(1, Math.max(0, Number(percent) / 100 || 0));
  const named = useMemo(() => new Map(runs.map((run) => [run.id, nameRun(run)])), [runs]);
  if (names.length === 0) return <p class="fine">{studioStrings.curvesNone}</p>;
  return (
    <section class="curves" aria-label={studioStrings.metrics} aria-busy={live.isLoading}>
      <CurveControls
        names={names}
        metrics={metrics}
        axis={axis}
        query={query}
        change={change}
        percent={percent}
        onPercent={setPercent}
        range={range}
        onZoom={(key) => {
          const whole = findWholeRange(live.curves);
          setRange(zoomByKey(key, range ?? whole, whole) ?? null);
        }}
      />
      {live.failure !== null && (
        <StudioFailure failure={live.failure} onRetry={() => setRange(range === null ? null : [...range])} />
      )}
      <div class="chart-grid">
        {metrics.map((metric) => (
          <MetricChart
            key={metric}
            metric={metric}
            ids={ids}
            named={named}
            looks={looks}
            curves={live.curves}
            axis={axis}
            logX={query.logx === '1'}
            logY={query.logy === '1'}
            smoothing={smoothing}
            range={range}
            onRange={setRange}
            highlighted={highlighted}
            onHighlight={onHighlight}
          />
        ))}
      </div>
    </section>
  );
}

/** The strength of the smoothing. While the slider moves, it is not written to the address: browsers allow that rarely. */
function useSmoothing(
  smooth: string | undefined,
  change: RunCurvesProps['change'],
): [string, (percent: string) => void] {
  const [percent, setPercent] = useState(smooth ?? SMOOTHING);
  useEffect(() => setPercent(smooth ?? SMOOTHING), [smooth]);
  useEffect(() => {
    if (percent === (smooth ?? SMOOTHING)) return;
    const timer = setTimeout(() => change({ smooth: percent === SMOOTHING ? '' : percent }), ADDRESS_WAIT_MS);
    return () => clearTimeout(timer);
  }, [percent]);
  return [percent, setPercent];
}

function chooseMetrics(
  chosen: readonly string[],
  names: readonly string[],
  preferred: readonly string[],
): readonly string[] {
  const known = chosen.filter((name) => names.includes(name));
  if (known.length > 0) return known;
  const usual = preferred.filter((name) => names.includes(name));
  return usual.length > 0 ? usual : names.slice(0, 2);
}

function findWholeRange(curves: Curves): Range {
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { xs } of curves.values()) {
    if (xs.length === 0) continue;
    min = Math.min(min, xs[0]!);
    max = Math.max(max, xs.at(-1)!);
  }
  return min <= max ? [min, max] : [0, 1];
}

interface MetricChartProps {
  readonly metric: string;
  readonly ids: readonly string[];
  readonly named: ReadonlyMap<string, string>;
  readonly looks: ReadonlyMap<string, Look>;
  readonly curves: Curves;
  readonly axis: Axis;
  readonly logX: boolean;
  readonly logY: boolean;
  readonly smoothing: number;
  readonly range: Range | null;
  readonly onRange: (range: Range | null) => void;
  readonly highlighted: string | null;
  readonly onHighlight: (id: string | null) => void;
}

function MetricChart({ metric, ids, named, looks, curves, ...rest }: MetricChartProps) {
  const key = ids.join(',');
  const shown = useMemo(
    () =>
      ids.flatMap((id): ChartCurve[] => {
        const curve = curves.get(curveKey(id, metric));
        return curve === undefined || curve.xs.length === 0
          ? []
          : [{ id, name: named.get(id) ?? id, look: looks.get(id) ?? 0, ...curve }];
      }),
    [key, named, looks, curves, metric],
  );
  return <CurveChart name={metric} curves={shown} linkTo={(id) => linkToPlace('runs', id)} {...rest} />;
}

interface CurveControlsProps {
  readonly names: readonly string[];
  readonly metrics: readonly string[];
  readonly axis: Axis;
  readonly query: Readonly<Record<string, string>>;
  readonly change: (changes: Readonly<Record<string, string>>) => void;
  readonly percent: string;
  readonly onPercent: (percent: string) => void;
  readonly range: Range | null;
  readonly onZoom: (key: '+' | '-' | '0') => void;
}

function CurveControls(props: CurveControlsProps) {
  const { names, metrics, axis, query, change, percent, onPercent, range, onZoom } = props;
  const toggle = (name: string, isOn: boolean): void =>
    change({ metrics: (isOn ? [...metrics, name] : metrics.filter((other) => other !== name)).join(',') });
  return (
    <div class="controls">
      <fieldset class="segments">
        <legend class="spoken">{studioStrings.axisLegend}</legend>
        {AXES.map((name) => (
          <label key={name}>
            <input
              type="radio"
              name="axis"
              checked={name === axis}
              onChange={() => change({ x: name === 'step' ? '' : name })}
            />
            <span>{studioStrings.axisNames[name]}</span>
          </label>
        ))}
      </fieldset>
      {(['logx', 'logy'] as const).map((name) => (
        <label key={name} class="check">
          <input
            type="checkbox"
            checked={query[name] === '1'}
            onChange={(event) => change({ [name]: event.currentTarget.checked ? '1' : '' })}
          />
          {name === 'logx' ? studioStrings.logX : studioStrings.logY}
        </label>
      ))}
      <label class="slider">
        {studioStrings.smoothing}
        <input
          type="range"
          min="0"
          max="100"
          step="5"
          value={percent}
          onInput={(event) => onPercent(event.currentTarget.value)}
        />
        <output>{`${percent}%`}</output>
      </label>
      <span class="zoom">
        <button type="button" class="small" aria-label={studioStrings.zoomIn} onClick={() => onZoom('+')}>
          +
        </button>
        <button
          type="button"
          class="small"
          aria-label={studioStrings.zoomOut}
          disabled={range === null}
          onClick={() => onZoom('-')}
        >
          −
        </button>
        <button type="button" class="small" disabled={range === null} onClick={() => onZoom('0')}>
          {studioStrings.zoomReset}
        </button>
      </span>
      <details class="menu">
        <summary>{`${studioStrings.metrics} (${metrics.length})`}</summary>
        <fieldset class="menu-list">
          <legend class="spoken">{studioStrings.metrics}</legend>
          {names.map((name) => (
            <label key={name} class="check">
              <input
                type="checkbox"
                checked={metrics.includes(name)}
                onChange={(event) => toggle(name, event.currentTarget.checked)}
              />
              {name}
            </label>
          ))}
        </fieldset>
      </details>
    </div>
  );
}
