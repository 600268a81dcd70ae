// Prometheus metrics of the queue: waiting articles and their waits, batch sizes, cache hits, shed load, dropped articles
// and restarted threads.
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

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
  const registers = [registry];
  const waiting = new Gauge({
    name: 'veracity_queue_articles',
    help: 'Articles waiting for a worker thread.',
    registers,
  });
  const wait = new Histogram({
    name: 'veracity_queue_wait_seconds',
    help: 'Time an article waited for a worker thread.',
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers,
  });
  const batches = new Histogram({
    name: 'veracity_part_articles',
    help: 'Articles that a worker thread was given together.',
    buckets: [1, 2, 4, 8, 16, 32, 64],
    registers,
  });
  const shed = new Counter({
    name: 'veracity_queue_refused_total',
    help: 'Requests refused because the expected wait was too long.',
    registers,
  });
  const dropped = new Counter({
    name: 'veracity_queue_dropped_total',
    help: 'Articles dropped because their client had disconnected.',
    registers,
  });
  const lookups = new Counter({
    name: 'veracity_cache_lookups_total',
    help: 'Articles looked up in the cache: hit, shared (the same article is under way), miss.',
    labelNames: ['result'],
    registers,
  });
  const restarts = new Counter({
    name: 'veracity_worker_restarts_total',
    help: 'Worker threads started again after they ended.',
    registers,
  });
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
