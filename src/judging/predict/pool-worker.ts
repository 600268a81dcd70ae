// One thread of a pool: a model loaded and warmed up in a thread of its own, which takes one part after the other.

import type { ArticleText } from '../../foundation/records/index.ts';
import { createWorkerChannel, type WorkerChannel } from '../../foundation/threads/index.ts';
import type { LoadClassifierOptions } from './classifier.ts';
import type { DetailedPrediction } from './detailed-prediction.ts';

export interface PoolWorker {
  /** Rejects when the thread ends meanwhile. */
  predictDetailed(articles: readonly ArticleText[]): Promise<DetailedPrediction[]>;
  /** Called once when the thread has ended, before what it was asked for rejects. */
  onEnd(listener: () => void): void;
  close(): Promise<void>;
}

// Seen from engine/runtime, where the channel looks for its workers.
const WORKER_FILE = 'judging/predict/classifier-worker.js';

let prepared: WorkerChannel | null = null;

/**
 * Starts a thread that has no model yet, for the next startPoolWorker: its modules load while the model is looked for.
 * @returns ends the thread, unless it was taken
 */
export function prepareThread(): () => Promise<void> {
  const channel = createWorkerChannel(WORKER_FILE);
  channel.onEnd(() => {
    if (prepared === channel) prepared = null;
  });
  prepared = channel;
  return async () => {
    if (prepared !== channel) return;
    prepared = null;
    await channel.close();
  };
}

function takeThread(workerFile: string): WorkerChannel {
  const taken = workerFile === WORKER_FILE ? prepared : null;
  if (taken !== null) prepared = null;
  return taken ?? createWorkerChannel(workerFile);
}

/** @throws what loadClassifier throws */
export async function startPoolWorker(
  folder: string,
  options: LoadClassifierOptions,
  workerFile = WORKER_FILE,
): Promise<PoolWorker> {
  const channel = takeThread(workerFile);
  try {
    await channel.call('load', { folder, options: { ...options, warmsUp: true } });
  } catch (error) {
    await channel.close();
    throw error;
  }
  return {
    // only what the model reads crosses to the thread, whatever else the caller's objects hold
    predictDetailed: (articles) =>
      channel.call(
        'predictDetailed',
        articles.map(({ title, text }) => ({ title, text })),
      ),
    onEnd: (listener) => channel.onEnd(listener),
    close: () => channel.close(),
  };
}
