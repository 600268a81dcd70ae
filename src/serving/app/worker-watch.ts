// Logs and counts what happens to worker threads. Threads start before the metrics exist, so counting begins later.
import type { Logger } from '../../foundation/core/index.ts';
import type { QueueMetrics } from '../metrics/index.ts';

export class WorkerWatch {
  readonly #logger: Logger;
  #metrics: QueueMetrics | null = null;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  countIn(metrics: QueueMetrics): void {
    this.#metrics = metrics;
  }

  readonly onRestart = (): void => {
    this.#metrics?.countRestart();
    this.#logger.warn({}, 'a worker thread had ended and was started again');
  };

  readonly onHang = (limitMs: number): void =>
    this.#logger.error({ limitMs: Math.round(limitMs) }, 'a worker thread did not answer and was given up');
}
