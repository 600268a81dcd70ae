// A run's writer that outlives failures of its store: a database that is away for a minute does not end a training of
// hours. What could not be written is kept, in order, and written before the next thing. A lost lease and a full disk do end
// the training: another process continues the run, or nothing can be saved.
import { setTimeout as wait } from 'node:timers/promises';
import { errorCodeOf, isAppError, type Warn } from '../../foundation/core/index.ts';
import type { RunWriter } from '../../keeping/runs/index.ts';

const ENDING = new Set(['RUN_LEASE_LOST', 'DISK_FULL']);
/** Before the writer is released, what is left is tried again after these waits. */
const LAST_WAITS_MS = [0, 500, 2000, 5000];

/** @param warn  is called once when the store begins to fail, and once if something is never written */
export function tolerateFailures(
  writer: RunWriter,
  warn: Warn,
  lastWaitsMs: readonly number[] = LAST_WAITS_MS,
): RunWriter {
  return new TolerantWriter(writer, warn, lastWaitsMs);
}

class TolerantWriter implements RunWriter {
  readonly runId: string;
  readonly #writer: RunWriter;
  readonly #warn: Warn;
  readonly #lastWaitsMs: readonly number[];
  #pending: (() => Promise<void>)[] = [];
  #isFailing = false;

  constructor(writer: RunWriter, warn: Warn, lastWaitsMs: readonly number[]) {
    this.runId = writer.runId;
    this.#writer = writer;
    this.#warn = warn;
    this.#lastWaitsMs = lastWaitsMs;
  }

  append: RunWriter['append'] = (event) => this.#write(() => this.#writer.append(event));
  addArtifact: RunWriter['addArtifact'] = (artifact) => this.#write(() => this.#writer.addArtifact(artifact));
  rewind: RunWriter['rewind'] = (step) => this.#write(() => this.#writer.rewind(step));
  saveEvaluations: RunWriter['saveEvaluations'] = (reports) =>
    this.#write(() => this.#writer.saveEvaluations(reports));
  flush: RunWriter['flush'] = () => this.#write(() => this.#writer.flush());

  record: RunWriter['record'] = (measurement) => this.#note(() => this.#writer.record(measurement));
  recordText: RunWriter['recordText'] = (...text) => this.#note(() => this.#writer.recordText(...text));
  recordHistogram: RunWriter['recordHistogram'] = (...histogram) =>
    this.#note(() => this.#writer.recordHistogram(...histogram));

  renew(): Promise<void> {
    return this.#writer.renew();
  }

  async release(): Promise<void> {
    for (const waitMs of this.#lastWaitsMs) {
      if (this.#pending.length === 0) break;
      await wait(waitMs);
      await this.#writePending().catch((error: unknown) => this.#tell(error));
    }
    if (this.#pending.length > 0)
      this.#warn(`the end of ${this.runId} could not be recorded; its files are complete`, {
        code: 'FAILURE_NOT_RECORDED',
        runId: this.runId,
        reason: 'the store did not come back',
      });
    await this.#writer.release();
  }

  async #write(call: () => Promise<void>): Promise<void> {
    this.#pending.push(call);
    try {
      await this.#writePending();
      this.#isFailing = false;
    } catch (error) {
      if (isEnding(error)) throw error;
      this.#tell(error);
    }
  }

  async #writePending(): Promise<void> {
    for (let call = this.#pending[0]; call !== undefined; call = this.#pending[0]) {
      try {
        await call();
      } catch (error) {
        if (isEnding(error)) this.#pending = [];
        throw error;
      }
      this.#pending.shift();
    }
  }

  #note(call: () => void): void {
    try {
      call();
    } catch (error) {
      if (isEnding(error)) throw error;
      this.#tell(error);
    }
  }

  #tell(error: unknown): void {
    if (this.#isFailing) return;
    this.#isFailing = true;
    const code = (isAppError(error) ? error.code : errorCodeOf(error)) ?? 'unknown';
    this.#warn(`${this.runId} cannot be recorded for the moment (${code}); the training goes on`, {
      code: 'RUN_NOT_RECORDED',
      runId: this.runId,
      reason: code,
    });
  }
}

function isEnding(error: unknown): boolean {
  return isAppError(error) && ENDING.has(error.code);
}
