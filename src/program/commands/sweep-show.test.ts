import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createQuietContext } from '../../../test/fixtures/quiet-context.ts';
import { locateHome } from '../../foundation/records/home.ts';
import { runRecord } from '../../foundation/records/run.ts';
import { sweepRecord } from '../../foundation/records/sweep.ts';
import type { TrialResult } from '../../keeping/sweeps/sweep-store.ts';
import type { WorkflowContext } from '../../workflows/context/workflow-context.ts';
import type { CommandInput } from './command.ts';
import { sweepShowCommand } from './sweep-show.ts';

const { schemaVersion: _, id: __, createdAt: ___, ...newRun } = runRecord.example;

describe('sweep show', () => {
  let folder: string;
  let context: WorkflowContext;
  let id: string;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'veracity-sweep-show-'));
    context = createQuietContext(locateHome(join(folder, 'home')), folder);
    const { definition } = sweepRecord.example;
    ({ id } = await context.stores.sweeps.create({
      ...definition,
      space: {
        rate: { kind: 'float', low: 0, high: 1 },
        kind: { kind: 'categorical', choices: ['a', 'b'] },
      },
    }));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** A trial of `place` in the space, with a run of two evaluations that took `articles` each. */
  async function addTrial(
    number: number,
    result: TrialResult,
    { place = number, repeats = null, articles = 16 }: Partial<Place> = {},
  ): Promise<void> {
    const { runs, sweeps } = context.stores;
    const parameters = { rate: place / 10, kind: place % 2 === 0 ? 'a' : 'b' };
    const seed = repeats === null ? null : number;
    await sweeps.addTrial(id, { parameters, repeats, seed, task: { config: {}, yaml: '' } }, number);
    const lease = await sweeps.claimTrial(id, number);
    const { id: runId } = await runs.create({ ...newRun, parents: [id] }, '');
    const writer = await runs.claim(runId);
    await writer.append({ type: 'started', process: process.pid, resumedAtStep: 0 });
    for (const step of [1, 2]) {
      const val_loss = (result.value ?? 1) + (2 - step);
      writer.record({
        step,
        epoch: step,
        articles: step * articles,
        values: { val_loss, cost_seconds: articles },
      });
    }
    await writer.append({ type: 'stopped', step: 2, reason: 'SIGINT' });
    await writer.release();
    await lease!.setRun(runId);
    await lease!.commit(result);
  }
  interface Place {
    readonly place: number;
    readonly repeats: number | null;
    readonly articles: number;
  }
  const finish = (number: number, value: number, place: Partial<Place> = {}) =>
    addTrial(number, { state: 'finished', value }, place);
  const show = (options: CommandInput['options'] = {}) =>
    sweepShowCommand.run({ args: [id], options }, context);

  it('says which settings matter, with trials that were stopped early and without those that failed', async () => {
    for (let i = 0; i < 6; i++) await finish(i, i / 10);
    await addTrial(6, { state: 'stopped', value: 0.6 });
    await addTrial(7, { state: 'stopped', value: 0.7 });
    await addTrial(8, { state: 'failed', value: null, failure: { code: 'X', message: 'broke' } });
    const { text, json } = await show();
    expect(text).toMatch(/importance for val_loss, from 8 trials, 2 of them stopped early:/);
    expect(text).toMatch(/^rate +\d+% +\d+% to \d+% +\+1\.00$/m);
    expect(text).toMatch(/^kind +\d+% +\d+% to \d+% +eta² 0\.\d\d$/m);
    expect(text).not.toContain('noise of the seed');
    expect(json).toMatchObject({ importance: { stopped: 2 }, noise: null, pareto: null });
  });

  it('says why there is no importance', async () => {
    await finish(0, 0.5);
    expect((await show()).text).toContain(
      'importance for val_loss: Importance needs at least 8 trials with a value; there are 1.',
    );
  });

  it('names the best with the same budget, which may differ by step and by articles', async () => {
    await finish(0, 0.3, { articles: 64 });
    await finish(1, 0.4, { articles: 16 });
    const { text } = await show();
    expect(text).toMatch(/^step +2 +trial 0: 0\.3 +trial 1: 0\.4$/m);
    expect(text).toMatch(/^epoch +2\.00 +trial 0: 0\.3 +trial 1: 0\.4$/m);
    expect(text).toMatch(/^articles +32 +trial 1: 0\.4 +-$/m);
    expect(text).toMatch(/^time /m);
  });

  it('names the trials that are not beaten in two metrics', async () => {
    await finish(0, 0.3, { articles: 64 });
    await finish(1, 0.4, { articles: 16 });
    await finish(2, 0.5, { articles: 32 });
    const { text, json } = await show({ pareto: 'cost_seconds' });
    expect(text).toContain(
      '2 of 3 finished trials are not beaten in both, low val_loss and low cost_seconds:',
    );
    const { pareto } = json as { pareto: { points: { trial: { number: number }; isBest: boolean }[] } };
    expect(pareto.points.map(({ trial, isBest }) => [trial.number, isBest])).toEqual([
      [0, true],
      [1, true],
      [2, false],
    ]);
    await expect(show({ pareto: 'val_los' })).rejects.toMatchObject({ code: 'METRIC_NOT_FOUND' });
  });

  it.each([
    { again: [0.32, 0.1], says: 'within' },
    { again: [0.11, 0.3], says: 'more than' },
  ])('says that the lead is $says the noise of the seed', async ({ again, says }) => {
    await finish(0, 0.1);
    await finish(1, 0.3);
    await finish(2, again[0]!, { place: 0, repeats: 0 });
    await finish(3, again[1]!, { place: 1, repeats: 1 });
    const { text } = await show();
    expect(text).toMatch(/^trial 0 +2 /m);
    expect(text).toContain(`is ${says} the noise of the seed.`);
    expect(text).toContain('trial 0 again, seed 2');
  });

  it('leaves runs out that are not there any more', async () => {
    await finish(0, 0.3);
    await finish(1, 0.4);
    const [trial] = await context.stores.sweeps.listTrials(id);
    await context.stores.runs.delete(trial!.runId!);
    const { text } = await show({ pareto: 'cost_seconds' });
    expect(text).toMatch(/^step +2 +trial 1: 0\.4$/m);
    expect(text).toContain('1 of 2 finished trials');
  });
});
