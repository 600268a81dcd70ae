import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { builtModule } from '../../../test/conformance/place.ts';
import { describeRunStore, evalEvent } from '../../../test/conformance/run-store.ts';
import { type Clock, systemClock } from '../../foundation/core/clock.ts';
import { locateHome } from '../../foundation/records/home.ts';
import { runRecord } from '../../foundation/records/run.ts';
import { createFileRunStore } from './file-run-store.ts';
import type { RunStore } from './run-store.ts';

const { schemaVersion: _, id: __, createdAt: ___, ...newRun } = runRecord.example;
const DOOR = builtModule('keeping/runs/index.js');
const CORE = builtModule('foundation/core/index.js');

describeRunStore(
  'a run store on files',
  () => {
    const root = mkdtempSync(join(tmpdir(), 'veracity-runs-'));
    return {
      open: (clock) => createFileRunStore(locateHome(root), clock),
      script: (body) => `
      import { createFileRunStore } from '${DOOR}';
      import { systemClock } from '${CORE}';
      const store = createFileRunStore({ runs: ${JSON.stringify(locateHome(root).runs)} }, systemClock);
      ${body}`,
      remove: () => rmSync(root, { recursive: true, force: true }),
    };
  },
  { inProcesses: false },
);

describe('runs on files', () => {
  let root: string;
  let store: RunStore;
  const create = () => store.create(newRun, 'seed: 42 # run\n');
  const writeEvents = async (id: string, ...events: object[]): Promise<void> =>
    writeFileSync(
      (await store.locations(id)).events!,
      events.map((event) => `${JSON.stringify(event)}\n`).join(''),
    );
  const started = (processId: number, createdAt = new Date().toISOString()) => ({
    schemaVersion: 1,
    createdAt,
    type: 'started',
    process: processId,
    resumedAtStep: 0,
  });

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'veracity-runs-'));
    store = createFileRunStore(locateHome(root), systemClock);
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('writes the configuration as it was given', async () => {
    const { id } = await create();
    expect(readFileSync((await store.locations(id)).config!, 'utf8')).toBe('seed: 42 # run\n');
  });

  it('ignores a torn last line and cuts it off before the next append', async () => {
    const { id } = await create();
    const first = await store.claim(id);
    await first.append(evalEvent(1));
    await first.release();
    appendFileSync((await store.locations(id)).events!, '{"schemaVersion":1,"type":"st');
    expect(await store.loadEvents(id)).toHaveLength(1);
    const second = await store.claim(id);
    await second.append(evalEvent(2));
    await second.release();
    expect((await store.loadEvents(id)).map((event) => 'step' in event && event.step)).toEqual([1, 2]);
  });

  it('refuses a broken line in the middle with its line number', async () => {
    const { id } = await create();
    await writeEvents(id, { type: 'step' });
    await expect(store.loadEvents(id)).rejects.toMatchObject({
      code: 'RECORD_INVALID',
      message: expect.stringContaining('events.jsonl:1'),
    });
  });

  it('lists a run whose head is damaged as damaged', async () => {
    const { id } = await create();
    writeFileSync(join((await store.files(id)).folder, 'run.json'), '{');
    expect(await store.list()).toMatchObject({
      runs: [],
      damaged: [{ id, error: { code: 'RECORD_INVALID' } }],
    });
  });

  it('can be resumed at once after its process was killed on this machine', async () => {
    const { id } = await create();
    const body = `import { createFileRunStore } from '${DOOR}'; import { systemClock } from '${CORE}';
      const store = createFileRunStore({ runs: ${JSON.stringify(locateHome(root).runs)} }, systemClock);
      await store.claim('${id}'); console.log('claimed'); setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', body], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    expect(await store.status(id)).toBe('running');
    await expect(store.claim(id)).rejects.toMatchObject({
      message: expect.stringContaining(`process ${child.pid}`),
    });
    child.kill('SIGKILL');
    await once(child, 'close');
    expect(await store.status(id)).toBe('interrupted');
    await (await store.claim(id)).release();
  });

  it('keeps one lease file, whose number grows with every claim', async () => {
    const { id } = await create();
    for (let i = 0; i < 3; i++) await (await store.claim(id)).release();
    const { folder } = await store.files(id);
    expect(readdirSync(folder).filter((name) => name.startsWith('lease'))).toEqual(['lease-3.json']);
  });

  it('waits for a lease file that was left empty, and then takes over', async () => {
    const { id } = await create();
    const path = join((await store.files(id)).folder, 'lease-1.json');
    writeFileSync(path, '');
    await expect(store.claim(id)).rejects.toMatchObject({ code: 'RUN_ACTIVE' });
    const then = new Date(Date.now() - 31_000);
    utimesSync(path, then, then);
    await (await store.claim(id)).release();
  });

  describe('runs of early versions, which have no lease', () => {
    it('are running while the process that they name lives', async () => {
      const { id } = await create();
      const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], {
        stdio: ['pipe', 'ignore', 'ignore'],
      });
      await once(child, 'spawn');
      await writeEvents(id, started(child.pid ?? 0));
      expect(await store.status(id)).toBe('running');
      await expect(store.claim(id)).rejects.toMatchObject({ code: 'RUN_ACTIVE' });
      child.kill('SIGKILL');
      await once(child, 'exit');
      expect(await store.status(id)).toBe('interrupted');
      await (await store.claim(id)).release();
    });

    it.runIf(process.platform === 'linux')(
      'are not running if a younger process has the same number',
      async () => {
        const { id } = await create();
        await writeEvents(id, started(process.pid, '2020-01-01T00:00:00.000Z'));
        expect(await store.status(id)).toBe('interrupted');
      },
    );
  });

  it('takes the steps of an early version, which logged them as events, for measurements', async () => {
    const { id } = await create();
    const { folder, measurements } = await store.locations(id);
    rmSync(measurements!);
    const stamp = { schemaVersion: 1, createdAt: '2026-01-01T00:00:00.000Z' };
    const step = {
      ...stamp,
      type: 'step',
      epoch: 0.5,
      learningRate: 0.1,
      gradientNorm: null,
      tokens: 9,
      stepMs: 7,
    };
    const metrics = { accuracy: 0.9, macroF1: 0.8, rocAuc: null, brier: 0.1, ece: 0.05, loss: 0.3 };
    await writeEvents(
      id,
      { ...step, step: 10, loss: 0.5, articles: 4 },
      { ...step, step: 20, loss: 0.25, articles: 6 },
      { ...stamp, type: 'eval', step: 20, epoch: 1, metrics, calibratedLoss: 0.2, best: true },
      {
        ...stamp,
        ...{ type: 'finished', steps: 20, seconds: 1, modelVersion: null },
        metrics: { validation: metrics, test: { ...metrics, accuracy: 0.7 } },
      },
    );
    expect(await store.loadPoints(id, 'test_accuracy')).toMatchObject([{ step: 20, epoch: 0.5, value: 0.7 }]);
    const loss = [
      { step: 10, epoch: 0.5, articles: 40, timeMs: Date.parse(stamp.createdAt), value: 0.5 },
      { step: 20, epoch: 0.5, articles: 100, timeMs: Date.parse(stamp.createdAt), value: 0.25 },
    ];
    expect(await store.loadPoints(id, 'train_loss')).toEqual(loss);
    expect((await store.listMetrics(id)).map(({ name }) => name)).toContain('val_macro_f1');
    const writer = await store.claim(id);
    await writer.rewind(20);
    writer.record({ step: 21, epoch: 1, articles: 106, values: { train_loss: 0.125 } });
    await writer.release();
    expect((await store.loadPoints(id, 'train_loss')).map(({ value }) => value)).toEqual([0.5, 0.25, 0.125]);
    expect(await store.loadPoints(id, 'val_loss')).toMatchObject([{ step: 20, value: 0.2 }]);
    expect(readdirSync(folder!)).toContain('measurements.jsonl');
  });

  it('renews its lease in the background', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    try {
      const { id } = await create();
      let nowMs = Date.now();
      const clock: Clock = { nowIso: () => new Date(nowMs).toISOString(), monotonicMs: () => nowMs };
      const other = createFileRunStore(locateHome(root), clock);
      const writer = await other.claim(id);
      nowMs += 29_000;
      vi.advanceTimersByTime(5_000);
      nowMs += 29_000;
      expect(await other.status(id)).toBe('running');
      await writer.release();
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });
});
