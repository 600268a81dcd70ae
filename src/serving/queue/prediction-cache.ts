// Predictions of recent articles, found by hash: no text is kept. Bounded: the least recently used goes first. Articles
// in progress are shared too, so that an article sent twice at once is predicted once.
import { createHash } from 'node:crypto';
import { appError } from '../../foundation/core/index.ts';
import type { ArticleText } from '../../foundation/records/index.ts';
import type { DetailedPrediction } from '../../judging/predict/index.ts';

/** Hash of title and text exactly as received, and of the model version. UTF-16 as in memory: no two texts look alike. */
export function hashArticle({ title, text }: ArticleText, modelVersion: string): string {
  return createHash('sha256')
    .update(`${modelVersion}\n${title.length}\n`)
    .update(title, 'utf16le')
    .update(text, 'utf16le')
    .digest('base64');
}

export class PredictionCache {
  readonly #maxEntries: number;
  /** Entries in the order of their last use. */
  readonly #entries = new Map<string, DetailedPrediction>();

  constructor(maxEntries: number) {
    this.#maxEntries = maxEntries;
  }

  find(key: string): DetailedPrediction | undefined {
    const prediction = this.#entries.get(key);
    if (prediction === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, prediction);
    return prediction;
  }

  keep(key: string, prediction: DetailedPrediction): void {
    this.#entries.delete(key);
    this.#entries.set(key, prediction);
    if (this.#entries.size > this.#maxEntries) this.#entries.delete(this.#entries.keys().next().value!);
  }
}

/** One prediction that several requests wait for. It is abandoned when all of them have disconnected. */
export class SharedPrediction {
  readonly #abandoned = new AbortController();
  readonly #result: Promise<DetailedPrediction>;
  #settle: ((computed: Promise<DetailedPrediction>) => void) | null = null;
  #requests = 0;

  constructor() {
    this.#result = new Promise((resolve) => {
      this.#settle = resolve;
    });
    this.#result.catch(() => {}); // each request that joined gets the failure
  }

  /** Aborted when no request waits for it any more. */
  get abandoned(): AbortSignal {
    return this.#abandoned.signal;
  }

  /** The prediction for one more request. Rejects with CLIENT_GONE when `signal` is aborted first. */
  join(signal: AbortSignal | undefined): Promise<DetailedPrediction> {
    this.#requests++;
    if (signal === undefined) return this.#result;
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#requests--;
        if (this.#requests === 0) this.#abandoned.abort();
        reject(appError('CLIENT_GONE'));
      };
      if (signal.aborted) return leave();
      signal.addEventListener('abort', leave, { once: true });
      this.#result.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave));
    });
  }

  /** Gives the requests what was computed. */
  follow(computed: Promise<DetailedPrediction>): void {
    this.#settle?.(computed);
  }
}
