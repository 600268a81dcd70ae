// Exports a run while it is trained, in the background: a failing exporter never fails or holds up the training. A failure is
// told once and tried again with growing pauses; what is still missing at the end can be exported later.
import { type Clock, isAppError, pause, type Warn } from '../../foundation/core/index.ts';
import type { ExportDestination } from '../../foundation/records/index.ts';
import type { RunStore } from '../runs/index.ts';
import { formatDestination } from './create-target.ts';
import { exportRunOnce } from './export-run.ts';

export interface LiveExportOptions {
  readonly runs: RunStore;
  readonly runId: string;
  readonly destinations: readonly ExportDestination[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly warn: Warn;
  readonly say: (line: string) => void;
  /** How often the run is looked at for news. */
  readonly everyMs?: number;
  /** Pause after the first failure; it doubles with each further one, up to a minute. */
  readonly retryAfterMs?: number;
  /** When it is aborted, the training is to end soon. */
  readonly signal: AbortSignal;
}

export interface LiveExports {
  /** Sends what is left, within a limit of time; never rejects. Call it when the run's last event is recorded. */
  close(): Promise<void>;
}

const MAX_PAUSE_MS = 60_000;
const LAST_ATTEMPTS = 3;
/** How long the end of a training waits for its last exports: a finished one has a model to send. */
const CLOSE_WITHIN_MS = 600_000;
const CLOSE_STOPPED_WITHIN_MS = 15_000;

export function startLiveExports(options: LiveExportOptions): LiveExports {
  const loops = options.destinations.map((destination) => new LiveExport(destination, options));
  return { close: async () => void (await Promise.all(loops.map((loop) => loop.close()))) };
}

/** The exports to one destination, one after the other. */
class LiveExport {
  readonly #destination: ExportDestination;
  readonly #options: LiveExportOptions;
  readonly #stop = new AbortController();
  readonly #wake = new AbortController();
  readonly #done: Promise<void>;
  #failures = 0;
  #isWarned = false;

  constructor(destination: ExportDestination, options: LiveExportOptions) {
    this.#destination = destination;
    this.#options = options;
    this.#done = this.#run();
  }

  async close(): Promise<void> {
    const { signal, retryAfterMs = 2000, runId, say } = this.#options;
    const stop = (): void => this.#stop.abort();
    this.#wake.abort();
    const deadline = setTimeout(stop, signal.aborted ? CLOSE_STOPPED_WITHIN_MS : CLOSE_WITHIN_MS);
    signal.addEventListener('abort', stop);
    await this.#done;
    let isSent = false;
    for (let attempt = 1; !isSent && attempt <= LAST_ATTEMPTS && !this.#stop.signal.aborted; attempt++) {
      if (attempt > 1) await pause(retryAfterMs, this.#stop.signal);
      isSent = await this.#export();
    }
    clearTimeout(deadline);
    signal.removeEventListener('abort', stop);
    if (isSent) return;
    say(
      `not all of ${runId} is in ${formatDestination(this.#destination)}; send the rest with: ${this.#command()}`,
    );
  }

  async #run(): Promise<void> {
    const { everyMs = 5000, retryAfterMs = 2000, runs, runId } = this.#options;
    let seen = -1;
    while (!this.#wake.signal.aborted) {
      // Only events change what may be sent: a checkpoint above all.
      const events = await runs.loadEvents(runId).then(
        ({ length }) => length,
        () => seen,
      );
      if (events !== seen || this.#failures > 0) {
        this.#failures = (await this.#export()) ? 0 : this.#failures + 1;
        seen = events;
      }
      const pauseMs =
        this.#failures === 0 ? everyMs : Math.min(retryAfterMs * 2 ** (this.#failures - 1), MAX_PAUSE_MS);
      await pause(pauseMs, this.#wake.signal);
    }
  }

  /** @returns whether everything that may be sent is there */
  async #export(): Promise<boolean> {
    const { signal } = this.#stop;
    try {
      await exportRunOnce({ ...this.#options, destination: this.#destination, signal });
      return true;
    } catch (error) {
      if (!this.#isWarned) this.#warn(error);
      this.#isWarned = true;
      return false;
    }
  }

  #warn(error: unknown): void {
    const { warn, runId } = this.#options;
    const reason = isAppError(error) ? `${error.message}. ${error.hint}` : String(error);
    const code = isAppError(error) ? error.code : 'INTERNAL_BUG';
    warn(
      `exporting ${runId} to ${formatDestination(this.#destination)} failed: ${reason}\n` +
        `The training goes on, and the export is tried again. If it fails until the end: ${this.#command()}`,
      { code: 'RUN_EXPORT_FAILED', runId, to: this.#destination.to, reason: code },
    );
  }

  #command(): string {
    return `veracity runs export ${this.#options.runId} --to ${this.#destination.to}`;
  }
}
