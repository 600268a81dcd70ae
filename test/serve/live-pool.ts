// A pool whose predictions name its version, for tests of rollouts: it can be slow by the test's clock, fail, or hold
// batches until a test releases them.
import { appError } from '../../src/foundation/core/errors.ts';
import type { ArticleText } from '../../src/foundation/records/article.ts';
import { type ModelFolder, modelFolderRecord } from '../../src/foundation/records/model-folder.ts';
import type { DetailedPrediction } from '../../src/judging/predict/detailed-prediction.ts';
import type { LivePool } from '../../src/serving/live/version-loading.ts';

export interface TestPool extends LivePool {
  readonly isDisposed: () => boolean;
  readonly seen: ArticleText[];
  /** From now on batches end only when the result is called. */
  hold(): () => void;
  fails: boolean;
  /** The predicted label of every article. */
  label: string;
  /** Called while a batch is running. */
  during: () => void;
}

export function createTestPool(version: string, info: Partial<ModelFolder> = {}): TestPool {
  const facts: ModelFolder = { ...modelFolderRecord.example, runId: `run of ${version}`, ...info };
  const listeners = new Set<() => void>();
  const seen: ArticleText[] = [];
  let underWay = 0;
  let isDisposed = false;
  let held: Promise<void> | undefined;
  let drained = (): void => {};
  const run = async (articles: readonly ArticleText[]): Promise<DetailedPrediction[]> => {
    if (isDisposed) throw appError('MODEL_FAILED');
    underWay++;
    seen.push(...articles);
    try {
      pool.during();
      await held;
      if (pool.fails) throw appError('ENGINE_FAILED', { stage: 'running', problem: 'a test' });
      const other = facts.classNames.find((name) => name !== pool.label)!;
      return articles.map(() => ({
        prediction: {
          label: pool.label,
          probability: 0.75,
          probabilities: { [pool.label]: 0.75, [other]: 0.25 },
          abstained: false,
          modelVersion: version,
        },
        measures: { tokens: 4, articleTokens: 4, truncated: false, letterScore: null, distance: null },
        warnings: [],
      }));
    } finally {
      underWay--;
      if (underWay === 0) drained();
      queueMicrotask(() => {
        for (const listener of listeners) listener();
      });
    }
  };
  const pool: TestPool = {
    info: facts,
    modelVersion: version,
    device: 'cpu',
    workers: 1,
    seen,
    fails: false,
    label: 'REAL',
    during: () => {},
    free: () => (isDisposed || underWay > 0 ? 0 : 1),
    isBroken: () => false,
    isDisposed: () => isDisposed,
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    run,
    predictDetailed: run,
    hold: () => {
      let release = (): void => {};
      held = new Promise((resolve) => {
        release = resolve;
      });
      return () => {
        held = undefined;
        release();
      };
    },
    dispose: async () => {
      isDisposed = true;
      if (underWay > 0)
        await new Promise<void>((resolve) => {
          drained = resolve;
        });
    },
  };
  return pool;
}
