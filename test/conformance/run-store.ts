// Tests what every run store guarantees (src/keeping/runs/run-store.ts), with a factory of stores as parameter. Each test
// gets an empty place; `open` opens a store there, as another process would.
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Clock } from '../../src/foundation/core/clock.ts';
import { createRandom } from '../../src/foundation/core/random.ts';
import { evaluationReportRecord } from '../../src/foundation/records/evaluation.ts';
import { runRecord } from '../../src/foundation/records/run.ts';
import type { NewMeasurement } from '../../src/keeping/runs/measurement.ts';
import type { NewRunEvent, RunStore } from '../../src/keeping/runs/run-store.ts';
import { killElsewhere, runElsewhere, type StorePlace, startElsewhere } from './place.ts';

export interface RunStorePlace extends Omit<StorePlace<RunStore>, 'open'> {
  open(clock: Clock): RunStore;
}

const { schemaVersion: _, id: __, createdAt: ___, ...newRun } = runRecord.example;
const metrics = { accuracy: 0.9, macroF1: 0.9, rocAuc: 0.95, brier: 0.1, ece: 0.05, loss: 0.3 };
const LEASE_MS = 30_000;
/** More than Linux gives to any process. */
const DEAD_PROCESS = 2 ** 30;

export const evalEvent = (step: number, loss = 0.5, best = false): NewRunEvent => ({
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

/**
 * @param createPlace   a new, empty place for each test
 * @param inProcesses   false leaves out the tests that start processes, which take seconds each
 */
export function describeRunStore(
  name: string,
  createPlace: () => RunStorePlace,
  { inProcesses = true }: { readonly inProcesses?: boolean } = {},
): void {
  const itInProcesses = inProcesses ? it : (): void => {};
  const describeInProcesses = inProcesses ? describe : (): void => {};
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

    describe('a claim', () => {
      it.each([
        ['a model', 'model', true],
        ['a checkpoint', 'checkpoints/step-000004', true],
        ['a report', 'evaluation.json', false],
      ])(
        'removes %s that a killed writer left half-written, and nothing else',
        async (_what, name, isFolder) => {
          const { id } = await create();
          const { folder } = await store.files(id);
          const left = join(folder, `${name}.tmp-${DEAD_PROCESS}-00c0ffee`);
          const whole = join(folder, name);
          for (const path of [left, whole]) {
            mkdirSync(isFolder ? path : dirname(path), { recursive: true });
            writeFileSync(isFolder ? join(path, 'part') : path, 'half');
          }
          const writer = await store.claim(id);
          expect([existsSync(left), existsSync(whole)]).toEqual([false, true]);
          await writer.release();
        },
      );
    });

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
        for (const call of [() => store.delete(run.id), () => store.deleteCheckpoints(run.id)])
          await expect(call()).rejects.toMatchObject({ code: 'RUN_ACTIVE' });
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
        await Promise.all(Array.from({ length: 50 }, (_, i) => writer.append(evalEvent(i + 1))));
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

      it('hides the events after a checkpoint, but not those about processes', async () => {
        const { id } = await create();
        const writer = await store.claim(id);
        await writer.append(startedEvent);
        for (const step of [1, 2]) await writer.append(evalEvent(step));
        await writer.append(checkpointEvent(2));
        for (const step of [3, 4]) await writer.append(evalEvent(step));
        await writer.append({ type: 'failed', step: 4, code: 'DISK_FULL', message: 'no space' });
        await writer.rewind(2);
        const events = await place.open(clock).loadEvents(id);
        expect(events.map(({ type }) => type)).toEqual(['started', 'eval', 'eval', 'failed']);
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

    describe('measurements', () => {
      const measure = (step: number, values: Record<string, number>): NewMeasurement => ({
        step,
        epoch: step / 10,
        articles: step * 4,
        values,
      });
      const valuesOf = async (id: string, name: string) =>
        (await place.open(clock).loadPoints(id, name)).map(({ step, value }) => [step, value]);

      it('are points of each metric, with step, epoch, articles and time', async () => {
        const { id } = await create();
        const writer = await store.claim(id);
        writer.record(measure(1, { train_loss: 0.5, learning_rate: 0.1 }));
        nowMs += 100;
        writer.record(measure(2, { train_loss: 0.25 }));
        writer.record({ ...measure(3, { train_loss: 0.125 }), timeMs: 1_700_000_000_000 });
        await writer.flush();
        expect(await place.open(clock).loadPoints(id, 'train_loss')).toEqual([
          { step: 1, epoch: 0.1, articles: 4, timeMs: nowMs - 100, value: 0.5 },
          { step: 2, epoch: 0.2, articles: 8, timeMs: nowMs, value: 0.25 },
          { step: 3, epoch: 0.3, articles: 12, timeMs: 1_700_000_000_000, value: 0.125 },
        ]);
        expect(await valuesOf(id, 'learning_rate')).toEqual([[1, 0.1]]);
        expect(await valuesOf(id, 'other')).toEqual([]);
        expect(await store.loadPoints(id, 'train_loss', { fromStep: 3 })).toHaveLength(1);
        await writer.release();
      });

      it('are written before an event that was appended after them, and by a release', async () => {
        const { id } = await create();
        const writer = await store.claim(id);
        writer.record(measure(1, { train_loss: 0.5 }));
        await writer.append(evalEvent(1));
        expect(await valuesOf(id, 'train_loss')).toEqual([[1, 0.5]]);
        writer.record(measure(2, { train_loss: 0.25 }));
        await writer.release();
        expect(await valuesOf(id, 'train_loss')).toEqual([
          [1, 0.5],
          [2, 0.25],
        ]);
      });

      it('are written in the background within a second', async () => {
        const { id } = await create();
        const writer = await store.claim(id);
        const other = place.open(clock);
        expect(await other.loadPoints(id, 'train_loss')).toEqual([]);
        writer.record(measure(1, { train_loss: 0.5 }));
        await vi.waitFor(async () => expect(await other.loadPoints(id, 'train_loss')).toHaveLength(1), 1000);
        await writer.release();
      });

      it('may be NaN or infinite, and bit for bit any other number', async () => {
        const { id } = await create();
        const writer = await store.claim(id);
        const values = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0.1 + 0.2, 5e-324];
        for (const [i, value] of values.entries()) writer.record(measure(i, { odd: value }));
        await writer.release();
        expect(await valuesOf(id, 'odd')).toEqual(values.map((value, i) => [i, value]));
        expect(await store.listMetrics(id)).toMatchObject([
          {
            ...{ name: 'odd', count: 5, first: Number.NaN, last: 5e-324, lastStep: 4 },
            ...{ min: Number.NEGATIVE_INFINITY, minStep: 2, max: Number.POSITIVE_INFINITY, maxStep: 1 },
          },
        ]);
      });

      it('that arrive out of order are kept, and of two at one step the later one is shown', async () => {
        const { id } = await create();
        const writer = await store.claim(id);
        for (const [step, loss] of [
          [5, 0.5],
          [3, 0.3],
          [4, 0.4],
          [3, 0.1],
        ] as const)
          writer.record(measure(step, { train_loss: loss }));
        await writer.flush();
        writer.record(measure(1, { train_loss: 0.9 }));
        await writer.release();
        expect(await valuesOf(id, 'train_loss')).toEqual([
          [1, 0.9],
          [3, 0.1],
          [4, 0.4],
          [5, 0.5],
        ]);
        const kept = await store.loadPoints(id, 'train_loss', { includeHidden: true });
        expect(kept.map(({ step, value, hidden }) => [step, value, hidden])).toEqual([
          [1, 0.9, false],
          [3, 0.3, true],
          [3, 0.1, false],
          [4, 0.4, false],
          [5, 0.5, false],
        ]);
        expect(await store.listMetrics(id)).toMatchObject([
          { count: 4, first: 0.9, last: 0.5, min: 0.1, minStep: 3, max: 0.9, maxStep: 1, lastStep: 5 },
        ]);
      });

      it('of an earlier attempt after the resumed step are kept, but hidden: steps increase strictly', async () => {
        const { id } = await create();
        const recordSteps = async (from: number, to: number, loss: number, resumeAt?: number) => {
          const writer = await place.open(clock).claim(id);
          if (resumeAt !== undefined) await writer.rewind(resumeAt);
          for (let step = from; step <= to; step++) writer.record(measure(step, { train_loss: loss }));
          await writer.release();
        };
        await recordSteps(1, 10, 1);
        await recordSteps(5, 7, 2, 4);
        await recordSteps(7, 8, 3, 6);
        expect(await valuesOf(id, 'train_loss')).toEqual([
          ...[1, 2, 3, 4].map((step) => [step, 1]),
          ...[5, 6].map((step) => [step, 2]),
          ...[7, 8].map((step) => [step, 3]),
        ]);
        const kept = await store.loadPoints(id, 'train_loss', { includeHidden: true });
        expect(kept).toHaveLength(15);
        expect(kept.filter(({ hidden }) => hidden).map(({ step, attempt }) => [step, attempt])).toEqual([
          [5, 1],
          [6, 1],
          [7, 1],
          [7, 2],
          [8, 1],
          [9, 1],
          [10, 1],
        ]);
        expect(await store.listMetrics(id)).toMatchObject([
          { count: 8, last: 3, lastStep: 8, max: 3, min: 1 },
        ]);
        expect((await store.summarize(id)).metrics).toEqual({
          train_loss: { last: 3, min: 1, max: 3, lastStep: 8 },
        });
      });

      it('recorded after a rewind was asked for belong to the next attempt', async () => {
        const { id } = await create();
        const writer = await store.claim(id);
        writer.record(measure(1, { train_loss: 1 }));
        writer.record(measure(2, { train_loss: 1 }));
        const rewound = writer.rewind(0);
        writer.record(measure(1, { train_loss: 2 }));
        await rewound;
        await writer.release();
        expect(await valuesOf(id, 'train_loss')).toEqual([[1, 2]]);
      });

      it('count as steps of the run', async () => {
        const { id } = await create();
        const writer = await store.claim(id);
        writer.record(measure(7, { train_loss: 1 }));
        await writer.release();
        expect(await store.summarize(id)).toMatchObject({ steps: 7 });
      });

      it('include texts and histograms, which a resume hides alike', async () => {
        const { id } = await create();
        const writer = await store.claim(id);
        const histogram = { edges: [0, 0.5, 1], counts: [3, 4] };
        const at = (step: number) => ({ step, epoch: step / 10, articles: step * 4 });
        writer.recordText('wrong_labels', at(1), 'two of five\nin "other"');
        writer.recordHistogram('confidence', at(1), histogram);
        writer.recordText('wrong_labels', at(2), 'one of five');
        writer.recordHistogram('confidence', at(2), { edges: [0, 1], counts: [7] });
        await writer.rewind(1);
        await writer.release();
        const other = place.open(clock);
        const moment = { ...at(1), timeMs: nowMs };
        expect(await other.loadTexts(id)).toEqual([
          { name: 'wrong_labels', ...moment, text: 'two of five\nin "other"' },
        ]);
        expect(await other.loadHistograms(id)).toEqual([{ name: 'confidence', ...moment, ...histogram }]);
      });

      it('of a writer whose lease was taken over are refused', async () => {
        const { id } = await create();
        const late = await store.claim(id);
        late.record(measure(1, { train_loss: 1 }));
        await late.flush();
        nowMs += LEASE_MS;
        const next = await place.open(clock).claim(id);
        late.record(measure(2, { train_loss: 9 }));
        await expect(late.flush()).rejects.toMatchObject({ code: 'RUN_LEASE_LOST' });
        await late.release();
        expect(await valuesOf(id, 'train_loss')).toEqual([[1, 1]]);
        await next.release();
      });

      itInProcesses(
        'lose at most the last second to a kill',
        async () => {
          const { id } = await create();
          const said = await killElsewhere(
            place.script(`
          const writer = await store.claim('${id}');
          let step = 0;
          const start = Date.now();
          const timer = setInterval(() => {
            for (let i = 0; i < 10; i++)
              writer.record({ step: ++step, epoch: 0, articles: 0, timeMs: Date.now(), values: { train_loss: step } });
            if (Date.now() - start > 2500) { console.log(Date.now()); clearInterval(timer); }
          }, 5);
          setInterval(() => {}, 1000);`),
          );
          const points = await store.loadPoints(id, 'train_loss');
          expect(points.map(({ step }) => step)).toEqual(points.map((_, i) => i + 1));
          expect(points.at(-1)?.timeMs).toBeGreaterThan(Number(said) - 1000);
        },
        30_000,
      );

      itInProcesses(
        'of eight processes that write at once are all there',
        async () => {
          const ids = await Promise.all(Array.from({ length: 8 }, async () => (await create()).id));
          const body = (id: string) => `
          const writer = await store.claim('${id}');
          for (let step = 1; step <= 2000; step++) {
            writer.record({ step, epoch: step / 100, articles: step, values: { train_loss: step / 2, val_loss: -step } });
            if (step % 100 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
            if (step % 500 === 0) await writer.append({ ...${JSON.stringify(evalEvent(0))}, step });
          }
          await writer.release();`;
          await Promise.all(ids.map((id) => runElsewhere(place.script(body(id)))));
          const steps = Array.from({ length: 2000 }, (_, i) => i + 1);
          for (const id of ids) {
            expect(await valuesOf(id, 'train_loss')).toEqual(steps.map((step) => [step, step / 2]));
            expect(await valuesOf(id, 'val_loss')).toEqual(steps.map((step) => [step, -step]));
            expect(await stepsOf(id)).toEqual([500, 1000, 1500, 2000]);
          }
        },
        60_000,
      );
    });

    describe('a curve', () => {
      /** A noisy line of n points with single peaks; the random numbers are the same each time. */
      const fill = async (n: number, seed: number): Promise<{ id: string; values: number[] }> => {
        const { id } = await create();
        const writer = await store.claim(id);
        const random = createRandom(seed);
        const values = Array.from({ length: n }, () =>
          random.next() < 0.001 ? 100 * (random.next() - 0.5) : random.next(),
        );
        for (const [i, value] of values.entries())
          writer.record({
            ...{ step: i * 3 + 1, epoch: i / 100, articles: i * 16, timeMs: 1e12 + i * 250 },
            values: { loss: value },
          });
        await writer.release();
        return { id, values };
      };

      it('has all points where they are few enough', async () => {
        const { id } = await fill(50, 1);
        const points = await store.loadPoints(id, 'loss');
        expect(await store.loadCurve(id, 'loss', { axis: 'step', maxPoints: 50 })).toEqual({
          total: 50,
          points,
        });
        expect(await store.loadCurve(id, 'none', { axis: 'step', maxPoints: 50 })).toEqual({
          total: 0,
          points: [],
        });
      });

      it('has at most as many points as asked for, with the first, the last and every peak', async () => {
        const { id, values } = await fill(20_000, 2);
        const points = await store.loadPoints(id, 'loss');
        for (const maxPoints of [2, 3, 10, 401, 2000]) {
          const curve = await place.open(clock).loadCurve(id, 'loss', { axis: 'step', maxPoints });
          expect(curve.total).toBe(20_000);
          expect(curve.points.length).toBeLessThanOrEqual(maxPoints);
          expect(curve.points[0]).toEqual(points[0]);
          expect(curve.points.at(-1)).toEqual(points.at(-1));
          const steps = curve.points.map(({ step }) => step);
          expect(steps).toEqual([...new Set(steps)].sort((a, b) => a - b));
          for (const point of curve.points) expect(point).toEqual(points[(point.step - 1) / 3]);
          if (maxPoints < 10) continue;
          const shown = curve.points.map(({ value }) => value);
          expect(Math.min(...shown)).toBe(Math.min(...values));
          expect(Math.max(...shown)).toBe(Math.max(...values));
          // Whatever is left out lies between points of the curve that are near: within two buckets.
          const reach = (4 * 20_000) / (maxPoints - 2);
          for (let i = 0; i < values.length; i += 97) {
            const near = curve.points.filter(({ step }) => Math.abs((step - 1) / 3 - i) <= reach);
            expect(values[i]).toBeLessThanOrEqual(Math.max(...near.map(({ value }) => value)));
            expect(values[i]).toBeGreaterThanOrEqual(Math.min(...near.map(({ value }) => value)));
          }
        }
      }, 30_000);

      it('is drawn over steps, epochs, articles or time, and from and to any place', async () => {
        const { id } = await fill(3000, 3);
        const points = await store.loadPoints(id, 'loss');
        for (const [axis, at] of [
          ['step', (i: number) => i * 3 + 1],
          ['epoch', (i: number) => i / 100],
          ['articles', (i: number) => i * 16],
          ['time', (i: number) => 1e12 + i * 250],
        ] as const) {
          const request = { axis, from: at(1000), to: at(1999), maxPoints: 100 };
          const curve = await store.loadCurve(id, 'loss', request);
          expect(curve.total).toBe(1000);
          expect(curve.points.length).toBeLessThanOrEqual(100);
          expect([curve.points[0], curve.points.at(-1)]).toEqual([points[1000], points[1999]]);
          const whole = await store.loadCurve(id, 'loss', { ...request, maxPoints: 1000 });
          expect(whole.points).toEqual(points.slice(1000, 2000));
        }
      }, 30_000);

      it('follows its axis where time and step disagree', async () => {
        const { id } = await create();
        const writer = await store.claim(id);
        const at = (step: number, timeMs: number) => ({ step, epoch: 0, articles: 0, timeMs });
        for (const [step, timeMs] of [
          [1, 5000],
          [2, 1000],
          [3, 3000],
        ] as const)
          writer.record({ ...at(step, timeMs), values: { loss: step } });
        await writer.release();
        const { points } = await store.loadCurve(id, 'loss', { axis: 'time', maxPoints: 10 });
        expect(points.map(({ step }) => step)).toEqual([2, 3, 1]);
      });

      it('leaves out what is hidden', async () => {
        const { id } = await fill(3000, 4);
        const writer = await store.claim(id);
        await writer.rewind(3000); // after the point of index 999
        for (let i = 0; i < 500; i++)
          writer.record({ step: 3001 + i, epoch: 0, articles: 0, values: { loss: 7000 } });
        await writer.release();
        const curve = await store.loadCurve(id, 'loss', { axis: 'step', maxPoints: 200 });
        expect(curve.total).toBe(1500);
        expect(curve.points.length).toBeLessThanOrEqual(200);
        expect(curve.points.filter(({ step, value }) => step > 3000 !== (value === 7000))).toEqual([]);
        expect(curve.points.at(-1)).toMatchObject({ step: 3500, value: 7000 });
      });
    });

    describe('annotations', () => {
      it('are tags and a note that any process sets without a lease', async () => {
        const { id } = await create();
        const writer = await store.claim(id);
        const other = place.open(clock);
        await other.setTags(id, { add: ['baseline', 'a'] });
        await other.setTags(id, { add: ['best'], remove: ['a', 'none'] });
        await other.setNote(id, 'first\nline');
        expect(await store.summarize(id)).toMatchObject({ tags: ['baseline', 'best'], note: 'first\nline' });
        await other.setNote(id, null);
        expect((await store.list()).runs).toMatchObject([{ tags: ['baseline', 'best'], note: null }]);
        await writer.release();
      });

      it('are artifacts by name; the later one of a name counts', async () => {
        const { id } = await create();
        const writer = await store.claim(id);
        const artifact = (name: string, sizeBytes: number) =>
          ({ name, kind: 'model', digest: `sha256:${'ab'.repeat(32)}`, sizeBytes, path: 'model' }) as const;
        await writer.addArtifact(artifact('model', 1));
        await writer.addArtifact(artifact('report', 2));
        await writer.addArtifact(artifact('model', 3));
        await writer.release();
        expect(await place.open(clock).listArtifacts(id)).toEqual([
          artifact('model', 3),
          artifact('report', 2),
        ]);
      });

      it('ask the writer to stop, once', async () => {
        const { id } = await create();
        const writer = await store.claim(id);
        expect(await store.isStopRequested(id)).toBe(false);
        await place.open(clock).requestStop(id);
        expect(await store.isStopRequested(id)).toBe(true);
        await writer.release();
        const next = await place.open(clock).claim(id);
        expect(await store.isStopRequested(id)).toBe(false);
        await next.release();
      });

      it('tells of changes after the newest run was deleted', async () => {
        const old = await create();
        const newest = await create();
        for (let i = 0; i < 3; i++) await store.setNote(newest.id, `${i}`);
        const { cursor } = await store.changesSince(null);
        await place.open(clock).delete(newest.id);
        await pause(50);
        await store.setNote(old.id, 'new');
        expect((await store.changesSince(cursor)).runIds).toContain(old.id);
      });

      it('and all other changes of a run are told to whoever watches', async () => {
        const [one, two] = [await create(), await create()];
        await pause(50);
        const start = await store.changesSince(null);
        expect(start.runIds).toEqual([]);
        const changed = async (change: () => Promise<void>): Promise<void> => {
          const { cursor } = await store.changesSince(null);
          await pause(50);
          await change();
          expect((await place.open(clock).changesSince(cursor)).runIds).toContain(two.id);
          expect((await store.changesSince(cursor, two.id)).runIds).toEqual([two.id]);
          expect((await store.changesSince(cursor, one.id)).runIds).toEqual([]);
        };
        await changed(() => store.setNote(two.id, 'seen'));
        const writer = await store.claim(two.id);
        await changed(() => writer.append(startedEvent));
        await changed(async () => {
          writer.record({ step: 1, epoch: 0, articles: 0, values: { train_loss: 1 } });
          await writer.flush();
        });
        await writer.release();
        await pause(50);
        const { cursor } = await store.changesSince(start.cursor);
        await pause(50);
        expect((await store.changesSince(cursor)).runIds).toEqual([]);
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
        await next.append(evalEvent(1));
        await expect(writer.append(evalEvent(2))).rejects.toMatchObject({ code: 'RUN_LEASE_LOST' });
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
        await writer.append(evalEvent(1));
        await expect(place.open(clock).claim(id)).rejects.toMatchObject({ code: 'RUN_ACTIVE' });
        await writer.release();
      });

      it('fences an owner whose lease was taken over: it writes nothing more', async () => {
        const { id } = await create();
        const late = await store.claim(id);
        await late.append(evalEvent(1));
        nowMs += LEASE_MS;
        const next = await place.open(clock).claim(id);
        for (const write of [
          () => late.append(evalEvent(99)),
          () => late.rewind(0),
          () => late.saveEvaluations([evaluationReportRecord.example]),
          () => late.renew(),
        ])
          await expect(write()).rejects.toMatchObject({ code: 'RUN_LEASE_LOST', details: { run: id } });
        await late.release(); // must not end the lease of the next owner
        await expect(place.open(clock).claim(id)).rejects.toMatchObject({ code: 'RUN_ACTIVE' });
        await next.append(evalEvent(2));
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

    describeInProcesses('two processes', () => {
      itInProcesses(
        'gives the lease to one of four processes that want it at once',
        async () => {
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
        },
        30_000,
      );

      itInProcesses(
        'creates runs from two processes at once without mixing them',
        async () => {
          const body = `
          for (let i = 0; i < 10; i++) await store.create(${JSON.stringify(newRun)}, 'seed: 1');`;
          await Promise.all([runElsewhere(place.script(body)), runElsewhere(place.script(body))]);
          const { runs, damaged } = await store.list();
          expect([runs.length, damaged.length]).toEqual([20, 0]);
        },
        30_000,
      );
    });

    describeInProcesses('a crash', () => {
      itInProcesses(
        'leaves every event whose promise resolved, and a run that another process can continue',
        async () => {
          const { id } = await create();
          await killElsewhere(
            place.script(`
          const writer = await store.claim('${id}');
          await writer.append(${JSON.stringify(startedEvent)});
          for (let step = 1; step <= 20; step++) await writer.append({ ...${JSON.stringify(evalEvent(0))}, step });
          console.log('written');
          setInterval(() => {}, 1000);`),
          );
          nowMs = Date.now() + LEASE_MS;
          expect(await stepsOf(id)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
          expect(await store.status(id)).toBe('interrupted');
          const writer = await store.claim(id);
          await writer.append(evalEvent(21));
          expect((await stepsOf(id)).at(-1)).toBe(21);
          await writer.release();
        },
        30_000,
      );

      itInProcesses(
        'amid appending leaves whole events only',
        async () => {
          const { id } = await create();
          await killElsewhere(
            place.script(`
          const writer = await store.claim('${id}');
          for (let step = 1; ; step++) {
            await writer.append({ ...${JSON.stringify(evalEvent(0))}, step });
            if (step === 200) console.log('on the way');
          }`),
          );
          const steps = await stepsOf(id);
          expect(steps.length).toBeGreaterThanOrEqual(200);
          expect(steps).toEqual(steps.map((_, i) => i + 1));
          nowMs = Date.now() + LEASE_MS;
          const writer = await store.claim(id);
          await writer.append(evalEvent(steps.length + 1));
          expect(await stepsOf(id)).toHaveLength(steps.length + 1);
          await writer.release();
        },
        30_000,
      );
    });

    it('rejects with RUN_NOT_FOUND for a run that does not exist', async () => {
      for (const id of ['run-20260101-000000-abcd', '../../etc', '']) {
        for (const call of [
          () => store.load(id),
          () => store.loadEvents(id),
          () => store.status(id),
          () => store.files(id),
          () => store.claim(id),
          () => store.listMetrics(id),
          () => store.loadPoints(id, 'train_loss'),
          () => store.loadTexts(id),
          () => store.listArtifacts(id),
          () => store.setTags(id, { add: ['a'] }),
          () => store.setNote(id, 'a'),
          () => store.requestStop(id),
        ])
          await expect(call()).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' });
      }
      expect(await store.list()).toEqual({ runs: [], damaged: [] });
    });
  });
}
