// A worker thread with a loaded and warmed up model, which predicts one batch after the other.

import type { ArticleText } from '../../foundation/records/index.ts';
import { WorkerChannel } from '../../foundation/threads/index.ts';
import type { LoadClassifierOptions } from './classifier.ts';
import { CLASSIFIER_WORKER, type ClassifierMethods } from './classifier-contract.ts';
import type { DetailedPrediction } from './detailed-prediction.ts';

export interface PoolWorker {
  /** Rejects when the thread ends meanwhile. */
  predictDetailed(articles: readonly ArticleText[]): Promise<DetailedPrediction[]>;
  /** Calls `listener` once when the thread has ended, before its open calls reject. */
  onEnd(listener: () => void): void;
  close(): Promise<void>;
}

type ClassifierChannel = WorkerChannel<ClassifierMethods>;

let prepared: ClassifierChannel | null = null;

/**
 * Starts a thread without a model, for the next startPoolWorker: its modules load while the model is being located.
 * @returns ends the thread, unless startPoolWorker has taken it
 */
export function prepareThread(): () => Promise<void> {
  const channel = new WorkerChannel(CLASSIFIER_WORKER);
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

function takeThread(contract: typeof CLASSIFIER_WORKER): ClassifierChannel {
  const taken = contract === CLASSIFIER_WORKER ? prepared : null;
  if (taken !== null) prepared = null;
  return taken ?? new WorkerChannel(contract);
}

/** @throws what loadClassifier throws */
export async function startPoolWorker(
  folder: string,
  options: LoadClassifierOptions,
  contract = CLASSIFIER_WORKER,
): Promise<PoolWorker> {
  const channel = takeThread(contract);
  try {
    await channel.call('load', { folder, options: { ...options, warmsUp: true } });
  } catch (error) {
    await channel.close();
    throw error;
  }
  return {
    // only title and text cross to the thread, whatever else the caller's objects hold
    predictDetailed: (articles) =>
      channel.call(
        'predictDetailed',
        articles.map(({ title, text }) => ({ title, text })),
      ),
    onEnd: (listener) => channel.onEnd(listener),
    close: () => channel.close(),
  };
}
