// A run in a store on files, as a training records it, for tests of the exporters.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/foundation/core/clock.ts';
import { runRecord } from '../../src/foundation/records/run.ts';
import { createFileRunStore } from '../../src/keeping/runs/file-run-store.ts';
import type { RunStore, RunWriter } from '../../src/keeping/runs/run-store.ts';

const { schemaVersion: _, id: __, createdAt: ___, ...newRun } = runRecord.example;
const metrics = { accuracy: 0.9, macroF1: 0.9, rocAuc: 0.95, brier: 0.1, ece: 0.05, loss: 0.3 };

export interface RecordedRun {
  readonly folder: string;
  readonly store: RunStore;
  readonly runId: string;
  /** Begins or resumes it. */
  start(resumedAtStep?: number): Promise<void>;
  /** Records train_loss for the steps from `from` to `to`. */
  train(from: number, to: number, lossOf?: (step: number) => number): Promise<void>;
  checkpoint(step: number): Promise<void>;
  end(type: 'finished' | 'stopped' | 'failed', step: number): Promise<void>;
  readonly writer: RunWriter;
  dispose(): void;
}

export async function createRecordedRun(
  config: Record<string, unknown> = { seed: 42 },
): Promise<RecordedRun> {
  const folder = mkdtempSync(join(tmpdir(), 'veracity-export-'));
  const store = createFileRunStore({ runs: join(folder, 'runs') }, systemClock);
  const run = await store.create({ ...newRun, config }, 'seed: 42\n');
  let writer: RunWriter | null = null;
  let attempts = 0;
  const held = (): RunWriter => {
    if (writer === null) throw new Error('the run has not started');
    return writer;
  };
  return {
    folder,
    store,
    runId: run.id,
    get writer() {
      return held();
    },
    start: async (resumedAtStep = 0) => {
      writer = await store.claim(run.id);
      if (attempts++ > 0) await writer.rewind(resumedAtStep);
      await writer.append({ type: 'started', process: process.pid, resumedAtStep });
    },
    train: async (from, to, lossOf = (step) => 1 / step) => {
      for (let step = from; step <= to; step++)
        held().record({ step, epoch: step / 10, articles: step * 4, values: { train_loss: lossOf(step) } });
      await held().flush();
    },
    checkpoint: (step) =>
      held().append({ type: 'checkpoint', step, path: `checkpoints/step-${step}`, sizeBytes: 1 }),
    end: async (type, step) => {
      if (type === 'finished')
        await held().append({
          type,
          steps: step,
          seconds: 1,
          modelVersion: 'sample@3',
          metrics: { validation: metrics, test: metrics },
        });
      else if (type === 'stopped') await held().append({ type, step, reason: 'SIGINT' });
      else await held().append({ type, step, code: 'LOSS_NOT_FINITE', message: 'invented' });
      await held().release();
    },
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  };
}
