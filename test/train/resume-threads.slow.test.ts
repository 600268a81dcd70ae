// A resumed run keeps the number of threads that it began with, because another number changes the last bits of the weights.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { systemClock } from '../../src/foundation/core/clock.ts';
import { hashSha256 } from '../../src/foundation/core/hash.ts';
import { silentLogger } from '../../src/foundation/core/logger.ts';
import { locateHome } from '../../src/foundation/records/home.ts';
import { loadTrainConfig } from '../../src/workflows/configuration/index.ts';
import { createStores } from '../../src/workflows/context/stores.ts';
import { runTraining } from '../../src/workflows/train/index.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'veracity-threads-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Trains six steps of `compact` in its own home; stops after step `stopAfter`. */
function train(name: string, overrides: readonly string[], stopAfter = Number.POSITIVE_INFINITY) {
  const home = locateHome(join(folder, name));
  const stop = new AbortController();
  const said: string[] = [];
  const small = [
    'model=compact',
    'model.layers=2',
    'model.width=64',
    'model.feed_forward=96',
    'model.max_length=64',
  ];
  const short = ['train.max_steps=6', 'train.eval_every=6', 'train.checkpoint_every=1', 'train.batch_size=8'];
  const settings = [...small, ...short];
  const { config } = loadTrainConfig([...settings, ...overrides], { workingDirectory: folder });
  const outcome = runTraining(
    { config, toYaml: () => '' },
    {
      home,
      stores: createStores(home, systemClock),
      workingDirectory: folder,
      logger: silentLogger,
      clock: systemClock,
      warn: () => {},
      say: (line) => said.push(line),
      signal: stop.signal,
      progress: (label) => ({
        update: (done) => {
          if (label === 'train' && done >= stopAfter) stop.abort(new Error('asked to'));
        },
        stop: () => {},
      }),
    },
  );
  return { home, said, outcome };
}

it('resumes with the recorded number of threads, bit for bit as if it had never stopped', async () => {
  const digestOf = async ({ home, outcome }: ReturnType<typeof train>): Promise<string> => {
    const end = await outcome;
    if (end.status !== 'finished') throw new Error(`the run ended as ${end.status}`);
    return hashSha256(readFileSync(join(home.runs, end.result.runId, 'model', 'model.safetensors')));
  };
  const straight = await digestOf(train('straight', ['threads=4']));
  const other = await digestOf(train('other', ['threads=1']));
  expect(other, 'one thread and four give the same bits, so this test shows nothing').not.toBe(straight);

  const stopped = train('stopped', ['threads=4'], 3);
  const end = await stopped.outcome;
  if (end.status !== 'stopped') throw new Error(`the run ended as ${end.status}`);
  const { database, runs } = createStores(stopped.home, systemClock);
  const run = await runs.load(end.runId);
  expect(run.threads).toBe(4);
  // The run was started with a thread for each core, on a machine with four of them.
  const head = JSON.stringify({ ...run, config: { ...run.config, threads: 0 } });
  const db = await database.connect();
  await db.updateTable('runs').set({ head }).where('id', '=', end.runId).execute();
  const resumed = train('stopped', [`resume=${end.runId}`]);
  expect(await digestOf(resumed)).toBe(straight);
  expect(resumed.said.join('\n')).toContain('threads: 4, as before the stop');
}, 120_000);
