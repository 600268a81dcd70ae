// The view of one run: its state, what can be done with it, and its parts: curves, configuration, log, artifacts,
// histograms, texts and environment.
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { RunDetails, RunFacts } from '../../../../src/client/studio-types.ts';
import { useLoaded } from '../../loading.ts';
import { formatTime } from '../../numbers.ts';
import { formatDuration, formatValue } from '../charts/values.ts';
import { ConfirmDialog } from '../confirm-dialog.tsx';
import { linkToPlace, useQuery } from '../place.ts';
import { loadRun, resumeRun, stopRun } from '../studio-api.ts';
import { studioStrings } from '../studio-strings.ts';
import { StudioFailure, type StudioViewProps } from '../studio-view.tsx';
import { formatBytes, nameRun } from './columns.ts';
import { RunCurves } from './run-curves.tsx';
import { RunNotes } from './run-notes.tsx';
import {
  ArtifactsPart,
  ConfigurationPart,
  EnvironmentPart,
  HistogramsPart,
  LogPart,
  TextsPart,
} from './run-parts.tsx';
import { StatusMark } from './status-mark.tsx';
import { useRunChanges, type useRuns } from './use-runs.ts';

const PARTS = ['curves', 'configuration', 'log', 'artifacts', 'histograms', 'texts', 'environment'] as const;

const DETAILS_EVERY_MS = 10_000;
const LOOK_OF_ONE = 0;
const CURVES_OF_ONE: readonly string[] = ['val_loss', 'train_loss', 'val_accuracy', 'learning_rate'];

export function RunView({ place, onKeyNeeded }: StudioViewProps) {
  const id = place.id ?? '';
  const load = useCallback((signal: AbortSignal) => loadRun(id, signal), [id]);
  const [details, reload] = useLoaded(load);
  const [now, setNow] = useState<RunFacts | null>(null);
  const follow = useRef<Parameters<typeof useRuns>[2]>(undefined);
  useRunChanges((changes) => {
    const mine = changes.runs.find((run) => run.id === id);
    if (mine === undefined) return;
    setNow(mine);
    // what else is recorded about it is fetched when its state changes
    if (mine.status !== (now ?? (details.state === 'loaded' ? details.value.run : null))?.status) reload();
    follow.current?.(changes);
  }, reload);
  useEffect(() => setNow(null), [id]);
  const isRunning = (now ?? (details.state === 'loaded' ? details.value.run : null))?.status === 'running';
  useEffect(() => {
    // artifacts, texts and histograms come while it runs
    if (!isRunning) return;
    const timer = setInterval(reload, DETAILS_EVERY_MS);
    return () => clearInterval(timer);
  }, [isRunning]);
  useEffect(() => {
    if (details.state === 'failed') onKeyNeeded(details.failure);
  }, [details]);
  return (
    <>
      <p class="back">
        <a href={linkToPlace('runs')}>{studioStrings.back(studioStrings.sections.runs)}</a>
      </p>
      {details.state === 'loading' && <p class="fine view-loading">{studioStrings.loading}</p>}
      {details.state === 'failed' && <StudioFailure failure={details.failure} onRetry={reload} />}
      {details.state === 'loaded' && (
        <OneRun
          details={details.value}
          run={now ?? details.value.run}
          place={place}
          follow={follow}
          reload={reload}
        />
      )}
    </>
  );
}

interface OneRunProps {
  readonly details: RunDetails;
  /** As it is now. */
  readonly run: RunFacts;
  readonly place: StudioViewProps['place'];
  readonly follow: { current: Parameters<typeof useRuns>[2] };
  readonly reload: () => void;
}

function OneRun({ details, run, place, follow, reload }: OneRunProps) {
  const change = useQuery(place);
  const part = PARTS.find((name) => name === place.query.part) ?? 'curves';
  return (
    <>
      <div class="intro studio-intro">
        <div>
          <h1>{run.model}</h1>
          <p class="run-id">
            <code>{run.id}</code>
          </p>
        </div>
        <RunActions details={details} run={run} reload={reload} />
      </div>
      <RunFactsList run={run} />
      <RunNotes run={run} onChanged={reload} />
      <nav class="parts" aria-label={studioStrings.partsLabel}>
        {PARTS.map((name) => (
          <a
            key={name}
            href={linkToPlace('runs', run.id, { ...place.query, part: name === 'curves' ? '' : name })}
            aria-current={name === part ? 'true' : undefined}
          >
            {studioStrings.runParts[name]}
          </a>
        ))}
      </nav>
      {part === 'curves' && (
        <RunCurves
          runs={[run]}
          looks={new Map([[run.id, LOOK_OF_ONE]])}
          query={place.query}
          change={change}
          follow={follow}
          highlighted={null}
          onHighlight={() => undefined}
          preferred={CURVES_OF_ONE}
        />
      )}
      {part === 'configuration' && <ConfigurationPart configuration={details.configuration} />}
      {part === 'log' && <LogPart run={run} />}
      {part === 'artifacts' && <ArtifactsPart artifacts={details.artifacts} paths={details.paths} />}
      {part === 'histograms' && <HistogramsPart histograms={details.histograms} />}
      {part === 'texts' && <TextsPart texts={details.texts} />}
      {part === 'environment' && <EnvironmentPart head={details.head} />}
    </>
  );
}

function RunActions(props: {
  readonly details: RunDetails;
  readonly run: RunFacts;
  readonly reload: () => void;
}) {
  const { details, run, reload } = props;
  const [asked, setAsked] = useState<'stop' | 'resume' | null>(null);
  const [said, setSaid] = useState('');
  const isRunning = run.status === 'running';
  const name = nameRun(run);
  return (
    <div class="run-actions">
      <p role="status" class="fine">
        {isRunning && details.stopRequested ? studioStrings.stopRequested : said}
      </p>
      <div class="actions">
        <StatusMark status={run.status} />
        {isRunning && !details.stopRequested && (
          <button type="button" class="quiet" onClick={() => setAsked('stop')}>
            {studioStrings.stop}
          </button>
        )}
        {!isRunning && details.canResume && (
          <button type="button" class="quiet" onClick={() => setAsked('resume')}>
            {studioStrings.resume}
          </button>
        )}
        <a href={linkToPlace('runs', undefined, { runs: run.id })}>{studioStrings.compareLink}</a>
        <a href={linkToPlace('lineage', run.id)}>{studioStrings.lineageLink}</a>
      </div>
      {asked === 'stop' && (
        <ConfirmDialog
          heading={studioStrings.stopHeading(name)}
          text={studioStrings.stopText}
          confirm={studioStrings.stopConfirm}
          onClose={() => setAsked(null)}
          onConfirm={async () => {
            await stopRun(run.id);
            setSaid(studioStrings.stopRequested);
            reload();
          }}
        />
      )}
      {asked === 'resume' && (
        <ConfirmDialog
          heading={studioStrings.resumeHeading(name)}
          text={studioStrings.resumeText}
          confirm={studioStrings.resumeConfirm}
          onClose={() => setAsked(null)}
          onConfirm={async () => {
            const { processId } = await resumeRun(run.id);
            setSaid(studioStrings.resumeStarted(processId));
            reload();
          }}
        />
      )}
    </div>
  );
}

function RunFactsList({ run }: { readonly run: RunFacts }) {
  const { best, test } = run;
  const names = studioStrings.columnNames;
  const facts: readonly (readonly [string, string, string?])[] = [
    ...(best === null
      ? []
      : ([
          [studioStrings.bestLoss, formatValue(best.calibratedLoss), studioStrings.bestAt(best.step)],
        ] as const)),
    ...(test === null ? [] : ([['test_accuracy', formatValue(test.accuracy)]] as const)),
    [names.steps!, formatValue(run.steps)],
    [names.duration!, run.seconds === null ? '–' : formatDuration(run.seconds)],
    [names.started!, formatTime(run.createdAt)],
    ...(run.peakMemoryBytes === null ? [] : ([[names.memory!, formatBytes(run.peakMemoryBytes)]] as const)),
  ];
  return (
    <dl class="run-facts">
      {facts.map(([name, value, note]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            {value}
            {note !== undefined && <span class="note">{note}</span>}
          </dd>
        </div>
      ))}
      <div>
        <dt>{names.dataset}</dt>
        <dd>
          <a href={linkToPlace('lineage', run.datasetVersion)}>{run.datasetVersion}</a>
        </dd>
      </div>
      {run.modelVersion !== null && (
        <div>
          <dt>{names.version}</dt>
          <dd>
            <a href={linkToPlace('registry')}>{run.modelVersion}</a>
          </dd>
        </div>
      )}
    </dl>
  );
}
