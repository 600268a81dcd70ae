// What a destination holds of a run: while it is trained, after it has ended, after kills and resumes.
import { appendFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readLog, readScalars } from '../../../test/exporters/read-exports.ts';
import { createRecordedRun, type RecordedRun } from '../../../test/exporters/recorded-run.ts';
import { systemClock } from '../../foundation/core/clock.ts';
import type { ExportDestination } from '../../foundation/records/run-export.ts';
import { exportRunOnce, type SentChanges } from './export-run.ts';

let run: RecordedRun;
beforeEach(async () => {
  run = await createRecordedRun();
});
afterEach(() => run.dispose());

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);

describe.each(['tensorboard', 'wandb'] as const)('a run exported to %s', (to) => {
  const out = (): string => join(run.folder, 'out');
  const destination = (): ExportDestination =>
    to === 'wandb' ? { to, folder: out(), project: 'try' } : { to, folder: out() };
  const send = (): Promise<SentChanges> =>
    exportRunOnce({
      runs: run.store,
      runId: run.runId,
      destination: destination(),
      environment: {},
      clock: systemClock,
    });
  /** Steps of train_loss there, in the order of the file. */
  const steps = (): number[] =>
    to === 'wandb'
      ? readLog(out()).rows.flatMap((row) => ('train_loss' in row ? [Number(row._step)] : []))
      : readScalars(out()).flatMap(({ tag, step }) => (tag === 'train_loss' ? [step] : []));
  const lossAt = (wanted: number): unknown =>
    to === 'wandb'
      ? readLog(out()).rows.find(({ _step }) => _step === wanted)?.train_loss
      : readScalars(out()).find(({ tag, step }) => tag === 'train_loss' && step === wanted)?.value;
  const bytes = (): Buffer =>
    Buffer.concat(
      readdirSync(out(), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => readFileSync(join(entry.parentPath, entry.name))),
    );

  it('has the points before the newest checkpoint while it goes on, and all once it has finished', async () => {
    await run.start();
    await run.train(1, 5);
    await send();
    expect(steps()).toEqual([]);
    await run.checkpoint(5);
    await run.train(6, 8);
    await send();
    expect(steps()).toEqual(range(1, 4));
    await run.end('finished', 8);
    expect((await send()).replaced).toBe(false);
    expect(steps()).toEqual(range(1, 8));
  });

  it('is not changed by a second export', async () => {
    await run.start();
    await run.train(1, 5);
    await run.end('finished', 5);
    expect(await send()).toMatchObject({ points: 15 }); // loss, epoch and articles
    const before = bytes();
    expect(await send()).toMatchObject({ points: 0, artifacts: 0, replaced: false });
    expect(bytes()).toEqual(before);
  });

  it('has every point once after an export was killed while it wrote', async () => {
    await run.start();
    await run.train(1, 20);
    await run.checkpoint(10);
    const { record } = await send();
    appendFileSync(join(out(), String(record.state?.file)), Buffer.alloc(1000, 7));
    await run.checkpoint(20);
    await run.end('finished', 20);
    await send();
    expect(steps()).toEqual(range(1, 20));
  });

  it('holds one curve with increasing steps where a resume takes back what was sent', async () => {
    await run.start();
    await run.train(1, 8, () => 0.5);
    await run.checkpoint(5);
    await run.end('failed', 8);
    await send();
    expect(steps()).toEqual(range(1, 8));
    await run.start(5);
    await run.train(6, 10, () => 0.25);
    await run.end('finished', 10);
    expect((await send()).replaced).toBe(true);
    expect(steps()).toEqual(range(1, 10));
    expect([lossAt(5), lossAt(6), lossAt(8)]).toEqual([0.5, 0.25, 0.25]);
  });

  it('goes on where a stopped run is resumed from its last step', async () => {
    await run.start();
    await run.train(1, 5);
    await run.checkpoint(5);
    await run.end('stopped', 5);
    await send();
    await run.start(5);
    await run.train(6, 7);
    await run.end('finished', 7);
    expect((await send()).replaced).toBe(false);
    expect(steps()).toEqual(range(1, 7));
  });

  it('is made anew where somebody has deleted it', async () => {
    await run.start();
    await run.train(1, 3);
    await run.end('finished', 3);
    await send();
    rmSync(out(), { recursive: true });
    await send();
    expect(steps()).toEqual([1, 2, 3]);
  });

  it('has values that are recorded late at an earlier step, and increasing steps', async () => {
    await run.start();
    await run.train(1, 6);
    await run.end('finished', 6);
    await send();
    await run.start(6);
    run.writer.record({ step: 4, epoch: 0.4, articles: 16, values: { late: 1 } });
    await run.end('finished', 6);
    await send();
    expect(steps()).toEqual(range(1, 6));
    if (to === 'wandb') expect(readLog(out()).rows[3]).toMatchObject({ _step: 4, late: 1 });
    else expect(readScalars(out())).toContainEqual({ tag: 'late', step: 4, value: 1 });
  });

  it('is refused to a second process at the same time, and given free when that is killed', async () => {
    await run.start();
    await run.end('finished', 0);
    const { record } = await send();
    await run.store.setNote(run.runId, 'changed');
    const exportsFolder = join(run.folder, 'runs', run.runId, 'exports');
    const [name = ''] = readdirSync(exportsFolder);
    const lock = join(exportsFolder, name.replace('.json', '.lock'));
    writeFileSync(lock, `${process.ppid}\n`);
    await expect(send()).rejects.toMatchObject({ code: 'RUN_EXPORT_ACTIVE' });
    writeFileSync(lock, '2147483647\n');
    expect((await send()).record.factsDigest).not.toBe(record.factsDigest);
    expect(readdirSync(exportsFolder)).toEqual([name]);
  });
});

it('tells wandb how a run ended, and nothing of one that goes on', async () => {
  const out = join(run.folder, 'out');
  const send = (): Promise<SentChanges> =>
    exportRunOnce({
      runs: run.store,
      runId: run.runId,
      destination: { to: 'wandb', folder: out, project: 'try' },
      environment: {},
      clock: systemClock,
    });
  await run.start();
  await run.train(1, 2);
  await run.checkpoint(2);
  await send();
  expect(readLog(out).exitCodes).toEqual([]);
  await run.end('stopped', 2);
  await send();
  expect(readLog(out).exitCodes).toEqual([255]);
  await run.start(2);
  await send();
  expect(readLog(out).exitCodes).toEqual([]);
  await run.store.setTags(run.runId, { add: ['baseline'] });
  await run.end('finished', 2);
  await send();
  expect(readLog(out)).toMatchObject({ exitCodes: [0], tags: ['baseline'] });
});
