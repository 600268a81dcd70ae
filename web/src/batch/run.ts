// The state of the current file and its predictions. It exists outside the views, so that switching the view does not
// stop the work.
import { useEffect, useState } from 'preact/hooks';
import type { FailureFacts } from '../api.ts';
import { asFailure } from '../loading.ts';
import { type BatchRow, predictFile } from './predict-file.ts';
import { formatOf } from './records.ts';

export interface BatchRun {
  readonly state: 'idle' | 'running' | 'done' | 'stopped' | 'failed';
  readonly name: string;
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

/** Starts a file and stops the previous one. */
export async function startBatch(file: Blob, name: string): Promise<void> {
  controller.abort();
  controller = new AbortController();
  const { signal } = controller;
  const startedMs = performance.now();
  change({ ...IDLE, state: 'running', name, bytes: file.size, startedMs });
  let rows: BatchRow[] = [];
  try {
    for await (const event of predictFile(file, formatOf(name), signal)) {
      if (signal.aborted) return;
      const tookMs = performance.now() - startedMs;
      if (event.type === 'waiting') change({ waiting: event.seconds, tookMs });
      else if (event.type === 'sent') change({ bytesDone: event.bytes, waiting: 0, tookMs });
      else {
        rows = rows.concat(event.rows);
        change({ rows, waiting: 0, tookMs });
      }
    }
    if (!signal.aborted)
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
