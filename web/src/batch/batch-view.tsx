// The view "Batch": the user drops a file of articles, watches the progress, and sorts and saves the predictions.
import { useState } from 'preact/hooks';
import type { Example } from '../api.ts';
import type { ViewProps } from '../app.tsx';
import { formatCount, formatSeconds } from '../numbers.ts';
import { FailureNote, ViewHeading } from '../page-frame.tsx';
import { strings } from '../strings.ts';
import { ColumnPicker } from './column-picker.tsx';
import { listExpected } from './columns.ts';
import { ResultTable } from './result-table.tsx';
import { formatResults } from './results.ts';
import {
  type BatchRun,
  chooseColumns,
  clearBatch,
  openBatch,
  startBatch,
  stopBatch,
  useBatchRun,
} from './run.ts';

export function BatchView({ facts, examples }: ViewProps) {
  const run = useBatchRun();
  const known = examples.state === 'loaded' ? examples.value : [];
  const model = facts.state === 'loaded' ? facts.value : null;
  const columns = model?.columns ?? null;
  const start = (file: File | undefined): void => {
    if (file !== undefined) void openBatch(file, file.name, model);
  };
  const again = (): void => {
    if (run.plan !== null && run.choice !== null) void startBatch(run.choice);
    else if (run.file !== null) void openBatch(run.file, run.name, model);
  };
  const classNames =
    model?.classNames ??
    Object.keys(run.rows.find(({ answer }) => answer !== null)?.answer?.probabilities ?? {});
  return (
    <>
      <ViewHeading heading={strings.batchHeading} lead={strings.batchLead} />
      <DropZone compact={run.state !== 'idle'} columns={listExpected(columns)} onFile={start} />
      {run.state === 'idle' && known.length > 0 && (
        <p class="onward">
          {strings.batchNoFile}{' '}
          <button type="button" class="small" onClick={() => start(writeExamples(known))}>
            {strings.batchTryExamples(known.length)}
          </button>
        </p>
      )}
      {run.state === 'choosing' && run.plan !== null && run.choice !== null && (
        <ColumnPicker
          key={run.name}
          fileName={run.name}
          plan={run.plan}
          choice={run.choice}
          model={columns}
          onStart={(choice) => void startBatch(choice)}
          onCancel={clearBatch}
        />
      )}
      {run.state !== 'idle' && run.state !== 'choosing' && <Progress run={run} />}
      {run.failure !== null && (
        <div class="panel" role="alert">
          <FailureNote failure={run.failure} onRetry={again} />
        </div>
      )}
      {run.state !== 'choosing' && run.rows.length > 0 && (
        <ResultTable
          rows={run.rows}
          classNames={classNames}
          threshold={model?.calibration.abstainBelow ?? 0}
          actions={
            <>
              <button
                type="button"
                class={run.state === 'done' ? 'primary' : 'quiet'}
                onClick={() => save(formatResults(run.rows, classNames), nameResults(run.name))}
              >
                {strings.batchSave}
              </button>
              {run.state !== 'running' && (
                <button type="button" class="quiet" onClick={clearBatch}>
                  {strings.batchClear}
                </button>
              )}
            </>
          }
        />
      )}
    </>
  );
}

function DropZone(props: {
  readonly compact: boolean;
  /** The columns that a file should have. */
  readonly columns: readonly string[];
  readonly onFile: (file: File | undefined) => void;
}) {
  const { compact, columns, onFile } = props;
  const [over, setOver] = useState(false);
  return (
    <fieldset
      class={`drop${over ? ' over' : ''}${compact ? ' compact' : ''}`}
      aria-label={strings.batchFile}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        onFile(event.dataTransfer?.files[0]);
      }}
    >
      <label for="file">{compact ? strings.batchAnother : strings.batchDrop}</label>
      <input
        id="file"
        type="file"
        accept=".csv,.tsv,.txt,.jsonl,.ndjson,.json,text/csv,application/x-ndjson"
        aria-describedby="file-note"
        onChange={(event) => {
          onFile(event.currentTarget.files?.[0]);
          event.currentTarget.value = '';
        }}
      />
      <p id="file-note" class="fine">
        {strings.batchColumns(columns)}
      </p>
    </fieldset>
  );
}

function Progress({ run }: { readonly run: BatchRun }) {
  const { state, name, plan, choice, rows, bytes, bytesDone, tookMs, waiting } = run;
  const share = bytes === 0 ? 1 : bytesDone / bytes;
  const leftMs = state === 'running' && share > 0.02 ? (tookMs / share) * (1 - share) : null;
  const rate = tookMs > 500 ? rows.length / (tookMs / 1000) : null;
  const words =
    state === 'done'
      ? strings.batchDone(rows.length, formatSeconds(tookMs))
      : state === 'stopped'
        ? strings.batchStopped(rows.length)
        : waiting > 0
          ? strings.batchWaiting(waiting)
          : strings.batchProgress(
              rows.length,
              rate === null ? null : formatCount(Math.round(rate)),
              leftMs === null ? null : formatSeconds(leftMs),
            );
  return (
    <div class="batch-progress">
      <p class="batch-name">{name}</p>
      {plan !== null && choice !== null && (
        <p class="batch-columns">
          <span>{strings.batchReads(choice)}</span>{' '}
          <button type="button" class="small" onClick={chooseColumns}>
            {strings.batchChangeColumns}
          </button>
        </p>
      )}
      {state === 'running' && (
        <progress max={1} value={share} aria-label={strings.batchProgressLabel}>
          {Math.round(share * 100)}%
        </progress>
      )}
      <p class="batch-state">
        <span aria-live="polite" aria-atomic="true">
          {state !== 'failed' && words}
        </span>{' '}
        {state === 'running' && (
          <button type="button" class="small" onClick={stopBatch}>
            {strings.batchStop}
          </button>
        )}
      </p>
    </div>
  );
}

function writeExamples(examples: readonly Example[]): File {
  const lines = examples.map(({ id, title, text }) => JSON.stringify({ id, title, text }));
  return new File([`${lines.join('\n')}\n`], strings.batchExamplesName);
}

function nameResults(name: string): string {
  return `${name.replace(/\.\w+$/, '')}-${strings.batchResultsName}.csv`;
}

/** Saves a CSV file. It starts with a byte order mark, without which Excel does not recognise UTF-8. */
function save(csv: string, name: string): void {
  const url = URL.createObjectURL(new Blob(['\uFEFF', csv], { type: 'text/csv' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
