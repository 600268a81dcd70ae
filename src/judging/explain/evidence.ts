// Explanations and similar articles for a server, made in a thread of their own. The thread holds the model a second time,
// so it starts with the first request and ends after some idle minutes. It takes one request after the other; few may wait.
import { appError, isAppError } from '../../foundation/core/index.ts';
import type { ArticleExplanation, ArticleText } from '../../foundation/records/index.ts';
import { WorkerChannel } from '../../foundation/threads/index.ts';
import type { NearestArticle } from '../out-of-distribution/index.ts';
import { EXPLAIN_WORKER, type ExplainMethods } from './explain-contract.ts';
import type { ExplainerOptions } from './explainer.ts';

export interface Evidence {
  /**
   * Explains the prediction of `modelVersion` for an article.
   * @throws ARTICLE_TOO_LONG, SERVER_BUSY, EXPLANATION_UNAVAILABLE, ENGINE_FAILED
   */
  explain(modelVersion: string, article: ArticleText): Promise<ArticleExplanation>;
  /** The k nearest training articles; null where that version keeps no index. @throws as explain does */
  findSimilar(modelVersion: string, article: ArticleText, k: number): Promise<NearestArticle[] | null>;
  close(): Promise<void>;
}

export interface EvidenceOptions {
  /** Finds the folder of a version that predicted. */
  readonly locate: (modelVersion: string) => Promise<string>;
  readonly explainer: ExplainerOptions;
  /** Most requests that wait or run; default 8. */
  readonly maxWaiting?: number;
  /** Idle time after which the thread ends; default five minutes. */
  readonly idleMs?: number;
}

type ExplainChannel = WorkerChannel<ExplainMethods>;

const MAX_CHARACTERS = 200_000;
const MAX_WAITING = 8;
const IDLE_MS = 300_000;

export function createEvidence(options: EvidenceOptions): Evidence {
  const { locate, explainer, maxWaiting = MAX_WAITING, idleMs = IDLE_MS } = options;
  let current: { readonly modelVersion: string; readonly channel: ExplainChannel } | undefined;
  let underWay = 0;
  let last: Promise<unknown> = Promise.resolve();
  let idle: NodeJS.Timeout | undefined;

  const end = async (): Promise<void> => {
    const ended = current;
    current = undefined;
    await ended?.channel.close();
  };
  const start = async (modelVersion: string): Promise<ExplainChannel> => {
    if (current?.modelVersion === modelVersion) return current.channel;
    await end();
    const channel = new WorkerChannel(EXPLAIN_WORKER);
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
    { title, text }: ArticleText,
    call: (channel: ExplainChannel, article: ArticleText) => Promise<R>,
  ): Promise<R> => {
    const got = title.length + text.length;
    if (got > MAX_CHARACTERS) throw appError('ARTICLE_TOO_LONG', { max: MAX_CHARACTERS, got });
    if (underWay >= maxWaiting) throw appError('SERVER_BUSY', { max: maxWaiting });
    underWay++;
    clearTimeout(idle);
    const turn = last.then(async () => call(await start(modelVersion), { title, text }));
    last = turn.catch(() => {});
    try {
      return await turn;
    } finally {
      underWay--;
      if (underWay === 0) idle = setTimeout(() => void end(), idleMs).unref();
    }
  };
  return {
    explain: (modelVersion, article) =>
      ask(modelVersion, article, (channel, text) => channel.call('explain', text)),
    findSimilar: (modelVersion, article, k) =>
      ask(modelVersion, article, (channel, text) => channel.call('findSimilar', { article: text, k })),
    close: async () => {
      clearTimeout(idle);
      await end();
    },
  };
}
