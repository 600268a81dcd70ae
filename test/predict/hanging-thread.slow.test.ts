// Tests a worker pool with threads that really hang: the pool continues without them.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WorkerContract } from '../../src/foundation/threads/index.ts';
import type { ClassifierMethods } from '../../src/judging/predict/classifier-contract.ts';
import { createModelPool, type ModelPool } from '../../src/judging/predict/model-pool.ts';
import { startPoolWorker } from '../../src/judging/predict/pool-worker.ts';
import { createRealModel } from '../serve/real-model.ts';

const HANGING = new WorkerContract<ClassifierMethods>('../test/predict/hanging-worker.mjs');
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'veracity-hang-'));
  createRealModel(folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function createPool(hanging: number): Promise<{ pool: ModelPool; limits: number[] }> {
  let started = 0;
  const limits: number[] = [];
  const pool = await createModelPool(folder, {
    workers: 1,
    threads: 1,
    hangMs: 100,
    restartDelayMs: () => 0,
    onHang: (limitMs) => limits.push(limitMs),
    startWorker: (path, options) => startPoolWorker(path, options, started++ < hanging ? HANGING : undefined),
  });
  return { pool, limits };
}

test.each(['in circles', 'native'])(
  'a thread that hangs (%s) is given up, and its batch retried on the next',
  async (way) => {
    const { pool, limits } = await createPool(1);
    const file = join(folder, 'sleeper');
    const hanging = pool.run([{ title: way, text: file }]);
    const waiting = pool.run([{ title: 'Ferry resumes', text: '' }]);
    const answers = await hanging;
    expect(answers[0]!.prediction.modelVersion).toBe(pool.modelVersion);
    expect(await waiting).toHaveLength(1);
    expect([limits.length, pool.restarts(), pool.free()]).toEqual([1, 1, 1]);
    expect(limits[0]).toBeGreaterThanOrEqual(100);
    await pool.dispose();
    if (way === 'native') process.kill(Number(readFileSync(file, 'utf8'))); // or this process could not end
  },
);

test('a batch on which two threads hang is rejected, and the pool continues', async () => {
  const { pool, limits } = await createPool(2);
  const lost = pool.run([{ title: 'in circles', text: '' }]);
  await expect(lost).rejects.toMatchObject({ code: 'WORKER_LOST', httpStatus: 503 });
  expect(await pool.run([{ title: 'Ferry resumes', text: '' }])).toHaveLength(1);
  expect([limits.length, pool.restarts()]).toEqual([2, 2]);
  await pool.dispose();
});
