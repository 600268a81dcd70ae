// Answers to articles that were judged a moment ago, by hash: no text is kept. Bounded; the least recently used goes.
// What is being judged is found too, so that the same article sent twice at once is judged once.
import { createHash } from 'node:crypto';
import { appError } from '../../foundation/core/index.ts';
import type { ArticleText } from '../../foundation/records/index.ts';
import type { DetailedPrediction } from '../../judging/predict/index.ts';

/** Title and text exactly as they came, with what answers. UTF-16 as they lie in memory: no two texts look alike. */
export function hashArticle({ title, text }: ArticleText, modelVersion: string): string {
  return createHash('sha256')
    .update(`${modelVersion}\n${title.length}\n`)
    .update(title, 'utf16le')
    .update(text, 'utf16le')
    .digest('base64');
}

export interface PredictionCache {
  find(key: string): DetailedPrediction | undefined;
  keep(key: string, detailed: DetailedPrediction): void;
}

export function createPredictionCache(maxEntries: number): PredictionCache {
  const entries = new Map<string, DetailedPrediction>(); // in the order of their last use
  return {
    find: (key) => {
      const detailed = entries.get(key);
      if (detailed === undefined) return undefined;
      entries.delete(key);
      entries.set(key, detailed);
      return detailed;
    },
    keep: (key, detailed) => {
      entries.delete(key);
      entries.set(key, detailed);
      if (entries.size > maxEntries) entries.delete(entries.keys().next().value!);
    },
  };
}

/** One computation that several wait for; it is given up when all of them have gone. */
export interface SharedPrediction {
  readonly gone: AbortSignal;
  /** Who waits next. Rejects with CLIENT_GONE when this one goes. */
  join(signal: AbortSignal | undefined): Promise<DetailedPrediction>;
  /** Hands on what was computed. */
  follow(answer: Promise<DetailedPrediction>): void;
}

export function createSharedPrediction(): SharedPrediction {
  const gone = new AbortController();
  let settle:
    | { resolve: (detailed: DetailedPrediction) => void; reject: (error: unknown) => void }
    | undefined;
  const answer = new Promise<DetailedPrediction>((resolve, reject) => {
    settle = { resolve, reject };
  });
  answer.catch(() => {}); // whoever joined hears of it
  let listeners = 0;
  return {
    gone: gone.signal,
    join: (signal) => {
      listeners++;
      if (signal === undefined) return answer;
      return new Promise((resolve, reject) => {
        const leave = (): void => {
          listeners--;
          if (listeners === 0) gone.abort();
          reject(appError('CLIENT_GONE'));
        };
        if (signal.aborted) return leave();
        signal.addEventListener('abort', leave, { once: true });
        answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave));
      });
    },
    follow: (computed) => {
      computed.then(settle!.resolve, settle!.reject);
    },
  };
}
