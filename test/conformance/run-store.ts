// Tests what every run store guarantees (src/keeping/runs/run-store.ts), with a factory of stores as parameter. Each test
// gets an empty place; `open` opens a store there, as another process would.
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Clock } from '../../src/foundation/core/clock.ts';
import { evaluationReportRecord } from '../../src/foundation/records/evaluation.ts';
import { runRecord } from '../../src/foundation/records/run.ts';
import type { NewRunEvent, RunStore } from '../../src/keeping/runs/run-store.ts';
import { killElsewhere, runElsewhere, type StorePlace, startElsewhere } from './place.ts';

export interface RunStorePlace extends Omit<StorePlace<RunStore>, 'open'> {
  open(clock: Clock): RunStore;
}

const { schemaVersion: _, id: __, createdAt: ___, ...newRun } = runRecord.example;
const metrics = { accuracy: 0.9, macroF1: 0.9, rocAuc: 0.95, brier: 0.1, ece: 0.05, loss: 0.3 };
const LEASE_MS = 30_000;

export const stepEvent = (step: number): NewRunEvent => ({
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
const startedEvent: NewRunEvent = { type: 'started', process: process.pid, resumedAtStep: 0 };

/** @param createPlace  a new, empty place for each test */
export function describeRunStore(name: string, createPlace: () => RunStorePlace): void {
  describe(`${name} keeps the promises of a run store`, () => {
    let place: RunStorePlace;
    let nowMs: number;
    let store: RunStore;
    const clock: Clock = { nowIso: () => new Date(nowMs).toISOString(), monotonicMs: () => nowMs };
    const create = () => store.create(newRun, 'seed: 42 # run\n');
    const stepsOf = async (id: string) =>
      (await place.open(clock).loadEvents(id)).flatMap((event) => ('step' in event ? [event.step] : []));

    beforeEach(() => {
      nowMs = Date.now();
      place = createPlace();
      store = place.open(clock);
    });
    afterEach(() => place.remove());

    describe('deletion', () => {
      it('deletes a run with its files, and only its checkpoints where that is asked', async () => {
        const run = await create();
        const other = await create();
        const { checkpoints, folder } = await store.files(run.id);
        mkdirSync(checkpoints);
        writeFileSync(join(checkpoints, 'step-1'), 'weights');
        await place.open(clock).deleteCheckpoints(run.id);
        expect(existsSync(checkpoints)).toBe(false);
        expect(await store.load(run.id)).toEqual(run);
        await place.open(clock).delete(run.id);
        expect(existsSync(folder)).toBe(false);
        expect((await place.open(clock).list()).runs.map(({ id }) => id)).toEqual([other.id]);
        await expect(store.delete(run.id)).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' });
      });

      it('refuses while a writer holds the run', async () => {
        const run = await create();
        const writer = await store.claim(run.id);
        for (const call of [store.delete(run.id), store.deleteCheckpoints(run.id)])
          await expect(call).rejects.toMatchObject({ code: 'RUN_ACTIVE' });
        await writer.append(startedEvent);
        await writer.release();
        await store.delete(run.id);
      });
    });

    describe('order and durability', () => {
      it('returns a created run from another instance, under an id made of the time', async () => {
        const run = await create();
        expect(run.id).toMatch(/^run-\d{8}-\d{6}-[0-9a-z]{4}$/);
        expect(await place.open(clock).load(run.id)).toEqual(run);
        expect(await place.open(clock).loadEvents(run.id)).toEqual([]);
      });

      it('gives runs of one second different ids', async () => {
        const ids = await Promise.all(Array.from({ length: 20 }, async () => (await create()).id));
        expect(new Set(ids).size).toBe(20);
      });

      it('returns events in the order of the calls, also of calls that did not wait for each other', async () => {
        const { id } = await create();
        const writer = await store.claim(id);
        await Promise.all(Array.from({ length: 50 }, (_, i) => writer.append(stepEvent(i + 1))));
        expect(await stepsOf(id)).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
        await writer.release();
      });

      it('stamps events with its clock', async () => {
        const { id } = await create();
        const writer = await store.claim(id);
        await writer.append(startedEvent);
        expect(await store.loadEvents(id)).toMatchObject([
          { type: 'started', schemaVersion: 1, createdAt: clock.nowIso() },
        ]);
        await writer.release();
      });

      it('drops the events after a checkpoint, but keeps those about processes', async () => {
        const { id } = await create();
        const writer = await store.claim(id);
        await writer.append(startedEvent);
        for (const step of [1, 2]) await writer.append(stepEvent(step));
        await writer.append(evalEvent(2, 0.3, true));
        await writer.append(checkpointEvent(2));
        for (const step of [3, 4]) await writer.append(stepEvent(step));
        await writer.append({ type: 'failed', step: 4, code: 'DISK_FULL', message: 'no space' });
        await writer.truncateEvents(2);
        const events = await place.open(clock).loadEvents(id);
        expect(events.map(({ type }) => type)).toEqual(['started', 'step', 'step', 'eval', 'failed']);
        await writer.release();
      });

      it('lists runs newest first with their best evaluation', async () => {
        const first = await create();
        const writer = await store.claim(first.id);
        await writer.append(evalEvent(2, 0.4, true));
        await writer.append(evalEvent(4, 0.2, true));
        await writer.append(evalEvent(6, 0.3, false));
        await writer.release();
        nowMs += 1000;
        const second = await create();
        const { runs, damaged } = await place.open(clock).list();
        expect(runs.map(({ id }) => id)).toEqual([second.id, first.id]);
        expect(runs.map(({ best }) => best?.step)).toEqual([undefined, 4]);
        expect(damaged).toEqual([]);
      });

      it('keeps evaluation reports in their order and replaces all of them', async () => {
        const { id } = await create();
        const named = (collection: string) => ({ ...evaluationReportRecord.example, collection });
        expect(await store.loadEvaluations(id)).toEqual([]);
        const writer = await store.claim(id);
        await writer.saveEvaluations(['test', 'other', 'third'].map(named));
        expect(await place.open(clock).loadEvaluations(id)).toEqual(['test', 'other', 'third'].map(named));
        await writer.saveEvaluations([named('again')]);
        expect(await store.loadEvaluations(id)).toEqual([named('again')]);
        await writer.release();
      });

      it('finds files again that lay in the run when an event was appended', async () => {
        const { id } = await create();
        const writer = await store.claim(id);
        const { checkpoints } = await store.files(id);
        mkdirSync(checkpoints, { recursive: true });
        writeFileSync(join(checkpoints, 'weights'), 'x');
        await writer.append(checkpointEvent(1));
        await writer.release();
        expect(existsSync(join((await place.open(clock).files(id)).checkpoints, 'weights'))).toBe(true);
      });
    });

    describe('status', () => {
      it('is the last status that the process of the run wrote', async () => {
        const { id } = await create();
        expect(await store.status(id)).toBe('interrupted');
        for (const [event, status] of [
          [{ type: 'stopped', step: 3, reason: 'SIGINT' }, 'stopped'],
          [{ type: 'failed', step: 3, code: 'LOSS_NOT_FINITE', message: 'NaN' }, 'failed'],
          [
            {
              type: 'finished',
              steps: 5,
              seconds: 1,
              modelVersion: 'linear@1',
              metrics: { validation: metrics, test: metrics },
            },
            'finished',
          ],
        ] as const) {
          nowMs += 1000;
          const writer = await store.claim(id);
          nowMs += 1000;
          expect(await place.open(clock).status(id)).toBe('running');
          await writer.append(startedEvent);
          expect(await place.open(clock).status(id)).toBe('running');
          await writer.append(event);
          await writer.release();
          expect(await place.open(clock).status(id)).toBe(status);
        }
        expect(await store.summarize(id)).toMatchObject({ status: 'finished', steps: 5, test: metrics });
      });
    });

    describe('the lease', () => {
      it('lets one instance write at a time, and the next after a release', async () => {
        const { id } = await create();
        const writer = await store.claim(id);
        const other = place.open(clock);
        await expect(other.claim(id)).rejects.toMatchObject({ code: 'RUN_ACTIVE', details: { run: id } });
        await writer.release();
        const next = await other.claim(id);
        await next.append(stepEvent(1));
        await expect(writer.append(stepEvent(2))).rejects.toMatchObject({ code: 'RUN_LEASE_LOST' });
        expect(await stepsOf(id)).toEqual([1]);
        await next.release();
      });

      it('expires if it is not renewed, and then reads as interrupted', async () => {
        const { id } = await create();
        const writer = await store.claim(id);
        await writer.append(startedEvent);
        nowMs += LEASE_MS - 1;
        expect(await place.open(clock).status(id)).toBe('running');
        nowMs += 1;
        expect(await place.open(clock).status(id)).toBe('interrupted');
        await writer.release();
      });

      it('lasts as long as it is renewed', async () => {
        const { id } = await create();
        const writer = await store.claim(id);
        for (let i = 0; i < 5; i++) {
          nowMs += LEASE_MS / 2;
          await writer.renew();
        }
        await expect(place.open(clock).claim(id)).rejects.toMatchObject({ code: 'RUN_ACTIVE' });
        await writer.release();
      });

      it('stays with an owner that renews it late, if no other instance took it over', async () => {
        const { id } = await create();
        const writer = await store.claim(id);
        nowMs += 2 * LEASE_MS;
        await writer.append(stepEvent(1));
        await expect(place.open(clock).claim(id)).rejects.toMatchObject({ code: 'RUN_ACTIVE' });
        await writer.release();
      });

      it('fences an owner whose lease was taken over: it writes nothing more', async () => {
        const { id } = await create();
        const late = await store.claim(id);
        await late.append(stepEvent(1));
        nowMs += LEASE_MS;
        const next = await place.open(clock).claim(id);
        for (const write of [
          () => late.append(stepEvent(99)),
          () => late.truncateEvents(0),
          () => late.saveEvaluations([evaluationReportRecord.example]),
          () => late.renew(),
        ])
          await expect(write()).rejects.toMatchObject({ code: 'RUN_LEASE_LOST', details: { run: id } });
        await late.release(); // must not end the lease of the next owner
        await expect(place.open(clock).claim(id)).rejects.toMatchObject({ code: 'RUN_ACTIVE' });
        await next.append(stepEvent(2));
        expect(await stepsOf(id)).toEqual([1, 2]);
        expect(await store.loadEvaluations(id)).toEqual([]);
        await next.release();
      });

      it('goes to one of several instances that take over at once', async () => {
        const { id } = await create();
        const lost = await store.claim(id);
        nowMs += LEASE_MS;
        const claims = await Promise.allSettled(Array.from({ length: 8 }, () => place.open(clock).claim(id)));
        const winners = claims.flatMap((claim) => (claim.status === 'fulfilled' ? [claim.value] : []));
        expect(winners).toHaveLength(1);
        await winners[0]!.release();
        await lost.release();
      });
    });

    describe('two processes', () => {
      it('gives the lease to one of four processes that want it at once', async () => {
        const { id } = await create();
        const source = place.script(`
          try { await store.claim('${id}'); console.log('won'); } catch (error) { console.log(error.code); }
          setInterval(() => {}, 1000);`);
        const children = [1, 2, 3, 4].map(() => startElsewhere(source));
        const said = await Promise.all(children.map((child) => once(child.stdout!, 'data')));
        for (const child of children) child.kill('SIGKILL');
        expect(said.map(([line]) => String(line).trim()).sort()).toEqual([
          'RUN_ACTIVE',
          'RUN_ACTIVE',
          'RUN_ACTIVE',
          'won',
        ]);
      }, 30_000);

      it('creates runs from two processes at once without mixing them', async () => {
        const body = `
          for (let i = 0; i < 10; i++) await store.create(${JSON.stringify(newRun)}, 'seed: 1');`;
        await Promise.all([runElsewhere(place.script(body)), runElsewhere(place.script(body))]);
        const { runs, damaged } = await store.list();
        expect([runs.length, damaged.length]).toEqual([20, 0]);
      }, 30_000);
    });

    describe('a crash', () => {
      it('leaves every event whose promise resolved, and a run that another process can continue', async () => {
        const { id } = await create();
        await killElsewhere(
          place.script(`
          const writer = await store.claim('${id}');
          await writer.append(${JSON.stringify(startedEvent)});
          for (let step = 1; step <= 20; step++) await writer.append({ ...${JSON.stringify(stepEvent(0))}, step });
          console.log('written');
          setInterval(() => {}, 1000);`),
        );
        nowMs = Date.now() + LEASE_MS;
        expect(await stepsOf(id)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
        expect(await store.status(id)).toBe('interrupted');
        const writer = await store.claim(id);
        await writer.append(stepEvent(21));
        expect((await stepsOf(id)).at(-1)).toBe(21);
        await writer.release();
      }, 30_000);

      it('amid appending leaves whole events only', async () => {
        const { id } = await create();
        await killElsewhere(
          place.script(`
          const writer = await store.claim('${id}');
          for (let step = 1; ; step++) {
            await writer.append({ ...${JSON.stringify(stepEvent(0))}, step });
            if (step === 200) console.log('on the way');
          }`),
        );
        const steps = await stepsOf(id);
        expect(steps.length).toBeGreaterThanOrEqual(200);
        expect(steps).toEqual(steps.map((_, i) => i + 1));
        nowMs = Date.now() + LEASE_MS;
        const writer = await store.claim(id);
        await writer.append(stepEvent(steps.length + 1));
        expect(await stepsOf(id)).toHaveLength(steps.length + 1);
        await writer.release();
      }, 30_000);
    });

    it('rejects with RUN_NOT_FOUND for a run that does not exist', async () => {
      for (const id of ['run-20260101-000000-abcd', '../../etc', '']) {
        for (const call of [
          store.load(id),
          store.loadEvents(id),
          store.status(id),
          store.files(id),
          store.claim(id),
        ])
          await expect(call).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' });
      }
      expect(await store.list()).toEqual({ runs: [], damaged: [] });
    });
  });
}
