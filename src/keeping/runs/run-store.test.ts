// What any run store must hold; today there is one, on files.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Clock } from '../../foundation/core/clock.ts';
import { evaluationReportRecord } from '../../foundation/records/evaluation.ts';
import { locateHome } from '../../foundation/records/home.ts';
import { type RunEvent, runRecord } from '../../foundation/records/run.ts';
import { createRunStore, type NewRun, type NewRunEvent, type RunStore } from './run-store.ts';
import { sumActiveSeconds } from './run-summary.ts';

const { schemaVersion: _, id: __, createdAt: ___, ...newRun } = runRecord.example;
const metrics = { accuracy: 0.9, macroF1: 0.9, rocAuc: 0.95, brier: 0.1, ece: 0.05, loss: 0.3 };
const stepEvent = (step: number): NewRunEvent => ({
  type: 'step',
  step,
  epoch: step / 10,
  loss: 0.5,
  learningRate: 0.1,
  gradientNorm: null,
  articles: 4,
  tokens: 40,
  stepMs: 1,
});
const evalEvent = (step: number, loss: number, best: boolean): NewRunEvent => ({
  type: 'eval',
  step,
  epoch: step / 10,
  metrics: { ...metrics, loss },
  calibratedLoss: loss,
  best,
});
const checkpointEvent = (step: number): NewRunEvent => ({
  type: 'checkpoint',
  step,
  path: `checkpoints/step-${step}`,
  sizeBytes: 1,
});

function createTickingClock(): Clock {
  let ms = Date.now();
  const nowIso = (): string => {
    ms += 1000;
    return new Date(ms).toISOString();
  };
  return { nowIso, monotonicMs: () => ms };
}

describe('run store', () => {
  let root: string;
  let store: RunStore;
  const reopen = (): RunStore => createRunStore(locateHome(root), createTickingClock());
  const create = (run: NewRun = newRun) => store.create(run, 'seed: 42 # run\n');

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'veracity-track-'));
    store = reopen();
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('gives a created run back with its configuration, under an id made of the time', async () => {
    const run = await create();
    expect(run.id).toMatch(/^run-\d{8}-\d{6}-[0-9a-z]{4}$/);
    expect(reopen().load(run.id)).toEqual(run);
    expect(readFileSync(store.paths(run.id).config, 'utf8')).toBe('seed: 42 # run\n');
    expect(store.loadEvents(run.id)).toEqual([]);
  });

  it('gives two runs of one second different ids', async () => {
    const still: Clock = { nowIso: () => '2026-01-01T00:00:00.000Z', monotonicMs: () => 0 };
    store = createRunStore(locateHome(root), still);
    const ids = [(await create()).id, (await create()).id, (await create()).id];
    expect(new Set(ids).size).toBe(3);
  });

  it('gives events back in order, stamped with the clock', async () => {
    const { id } = await create();
    store.append(id, stepEvent(1));
    store.append(id, evalEvent(1, 0.3, true));
    expect(
      reopen()
        .loadEvents(id)
        .map((event) => event.type),
    ).toEqual(['step', 'eval']);
    expect(store.loadEvents(id)[0]).toMatchObject({
      schemaVersion: 1,
      step: 1,
      createdAt: expect.stringMatching(/Z$/),
    });
  });

  it('ignores a torn last line and cuts it off before the next append', async () => {
    const { id } = await create();
    store.append(id, stepEvent(1));
    appendFileSync(store.paths(id).events, '{"schemaVersion":1,"type":"st');
    expect(reopen().loadEvents(id)).toHaveLength(1);
    const later = reopen();
    later.append(id, stepEvent(2));
    expect(later.loadEvents(id).map((event) => 'step' in event && event.step)).toEqual([1, 2]);
  });

  it('refuses a broken line in the middle with its line number', async () => {
    const { id } = await create();
    writeFileSync(store.paths(id).events, '{"type":"step"}\n');
    expect(() => store.loadEvents(id)).toThrowError(
      expect.objectContaining({ code: 'RECORD_INVALID', message: expect.stringContaining('events.jsonl:1') }),
    );
  });

  it('forgets what came after a checkpoint and keeps the history of processes', async () => {
    const { id } = await create();
    store.append(id, { type: 'started', process: 1, resumedAtStep: 0 });
    for (const step of [1, 2]) store.append(id, stepEvent(step));
    store.append(id, evalEvent(2, 0.3, true));
    store.append(id, checkpointEvent(2));
    for (const step of [3, 4]) store.append(id, stepEvent(step));
    store.append(id, checkpointEvent(4));
    store.append(id, { type: 'failed', step: 4, code: 'DISK_FULL', message: 'no space' });
    store.truncateEvents(id, 2);
    expect(store.loadEvents(id).map((event) => `${event.type} ${'step' in event ? event.step : ''}`)).toEqual(
      ['started ', 'step 1', 'step 2', 'eval 2', 'failed 4'],
    );
  });

  it('calls a run running while its process lives, and interrupted after', async () => {
    const { id } = await create();
    const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], {
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    await once(child, 'spawn');
    store.append(id, { type: 'started', process: child.pid ?? 0, resumedAtStep: 0 });
    expect(store.status(id)).toBe('running');
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(store.status(id)).toBe('interrupted');
  });

  it.runIf(process.platform === 'linux')(
    'does not mistake a younger process with the same number for the run',
    async () => {
      const past: Clock = { nowIso: () => '2020-01-01T00:00:00.000Z', monotonicMs: () => 0 };
      store = createRunStore(locateHome(root), past);
      const { id } = await create();
      store.append(id, { type: 'started', process: process.pid, resumedAtStep: 0 });
      expect(store.status(id)).toBe('interrupted');
    },
  );

  it('tells finished, stopped and failed apart, also after a resume', async () => {
    const { id } = await create();
    store.append(id, { type: 'started', process: 1, resumedAtStep: 0 });
    store.append(id, { type: 'stopped', step: 3, reason: 'SIGINT' });
    expect(store.status(id)).toBe('stopped');
    store.append(id, { type: 'failed', step: 3, code: 'LOSS_NOT_FINITE', message: 'NaN' });
    expect(store.status(id)).toBe('failed');
    store.append(id, { type: 'started', process: process.pid, resumedAtStep: 3 });
    expect(store.status(id)).toBe('running');
    store.append(id, {
      type: 'finished',
      steps: 5,
      seconds: 1,
      modelVersion: 'linear@1',
      metrics: { validation: metrics, test: metrics },
    });
    expect(store.summarize(id)).toMatchObject({
      status: 'finished',
      steps: 5,
      modelVersion: 'linear@1',
      test: metrics,
    });
  });

  it('lists runs newest first with their best evaluation', async () => {
    const first = await create();
    store.append(first.id, evalEvent(2, 0.4, true));
    store.append(first.id, evalEvent(4, 0.2, true));
    store.append(first.id, evalEvent(6, 0.3, false));
    const second = await create();
    const listed = reopen().list();
    expect(listed.map((run) => run.id)).toEqual([second.id, first.id]);
    expect(listed[1]?.best).toMatchObject({ step: 4, metrics: { loss: 0.2 } });
    expect(listed[0]?.best).toBeNull();
  });

  it('keeps evaluation reports in their order and replaces all of them', async () => {
    const { id } = await create();
    const report = evaluationReportRecord.example;
    const named = (collection: string) => ({ ...report, collection });
    expect(store.loadEvaluations(id)).toEqual([]);
    store.saveEvaluations(id, ['test', 'other', 'third'].map(named));
    expect(reopen().loadEvaluations(id)).toEqual(['test', 'other', 'third'].map(named));
    store.saveEvaluations(id, [named('again')]);
    expect(store.loadEvaluations(id)).toEqual([named('again')]);
  });

  it('counts the seconds in which a process worked, not the gap before a resume', () => {
    const at = (second: number) =>
      ({ schemaVersion: 1, createdAt: new Date(second * 1000).toISOString() }) as const;
    const events: RunEvent[] = [
      { ...at(10), type: 'started', process: 1, resumedAtStep: 0 },
      { ...at(15), type: 'stopped', step: 3, reason: 'SIGINT' },
      { ...at(100), type: 'started', process: 2, resumedAtStep: 3 },
    ];
    expect(sumActiveSeconds(events, at(102).createdAt)).toBe(7);
    expect(sumActiveSeconds([], at(102).createdAt)).toBe(0);
  });

  it('names the run and the folder when there is no such run', () => {
    for (const id of ['run-20260101-000000-abcd', '../../etc', '']) {
      expect(() => store.load(id)).toThrowError(expect.objectContaining({ code: 'RUN_NOT_FOUND' }));
    }
    expect(store.list()).toEqual([]);
  });
});
