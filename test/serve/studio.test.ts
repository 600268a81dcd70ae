// The studio's routes on the stores of a real home, over real HTTP.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createClient, type RunChanges, type VeracityClient } from '../../src/client/index.ts';
import { systemClock } from '../../src/foundation/core/clock.ts';
import { silentLogger } from '../../src/foundation/core/logger.ts';
import { datasetManifestRecord } from '../../src/foundation/records/dataset-manifest.ts';
import { evaluationReportRecord } from '../../src/foundation/records/evaluation.ts';
import { locateHome } from '../../src/foundation/records/home.ts';
import { modelFolderRecord } from '../../src/foundation/records/model-folder.ts';
import { saveRecord } from '../../src/foundation/records/record.ts';
import { runRecord } from '../../src/foundation/records/run.ts';
import { sweepRecord } from '../../src/foundation/records/sweep.ts';
import type { RunStore, RunWriter } from '../../src/keeping/runs/run-store.ts';
import type { TrialResult } from '../../src/keeping/sweeps/sweep-store.ts';
import { createStudioApp } from '../../src/serving/app/studio-server.ts';
import { ChangeStream } from '../../src/serving/studio/change-stream.ts';
import { exampleRun } from '../../src/serving/studio/studio-examples.ts';
import { createStores, type Stores } from '../../src/workflows/context/stores.ts';
import { createStudio } from '../../src/workflows/studio/create-studio.ts';
import { createQuietContext } from '../fixtures/quiet-context.ts';

const { schemaVersion: _, id: __, createdAt: ___, ...newRun } = runRecord.example;
const { metrics } = evaluationReportRecord.example;

let folder: string;
let stores: Stores;
let runs: RunStore;
let app: FastifyInstance;
let client: VeracityClient;
const writers: RunWriter[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'veracity-studio-'));
  const home = locateHome(join(folder, 'home'));
  stores = createStores(home, systemClock);
  runs = stores.runs;
  const context = { ...createQuietContext(home, folder), stores };
  app = createStudioApp({ studio: createStudio(context), logger: silentLogger });
  client = createClient({ url: await app.listen({ host: '127.0.0.1', port: 0 }) });
});
afterEach(async () => {
  const closed = app.close();
  app.server.closeAllConnections(); // an aborted request may leave one that Node counts as neither idle nor active
  await closed;
  for (const writer of writers.splice(0)) await writer.release();
  rmSync(folder, { recursive: true });
});

/** A run that is being trained: a loss at each step, and one evaluation. */
async function startRun(
  lr: number,
  losses: readonly number[],
  parents: readonly string[] = [],
): Promise<RunWriter> {
  const config = { seed: 42, optimizer: { kind: 'adamw', lr } };
  const { id } = await runs.create(
    { ...newRun, config, parents: [...newRun.parents, ...parents] },
    `optimizer:\n  lr: ${lr}\n`,
  );
  const writer = await runs.claim(id);
  writers.push(writer);
  await writer.append({ type: 'started', process: process.pid, resumedAtStep: 0 });
  record(writer, losses);
  await writer.append({
    type: 'eval',
    step: losses.length,
    epoch: 1,
    metrics,
    calibratedLoss: 0.2,
    best: true,
  });
  return writer;
}

function record(writer: RunWriter, losses: readonly number[], fromStep = 1): void {
  for (const [i, loss] of losses.entries()) {
    const step = fromStep + i;
    writer.record({ step, epoch: step / 10, articles: step * 16, values: { train_loss: loss } });
  }
}

async function finish(writer: RunWriter): Promise<void> {
  const both = { validation: metrics, test: metrics };
  await writer.append({ type: 'finished', steps: 3, seconds: 2, modelVersion: null, metrics: both });
  await writer.release();
}

/** Collects changes until the test is done with them. */
function follow(since?: string): { seen: RunChanges[]; next: () => Promise<RunChanges>; end: () => void } {
  const stop = new AbortController();
  const seen: RunChanges[] = [];
  const waiting: ((changes: RunChanges) => void)[] = [];
  const read = async (): Promise<void> => {
    const options = { signal: stop.signal, ...(since === undefined ? {} : { since }) };
    for await (const changes of client.watchRuns(options)) {
      seen.push(changes);
      waiting.shift()?.(changes);
    }
  };
  read().catch(() => undefined);
  return {
    seen,
    next: () => new Promise((resolve) => waiting.push(resolve)),
    end: () => stop.abort(),
  };
}

describe('runs', () => {
  test('are listed with their metrics and the values that were asked for, newest first', async () => {
    const first = await startRun(0.001, [0.7, Number.NaN, 0.4]);
    const second = await startRun(0.003, [0.9]);
    const { runs: found, total, cursor } = await client.listRuns({ config: ['optimizer.lr'] });
    expect(total).toBe(2);
    expect(cursor).not.toBe('');
    expect(found.map(({ id }) => id).sort()).toEqual([first.runId, second.runId].sort());
    const one = found.find(({ id }) => id === first.runId);
    expect(one).toMatchObject({
      status: 'running',
      steps: 3,
      best: { step: 3, calibratedLoss: 0.2 },
      config: { 'optimizer.lr': 0.001 },
      tags: [],
      note: null,
    });
    expect(one?.metrics.find(({ name }) => name === 'train_loss')).toEqual({
      ...{ name: 'train_loss', last: 0.4, lastStep: 3, min: 0.4, max: 0.7 },
    });
    expect((await client.listRuns({ limit: 1 })).runs).toHaveLength(1);
  });

  test('have details with configuration, events and places', async () => {
    const writer = await startRun(0.001, [0.7]);
    writer.recordHistogram(
      'gradient',
      { step: 1, epoch: 0.1, articles: 16 },
      { edges: [0, 1, 2], counts: [3, 4] },
    );
    writer.recordText('summary', { step: 1, epoch: 0.1, articles: 16 }, 'a text');
    await writer.addArtifact({
      ...{
        name: 'report',
        kind: 'report',
        digest: `sha256:${'0'.repeat(64)}`,
        sizeBytes: 7,
        path: 'report.html',
      },
    });
    await writer.flush();
    const details = await client.getRun(writer.runId);
    expect(details).toMatchObject({
      run: { id: writer.runId },
      head: { versions: newRun.versions },
      artifacts: [{ name: 'report', sizeBytes: 7 }],
      texts: [{ name: 'summary', step: 1, text: 'a text' }],
      histograms: [{ name: 'gradient', edges: [0, 1, 2], counts: [3, 4] }],
      stopRequested: false,
      canResume: false,
    });
    expect(details.configuration.map(({ path }) => path)).toEqual(['seed', 'optimizer.kind', 'optimizer.lr']);
    expect(details.events.map(({ type }) => type)).toEqual(['started', 'eval']);
    expect(details.paths.folder).toContain(writer.runId);
    const { lines } = await client.getRunLog(writer.runId);
    expect(lines.map(({ text }) => text)).toEqual([
      `started (process ${process.pid})`,
      'evaluated at step 1 (epoch 1.00): loss 0.2000, accuracy 1.0000, macro F1 1.0000; the best so far',
    ]);
  });

  test('have a configuration that says what a resume has changed', async () => {
    const writer = await startRun(0.001, [0.7]);
    const changed = { optimizer: { kind: 'adamw', lr: 0.01 } };
    await writer.append({ type: 'started', process: 1, resumedAtStep: 1, changed });
    const { configuration } = await client.getRun(writer.runId);
    expect(configuration).toContainEqual({
      path: 'optimizer.lr',
      value: 0.01,
      origin: 'changed by a resume',
    });
    expect(configuration).toContainEqual({ path: 'seed', value: 42, origin: null });
  });

  test('give curves by step, epoch, articles and time, with values that are no numbers', async () => {
    const writer = await startRun(0.001, [0.7, Number.NaN, 0.4]);
    const request = { runs: [writer.runId, 'run-unknown'], metrics: ['train_loss', 'absent'] };
    const { curves, missing } = await client.listCurves(request);
    expect(missing).toEqual(['run-unknown']);
    expect(curves).toEqual([
      {
        ...{ runId: writer.runId, metric: 'train_loss', count: 3 },
        ...{ x: [1, 2, 3], values: [0.7, 'NaN', 0.4], steps: [1, 2, 3] },
      },
    ]);
    const by = async (axis: 'epoch' | 'articles' | 'time', from?: number) =>
      (await client.listCurves({ ...request, axis, from })).curves[0]?.x;
    expect(await by('epoch')).toEqual([0.1, 0.2, 0.3]);
    expect(await by('articles', 32)).toEqual([32, 48]);
    const times = (await by('time')) ?? [];
    expect(times).toHaveLength(3);
    for (const time of times) expect(time).toBeGreaterThanOrEqual(-0.01);
    for (const time of times) expect(time).toBeLessThan(60);
  });

  test('give curves of at most as many points as were asked for, with the first and the last', async () => {
    const writer = await startRun(
      0.001,
      Array.from({ length: 5000 }, (_, i) => Math.sin(i)),
    );
    const { curves } = await client.listCurves({
      ...{ runs: [writer.runId], metrics: ['train_loss'], maxPoints: 100 },
    });
    expect(curves[0]?.x.length).toBeLessThanOrEqual(100);
    expect([curves[0]?.x[0], curves[0]?.x.at(-1), curves[0]?.count]).toEqual([1, 5000, 5000]);
    const tooMany = client.listCurves({ runs: [writer.runId], metrics: ['train_loss'], maxPoints: 2001 });
    await expect(tooMany).rejects.toMatchObject({ code: 'REQUEST_INVALID', status: 422 });
  });

  test('are compared by their configurations', async () => {
    const [one, two] = [await startRun(0.001, [1]), await startRun(0.003, [1])];
    expect(await client.compareRuns([one.runId, two.runId])).toEqual({
      runs: [one.runId, two.runId],
      differences: [{ path: 'optimizer.lr', values: [0.001, 0.003], absent: [] }],
      same: 2,
    });
    await expect(client.compareRuns(['run-unknown'])).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' });
  });

  test('get tags and a note, are asked to stop, and are deleted once they have ended', async () => {
    const writer = await startRun(0.001, [1]);
    const { runId } = writer;
    expect((await client.tagRun(runId, { add: ['b', 'a'] })).tags).toEqual(['a', 'b']);
    expect((await client.tagRun(runId, { remove: ['b'] })).tags).toEqual(['a']);
    expect((await client.setRunNote(runId, 'with commas')).note).toBe('with commas');
    expect((await client.setRunNote(runId, ' ')).note).toBeNull();
    await expect(client.deleteRun(runId)).rejects.toMatchObject({ code: 'RUN_ACTIVE', status: 409 });
    await expect(client.resumeRun(runId)).rejects.toMatchObject({ code: 'RUN_ACTIVE', status: 409 });
    await client.stopRun(runId);
    expect(await runs.isStopRequested(runId)).toBe(true);
    expect((await client.getRun(runId)).stopRequested).toBe(true);
    await finish(writer);
    await expect(client.stopRun(runId)).rejects.toMatchObject({ code: 'RUN_NOT_RUNNING', status: 409 });
    await expect(client.resumeRun(runId)).rejects.toMatchObject({ code: 'RESUME_FINISHED', status: 409 });
    expect(await client.deleteRun(runId)).toEqual({ id: runId });
    await expect(client.getRun(runId)).rejects.toMatchObject({ code: 'RUN_NOT_FOUND', status: 404 });
  });
});

describe('changes of runs', () => {
  test('arrive within about a second, with what is running first', async () => {
    const writer = await startRun(0.001, [1]);
    const stream = follow();
    const now = await stream.next();
    expect(now.runs.map(({ id }) => id)).toEqual([writer.runId]);
    const startMs = Date.now();
    record(writer, [0.5], 2);
    await writer.flush();
    const change = await stream.next();
    expect(Date.now() - startMs).toBeLessThan(3000);
    expect(change.runs[0]?.metrics).toContainEqual(
      expect.objectContaining({ name: 'train_loss', last: 0.5, lastStep: 2 }),
    );
    stream.end();
  });

  test('go on at a cursor, so that nothing is missed between two connections', async () => {
    const { cursor } = await client.listRuns();
    const writer = await startRun(0.001, [1]);
    const stream = follow(cursor);
    const first = await stream.next();
    expect(first.runs.map(({ id }) => id)).toEqual([writer.runId]);
    stream.end();
    const headers = { 'last-event-id': cursor };
    const again = await app.inject({ url: '/v1/runs/events?seconds=0', headers });
    expect(again.headers['content-type']).toBe('text/event-stream; charset=utf-8');
    expect(again.headers['cache-control']).toBe('no-store');
    expect(again.body).toContain(`"id":"${writer.runId}"`);
    expect(again.body).toMatch(/^id: \S+$/m);
  });

  test('name the runs that were deleted', async () => {
    const writer = await startRun(0.001, [1]);
    const stream = follow();
    await stream.next();
    await finish(writer);
    await client.deleteRun(writer.runId);
    while (!stream.seen.some(({ deleted }) => deleted.includes(writer.runId))) await stream.next();
    stream.end();
  });

  test('do not hold up the end of the server', async () => {
    const stream = follow();
    await stream.next();
    const startMs = Date.now();
    await app.close();
    expect(Date.now() - startMs).toBeLessThan(2000);
    stream.end();
  });

  test('are merged for a client that reads slowly', async () => {
    const stream = new ChangeStream();
    const [one, other] = [
      { ...exampleRun, id: 'run-1' },
      { ...exampleRun, id: 'run-2' },
    ];
    for (let i = 0; i < 20_000; i++)
      stream.send({ cursor: `${i}`, runs: [{ ...one, steps: i }, other], deleted: [] });
    expect(stream.readableLength).toBeLessThan(200_000);
    stream.end();
    let text = '';
    for await (const piece of stream) text += String(piece);
    const sent = [...text.matchAll(/^data: (.*)$/gm)].map(([, data]) => JSON.parse(data!) as RunChanges);
    expect(sent.at(-1)?.cursor).toBe('19999');
    expect(sent.at(-1)?.runs.map(({ id, steps }) => [id, steps])).toContainEqual(['run-1', 19_999]);
  });

  test.each(['a b', 'x'.repeat(201)])('refuse a cursor that is none: %s', async (since) => {
    const response = await app.inject({ url: '/v1/runs/events', query: { since } });
    expect(response.statusCode).toBe(422);
    expect(response.json().code).toBe('QUERY_INVALID');
  });
});

describe('the registry', () => {
  beforeEach(() => {
    const model = join(folder, 'model');
    mkdirSync(model, { recursive: true });
    saveRecord(modelFolderRecord, join(model, 'veracity.json'), modelFolderRecord.example);
    writeFileSync(join(model, 'config.json'), '{}');
  });
  const register = (accuracy: number) =>
    stores.registry.register({
      name: 'desk',
      folder: join(folder, 'model'),
      evaluations: [{ ...evaluationReportRecord.example, metrics: { ...metrics, accuracy } }],
    });

  test('lists versions; promotes and rolls back with the reason', async () => {
    await register(0.9);
    await register(0.95);
    const { versions, served } = await client.listRegistry();
    expect(versions.map(({ reference }) => reference)).toEqual(['desk@1', 'desk@2']);
    expect(served).toBe('desk@2');
    const production = { stage: 'production', force: true } as const;
    await client.promoteVersion('desk', { ...production, version: 1, reason: 'the first' });
    const { change, previous } = await client.promoteVersion('desk', {
      ...{ ...production, version: 2, reason: ' more accurate ' },
    });
    expect(change).toMatchObject({ version: 2, action: 'promote', reason: 'more accurate' });
    expect(previous).toBe(1);
    expect((await client.getRegisteredName('desk')).rollbackTo).toBe(1);
    await client.rollBack('desk', { reason: 'complaints about weather reports' });
    const { history, rollbackTo, versions: now } = await client.getRegisteredName('desk');
    expect(rollbackTo).toBeNull();
    expect(history.map(({ action, reason }) => [action, reason])).toEqual([
      ['promote', 'the first'],
      ['promote', 'more accurate'],
      ['rollback', 'complaints about weather reports'],
    ]);
    expect(now.map(({ stages }) => stages)).toEqual([['production'], []]);
    await expect(client.rollBack('desk', { reason: 'again' })).rejects.toMatchObject({
      code: 'ROLLBACK_IMPOSSIBLE',
    });
    await expect(client.getRegisteredName('other')).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' });
  });

  test('traces lineage from any of its ends, and marks what is not there any more', async () => {
    const manifest = datasetManifestRecord.example;
    await stores.datasets.save(manifest);
    const run = await runs.create({ ...newRun, datasetVersion: manifest.id, parents: [manifest.id] }, '');
    const info = { ...modelFolderRecord.example, runId: run.id, datasetVersion: manifest.id };
    saveRecord(modelFolderRecord, join(folder, 'model', 'veracity.json'), info);
    await stores.registry.register({
      ...{ name: 'desk', folder: join(folder, 'model'), run, evaluations: [] },
    });
    await client.promoteVersion('desk', { version: 1, stage: 'staging', reason: 'a first try' });
    const file = `md5:${manifest.files[0]!.md5}`;
    const ends = [file, manifest.id, run.id, 'desk@1', 'desk@staging'];
    for (const id of ends) {
      const { nodes, edges } = await client.getLineage(id);
      expect(nodes.map((node) => node.id).sort()).toEqual([...ends].sort());
      expect(edges.map(({ from, to }) => `${from} ${to}`).sort()).toEqual(
        ends
          .slice(1)
          .map((to, i) => `${ends[i]} ${to}`)
          .sort(),
      );
    }
    await stores.datasets.delete(manifest.id);
    const { nodes } = await client.getLineage('desk@1');
    expect(nodes.filter(({ missing }) => missing).map(({ id }) => id)).toEqual([manifest.id]);
    await expect(client.getLineage('nothing')).rejects.toMatchObject({
      code: 'LINEAGE_UNKNOWN',
      status: 404,
    });
  });
});

describe('sweeps', () => {
  /** Trials whose metric grows with the rate, each with a run of its own. */
  async function runSweep(trials: number): Promise<string> {
    const { definition } = sweepRecord.example;
    const { id } = await stores.sweeps.create({
      ...definition,
      space: {
        'optimizer.lr': { kind: 'float', low: 0.001, high: 1, log: true },
        'optimizer.kind': { kind: 'categorical', choices: ['adam', 'sgd'] },
      },
    });
    for (let i = 0; i < trials; i++) await addTrial(id, i, { state: 'finished', value: i / 10 });
    return id;
  }

  /** @param repeats  the trial whose parameters it tries again */
  async function addTrial(
    id: string,
    number: number,
    result: TrialResult,
    repeats: number | null = null,
  ): Promise<void> {
    const place = repeats ?? number;
    const parameters = {
      'optimizer.lr': 0.001 * 1000 ** (place / 10),
      'optimizer.kind': place % 2 === 0 ? 'adam' : 'sgd',
    };
    const task = { config: {}, yaml: '' };
    const seed = repeats === null ? null : number + 1;
    await stores.sweeps.addTrial(id, { parameters, repeats, seed, task }, number);
    const lease = await stores.sweeps.claimTrial(id, number);
    const { runId } = await startRun(parameters['optimizer.lr'], [0.7]);
    await lease!.setRun(runId);
    await lease!.report({ trainStep: 1, value: 0.5 });
    await lease!.commit(result);
  }

  test('are shown with their trials, the best one, importance and two metrics', async () => {
    const id = await runSweep(10);
    const { sweeps } = await client.listSweeps();
    expect(sweeps).toMatchObject([
      { id, metric: 'val_loss', goal: 'minimize', trials: { finished: 10, running: 0 } },
    ]);
    expect(sweeps[0]?.best).toMatchObject({ trial: 0, value: 0 });
    const { trials } = await client.getSweep(id);
    expect(trials).toHaveLength(10);
    expect(trials[3]).toMatchObject({
      number: 3,
      state: 'finished',
      value: 0.3,
      reports: [{ step: 1, value: 0.5 }],
    });
    const { parameters, reason } = await client.getImportance(id);
    expect(reason).toBeNull();
    expect(parameters[0]).toMatchObject({ name: 'optimizer.lr' });
    expect(parameters[0]?.correlation).toMatchObject({ kind: 'spearman', value: expect.closeTo(1) });
    expect(parameters[0]!.low).toBeLessThanOrEqual(parameters[0]!.importance);
    expect(parameters[0]!.high).toBeGreaterThanOrEqual(parameters[0]!.importance);
    expect(parameters.find(({ name }) => name === 'optimizer.kind')?.correlation?.kind).toBe('ratio');
    const { points } = await client.getPareto(id, { metrics: ['val_loss', 'train_loss'] });
    expect(points.filter(({ isBest }) => isBest).map(({ trial }) => trial)).toEqual([0]);
    expect(points).toHaveLength(10);
  });

  test('say why there is no importance', async () => {
    const { reason, parameters } = await client.getImportance(await runSweep(2));
    expect(parameters).toEqual([]);
    expect(reason).toContain('at least 8 trials with a value; there are 2');
  });

  test('count trials that were stopped early, but never as the best; those that failed have their error', async () => {
    const id = await runSweep(6);
    await addTrial(id, 6, { state: 'stopped', value: 0.001 });
    await addTrial(id, 7, { state: 'stopped', value: 0.9 });
    await addTrial(id, 8, { state: 'failed', value: null, failure: { code: 'X', message: 'broke' } });
    expect(await client.getImportance(id)).toMatchObject({ reason: null, trials: 8, stopped: 2 });
    const { sweep, trials } = await client.getSweep(id);
    expect(sweep.best?.trial).toBe(0);
    expect(trials[8]).toMatchObject({
      state: 'failed',
      value: null,
      failure: { code: 'X', message: 'broke' },
    });
    const { points } = await client.getPareto(id, { metrics: ['val_loss', 'train_loss'] });
    expect(points.filter(({ isStopped }) => isStopped).map(({ trial, isBest }) => [trial, isBest])).toEqual([
      [6, false],
      [7, false],
    ]);
    expect(points.map(({ trial }) => trial)).not.toContain(8);
  });

  test('say whether the lead of the best is more than the noise of the seed', async () => {
    const id = await runSweep(2);
    expect((await client.getSweep(id)).noise).toBeNull();
    await addTrial(id, 2, { state: 'finished', value: 0.3 }, 0);
    await addTrial(id, 3, { state: 'finished', value: 0.2 }, 1);
    const { sweep, trials, noise } = await client.getSweep(id);
    expect(trials[2]).toMatchObject({ repeats: 0, seed: 3 });
    expect(sweep).toMatchObject({ best: { trial: 0, value: 0 }, trials: { finished: 4, planned: 12 } });
    expect(noise?.settings).toMatchObject([
      { trial: 0, n: 2, mean: 0.15 },
      { trial: 1, n: 2, mean: expect.closeTo(0.15) },
    ]);
    expect(noise).toMatchObject({
      isClear: false,
      says: 'The lead of trial 0 over trial 1 is within the noise of the seed.',
    });
  });

  test('lead to their runs in the lineage', async () => {
    const id = await runSweep(1);
    const { parents } = sweepRecord.example;
    const writer = await startRun(0.1, [0.7], [...parents, id]);
    const { nodes, edges } = await client.getLineage(writer.runId);
    expect(nodes.find((node) => node.id === id)).toMatchObject({
      ...{ kind: 'sweep', label: sweepRecord.example.definition.name, missing: false },
    });
    expect(edges).toContainEqual({ from: id, to: writer.runId });
    expect(edges).not.toContainEqual({ from: parents[0], to: writer.runId });
  });
});

test('sweeps that are not there are named', async () => {
  expect(await client.listSweeps()).toEqual({ sweeps: [] });
  await expect(client.getSweep('sweep-x')).rejects.toMatchObject({ code: 'SWEEP_NOT_FOUND', status: 404 });
});

test('a filter chooses runs, and says what is wrong with it', async () => {
  const { runId } = await startRun(0.001, [0.7]);
  await startRun(0.003, [0.9]);
  const { runs: found, total } = await client.listRuns({ where: 'optimizer.lr<0.002' });
  expect([found.map(({ id }) => id), total]).toEqual([[runId], 1]);
  await expect(client.listRuns({ where: 'optimizer.lr<' })).rejects.toMatchObject({
    ...{ code: 'RUN_FILTER_INVALID', status: 400 },
  });
});

describe('access without keys', () => {
  test.each<[string, Record<string, string>, string]>([
    ['another name of the host', { host: 'evil.example:8001' }, '127.0.0.1'],
    ['a proxy', { 'x-forwarded-for': '203.0.113.7' }, '127.0.0.1'],
    ['another machine', {}, '203.0.113.7'],
  ])('is refused for %s', async (_, headers, remoteAddress) => {
    const response = await app.inject({ url: '/v1/runs', headers, remoteAddress });
    expect(response.statusCode).toBe(403);
    expect(response.json().code).toBe('ADMIN_ELSEWHERE');
  });

  test('is refused for pages of other origins that would change something', async () => {
    const headers = { origin: 'https://evil.example' };
    const response = await app.inject({ method: 'DELETE', url: '/v1/runs/run-1', headers });
    expect(response.json().code).toBe('ORIGIN_REFUSED');
  });
});

test.each([
  ['/studio', './#/studio'],
  ['/studio/', '../#/studio'],
])('%s leads to the studio of the page', async (url, location) => {
  const response = await app.inject(url);
  expect([response.statusCode, response.headers.location]).toEqual([302, location]);
});
