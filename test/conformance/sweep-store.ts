// Tests what every sweep store guarantees (src/keeping/sweeps/sweep-store.ts), with a factory of stores as parameter. Each
// test gets an empty place; `open` opens a store there, as another process would.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type SweepDefinition, sweepRecord, type Trial } from '../../src/foundation/records/sweep.ts';
import type { NewTrial, SweepStore, TrialLease } from '../../src/keeping/sweeps/sweep-store.ts';
import { killElsewhere, runElsewhere, type StorePlace } from './place.ts';

const { definition } = sweepRecord.example;
const SHORT_LEASE: SweepDefinition = { ...definition, leaseSeconds: 0.3 };
const task = { config: { seed: 1 }, yaml: 'seed: 1 # typed\n' };
const trialOf = (lr: number, changes: Partial<NewTrial> = {}): NewTrial => ({
  parameters: { 'optimizer.lr': lr },
  repeats: null,
  seed: null,
  task,
  ...changes,
});

/** @param createPlace  a new, empty place for each test */
export function describeSweepStore(
  name: string,
  createPlace: () => StorePlace<SweepStore> | Promise<StorePlace<SweepStore>>,
): void {
  describe(`${name} keeps the promises of a sweep store`, () => {
    let place: StorePlace<SweepStore>;
    let store: SweepStore;
    beforeEach(async () => {
      place = await createPlace();
      store = place.open();
    });
    afterEach(() => place.remove());

    /** A sweep with so many trials. */
    async function createSweep(trials = 0, made = definition): Promise<string> {
      const { id } = await store.create(made);
      for (let i = 0; i < trials; i++) await store.addTrial(id, trialOf((i + 1) / 1000), i);
      return id;
    }
    async function claim(id: string, number = 0): Promise<TrialLease> {
      const lease = await store.claimTrial(id, number);
      expect(lease).not.toBeNull();
      return lease!;
    }

    describe('a sweep', () => {
      it('is read by another instance as it was created', async () => {
        const sweep = await store.create(definition);
        expect(sweep).toMatchObject({
          id: expect.stringMatching(/^sweep-/),
          definition,
          parents: [definition.datasetVersion],
        });
        expect(await place.open().load(sweep.id)).toEqual(sweep);
        expect(Object.keys((await place.open().load(sweep.id)).definition.space)).toEqual(
          Object.keys(definition.space),
        );
      });

      it('has an id of its own, also beside others of the same second', async () => {
        const ids = await Promise.all(
          Array.from({ length: 10 }, async () => (await store.create(definition)).id),
        );
        expect(new Set(ids).size).toBe(10);
        expect((await place.open().list()).map(({ sweep }) => sweep.id).sort()).toEqual(ids.sort());
      });

      it('is deleted with its trials, unless a process works on it', async () => {
        const [id, other] = [await createSweep(2), await createSweep(1)];
        const trial = await claim(id, 1);
        await expect(place.open().delete(id)).rejects.toMatchObject({ code: 'SWEEP_ACTIVE' });
        await trial.commit({ state: 'finished', value: 1 });
        const lease = await store.claim(id);
        await expect(place.open().delete(id)).rejects.toMatchObject({ code: 'SWEEP_ACTIVE' });
        await lease.release();
        expect(await store.listTrials(id)).toHaveLength(2);
        await place.open().delete(id);
        await expect(store.listTrials(id)).rejects.toMatchObject({ code: 'SWEEP_NOT_FOUND' });
        expect((await store.list()).map(({ sweep }) => sweep.id)).toEqual([other]);
        expect(await store.listTrials(other)).toHaveLength(1);
      });

      it('is refused where there is none', async () => {
        for (const call of [
          () => store.delete('sweep-x'),
          () => store.load('sweep-x'),
          () => store.summarize('sweep-x'),
          () => store.listTrials('sweep-x'),
          () => store.claim('sweep-x'),
          () => store.addTrial('sweep-x', trialOf(1), 0),
        ])
          await expect(call()).rejects.toMatchObject({ code: 'SWEEP_NOT_FOUND' });
        const id = await createSweep();
        for (const call of [
          () => store.loadTrial(id, 0),
          () => store.loadTask(id, 0),
          () => store.claimTrial(id, 0),
        ])
          await expect(call()).rejects.toMatchObject({ code: 'TRIAL_NOT_FOUND' });
      });

      it('counts its trials by state', async () => {
        const id = await createSweep(3);
        await (await claim(id, 0)).commit({ state: 'finished', value: 1 });
        await (await claim(id, 1)).commit({
          state: 'failed',
          value: null,
          failure: { code: 'X', message: 'y' },
        });
        await createSweep(1);
        expect((await place.open().summarize(id)).counts).toEqual({
          proposed: 1,
          running: 0,
          finished: 1,
          stopped: 0,
          failed: 1,
        });
      });
    });

    describe('the process that proposes', () => {
      it('keeps others from the sweep, counts its time and ends with a last word', async () => {
        const id = await createSweep();
        expect((await store.summarize(id)).status).toBe('interrupted');
        const lease = await store.claim(id);
        await expect(place.open().claim(id)).rejects.toMatchObject({ code: 'SWEEP_ACTIVE' });
        await lease.renew(2.5);
        await lease.renew(1);
        expect(await place.open().summarize(id)).toMatchObject({
          status: 'running',
          seconds: 3.5,
          reason: null,
        });
        await lease.end('finished', 'all done');
        expect(await place.open().summarize(id)).toMatchObject({ status: 'finished', reason: 'all done' });
        await expect(lease.renew(1)).rejects.toMatchObject({ code: 'SWEEP_LEASE_LOST' });
        await (await place.open().claim(id)).release();
        expect((await store.summarize(id)).status).toBe('interrupted');
      });

      it('is one of several that begin at once', async () => {
        const id = await createSweep();
        const claims = await Promise.allSettled(Array.from({ length: 5 }, () => place.open().claim(id)));
        expect(claims.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      });

      it('loses the sweep when it is killed', async () => {
        const id = await createSweep();
        await killElsewhere(
          place.script(`await store.claim('${id}'); console.log('held'); setInterval(() => {}, 1e6);`),
        );
        expect((await store.summarize(id)).status).toBe('interrupted');
        await (await store.claim(id)).end('stopped', 'enough');
      });
    });

    describe('adding a trial', () => {
      it('numbers them from 0 and keeps parameters and task', async () => {
        const id = await createSweep(2);
        const trials = await place.open().listTrials(id);
        expect(trials.map(({ number, state }) => [number, state])).toEqual([
          [0, 'proposed'],
          [1, 'proposed'],
        ]);
        expect(trials[1]).toMatchObject({
          parameters: { 'optimizer.lr': 0.002 },
          attempts: 0,
          deaths: 0,
          runId: null,
        });
        expect(await place.open().loadTask(id, 1)).toEqual(task);
        expect(await place.open().loadTrial(id, 1)).toEqual(trials[1]);
      });

      it('is refused when the history has changed meanwhile', async () => {
        const id = await createSweep(1);
        expect(await store.addTrial(id, trialOf(0.5), 1)).toMatchObject({ number: 1 });
        expect(await place.open().addTrial(id, trialOf(0.7), 1)).toBeNull();
        expect(await store.listTrials(id)).toHaveLength(2);
      });

      it('is refused for parameters that were proposed before, unless their seed is another', async () => {
        const id = await createSweep(1);
        expect(await store.addTrial(id, trialOf(0.001), 1)).toBeNull();
        expect(await store.addTrial(id, trialOf(0.001, { repeats: 0, seed: 7 }), 1)).toMatchObject({
          repeats: 0,
          seed: 7,
        });
        expect(await store.addTrial(id, trialOf(0.001, { repeats: 0, seed: 7 }), 2)).toBeNull();
        expect(await createSweep(1)).not.toBe(id);
      });

      it('adds each once when four processes propose at the same time', async () => {
        const id = await createSweep();
        const body = `
          let refused = 0;
          for (;;) {
            const { length } = await store.listTrials('${id}');
            if (length >= 40) break;
            const trial = { parameters: { x: length }, repeats: null, seed: null, task: { config: {}, yaml: '' } };
            if ((await store.addTrial('${id}', trial, length)) === null) refused++;
          }
          console.log(refused);
          process.exit(0);`;
        await Promise.all(Array.from({ length: 4 }, () => runElsewhere(place.script(body))));
        const trials = await store.listTrials(id);
        expect(trials.map(({ number }) => number)).toEqual(trials.map((_, i) => i));
        expect(new Set(trials.map(({ parameters }) => parameters.x)).size).toBe(trials.length);
      });
    });

    describe('a lease of a trial', () => {
      it('is held by one process, which reports and commits one result', async () => {
        const id = await createSweep(1);
        const lease = await claim(id);
        expect(await place.open().claimTrial(id, 0)).toBeNull();
        await lease.setRun('run-20260101-000000-abcd');
        await lease.report({ trainStep: 10, value: 0.5 });
        await lease.report({ trainStep: 20, value: 0.4 });
        await lease.renew();
        await lease.commit({ state: 'finished', value: 0.4 });
        expect(await place.open().loadTrial(id, 0)).toMatchObject({
          state: 'finished',
          value: 0.4,
          runId: 'run-20260101-000000-abcd',
          reports: [
            { step: 1, trainStep: 10, value: 0.5 },
            { step: 2, trainStep: 20, value: 0.4 },
          ],
          attempts: 1,
          startedAt: expect.any(String),
          endedAt: expect.any(String),
        } satisfies Partial<Record<keyof Trial, unknown>>);
        await expect(lease.commit({ state: 'failed', value: null })).rejects.toMatchObject({
          code: 'TRIAL_LEASE_LOST',
        });
        expect(await store.claimTrial(id, 0)).toBeNull();
      });

      it('replaces the reports from the step at which a run is resumed, and forgets those of another run', async () => {
        const id = await createSweep(1);
        const lease = await claim(id);
        await lease.setRun('run-a');
        for (const trainStep of [10, 20, 30]) await lease.report({ trainStep, value: trainStep });
        await lease.setRun('run-a');
        await lease.report({ trainStep: 20, value: 1 });
        expect((await store.loadTrial(id, 0)).reports).toEqual([
          { step: 1, trainStep: 10, value: 10 },
          { step: 2, trainStep: 20, value: 1 },
        ]);
        await lease.setRun('run-b');
        expect((await store.loadTrial(id, 0)).reports).toEqual([]);
      });

      it('is given back with the run, so that another process resumes it', async () => {
        const id = await createSweep(1);
        const lease = await claim(id);
        await lease.setRun('run-a');
        await lease.giveBack();
        expect(await store.loadTrial(id, 0)).toMatchObject({ state: 'proposed', runId: 'run-a', deaths: 0 });
        const next = await (await place.open().claimTrial(id, 0))!;
        await next.giveBack(true);
        expect(await store.loadTrial(id, 0)).toMatchObject({ attempts: 2, deaths: 1 });
        await expect(next.renew()).rejects.toMatchObject({ code: 'TRIAL_LEASE_LOST' });
      });

      it('passes to the process that is handed its token', async () => {
        const id = await createSweep(1);
        const lease = await claim(id);
        const child = await place.open().adoptTrial(id, 0, lease.token);
        await child.commit({ state: 'stopped', value: 0.9 });
        expect(await store.loadTrial(id, 0)).toMatchObject({ state: 'stopped', value: 0.9, attempts: 1 });
        await expect(store.adoptTrial(id, 0, 'guess')).rejects.toMatchObject({ code: 'TRIAL_LEASE_LOST' });
      });

      it('expires when its holder is silent, who then cannot write any more', async () => {
        const id = await createSweep(1, SHORT_LEASE);
        const late = await claim(id);
        await late.setRun('run-a');
        expect(await store.freeLostTrials()).toEqual([]);
        await sleep(400);
        const next = (await place.open().claimTrial(id, 0))!;
        for (const call of [
          () => late.renew(),
          () => late.setRun('run-z'),
          () => late.report({ trainStep: 1, value: 0 }),
          () => late.giveBack(),
          () => late.commit({ state: 'finished', value: 0 }),
        ])
          await expect(call()).rejects.toMatchObject({ code: 'TRIAL_LEASE_LOST' });
        await next.commit({ state: 'finished', value: 1 });
        await expect(late.commit({ state: 'finished', value: 0 })).rejects.toMatchObject({
          code: 'TRIAL_LEASE_LOST',
        });
        expect(await store.loadTrial(id, 0)).toMatchObject({ value: 1, runId: 'run-a', attempts: 2 });
      });

      it('is extended by its holder', async () => {
        const id = await createSweep(1, SHORT_LEASE);
        const other = place.open();
        await other.list(); // opening takes longer than the lease on a busy machine
        const lease = await claim(id);
        for (let i = 0; i < 4; i++) {
          await sleep(150);
          await lease.renew();
        }
        expect(await other.claimTrial(id, 0)).toBeNull();
      });

      it('ends with its process: the trial is freed for one caller', async () => {
        const id = await createSweep(2);
        await killElsewhere(
          place.script(
            `await store.claimTrial('${id}', 1); console.log('held'); setInterval(() => {}, 1e6);`,
          ),
        );
        const own = await claim(id, 0);
        expect(await store.freeLostTrials({ sweepId: id, except: [1] })).toEqual([]);
        const freed = await Promise.all(
          [1, 2, 3].map(() => place.open().freeLostTrials({ sweepId: id, countsDeath: true })),
        );
        expect(freed.flat()).toMatchObject([{ number: 1, state: 'proposed', deaths: 1 }]);
        await own.renew();
      });

      it('gives a free trial to one of many that want it', async () => {
        const id = await createSweep(1);
        const claims = await Promise.all(Array.from({ length: 8 }, () => place.open().claimTrial(id, 0)));
        expect(claims.filter((lease) => lease !== null)).toHaveLength(1);
      });
    });
  });
}
