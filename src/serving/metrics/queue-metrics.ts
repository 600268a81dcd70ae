// Prometheus metrics of the queue: waiting articles and their waits, batch sizes, cache hits, shed load, dropped articles
// and restarted threads.
import type { Registry } from 'prom-client';
import { Collectors } from './collectors.ts';

export interface QueueMetrics {
  setWaiting(articles: number): void;
  observeWait(seconds: number): void;
  observeBatch(articles: number): void;
  countShed(): void;
  countDropped(): void;
  countLookup(result: 'hit' | 'shared' | 'miss'): void;
  countRestart(): void;
}

export const silentQueueMetrics: QueueMetrics = {
  setWaiting: () => {},
  observeWait: () => {},
  observeBatch: () => {},
  countShed: () => {},
  countDropped: () => {},
  countLookup: () => {},
  countRestart: () => {},
};

export function createQueueMetrics(registry: Registry): QueueMetrics {
  const collectors = new Collectors(registry);
  const waiting = collectors.gauge('veracity_queue_articles', 'Articles waiting for a worker thread.');
  const wait = collectors.histogram(
    'veracity_queue_wait_seconds',
    'Time an article waited for a worker thread.',
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  );
  const batches = collectors.histogram(
    'veracity_part_articles',
    'Articles per batch of a worker thread.',
    [1, 2, 4, 8, 16, 32, 64],
  );
  const shed = collectors.counter(
    'veracity_queue_refused_total',
    'Requests refused because the expected wait was too long.',
  );
  const dropped = collectors.counter(
    'veracity_queue_dropped_total',
    'Articles dropped because their client had disconnected.',
  );
  const lookups = collectors.counter(
    'veracity_cache_lookups_total',
    'Articles looked up in the cache: hit, shared (the same article is in progress), miss.',
    ['result'],
  );
  const restarts = collectors.counter(
    'veracity_worker_restarts_total',
    'Worker threads started again after they ended.',
  );
  for (const result of ['hit', 'shared', 'miss']) lookups.inc({ result }, 0);
  return {
    setWaiting: (articles) => waiting.set(articles),
    observeWait: (seconds) => wait.observe(seconds),
    observeBatch: (articles) => batches.observe(articles),
    countShed: () => shed.inc(),
    countDropped: () => dropped.inc(),
    countLookup: (result) => lookups.inc({ result }),
    countRestart: () => restarts.inc(),
  };
}
