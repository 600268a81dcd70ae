// What a training records: measurements by step and articles seen, samples, texts, histograms and artifacts; and that it
// stops when the store is asked to.
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { locateHome } from '../../src/foundation/records/home.ts';
import type { WorkflowContext } from '../../src/workflows/context/workflow-context.ts';
import { runTraining, type TrainingOutcome } from '../../src/workflows/train/training.ts';
import { loadTrainingRequest } from '../../src/workflows/train/training-request.ts';
import { createQuietContext } from '../fixtures/quiet-context.ts';

const SETTINGS = [
  ...['model=linear', 'data=sample', 'evaluate=standard', 'threads=1', 'tracking.system_every_s=0.1'],
  ...['train.epochs=3', 'train.batch_size=16', 'train.accumulate=3', 'tracking.log_every=5'],
];

describe('the record of a training', () => {
  let folder: string;
  let context: WorkflowContext;
  let runId: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'veracity-record-'));
    context = createQuietContext(locateHome(join(folder, 'home')), folder);
    const outcome = await train(SETTINGS);
    expect(outcome.status).toBe('finished');
    runId = outcome.status === 'finished' ? outcome.result.runId : '';
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const train = (args: string[], changes: Partial<WorkflowContext> = {}): Promise<TrainingOutcome> =>
    runTraining(loadTrainingRequest(args, context), { ...context, ...changes });

  it('has the loss and its companions every few steps and at the last, with the articles seen', async () => {
    const { runs, datasets } = context.stores;
    const points = await runs.loadPoints(runId, 'train_loss');
    const { steps } = await runs.summarize(runId);
    expect(points.slice(0, -1).every(({ step }) => step % 5 === 0)).toBe(true);
    expect(points.at(-1)?.step).toBe(steps);
    const { splits } = await datasets.load((await runs.load(runId)).datasetVersion);
    expect(points.at(-1)?.articles).toBe(3 * splits.train.rows);
    const names = (await runs.listMetrics(runId)).map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining([
        'learning_rate',
        'train_tokens',
        'step_ms',
        'data_wait_ms',
        'val_loss',
        'val_ece',
      ]),
    );
    expect(await runs.loadPoints(runId, 'test_accuracy')).toMatchObject([{ step: steps, epoch: 3 }]);
  });

  it('has three evaluations, with the distribution of the probabilities of the right class', async () => {
    const { runs } = context.stores;
    const histograms = await runs.loadHistograms(runId);
    const evaluations = histograms.filter(({ name }) => name === 'val_probability_of_label');
    expect(evaluations).toHaveLength(3);
    const { datasetVersion } = await runs.load(runId);
    const { validation } = (await context.stores.datasets.load(datasetVersion)).splits;
    for (const { counts } of evaluations) expect(counts.reduce((a, b) => a + b)).toBe(validation.rows);
    expect(histograms.some(({ name }) => name === 'train_article_tokens')).toBe(true);
  });

  it('has the configuration with origins as text and as data', async () => {
    const { runs } = context.stores;
    const [text] = await runs.loadTexts(runId);
    expect(text).toMatchObject({ name: 'configuration', step: 0 });
    expect(text?.text).toMatch(/epochs: 3\s+# command line: train\.epochs=3/);
    const { origins, command } = await runs.load(runId);
    expect(origins?.['train.epochs']).toContain('command line');
    expect(command).toEqual(['train', ...SETTINGS]);
  });

  it('has code, environment and machine', async () => {
    const run = await context.stores.runs.load(runId);
    expect(run.code?.programSha256).toMatch(/^[0-9a-f]{64}$/);
    expect(run.environment?.os).toContain(process.platform);
    expect(run.machine?.cores).toBeGreaterThan(0);
    expect(run.encoderDigest).toBeDefined();
  });

  it('lists its files by digest: model, kept checkpoints, reports, dataset', async () => {
    const { runs } = context.stores;
    const artifacts = await runs.listArtifacts(runId);
    expect(new Set(artifacts.map(({ kind }) => kind))).toEqual(
      new Set(['model', 'checkpoint', 'report', 'dataset']),
    );
    const { folder: ofRun } = await runs.files(runId);
    for (const { kind, path, digest, sizeBytes } of artifacts) {
      const bytes = readFileSync(kind === 'dataset' ? path : join(ofRun, path));
      expect(bytes.byteLength).toBe(sizeBytes);
      expect(digest).toBe(`sha256:${createHash('sha256').update(bytes).digest('hex')}`);
    }
  });

  it('goes on while the store cannot be reached, and has everything afterwards', async () => {
    const { runs } = context.stores;
    let left = 2;
    const claim: typeof runs.claim = async (id) => {
      const writer = await runs.claim(id);
      const append: typeof writer.append = async (event) => {
        if (event.type === 'eval' && left-- > 0)
          throw Object.assign(new Error('away'), { code: 'ECONNRESET' });
        return writer.append(event);
      };
      return new Proxy(writer, {
        get: (_, key) => {
          const value: unknown = key === 'append' ? append : Reflect.get(writer, key);
          return typeof value === 'function' ? value.bind(writer) : value;
        },
      });
    };
    const shaky = new Proxy(runs, {
      get: (_, key) => {
        const value: unknown = key === 'claim' ? claim : Reflect.get(runs, key);
        return typeof value === 'function' ? value.bind(runs) : value;
      },
    });
    const warnings: string[] = [];
    const outcome = await train(SETTINGS, {
      stores: { ...context.stores, runs: shaky },
      warn: (text) => void warnings.push(text),
    });
    expect(outcome.status).toBe('finished');
    expect(warnings.filter((text) => text.includes('ECONNRESET'))).toHaveLength(1);
    const id = outcome.status === 'finished' ? outcome.result.runId : '';
    const events = (await runs.loadEvents(id)).map(({ type }) => type);
    expect(events.filter((type) => type === 'eval')).toHaveLength(3);
    expect(events.at(-1)).toBe('finished');
  });

  it('counts the same articles when the run was stopped by a request and resumed', async () => {
    const { runs } = context.stores;
    let stoppedId = '';
    const request = loadTrainingRequest([...SETTINGS, 'train.epochs=400'], context);
    const outcome = await runTraining(
      {
        ...request,
        onRun: async ({ id }) => {
          stoppedId = id;
        },
      },
      {
        ...context,
        say: (line) => void (line.startsWith('step ') && stoppedId !== '' && runs.requestStop(stoppedId)),
      },
    );
    expect(outcome).toMatchObject({ status: 'stopped', runId: stoppedId });
    const events = await runs.loadEvents(stoppedId);
    expect(events.at(-1)).toMatchObject({ type: 'stopped', reason: 'stopped by a request' });
    expect((await runs.loadPoints(stoppedId, 'system_cpu_percent')).length).toBeGreaterThan(0);
    const stop = new AbortController();
    await train([`resume=${stoppedId}`], {
      signal: stop.signal,
      say: (line) => void (line.startsWith('step ') && stop.abort('enough')),
    });
    const points = await runs.loadPoints(stoppedId, 'train_loss');
    const rows = (await context.stores.datasets.load((await runs.load(stoppedId)).datasetVersion)).splits
      .train.rows;
    for (const { articles, epoch } of points) expect(articles / rows).toBeCloseTo(epoch, 1);
    expect(points.every(({ step }, i) => i === 0 || step > points[i - 1]!.step)).toBe(true);
  });
});
