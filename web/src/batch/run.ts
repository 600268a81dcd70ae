// The state of the current file and its predictions. It exists outside the views, so that switching the view does not
// stop the work.
import { useEffect, useState } from 'preact/hooks';
import { type FailureFacts, type ModelFacts, RequestFailure } from '../api.ts';
import { asFailure } from '../loading.ts';
import type { ColumnChoice } from './columns.ts';
import { type FilePlan, planFile } from './file-plan.ts';
import { type BatchRow, predictFile } from './predict-file.ts';

export interface BatchRun {
  /** choosing: a person says which columns hold the articles. */
  readonly state: 'idle' | 'choosing' | 'running' | 'done' | 'stopped' | 'failed';
  readonly name: string;
  readonly file: Blob | null;
  /** What the start of the file says; null if it could not be read. */
  readonly plan: FilePlan | null;
  /** The columns that are read. */
  readonly choice: ColumnChoice | null;
  readonly rows: readonly BatchRow[];
  readonly bytesDone: number;
  readonly bytes: number;
  readonly startedMs: number;
  readonly tookMs: number;
  /** Seconds until the next attempt if the server is busy, else 0. */
  readonly waiting: number;
  readonly failure: FailureFacts | null;
}

const IDLE: BatchRun = {
  state: 'idle',
  name: '',
  file: null,
  plan: null,
  choice: null,
  rows: [],
  bytesDone: 0,
  bytes: 0,
  startedMs: 0,
  tookMs: 0,
  waiting: 0,
  failure: null,
};

let run = IDLE;
let controller = new AbortController();
const listeners = new Set<() => void>();

function change(next: Partial<BatchRun>): void {
  run = { ...run, ...next };
  for (const listener of listeners) listener();
}

/** Reads the start of a file, and stops the previous one. If its columns are clear, its rows are predicted at once. */
export async function openBatch(
  file: Blob,
  name: string,
  model: Pick<ModelFacts, 'columns' | 'reading'> | null,
): Promise<void> {
  controller.abort();
  controller = new AbortController();
  const { signal } = controller;
  change({ ...IDLE, name, file, bytes: file.size });
  try {
    const plan = await planFile(file, name, model);
    if (signal.aborted) return;
    change({ plan, choice: plan.choice });
    if (!plan.isSure) change({ state: 'choosing' });
    else await startBatch(plan.choice);
  } catch (error) {
    if (!signal.aborted) change({ state: 'failed', failure: asFailure(error) });
  }
}

/** Lets a person choose other columns; the predictions so far are dropped when the file is started again. */
export function chooseColumns(): void {
  controller.abort();
  change({ state: 'choosing', failure: null, waiting: 0 });
}

/** Predicts the rows of the open file. */
export async function startBatch(choice: ColumnChoice): Promise<void> {
  const { file, plan, name } = run;
  if (file === null || plan === null) return;
  controller.abort();
  controller = new AbortController();
  const { signal } = controller;
  const startedMs = performance.now();
  change({ ...IDLE, state: 'running', name, file, plan, choice, bytes: file.size, startedMs });
  let rows: BatchRow[] = [];
  try {
    for await (const event of predictFile(file, plan, choice, signal)) {
      if (signal.aborted) return;
      const tookMs = performance.now() - startedMs;
      if (event.type === 'waiting') change({ waiting: event.seconds, tookMs });
      else if (event.type === 'sent') change({ bytesDone: event.bytes, waiting: 0, tookMs });
      else {
        rows = rows.concat(event.rows);
        change({ rows, waiting: 0, tookMs });
      }
    }
    if (signal.aborted) return;
    if (rows.every(({ answer }) => answer === null))
      throw new RequestFailure({ code: 'FILE_WITHOUT_ARTICLES' });
    change({ state: 'done', bytesDone: file.size, tookMs: performance.now() - startedMs });
  } catch (error) {
    if (!signal.aborted) change({ state: 'failed', failure: asFailure(error), waiting: 0 });
  }
}

/** Stops the run and keeps the predictions so far. */
export function stopBatch(): void {
  controller.abort();
  change({ state: 'stopped', waiting: 0 });
}

export function clearBatch(): void {
  controller.abort();
  change(IDLE);
}

/** Returns the current run and renders again when it changes, at most once per frame. */
export function useBatchRun(): BatchRun {
  const [shown, setShown] = useState(run);
  useEffect(() => {
    let frame = 0;
    const listener = (): void => {
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(() => setShown(run));
    };
    listeners.add(listener);
    setShown(run);
    return () => {
      cancelAnimationFrame(frame);
      listeners.delete(listener);
    };
  }, []);
  return shown;
}
