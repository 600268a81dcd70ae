// The plots of one sweep: its history, a parameter against the result, the importance of parameters, two metrics at once,
// and the noise of the seed.
import { useCallback, useMemo, useState } from 'preact/hooks';
import type { SweepDetails, SweepTrial } from '../../../../src/client/studio-types.ts';
import { useLoaded } from '../../loading.ts';
import { createScale, findRange } from '../charts/scale.ts';
import { formatValue } from '../charts/values.ts';
import { XyPlot } from '../charts/xy-plot.tsx';
import { linkToPlace } from '../place.ts';
import { loadImportance, loadPareto, loadRun } from '../studio-api.ts';
import { studioStrings } from '../studio-strings.ts';
import { StudioFailure } from '../studio-view.tsx';
import { groupRepeats, hasResult, listAxes, listBestSoFar, placeOn, resultOf } from './trials.ts';

export interface SweepPlotProps extends SweepDetails {
  readonly highlighted: number | null;
  readonly onHighlight: (trial: number | null) => void;
}

const STATE_CLASSES: Readonly<Record<SweepTrial['state'], string>> = {
  finished: 'dot',
  stopped: 'dot dot-stopped',
  running: 'dot dot-stopped',
  failed: 'dot dot-stopped',
  waiting: 'dot dot-stopped',
};

export function HistoryPlot({ sweep, trials, highlighted, onHighlight }: SweepPlotProps) {
  // repeats try nothing new: they are shown with the noise of the seed
  const shown = trials.filter((trial) => trial.repeats === null && resultOf(trial) !== null);
  const best = listBestSoFar(trials, sweep.goal);
  const [low, high] = findRange(shown.map((trial) => resultOf(trial)!));
  const last = shown.at(-1)?.number ?? 1;
  const first = shown[0]?.number ?? 0;
  return (
    <XyPlot
      label={studioStrings.historyLabel(shown.length, formatValue(best.at(-1)?.value))}
      x={createScale(first, Math.max(first + 1, last))}
      y={createScale(low, high)}
      xName={studioStrings.trialAxis}
      yName={sweep.metric}
    >
      {(x, y) => (
        <>
          <path
            class="best-line"
            d={best
              .map(({ trial, value }, index) =>
                index === 0 ? `M${x(trial)} ${y(value)}` : `H${x(trial)}V${y(value)}`,
              )
              .concat(best.length > 0 ? `H${x(last)}` : '')
              .join('')}
          />
          {shown.map((trial) => (
            <circle
              key={trial.number}
              class={`${STATE_CLASSES[trial.state]}${trial.number === highlighted ? ' near' : ''}`}
              cx={x(trial.number)}
              cy={y(resultOf(trial)!)}
              r={trial.number === highlighted ? 6 : 4}
              onPointerEnter={() => onHighlight(trial.number)}
              onPointerLeave={() => onHighlight(null)}
            >
              <title>{`${studioStrings.trialName(trial.number)}: ${formatValue(resultOf(trial))}`}</title>
            </circle>
          ))}
        </>
      )}
    </XyPlot>
  );
}

export function ScatterPlot({ sweep, trials, highlighted, onHighlight }: SweepPlotProps) {
  const shown = useMemo(() => trials.filter((trial) => resultOf(trial) !== null), [trials]);
  const axes = useMemo(() => listAxes(sweep, shown).filter(({ isResult }) => !isResult), [sweep, shown]);
  const [chosen, setChosen] = useState(axes[0]?.name ?? '');
  const axis = axes.find(({ name }) => name === chosen) ?? axes[0];
  if (axis === undefined) return null;
  const [low, high] = findRange(shown.map((trial) => resultOf(trial)!));
  const inset = 0.04;
  const spread = (place: number): number => inset + place * (1 - 2 * inset);
  return (
    <>
      <label class="choice">
        {studioStrings.scatterParameter}
        <select value={axis.name} onChange={(event) => setChosen(event.currentTarget.value)}>
          {axes.map(({ name }) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <XyPlot
        label={studioStrings.scatterLabel(axis.name, sweep.metric, shown.length)}
        x={createScale(0, 1)}
        y={createScale(low, high)}
        xName={axis.name}
        yName={sweep.metric}
        xTicks={axis.ticks.map(({ place, label }) => ({ place: spread(place), label }))}
      >
        {(x, y) =>
          shown.flatMap((trial) => {
            const place = placeOn(axis, trial);
            if (place === null) return [];
            return [
              <circle
                key={trial.number}
                class={`${STATE_CLASSES[trial.state]}${trial.number === highlighted ? ' near' : ''}`}
                cx={x(spread(place))}
                cy={y(resultOf(trial)!)}
                r={trial.number === highlighted ? 6 : 4}
                onPointerEnter={() => onHighlight(trial.number)}
                onPointerLeave={() => onHighlight(null)}
              >
                <title>{`${studioStrings.trialName(trial.number)}: ${formatValue(resultOf(trial))}`}</title>
              </circle>,
            ];
          })
        }
      </XyPlot>
    </>
  );
}

/** The names of the metrics of a sweep: those of its best run. */
function useMetricNames({ sweep }: SweepDetails): readonly string[] {
  const runId = sweep.best?.runId ?? null;
  const load = useCallback(
    async (signal: AbortSignal): Promise<readonly string[]> =>
      runId === null ? [] : (await loadRun(runId, signal)).run.metrics.map(({ name }) => name),
    [runId],
  );
  const [names] = useLoaded(load);
  return names.state === 'loaded' ? names.value : [];
}

/** What two parameters explain together is named from here on. */
const LEAST_PAIR = 0.02;

const formatShare = (share: number): string => `${Math.round(share * 100)}%`;

export function ImportanceBars(props: SweepDetails) {
  const { sweep } = props;
  const names = useMetricNames(props);
  const [metric, setMetric] = useState<string | undefined>(undefined);
  const load = useCallback(
    (signal: AbortSignal) => loadImportance(sweep.id, metric, signal),
    [sweep.id, metric, sweep.trials.finished],
  );
  const [found, reload] = useLoaded(load);
  const pairs =
    found.state === 'loaded' ? found.value.pairs.filter(({ importance }) => importance >= LEAST_PAIR) : [];
  return (
    <>
      {names.length > 1 && (
        <label class="choice">
          {studioStrings.importanceMetric}
          <select value={metric ?? sweep.metric} onChange={(event) => setMetric(event.currentTarget.value)}>
            {[...new Set([sweep.metric, ...names])].map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </label>
      )}
      {found.state === 'loading' && <p class="fine">{studioStrings.loading}</p>}
      {found.state === 'failed' && <StudioFailure failure={found.failure} onRetry={reload} />}
      {found.state === 'loaded' &&
        (found.value.reason !== null ? (
          <p>{found.value.reason}</p>
        ) : (
          <>
            <ol class="importance">
              {found.value.parameters.map(({ name, importance, low, high, correlation }) => (
                <li key={name}>
                  <span class="importance-head">
                    <span class="importance-name">{name}</span>
                    <span class="fine">
                      {correlation === null
                        ? ''
                        : studioStrings.importanceCorrelation(correlation.kind, correlation.value)}
                    </span>
                  </span>
                  <svg class="importance-bar" aria-hidden="true">
                    <rect class="track" width="100%" height="100%" rx="3" />
                    <rect class="fill" width={`${Math.max(0.5, importance * 100)}%`} height="100%" rx="3" />
                    {['interval-edge', 'interval'].map((line) => (
                      <line
                        key={line}
                        class={line}
                        x1={`${low * 100}%`}
                        x2={`${high * 100}%`}
                        y1="50%"
                        y2="50%"
                      />
                    ))}
                  </svg>
                  <span class="share">{formatShare(importance)}</span>
                  <span class="fine">
                    {studioStrings.importanceInterval(formatShare(low), formatShare(high))}
                  </span>
                </li>
              ))}
            </ol>
            {pairs.length > 0 && (
              <p class="fine">
                {studioStrings.importancePairs(
                  pairs.map(({ names, importance }) => ({
                    ...{ names, share: formatShare(importance) },
                  })),
                )}
              </p>
            )}
            <p class="fine">{studioStrings.importanceTrials(found.value.trials, found.value.stopped)}</p>
          </>
        ))}
    </>
  );
}

export function ParetoPlot(props: SweepPlotProps) {
  const { sweep, highlighted, onHighlight } = props;
  const names = useMetricNames(props);
  const [chosen, setChosen] = useState<readonly [string, string] | undefined>(undefined);
  const load = useCallback(
    (signal: AbortSignal) => loadPareto(sweep.id, chosen, signal),
    [sweep.id, chosen?.join(','), sweep.trials.finished],
  );
  const [found, reload] = useLoaded(load);
  if (found.state === 'loading') return <p class="fine">{studioStrings.loading}</p>;
  if (found.state === 'failed') return <StudioFailure failure={found.failure} onRetry={reload} />;
  const { metrics, points } = found.value;
  const finite = points.filter(({ values }) => values.every(Number.isFinite));
  const [xs, ys] = [0, 1].map((at) => findRange(finite.map(({ values }) => values[at]!)));
  const best = finite.filter(({ isBest }) => isBest).sort((a, b) => a.values[0] - b.values[0]);
  const options = [...new Set([...metrics, ...names])];
  return (
    <>
      <div class="choices">
        {([0, 1] as const).map((at) => (
          <label key={at} class="choice">
            {at === 0 ? studioStrings.paretoFirst : studioStrings.paretoSecond}
            <select
              value={metrics[at]}
              onChange={(event) => {
                const { value } = event.currentTarget;
                setChosen(at === 0 ? [value, metrics[1]] : [metrics[0], value]);
              }}
            >
              {options.map((name) => (
                <option key={name} value={name}>
                  {name}
                </option>
              ))}
            </select>
          </label>
        ))}
      </div>
      <XyPlot
        label={studioStrings.paretoLabel(metrics[0], metrics[1], best.length)}
        x={createScale(xs![0], xs![1])}
        y={createScale(ys![0], ys![1])}
        xName={metrics[0]}
        yName={metrics[1]}
      >
        {(x, y) => (
          <>
            <path
              class="best-line"
              d={best
                .map(({ values: [a, b] }, index) => `${index === 0 ? 'M' : 'L'}${x(a)} ${y(b)}`)
                .join('')}
            />
            {finite.map(({ trial, values: [a, b], isBest, isStopped }) => (
              <circle
                key={trial}
                class={`dot ${isBest ? 'dot-best' : isStopped ? 'dot-stopped' : ''}${trial === highlighted ? ' near' : ''}`}
                cx={x(a)}
                cy={y(b)}
                r={trial === highlighted || isBest ? 5.5 : 4}
                onPointerEnter={() => onHighlight(trial)}
                onPointerLeave={() => onHighlight(null)}
              >
                <title>{`${studioStrings.trialName(trial)}: ${formatValue(a)}, ${formatValue(b)}`}</title>
              </circle>
            ))}
          </>
        )}
      </XyPlot>
      <p class="fine">
        {studioStrings.paretoBest}{' '}
        {best.map(({ trial, runId }, index) => (
          <>
            {index > 0 && ', '}
            <a
              key={trial}
              href={linkToPlace('runs', runId)}
              onFocusIn={() => onHighlight(trial)}
              onFocusOut={() => onHighlight(null)}
            >
              {studioStrings.trialName(trial)}
            </a>
          </>
        ))}
      </p>
    </>
  );
}

const ROW = 46;

/** A row for each setting that was repeated: a dot for each run, the range and the mean. */
export function SeedNoise({ sweep, trials, noise }: SweepDetails) {
  if (noise === null) return null;
  const repeats = groupRepeats(trials, noise);
  const [low, high] = findRange(repeats.flatMap(({ results }) => results.map(({ value }) => value)));
  const rowOf = (index: number): number => 1 - (index + 0.5) / repeats.length;
  return (
    <section class="card-part" aria-labelledby="noise-heading">
      <h2 id="noise-heading">{studioStrings.noiseHeading}</h2>
      <p class="section-lead">{studioStrings.noiseLead}</p>
      <p class="noise-says">
        <strong>{noise.says}</strong>
      </p>
      <div class="chart">
        <XyPlot
          label={studioStrings.noiseLabel(repeats.length)}
          x={createScale(low, high)}
          y={createScale(0, 1)}
          yTicks={repeats.map(({ measured }, index) => ({
            ...{ place: rowOf(index), label: studioStrings.trialName(measured.trial) },
          }))}
          xName={sweep.metric}
          yName=""
          height={repeats.length * ROW + 70}
        >
          {(x, toY) =>
            repeats.map(({ results, measured }, index) => {
              const y = toY(rowOf(index));
              const values = results.map(({ value }) => value);
              return (
                <g key={measured.trial}>
                  <line
                    class="noise-range"
                    x1={x(Math.min(...values))}
                    x2={x(Math.max(...values))}
                    y1={y}
                    y2={y}
                  />
                  {results.map(({ trial, value }) => (
                    <circle key={trial} class="dot" cx={x(value)} cy={y} r="4.5">
                      <title>{`${studioStrings.trialName(trial)}: ${formatValue(value)}`}</title>
                    </circle>
                  ))}
                  <line
                    class="noise-mean"
                    x1={x(measured.mean)}
                    x2={x(measured.mean)}
                    y1={y - 12}
                    y2={y + 12}
                  />
                </g>
              );
            })
          }
        </XyPlot>
        <ol class="noise-list">
          {repeats.map(({ trial, measured: { n, mean, deviation, beatsBest, trial: number } }, index) => (
            <li key={number}>
              <strong>
                {studioStrings.noiseOf(
                  n,
                  formatValue(mean),
                  deviation === null ? null : formatValue(deviation),
                )}
              </strong>{' '}
              {index > 0 && beatsBest !== null && studioStrings.noiseChance(formatShare(beatsBest))}{' '}
              <span class="fine">
                {Object.entries(trial?.parameters ?? {})
                  .map(([name, value]) => `${name} ${typeof value === 'number' ? formatValue(value) : value}`)
                  .join(', ')}
              </span>
            </li>
          ))}
        </ol>
      </div>
    </section>
  );
}

/** Whether any trial has a result to draw. */
export function hasResults(trials: readonly SweepTrial[]): boolean {
  return trials.some(hasResult);
}
