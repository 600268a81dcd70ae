// Exports read by the real programs. Runs where VERACITY_TEST_PYTHON names a Python with mlflow, tensorboard and wandb
// (tried with 3.17.2, 2.21.0 and 0.31.0).
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/foundation/core/clock.ts';
import type { ExportDestination } from '../../src/foundation/records/run-export.ts';
import { exportRunOnce } from '../../src/keeping/exporters/export-run.ts';
import { repositoryRoot } from '../architecture/source-imports.ts';
import { readLog } from './read-exports.ts';
import { createRecordedRun, type RecordedRun } from './recorded-run.ts';

const python = process.env.VERACITY_TEST_PYTHON ?? '';
const run = promisify(execFile);
const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);

/** What a script of programs/ prints. */
async function ask<T>(script: string, ...args: string[]): Promise<T> {
  const path = join(import.meta.dirname, 'programs', script);
  const environment = { ...process.env, MLFLOW_DISABLE_TELEMETRY: 'true', PORT: `${await findPort()}` };
  const { stdout } = await run(python, [path, ...args], { env: environment, maxBuffer: 1e9 });
  return JSON.parse(stdout.replaceAll(/: (NaN|-?Infinity)/g, ': "$1"')) as T;
}

async function findPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** A run of 2,001 steps with NaN, infinities, a text of more than 32 KiB, a histogram, a report and a model. */
async function recordRun(): Promise<RecordedRun> {
  const recorded = await createRecordedRun({ seed: 42, optimizer: { lr: 1e-3 } });
  await recorded.start();
  const odd: Record<number, number> = {
    7: Number.NaN,
    8: Number.POSITIVE_INFINITY,
    9: Number.NEGATIVE_INFINITY,
  };
  await recorded.train(1, 2001, (step) => odd[step] ?? 1 / step);
  const at = { step: 10, epoch: 1, articles: 40 };
  recorded.writer.recordText('examples', at, 'y'.repeat(100_000));
  recorded.writer.recordHistogram('weights', at, { edges: [0, 1, 2], counts: [3, 4] });
  await recorded.store.setTags(recorded.runId, { add: ['baseline'] });
  await recorded.store.setNote(recorded.runId, 'a note');
  const { folder } = await recorded.store.files(recorded.runId);
  for (const [name, kind] of [
    ['config.json', 'model'],
    ['report.html', 'report'],
  ] as const) {
    writeFileSync(join(folder, name), '{}');
    const digest = `sha256:${'0'.repeat(64)}`;
    await recorded.writer.addArtifact({ name, kind, digest, sizeBytes: 2, path: name });
  }
  await recorded.end('finished', 2001);
  return recorded;
}

const send = (recorded: RecordedRun, destination: ExportDestination) =>
  exportRunOnce({
    ...{ runs: recorded.store, runId: recorded.runId, destination },
    environment: {},
    clock: systemClock,
  });

interface MlflowReading {
  readonly runs: readonly {
    readonly status: string;
    readonly params: Readonly<Record<string, string>>;
    readonly tags: Readonly<Record<string, string>>;
    readonly history: Readonly<Record<string, readonly [number, number | string, number][]>>;
    readonly inputs: readonly unknown[];
    readonly artifacts: readonly string[];
    readonly models: readonly { readonly status: string; readonly files: readonly string[] }[];
    readonly versions: readonly { readonly name: string; readonly aliases: readonly string[] }[];
  }[];
}

interface TensorBoardReading {
  readonly reader: Readonly<
    Record<string, { readonly scalars: Readonly<Record<string, readonly [number, number | string][]>> }>
  >;
  readonly http: {
    readonly hparams: { readonly hparamInfos: readonly { readonly name: string }[] };
    readonly sessions: {
      readonly sessionGroups: readonly {
        readonly hparams: Readonly<Record<string, unknown>>;
        readonly sessions: readonly { readonly status: string }[];
      }[];
    };
    readonly last: Readonly<Record<string, Readonly<Record<string, readonly [number, number, number]>>>>;
    readonly text: Readonly<Record<string, readonly string[]>>;
    readonly histograms: Readonly<Record<string, readonly string[]>>;
  };
}

interface WandbReading {
  readonly code: number;
  readonly output: string;
  readonly rows: readonly [number, Readonly<Record<string, unknown>>][];
  readonly exits: readonly [boolean, number][];
  readonly runs: readonly { readonly config: string; readonly tags: readonly string[] }[];
}

describe.skipIf(python === '')(
  'the real programs read an exported run',
  () => {
    let folder: string;
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'veracity-programs-'));
    });
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    it('MLflow lists every metric at its step, parameters, tags, dataset, artifacts, model and version', async () => {
      const url = `http://127.0.0.1:${await findPort()}`;
      const database = ['--backend-store-uri', `sqlite:///${join(folder, 'mlflow.db')}`];
      const files = ['--artifacts-destination', join(folder, 'artifacts')];
      const server = spawn(
        python,
        ['-m', 'mlflow', 'server', '--port', new URL(url).port, '--workers', '1', ...database, ...files],
        { stdio: 'ignore', env: { ...process.env, MLFLOW_DISABLE_TELEMETRY: 'true' }, detached: true },
      );
      const recorded = await recordRun();
      try {
        await waitFor(url);
        const destination = { to: 'mlflow', url, experiment: 'try' } as const;
        await send(recorded, destination);
        rmSync(join((await recorded.store.files(recorded.runId)).folder, 'exports'), { recursive: true });
        await send(recorded, destination); // everything again: adds nothing
        const { runs } = await ask<MlflowReading>('read-mlflow.py', url, 'try', recorded.runId);
        expect(runs).toHaveLength(1);
        const [found] = runs;
        const losses = found!.history.train_loss!;
        expect(losses.map(([step]) => step)).toEqual(range(1, 2001));
        expect(losses.slice(6, 9).map(([, value]) => value)).toEqual([
          'nan',
          Number.MAX_VALUE,
          -Number.MAX_VALUE,
        ]);
        expect(found!.history.articles!.map(([, value]) => value)).toEqual(
          range(1, 2001).map((step) => step * 4),
        );
        expect(found).toMatchObject({
          status: 'FINISHED',
          params: { seed: '42', 'optimizer.lr': '0.001' },
          tags: { 'veracity.tag.baseline': 'baseline', 'mlflow.note.content': 'a note' },
          inputs: [['ds-0123456789ab', 'ds-0123456789ab', ['training']]],
          artifacts: ['artifacts.json', 'report/report.html'],
          versions: [{ name: 'sample', aliases: ['veracity-3'] }],
          flavors: [['veracity']],
        });
        expect(found!.models[0]?.status).toBe('READY');
        expect(found!.models[0]?.files).toEqual(expect.arrayContaining(['MLmodel', 'config.json']));
      } finally {
        recorded.dispose();
        stopGroup(server);
      }
    });

    it("TensorBoard's reader has all scalars; its HTTP interface the hyperparameters and the last scalar", async () => {
      const recorded = await recordRun();
      await send(recorded, { to: 'tensorboard', folder: join(folder, 'tb') });
      recorded.dispose();
      const { reader, http } = await ask<TensorBoardReading>('read-tensorboard.py', join(folder, 'tb'));
      const losses = reader[recorded.runId]!.scalars.train_loss!;
      expect(losses.map(([step]) => step)).toEqual(range(1, 2001));
      expect(losses.slice(6, 9).map(([, value]) => value)).toEqual(['nan', 'inf', '-inf']);
      expect(http.hparams.hparamInfos.map(({ name }) => name).sort()).toEqual(['optimizer.lr', 'seed']);
      expect(http.sessions.sessionGroups).toMatchObject([
        { hparams: { seed: 42 }, sessions: [{ status: 'STATUS_SUCCESS' }] },
      ]);
      expect(http.last[recorded.runId]!.train_loss!.slice(1)).toEqual([2001, Math.fround(1 / 2001)]);
      expect(http.text[recorded.runId]).toContain('text/examples');
      expect(http.histograms[recorded.runId]).toEqual(['histogram/weights']);
    });

    it('wandb sync sends every row once, one of more than 32 KiB among them', async () => {
      const recorded = await recordRun();
      await send(recorded, { to: 'wandb', folder: join(folder, 'wandb'), project: 'try' });
      recorded.dispose();
      const { rows, exits, runs } = await ask<WandbReading>('sync-wandb.py', join(folder, 'wandb'));
      expect(rows.map(([offset, row]) => [offset, row._step])).toEqual(
        range(1, 2001).map((step) => [step - 1, step]),
      );
      expect(rows[9]![1].examples).toHaveLength(100_000);
      expect(exits).toEqual([[true, 0]]);
      expect(runs[0]?.config).toContain('"optimizer.lr":{"value":0.001}');
    });

    it('wandb sync sends every row once, too, after kill -9 of the training and after its resume', async () => {
      const out = join(folder, 'killed');
      const train = (...args: string[]): ChildProcess =>
        spawn(process.execPath, [join(repositoryRoot, 'dist/cli.js'), 'train', ...args], {
          cwd: folder,
          stdio: 'ignore',
          env: { ...process.env, VERACITY_HOME: join(folder, 'home') },
        });
      const exporter = `tracking.exporters=[{to: wandb, folder: ${JSON.stringify(out)}, project: try}]`;
      const settings = [
        'experiment=demo',
        'train.epochs=2',
        'tracking.log_every=1',
        'train.checkpoint_every=5',
      ];
      const first = train(...settings, exporter);
      while (!existsSync(out) || readLog(out).rows.length < 9)
        await new Promise((resolve) => setTimeout(resolve, 200));
      first.kill('SIGKILL');
      await new Promise((resolve) => first.once('exit', resolve));
      const killed = await ask<WandbReading>('sync-wandb.py', out);
      const stepsOf = ({ rows }: WandbReading): unknown[] => rows.map(([, row]) => row._step);
      expect(stepsOf(killed)).toEqual([...new Set(stepsOf(killed))]);
      expect(killed.rows.length).toBeGreaterThanOrEqual(9);
      expect(killed.exits).toEqual([[true, 1]]); // failed: there is no word of its end
      const [runId = ''] = readdirSync(join(folder, 'home/runs'));
      const second = train(`resume=${runId}`);
      expect(await new Promise((resolve) => second.once('exit', resolve))).toBe(0);
      const finished = await ask<WandbReading>('sync-wandb.py', out);
      const trained = finished.rows.flatMap(([, row]) => ('train_loss' in row ? [Number(row._step)] : []));
      expect(trained).toEqual(range(1, trained.length));
      expect(finished.rows.map(([offset]) => offset)).toEqual(range(0, finished.rows.length - 1));
      expect(finished.exits).toEqual([[true, 0]]);
    });
  },
  600_000,
);

async function waitFor(url: string): Promise<void> {
  for (;;) {
    try {
      if ((await fetch(`${url}/health`)).ok) return;
    } catch {
      // It does not listen yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

function stopGroup({ pid }: ChildProcess): void {
  if (pid !== undefined) process.kill(-pid, 'SIGKILL');
}
