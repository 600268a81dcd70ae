// The view "Sweeps": the list, or one sweep with its plots and its trials.
import type { ComponentChildren } from 'preact';
import { useCallback, useEffect, useState } from 'preact/hooks';
import type { SweepDetails, SweepFacts, SweepTrial } from '../../../../src/client/studio-types.ts';
import { type Loadable, useLoaded } from '../../loading.ts';
import { formatTime } from '../../numbers.ts';
import { formatValue } from '../charts/values.ts';
import { linkToPlace } from '../place.ts';
import { shortenId } from '../runs/columns.ts';
import { StatusMark } from '../runs/status-mark.tsx';
import { listSweeps, loadSweep } from '../studio-api.ts';
import { studioStrings } from '../studio-strings.ts';
import { StudioFailure, type StudioViewProps } from '../studio-view.tsx';
import { ParallelCoordinates } from './parallel-coordinates.tsx';
import {
  HistoryPlot,
  hasResults,
  ImportanceBars,
  ParetoPlot,
  ScatterPlot,
  SeedNoise,
} from './sweep-plots.tsx';
import { resultOf } from './trials.ts';

/** While a sweep runs, its trials are fetched again this often. */
const POLL_MS = 5000;

export function SweepsView(props: StudioViewProps) {
  const { id } = props.place;
  return id === undefined ? <SweepList {...props} /> : <OneSweep key={id} id={id} {...props} />;
}

/** Loads again every few seconds while `isRunning` says so of what was loaded. */
function usePolled<T>(
  load: (signal: AbortSignal) => Promise<T>,
  isRunning: (value: T) => boolean,
): [Loadable<T>, () => void] {
  const [loaded, reload] = useLoaded(load);
  const isOn = loaded.state === 'loaded' && isRunning(loaded.value);
  useEffect(() => {
    if (!isOn) return;
    const timer = setInterval(reload, POLL_MS);
    return () => clearInterval(timer);
  }, [isOn]);
  return [loaded, reload];
}

function SweepList({ onKeyNeeded }: StudioViewProps) {
  const [sweeps, reload] = usePolled(listSweeps, (list) => list.some(({ status }) => status === 'running'));
  useEffect(() => {
    if (sweeps.state === 'failed') onKeyNeeded(sweeps.failure);
  }, [sweeps]);
  return (
    <>
      <div class="intro studio-intro">
        <div>
          <h1>{studioStrings.sweepsHeading}</h1>
          <p class="fine">{studioStrings.sweepsLead}</p>
        </div>
      </div>
      {sweeps.state === 'loading' && <p class="fine view-loading">{studioStrings.loading}</p>}
      {sweeps.state === 'failed' && <StudioFailure failure={sweeps.failure} onRetry={reload} />}
      {sweeps.state === 'loaded' &&
        (sweeps.value.length === 0 ? (
          <div class="empty">
            <p>{studioStrings.sweepsNone}</p>
            <p class="fine">{studioStrings.sweepsNoneAdvice}</p>
          </div>
        ) : (
          <SweepTable sweeps={sweeps.value} />
        ))}
    </>
  );
}

function SweepTable({ sweeps }: { readonly sweeps: readonly SweepFacts[] }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: keyboard users must be able to reach what scrolls
    <section class="table-frame sweep-table" aria-label={studioStrings.sweepsHeading} tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">{studioStrings.sweepName}</th>
            <th scope="col">{studioStrings.columnNames.status}</th>
            <th scope="col">{studioStrings.sweepMethod}</th>
            <th scope="col">{studioStrings.sweepMetric}</th>
            <th scope="col">{studioStrings.sweepBest}</th>
            <th scope="col">{studioStrings.sweepTrials}</th>
            <th scope="col">{studioStrings.columnNames.started}</th>
          </tr>
        </thead>
        <tbody>
          {sweeps.map((sweep) => (
            <tr key={sweep.id}>
              <th scope="row">
                <a href={linkToPlace('sweeps', sweep.id)}>{sweep.name}</a>
                <span class="fine">{sweep.parameters.map(({ name }) => name).join(', ')}</span>
              </th>
              <td>
                <StatusMark status={sweep.status} />
              </td>
              <td>{sweep.method}</td>
              <td>{sweep.metric}</td>
              <td>{sweep.best === null ? '–' : formatValue(Number(sweep.best.value))}</td>
              <td>{studioStrings.trialCounts(sweep.trials)}</td>
              <td>{formatTime(sweep.createdAt)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function OneSweep({ id, onKeyNeeded }: StudioViewProps & { readonly id: string }) {
  const load = useCallback((signal: AbortSignal) => loadSweep(id, signal), [id]);
  const [details, reload] = usePolled(load, ({ sweep }) => sweep.status === 'running');
  useEffect(() => {
    if (details.state === 'failed') onKeyNeeded(details.failure);
  }, [details]);
  return (
    <>
      <p class="back">
        <a href={linkToPlace('sweeps')}>{studioStrings.back(studioStrings.sections.sweeps)}</a>
      </p>
      {details.state === 'loading' && <p class="fine view-loading">{studioStrings.loading}</p>}
      {details.state === 'failed' && <StudioFailure failure={details.failure} onRetry={reload} />}
      {details.state === 'loaded' && <SweepParts {...details.value} />}
    </>
  );
}

function SweepParts({ sweep, trials, noise }: SweepDetails) {
  const [highlighted, onHighlight] = useState<number | null>(null);
  const shared = { sweep, trials, noise, highlighted, onHighlight };
  return (
    <>
      <div class="intro studio-intro">
        <div>
          <h1>{sweep.name}</h1>
          <p class="fine">
            {sweep.id}: {studioStrings.sweepLead(sweep.method, sweep.goal, sweep.metric)}
          </p>
        </div>
        <div class="run-actions">
          <StatusMark status={sweep.status} />
          <a href={linkToPlace('lineage', sweep.id)}>{studioStrings.lineageLink}</a>
        </div>
      </div>
      <dl class="run-facts">
        <div>
          <dt>{studioStrings.sweepBest}</dt>
          <dd>
            {sweep.best === null ? (
              '–'
            ) : sweep.best.runId === null ? (
              studioStrings.bestOf(formatValue(Number(sweep.best.value)), sweep.best.trial)
            ) : (
              <a href={linkToPlace('runs', sweep.best.runId)}>
                {studioStrings.bestOf(formatValue(Number(sweep.best.value)), sweep.best.trial)}
              </a>
            )}
          </dd>
        </div>
        <div>
          <dt>{studioStrings.sweepTrials}</dt>
          <dd>{studioStrings.trialCounts(sweep.trials)}</dd>
        </div>
        <div>
          <dt>{studioStrings.columnNames.started}</dt>
          <dd>{formatTime(sweep.createdAt)}</dd>
        </div>
      </dl>
      {hasResults(trials) && (
        <>
          <div class="card-part">
            <h2 id="parallel-heading">{studioStrings.parallelHeading}</h2>
            <p class="section-lead">{studioStrings.parallelLead}</p>
            <div class="chart">
              <ParallelCoordinates {...shared} />
            </div>
          </div>
          <div class="plot-grid">
            <Plot heading={studioStrings.historyHeading} lead={studioStrings.historyLead} name="history">
              <HistoryPlot {...shared} />
            </Plot>
            <Plot
              heading={studioStrings.importanceHeading}
              lead={studioStrings.importanceLead}
              name="importance"
            >
              <ImportanceBars {...shared} />
            </Plot>
            <Plot heading={studioStrings.scatterHeading} lead="" name="scatter">
              <ScatterPlot {...shared} />
            </Plot>
            <Plot heading={studioStrings.paretoHeading} lead={studioStrings.paretoLead} name="pareto">
              <ParetoPlot {...shared} />
            </Plot>
          </div>
          <SeedNoise {...shared} />
        </>
      )}
      <TrialTable {...shared} />
    </>
  );
}

function Plot(props: {
  readonly heading: string;
  readonly lead: string;
  readonly name: string;
  readonly children: ComponentChildren;
}) {
  const { heading, lead, name, children } = props;
  return (
    <section class="card-part plot-part" aria-labelledby={`${name}-heading`}>
      <h2 id={`${name}-heading`}>{heading}</h2>
      {lead !== '' && <p class="section-lead">{lead}</p>}
      <div class="chart">{children}</div>
    </section>
  );
}

function TrialTable(
  props: SweepDetails & {
    readonly highlighted: number | null;
    readonly onHighlight: (trial: number | null) => void;
  },
) {
  const { sweep, trials, highlighted, onHighlight } = props;
  return (
    <div class="card-part">
      <h2 id="trials-heading">{studioStrings.trialsHeading}</h2>
      {trials.length === 0 && <p class="fine">{studioStrings.trialsNone}</p>}
      {trials.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: keyboard users must be able to reach what scrolls
        <section class="table-frame trial-table" aria-labelledby="trials-heading" tabIndex={0}>
          <table>
            <thead>
              <tr>
                <th scope="col">{studioStrings.trial}</th>
                <th scope="col">{studioStrings.trialState}</th>
                <th scope="col">{sweep.metric}</th>
                {sweep.parameters.map(({ name }) => (
                  <th key={name} scope="col">
                    {name}
                  </th>
                ))}
                <th scope="col">{studioStrings.trialRun}</th>
              </tr>
            </thead>
            <tbody>
              {trials.map((trial) => (
                <TrialRow
                  key={trial.number}
                  trial={trial}
                  names={sweep.parameters.map(({ name }) => name)}
                  isBest={trial.number === sweep.best?.trial}
                  isNear={trial.number === highlighted}
                  onHighlight={onHighlight}
                />
              ))}
            </tbody>
          </table>
        </section>
      )}
    </div>
  );
}

function TrialRow(props: {
  readonly trial: SweepTrial;
  readonly names: readonly string[];
  readonly isBest: boolean;
  readonly isNear: boolean;
  readonly onHighlight: (trial: number | null) => void;
}) {
  const { trial, names, isBest, isNear, onHighlight } = props;
  return (
    <tr
      class={isNear ? 'near' : ''}
      onMouseEnter={() => onHighlight(trial.number)}
      onMouseLeave={() => onHighlight(null)}
      onFocusIn={() => onHighlight(trial.number)}
      onFocusOut={() => onHighlight(null)}
    >
      <th scope="row">
        {trial.number}
        {isBest && <span class="tag">{studioStrings.bestTag}</span>}
      </th>
      <td>
        <StatusMark status={trial.state} />
        {trial.failure !== null && (
          <span class="fine" title={trial.failure.message}>
            {' '}
            {trial.failure.code}
          </span>
        )}
        {trial.repeats !== null && (
          <span class="fine"> {studioStrings.trialRepeats(trial.repeats, trial.seed)}</span>
        )}
      </td>
      <td>{formatValue(resultOf(trial))}</td>
      {names.map((name) => {
        const value = trial.parameters[name];
        return (
          <td key={name}>
            {value === undefined ? '–' : typeof value === 'number' ? formatValue(value) : String(value)}
          </td>
        );
      })}
      <td>
        {trial.runId !== null && <a href={linkToPlace('runs', trial.runId)}>{shortenId(trial.runId)}</a>}
      </td>
    </tr>
  );
}
