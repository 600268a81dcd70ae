// Tests that the real program, killed with SIGKILL at five seeded random moments and resumed each time, ends with the same
// model, byte for byte, and the same log as an undisturbed run. The same holds for SIGTERM, with which it stops by itself.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/foundation/core/clock.ts';
import { hashFile } from '../../src/foundation/core/hash.ts';
import { createRandom } from '../../src/foundation/core/random.ts';
import { errorCodeOf } from '../../src/foundation/core/system-error.ts';
import { locateHome } from '../../src/foundation/records/home.ts';
import type { RunStore } from '../../src/keeping/runs/run-store.ts';
import { createStores } from '../../src/workflows/context/stores.ts';
import { createTinyCheckpoint } from '../pretrained/tiny-checkpoint.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const cli = process.env.VERACITY_TEST_CLI ?? join(root, 'dist', 'cli.js');
const KILLS = 5;

const models: Record<string, readonly string[]> = {
  linear: [
    'model=linear',
    'model.buckets=50000',
    'model.dim=50',
    'train.epochs=25',
    'train.checkpoint_every=20',
  ],
  compact: [
    'model=compact',
    'model.layers=1',
    'model.width=32',
    'model.heads=2',
    'model.feed_forward=32',
    'model.vocabulary=500',
    'model.max_length=32',
    'train.epochs=8',
    'train.checkpoint_every=7',
  ],
  frozen: [
    'model=distilbert',
    'model.path=FOLDER/pretrained',
    'model.max_length=32',
    'train.scope=head',
    'train.epochs=8',
    'train.checkpoint_every=20',
  ],
};
const common = ['data=sample', 'seed=3', 'threads=1', 'evaluate.bootstrap=20', 'train.eval_every=20'];

describe.each(Object.entries(models))('a run of %s', (name, settings) => {
  let folder: string;
  let calm: string;
  let whole: { readonly id: string; readonly ms: number };
  let overrides: readonly string[];
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'veracity-kill-'));
    createTinyCheckpoint(join(folder, 'pretrained'), { family: 'distilbert' });
    overrides = [...common, ...settings.map((setting) => setting.replace('FOLDER', folder))];
    calm = join(folder, 'calm');
    whole = await trainUndisturbed();
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const start = (home: string, args: readonly string[]): ChildProcess =>
    spawn(process.execPath, [cli, 'train', ...args], {
      env: { ...process.env, VERACITY_HOME: home },
      stdio: ['ignore', 'pipe', 'pipe'],
    });

  async function finish(child: ChildProcess): Promise<{ code: number | null; said: string }> {
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk) => {
        said += chunk;
      });
    }
    const [code] = await once(child, 'close');
    return { code, said };
  }

  const storeOf = (home: string): RunStore => {
    const store = stores.get(home) ?? createStores(locateHome(home), systemClock).runs;
    stores.set(home, store);
    return store;
  };
  const stores = new Map<string, RunStore>();
  /** Ids of complete runs: a folder that is still being filled has another name, and may vanish while it is read. */
  const runsOf = (home: string): string[] =>
    existsSync(join(home, 'runs'))
      ? readdirSync(join(home, 'runs')).filter((name) => /^run-[0-9a-z-]+$/.test(name))
      : [];

  const isFinished = async (home: string): Promise<boolean> => {
    const { runs } = await storeOf(home).list();
    return runs.some(({ status }) => status === 'finished');
  };

  /** Waits until the run has logged something new, so that a signal hits the training and not the start-up. */
  async function untilTraining(home: string, child: ChildProcess, before: number): Promise<void> {
    while (child.exitCode === null && child.signalCode === null) {
      const [id] = runsOf(home);
      if (id !== undefined && (await countEvents(home, id)) > before) return;
      await pause(5);
    }
  }

  /** A run has its folder a moment before it stands in the database. */
  const countEvents = async (home: string, id: string): Promise<number> => {
    try {
      return (await storeOf(home).loadEvents(id)).length;
    } catch (error) {
      if (errorCodeOf(error) === 'RUN_NOT_FOUND') return 0;
      throw error;
    }
  };

  /** The log without processes, times and memory. */
  const factsOf = async (home: string, id: string) =>
    (await storeOf(home).loadEvents(id)).flatMap((event) => {
      if (event.type === 'started' || event.type === 'stopped' || event.type === 'failed') return [];
      const { createdAt: _, ...facts } = event;
      return [
        {
          ...facts,
          ...('seconds' in facts && { seconds: 0 }),
          ...('peakMemoryBytes' in facts && { peakMemoryBytes: 0 }),
        },
      ];
    });

  /** What was measured, without times. */
  const curvesOf = async (home: string, id: string) => {
    const store = storeOf(home);
    const names = (await store.listMetrics(id))
      .map(({ name }) => name)
      .filter((name) => !name.endsWith('_ms') && !name.startsWith('system_'));
    return Promise.all(
      names.map(async (name) => ({
        name,
        points: (await store.loadPoints(id, name)).map(({ timeMs: _, ...point }) => point),
      })),
    );
  };

  const modelHash = async (home: string, id: string): Promise<string> =>
    hashFile(join((await storeOf(home).files(id)).model, 'model.safetensors'));

  async function trainUndisturbed(): Promise<typeof whole> {
    const child = start(calm, overrides);
    const done = finish(child);
    await untilTraining(calm, child, 0);
    const startMs = performance.now();
    const { code, said } = await done;
    expect(code, said).toBe(0);
    return { id: runsOf(calm)[0] ?? '', ms: performance.now() - startMs };
  }

  async function expectLikeCalm(home: string): Promise<void> {
    const id = runsOf(home)[0] ?? '';
    expect(await modelHash(home, id)).toBe(await modelHash(calm, whole.id));
    expect(await factsOf(home, id)).toEqual(await factsOf(calm, whole.id));
    expect(await curvesOf(home, id)).toEqual(await curvesOf(calm, whole.id));
  }

  it('ends like an undisturbed one, although it is killed again and again', async () => {
    const random = createRandom('kill', name);
    const killedAt: number[] = [];
    let rough = join(folder, 'rough');
    while (killedAt.length < KILLS) {
      const [id] = runsOf(rough);
      const child = start(rough, id === undefined ? overrides : [`resume=${id}`]);
      const closed = finish(child);
      await untilTraining(rough, child, id === undefined ? 0 : await countEvents(rough, id));
      await pause((random.next() * whole.ms) / KILLS);
      child.kill('SIGKILL');
      const { code, said } = await closed;
      if (!(await isFinished(rough))) {
        expect(code, said).toBe(null);
        killedAt.push((await storeOf(rough).list()).runs[0]?.steps ?? 0);
        continue;
      }
      // faster than the kill, which may still have hit the process: another run to compare, and one more to disturb
      await expectLikeCalm(rough);
      rough = join(folder, `rough-after-${killedAt.length}`);
    }
    const [id] = runsOf(rough);
    const { code, said } = await finish(start(rough, id === undefined ? overrides : [`resume=${id}`]));
    expect(code, said).toBe(0);
    await expectLikeCalm(rough);
    const { steps } = await storeOf(calm).summarize(whole.id);
    console.log(`${name}: killed at steps ${killedAt.join(', ')} of ${steps}`);
    expect(killedAt.some((step) => step < steps)).toBe(true);
  });

  it('prints on SIGTERM how to resume, and resumes', async () => {
    const { home, said } = await trainUntilStopped();
    const id = runsOf(home)[0] ?? '';
    expect(said).toContain(`veracity train resume=${id}`);
    const resumed = await finish(start(home, [`resume=${id}`]));
    expect(resumed.code, resumed.said).toBe(0);
    await expectLikeCalm(home);
  });

  /** Starts and stops runs until one had not finished before the signal arrived. */
  async function trainUntilStopped(): Promise<{ home: string; said: string }> {
    for (let attempt = 1; ; attempt++) {
      const home = join(folder, `stopped-${attempt}`);
      const child = start(home, overrides);
      const closed = finish(child);
      await untilTraining(home, child, 3);
      child.kill('SIGTERM');
      const { said } = await closed;
      if (await isFinished(home)) continue;
      expect(await storeOf(home).status(runsOf(home)[0] ?? ''), said).toBe('stopped');
      return { home, said };
    }
  }
});

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
