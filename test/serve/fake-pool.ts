// A pool whose batches end when a test says so: for tests of the queue.
import { appError } from '../../src/foundation/core/errors.ts';
import type { ArticleText } from '../../src/foundation/records/article.ts';
import { type ModelFolder, modelFolderRecord } from '../../src/foundation/records/model-folder.ts';
import type { DetailedPrediction } from '../../src/judging/predict/detailed-prediction.ts';
import type { QueuedClassifierOptions } from '../../src/serving/queue/queued-classifier.ts';

export type QueuedPool = ReturnType<QueuedClassifierOptions['current']>;

export interface FakePool extends QueuedPool {
  /** Titles of the batches that were started. */
  readonly begun: string[][];
  /** Ends the oldest running batch. */
  finish(): Promise<void>;
  /** Lets the oldest running batch fail. */
  fail(): Promise<void>;
  /** Ends batches until none is running. */
  drain(): Promise<void>;
  /** Every thread has ended, and none can be started. */
  break(): void;
}

export function createFakePool(
  workers = 1,
  options: { version?: string; info?: Partial<ModelFolder> } = {},
): FakePool {
  const { version = 'compact@1' } = options;
  const listeners = new Set<() => void>();
  const begun: string[][] = [];
  const underWay: { articles: readonly ArticleText[]; end: (failure?: Error) => void }[] = [];
  let broken = false;
  const tell = (): void => {
    for (const listener of listeners) listener();
  };
  const end = async (failure?: Error): Promise<void> => {
    underWay.shift()!.end(failure);
    tell();
    await new Promise(setImmediate);
  };
  return {
    info: { ...modelFolderRecord.example, ...options.info },
    modelVersion: version,
    device: 'cpu',
    workers,
    begun,
    free: () => (broken ? 0 : workers - underWay.length),
    isBroken: () => broken,
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    run: (articles) => {
      begun.push(articles.map(({ title }) => title));
      return new Promise<DetailedPrediction[]>((resolve, reject) => {
        underWay.push({
          articles,
          end: (failure) =>
            failure === undefined
              ? resolve(articles.map((article) => predictDetailed(article, version)))
              : reject(failure),
        });
      });
    },
    finish: () => end(),
    drain: async () => {
      while (underWay.length > 0) await end();
    },
    fail: () => end(appError('ENGINE_FAILED', { stage: 'running', problem: 'a test' })),
    break: () => {
      broken = true;
      tell();
    },
  };
}

function predictDetailed({ title, text }: ArticleText, modelVersion: string): DetailedPrediction {
  const prediction = {
    label: 'REAL',
    probability: 0.75,
    probabilities: { FAKE: 0.25, REAL: 0.75 },
    abstained: false,
    modelVersion,
  };
  const tokens = Math.ceil((title.length + text.length) / 4);
  const measures = { tokens, articleTokens: tokens, truncated: false, letterScore: null, distance: null };
  return { prediction, measures, warnings: [] };
}
