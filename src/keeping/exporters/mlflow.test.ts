// Exports to MLflow where the server fails, refuses or loses answers; what the real server makes of an export is tested in
// test/exporters with the program itself.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type MlflowStub, startMlflowStub } from '../../../test/exporters/mlflow-stub.ts';
import { createRecordedRun, type RecordedRun } from '../../../test/exporters/recorded-run.ts';
import { systemClock } from '../../foundation/core/clock.ts';
import type { CommandWarning } from '../../foundation/core/command-warning.ts';
import { listRunExports } from './export-cursor.ts';
import { exportRunOnce, type SentChanges } from './export-run.ts';
import { startLiveExports } from './live-exports.ts';

let stub: MlflowStub;
let run: RecordedRun;
beforeEach(async () => {
  stub = await startMlflowStub();
  run = await createRecordedRun({
    seed: 42,
    data: { text: 'x'.repeat(7000), labels: { 'mostly true!': 'REAL' } },
  });
  await run.start();
});
afterEach(async () => {
  run.dispose();
  await stub.close();
});

const send = (url = stub.url): Promise<SentChanges> =>
  exportRunOnce({
    runs: run.store,
    runId: run.runId,
    destination: { to: 'mlflow', url, experiment: 'try' },
    environment: { MLFLOW_TRACKING_TOKEN: 'secret' },
    clock: systemClock,
  });
const exportsFolder = (): string => join(run.folder, 'runs', run.runId);
const lossSteps = (id: string): number[] =>
  [...(stub.runs.get(id)?.metrics.values() ?? [])].flatMap(({ key, step }) =>
    key === 'train_loss' ? [step] : [],
  );
const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);

describe('an export to MLflow', () => {
  it('stays within the limits of a batch, and sends what JSON cannot hold as strings', async () => {
    await run.train(1, 2500, (step) =>
      step === 7 ? Number.NaN : step === 8 ? Number.NEGATIVE_INFINITY : 1 / step,
    );
    await run.end('finished', 2500);
    await send();
    const batches = stub.requests.filter(({ path }) => path === 'runs/log-batch');
    for (const { body, sizeBytes } of batches) {
      const counts = ['metrics', 'params', 'tags'].map((kind) => ((body[kind] ?? []) as unknown[]).length);
      expect(counts[0]).toBeLessThanOrEqual(1000);
      expect(Math.max(counts[1]!, counts[2]!)).toBeLessThanOrEqual(100);
      expect(sizeBytes).toBeLessThan(1_000_000);
    }
    const { metrics, params, status } = stub.runs.get('mlflow-1')!;
    const valueAt = (wanted: number): unknown =>
      [...metrics.values()].find(({ key, step }) => key === 'train_loss' && step === wanted)?.value;
    expect([valueAt(7), valueAt(8), valueAt(2)]).toEqual(['NaN', '-Infinity', 0.5]);
    expect(lossSteps('mlflow-1')).toEqual(range(1, 2500));
    expect(params.get('data.text')).toHaveLength(6000);
    expect(params.get('data.labels.mostly true_')).toBe('REAL');
    expect(status).toBe('FINISHED');
  });

  it.each([
    ['status 429', { status: 429, body: '' }],
    ['status 500', { status: 500, body: 'broken' }],
    ['a connection that breaks off', 'drop'],
  ] as const)('is finished by a later one after %s, with every metric once', async (_, fault) => {
    await run.train(1, 2500);
    await run.end('finished', 2500);
    let batches = 0;
    stub.fault = (path) => (path === 'runs/log-batch' && ++batches === 4 ? fault : null);
    await expect(send()).rejects.toMatchObject({ code: 'TRACKER_UNREACHABLE', exitCode: 1 });
    expect(listRunExports(exportsFolder())).toMatchObject([
      { state: null, failure: { code: 'TRACKER_UNREACHABLE' } },
    ]);
    await send();
    expect([...stub.runs.keys()]).toEqual(['mlflow-1']);
    expect(lossSteps('mlflow-1')).toEqual(range(1, 2500));
    expect(listRunExports(exportsFolder())).toMatchObject([{ status: 'finished', failure: null }]);
  });

  it('says which server does not answer, without its login', async () => {
    await stub.close();
    await expect(send()).rejects.toMatchObject({
      code: 'TRACKER_UNREACHABLE',
      message: `MLflow: expected ${stub.url} to take the run, got ECONNREFUSED`,
    });
    await expect(send(stub.url.replace('://', '://me:SECRET@'))).rejects.toMatchObject({
      message: expect.not.stringContaining('SECRET'),
    });
  });

  it('explains that MLflow refuses a host name that it does not know', async () => {
    stub.fault = () => ({
      status: 403,
      body: 'Invalid Host header - possible DNS rebinding attack detected',
    });
    const host = new URL(stub.url).host;
    await expect(send()).rejects.toMatchObject({
      code: 'TRACKER_HOST_REFUSED',
      hint: expect.stringContaining(`mlflow server --allowed-hosts ${host}`),
    });
  });

  it('tells why a request was refused, and no password', async () => {
    stub.fault = (path) =>
      path === 'runs/create'
        ? { status: 403, body: '{"error_code":"PERMISSION_DENIED","message":"not yours"}' }
        : null;
    const error = await send().catch((caught: unknown) => caught);
    expect(error).toMatchObject({
      code: 'TRACKER_REFUSED',
      message: expect.stringContaining('status 403: not yours'),
    });
    expect(JSON.stringify(error)).not.toContain('secret');
  });

  it('becomes a new run that names the old one, which is deleted, where a resume takes back what was sent', async () => {
    await run.train(1, 8, () => 0.5);
    await run.checkpoint(5);
    await run.end('failed', 8);
    await send();
    await run.start(5);
    await run.train(6, 9, () => 0.25);
    await run.end('finished', 9);
    stub.fault = (path) => (path === 'runs/update' ? { status: 503, body: '' } : null);
    await expect(send()).rejects.toMatchObject({ code: 'TRACKER_UNREACHABLE' }); // half of the new run is there
    stub.fault = null;
    expect((await send()).replaced).toBe(true);
    expect([...stub.runs.values()].map(({ id, stage }) => [id, stage])).toEqual([
      ['mlflow-1', 'deleted'],
      ['mlflow-2', 'active'],
    ]);
    expect(stub.runs.get('mlflow-2')?.tags.get('veracity.replaces')).toBe('mlflow-1');
    expect(lossSteps('mlflow-2')).toEqual(range(1, 9));
  });

  it('finds its run again without the cursor, and adds nothing to it', async () => {
    await run.train(1, 5);
    await run.end('finished', 5);
    await send();
    const before = stub.runs.get('mlflow-1')?.metrics.size;
    rmSync(join(exportsFolder(), 'exports'), { recursive: true });
    await send();
    expect([stub.runs.size, stub.runs.get('mlflow-1')?.metrics.size]).toEqual([1, before]);
  });

  it('is made anew where somebody has deleted the run at MLflow', async () => {
    await run.train(1, 5);
    await run.end('finished', 5);
    await send();
    stub.runs.get('mlflow-1')!.stage = 'deleted';
    await send();
    expect(lossSteps('mlflow-2')).toEqual(range(1, 5));
  });

  it('follows tags that are added and removed, and leaves a note that was written there', async () => {
    await run.store.setTags(run.runId, { add: ['a', 'b'] });
    await run.end('finished', 0);
    await send();
    const { tags } = stub.runs.get('mlflow-1')!;
    tags.set('mlflow.note.content', 'theirs');
    await run.store.setTags(run.runId, { remove: ['a'] });
    await send();
    expect([tags.has('veracity.tag.a'), tags.get('veracity.tag.b')]).toEqual([false, 'b']);
    expect(tags.get('mlflow.note.content')).toBe('theirs');
    await run.store.setNote(run.runId, 'ours');
    await send();
    await run.store.setNote(run.runId, null);
    await send();
    expect(tags.get('mlflow.note.content')).toBe('');
  });

  it('uploads reports, and lists all artifacts by digest', async () => {
    const { folder } = await run.store.files(run.runId);
    mkdirSync(join(folder, 'checkpoints'));
    writeFileSync(join(folder, 'report.html'), '<p>');
    writeFileSync(join(folder, 'checkpoints/step-1'), 'weights');
    const digest = `sha256:${'0'.repeat(64)}`;
    await run.writer.addArtifact({
      name: 'report.html',
      kind: 'report',
      digest,
      sizeBytes: 3,
      path: 'report.html',
    });
    await run.writer.addArtifact({
      name: 'step-1',
      kind: 'checkpoint',
      digest,
      sizeBytes: 7,
      path: 'checkpoints/step-1',
    });
    await run.end('finished', 0);
    await send();
    expect([...stub.uploads.keys()]).toEqual([
      '1/mlflow-1/artifacts/report/report.html',
      '1/mlflow-1/artifacts/artifacts.json',
    ]);
    expect(stub.uploads.get('1/mlflow-1/artifacts/artifacts.json')).toContain('step-1');
    stub.uploads.clear();
    await run.store.setNote(run.runId, 'later');
    await send();
    expect(stub.uploads.size).toBe(0);
  });
});

describe('exports while a run is trained', () => {
  const start = (
    warnings: (CommandWarning | undefined)[],
    lines: string[],
    signal = new AbortController().signal,
  ) =>
    startLiveExports({
      runs: run.store,
      runId: run.runId,
      destinations: [{ to: 'mlflow', url: stub.url, experiment: 'try' }],
      environment: {},
      clock: systemClock,
      warn: (_text, fact) => warnings.push(fact),
      say: (line) => lines.push(line),
      signal,
      everyMs: 5,
      retryAfterMs: 5,
    });
  const until = async (isDone: () => boolean): Promise<void> => {
    while (!isDone()) await new Promise((resolve) => setTimeout(resolve, 5));
  };

  it('warn once of a server that fails, and send everything when it is back', async () => {
    let failures = 0;
    stub.fault = () => (failures++ < 5 ? { status: 503, body: '' } : null);
    const warnings: (CommandWarning | undefined)[] = [];
    const lines: string[] = [];
    const live = start(warnings, lines);
    await run.train(1, 30);
    await run.checkpoint(20);
    await until(() => lossSteps('mlflow-1').length === 19);
    await run.end('finished', 30);
    await live.close();
    expect(lossSteps('mlflow-1')).toEqual(range(1, 30));
    expect(warnings).toMatchObject([
      { code: 'RUN_EXPORT_FAILED', to: 'mlflow', reason: 'TRACKER_UNREACHABLE' },
    ]);
    expect(lines).toEqual([]);
  });

  it('never fail the run, and say how to send the rest', async () => {
    stub.fault = () => 'drop';
    const warnings: (CommandWarning | undefined)[] = [];
    const lines: string[] = [];
    const live = start(warnings, lines);
    await run.train(1, 3);
    await run.end('finished', 3);
    await live.close();
    expect(warnings).toHaveLength(1);
    expect(lines).toEqual([
      expect.stringContaining(`send the rest with: veracity runs export ${run.runId} --to mlflow`),
    ]);
    expect(listRunExports(exportsFolder())).toMatchObject([{ failure: { code: 'TRACKER_UNREACHABLE' } }]);
    expect(readdirSync(join(exportsFolder(), 'exports')).filter((name) => name.endsWith('.lock'))).toEqual(
      [],
    );
  });
});
