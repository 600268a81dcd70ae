// Evidence for a server's answers, in a thread of its own that is started when somebody first asks and ended when nobody
// has asked for a while: it holds the model a second time. One request after the other; few may wait.
import { appError, isAppError } from '../../foundation/core/index.ts';
import type { ArticleText, Explanation } from '../../foundation/records/index.ts';
import { createWorkerChannel, type WorkerChannel } from '../../foundation/threads/index.ts';
import type { SimilarArticle } from '../out-of-distribution/index.ts';
import type { ExplainerOptions } from './explainer.ts';

export interface Evidence {
  /**
   * Why `modelVersion` answers as it does.
   * @throws ARTICLE_TOO_LONG, SERVER_BUSY, EXPLANATION_UNAVAILABLE, ENGINE_FAILED
   */
  explain(modelVersion: string, article: ArticleText): Promise<Explanation>;
  /** The k nearest training articles; null where that version keeps no index. @throws as explain */
  findSimilar(modelVersion: string, article: ArticleText, k: number): Promise<SimilarArticle[] | null>;
  close(): Promise<void>;
}

export interface EvidenceOptions {
  /** Folder of a version that answered. */
  readonly locate: (modelVersion: string) => Promise<string>;
  readonly explainer: ExplainerOptions;
  /** Requests that may wait or be under way; default 8. */
  readonly maxWaiting?: number;
  /** Default five minutes. */
  readonly idleMs?: number;
}

// Seen from engine/runtime, where the channel looks for its workers.
const WORKER_FILE = 'judging/explain/explain-worker.js';
const MAX_CHARACTERS = 200_000;
const MAX_WAITING = 8;
const IDLE_MS = 300_000;

export function createEvidence(options: EvidenceOptions): Evidence {
  const { locate, explainer, maxWaiting = MAX_WAITING, idleMs = IDLE_MS } = options;
  let current: { readonly modelVersion: string; readonly channel: WorkerChannel } | undefined;
  let underWay = 0;
  let last: Promise<unknown> = Promise.resolve();
  let idle: NodeJS.Timeout | undefined;

  const end = async (): Promise<void> => {
    const ended = current;
    current = undefined;
    await ended?.channel.close();
  };
  const start = async (modelVersion: string): Promise<WorkerChannel> => {
    if (current?.modelVersion === modelVersion) return current.channel;
    await end();
    const channel = createWorkerChannel(WORKER_FILE);
    channel.onEnd(() => {
      if (current?.channel === channel) current = undefined;
    });
    try {
      await channel.call('load', { folder: await locate(modelVersion), options: explainer });
    } catch (cause) {
      await channel.close();
      const reason = isAppError(cause) ? cause.code : 'a failure';
      throw appError('EXPLANATION_UNAVAILABLE', { reason }, { cause });
    }
    current = { modelVersion, channel };
    return channel;
  };
  const ask = async <R>(
    modelVersion: string,
    method: string,
    article: ArticleText,
    more = {},
  ): Promise<R> => {
    const got = article.title.length + article.text.length;
    if (got > MAX_CHARACTERS) throw appError('ARTICLE_TOO_LONG', { max: MAX_CHARACTERS, got });
    if (underWay >= maxWaiting) throw appError('SERVER_BUSY', { max: maxWaiting });
    underWay++;
    clearTimeout(idle);
    const { title, text } = article;
    const argument = method === 'explain' ? { title, text } : { article: { title, text }, ...more };
    const turn = last.then(async () => (await start(modelVersion)).call<R>(method, argument));
    last = turn.catch(() => {});
    try {
      return await turn;
    } finally {
      underWay--;
      if (underWay === 0) idle = setTimeout(() => void end(), idleMs).unref();
    }
  };
  return {
    explain: (modelVersion, article) => ask(modelVersion, 'explain', article),
    findSimilar: (modelVersion, article, k) => ask(modelVersion, 'findSimilar', article, { k }),
    close: async () => {
      clearTimeout(idle);
      await end();
    },
  };
}
