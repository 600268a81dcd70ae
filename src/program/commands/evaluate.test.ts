import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createQuietContext } from '../../../test/fixtures/quiet-context.ts';
import { createRealModel } from '../../../test/serve/real-model.ts';
import { systemClock } from '../../foundation/core/clock.ts';
import { createRandom } from '../../foundation/core/random.ts';
import type { DatasetManifest } from '../../foundation/records/dataset-manifest.ts';
import { type EvaluationReport, evaluationReportSchema } from '../../foundation/records/evaluation.ts';
import { locateHome } from '../../foundation/records/home.ts';
import { createFileModelRegistry } from '../../keeping/registry/file-model-registry.ts';
import type { ModelRegistry } from '../../keeping/registry/model-registry.ts';
import { loadTrainConfig } from '../../workflows/configuration/index.ts';
import type { WorkflowContext } from '../../workflows/context/workflow-context.ts';
import { prepareDatasetVersion } from '../../workflows/prepare/prepared-data.ts';
import { evaluateCommand } from './evaluate.ts';

const WORDS =
  'ferry harbour council report water price season vote mayor road bridge school market train'.split(' ');

let folder: string;
let said: string[] = [];
let registry: ModelRegistry;
let trained: DatasetManifest;

const createContext = (signal = new AbortController().signal): WorkflowContext =>
  createQuietContext(locateHome(join(folder, 'home')), folder, {
    say: (line) => said.push(line),
    signal,
  });

interface Row {
  title: string;
  text: string;
  label: string;
}

function drawRows(n: number, seed: string, labels = ['FAKE', 'REAL']): Row[] {
  const random = createRandom(seed);
  const words = (count: number): string =>
    Array.from({ length: count }, () => `${WORDS[random.integer(WORDS.length)]}${random.integer(50)}`).join(
      ' ',
    );
  return Array.from({ length: n }, (_, i) => ({
    title: words(6),
    text: words(30),
    label: labels[i % labels.length]!,
  }));
}

function writeRows(name: string, rows: readonly Row[]): string {
  const path = join(folder, name);
  writeFileSync(
    path,
    `title,text,label\n${rows.map((row) => `${row.title},${row.text},${row.label}`).join('\n')}\n`,
  );
  return path;
}

const run = async (args: readonly string[], options: Record<string, string> = {}) => {
  const { json, text } = await evaluateCommand.run({ args, options }, createContext());
  return { json: json as { n: number; test: unknown; reports: EvaluationReport[] } & EvaluationReport, text };
};

/** The model predicts at random: tested is which articles it is given and what is reported about them. */
let prepared: string;
beforeAll(async () => {
  prepared = mkdtempSync(join(tmpdir(), 'veracity-evaluate-'));
  folder = prepared;
  const context = createContext();
  const path = writeRows('trained.csv', drawRows(200, 'trained'));
  const overrides = ['data=csv', `data.path='${path}'`, 'data.name=own'];
  const { config } = loadTrainConfig(overrides, { workingDirectory: folder });
  trained = (await prepareDatasetVersion(config, context)).manifest;
  const info = {
    datasetVersion: trained.id,
    datasetName: 'own',
    synthetic: false,
    runId: 'run-20260101-000000-abcd',
  };
  const model = join(folder, 'model');
  createRealModel(model, { layers: 1, info: { ...info, parents: [info.runId, trained.id] } });
  await createFileModelRegistry(context.home, context.clock).register({
    name: 'compact',
    folder: model,
    evaluations: [],
  });
});
afterAll(() => rmSync(prepared, { recursive: true, force: true }));

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'veracity-evaluate-'));
  cpSync(prepared, folder, { recursive: true });
  said = [];
  registry = createFileModelRegistry(createContext().home, systemClock);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('evaluate', () => {
  it('throws the reason of its signal when it is aborted', async () => {
    const stop = new AbortController();
    stop.abort(new Error('asked to'));
    const input = { args: ['model=compact@1'], options: {} };
    await expect(evaluateCommand.run(input, createContext(stop.signal))).rejects.toThrow('asked to');
  });

  it('measures a model on its own test split and prints the shape that scripts rely on', async () => {
    const { json, text } = await run(['model=compact@1']);
    expect(json.n).toBe(trained.splits.test.rows);
    expect(Object.keys(json.test as object).sort()).toEqual([
      'accuracy',
      'brier',
      'ece',
      'loss',
      'macroF1',
      'rocAuc',
    ]);
    expect(json.reports.map((report) => evaluationReportSchema.parse(report).collection)).toEqual([
      'own (test split)',
    ]);
    expect(json).toMatchObject({ outOfSource: false, seenInTraining: 0 });
    expect(text).toContain('not measured');
  });

  it('measures all articles of other data, beside the report on its own', async () => {
    await run(['model=compact@1']);
    const path = writeRows('other.csv', drawRows(60, 'other'));
    const { json, text } = await run(['model=compact@1', 'data=csv', `data.path='${path}'`]);
    expect(json).toMatchObject({
      n: 60,
      collection: 'other.csv (all articles)',
      outOfSource: true,
      seenInTraining: 0,
    });
    expect(json.reports.map((report) => report.collection)).toEqual([
      'own (test split)',
      'other.csv (all articles)',
    ]);
    expect(text).toMatch(/own \(test split\) +other\.csv \(all articles\)/);
  });

  it('counts articles that the model was trained on, whatever their case and id, and says so', async () => {
    const rows = drawRows(200, 'trained').map((row) => ({ ...row, title: row.title.toUpperCase() }));
    const path = writeRows('other.csv', [...drawRows(40, 'other'), ...rows]);
    const { json, text } = await run(['model=compact@1', 'data=csv', `data.path='${path}'`]);
    expect(json.seenInTraining).toBe(trained.splits.train.rows);
    expect(text).toContain(`trained on ${trained.splits.train.rows} of the 240 articles of other.csv`);
  });

  it.each([
    ['grown', (rows: Row[]) => [...rows, ...drawRows(80, 'later')], false],
    ['with half of its articles', (rows: Row[]) => rows.slice(0, 100), false],
    [
      'with edited titles',
      (rows: Row[]) => rows.map((row) => ({ ...row, title: `Update: ${row.title}` })),
      false,
    ],
    [
      'of others, with a few of its articles',
      (rows: Row[]) => [...rows.slice(0, 5), ...drawRows(80, 'o')],
      true,
    ],
  ])('tells another edition of its file from another source: %s', async (_, edit, outOfSource) => {
    const path = writeRows('edition.csv', edit(drawRows(200, 'trained')));
    const { json } = await run(['model=compact@1', 'data=csv', `data.path='${path}'`]);
    expect(json).toMatchObject({ outOfSource });
  });

  it('takes the test split of another version of the same file', async () => {
    const { json } = await run([
      'model=compact@1',
      'data=csv',
      `data.path='${join(folder, 'trained.csv')}'`,
      'data.near_duplicates.threshold=0.5',
    ]);
    expect(json).toMatchObject({
      outOfSource: false,
      collection: 'trained.csv (test split)',
      seenInTraining: 0,
    });
    expect(json.n).toBeLessThan(60);
  });

  it('says that a split has no share, instead of measuring nothing', async () => {
    const path = join(folder, 'trained.csv');
    const args = ['model=compact@1', 'data=csv', `data.path='${path}'`, 'data.split.test=0'];
    await expect(run([...args, 'split=test'])).rejects.toMatchObject({
      code: 'DATA_SPLIT_ZERO',
      message: 'data.split.test: expected a share above 0, got 0',
      hint: expect.stringContaining('split=all'),
    });
  });

  it('has the warnings about the data in its JSON', async () => {
    const path = writeRows('alike.csv', drawRows(90, 'alike', ['FAKE', 'REAL', 'Real']));
    const { json } = await run(['model=compact@1', 'data=csv', `data.path='${path}'`]);
    expect(json).toMatchObject({
      warnings: [expect.stringContaining('"REAL" 30, "Real" 30'), expect.stringContaining('skipped 30 Real')],
    });
  });

  it('skips articles of classes that the model does not know, and counts them', async () => {
    const path = writeRows('other.csv', drawRows(90, 'other', ['FAKE', 'REAL', 'SATIRE']));
    const { json } = await run(['model=compact@1', 'data=csv', `data.path='${path}'`]);
    expect(json.n).toBe(60);
    expect(said.join('\n')).toContain('skipped 30 SATIRE');
  });

  it('reads a collection as its own settings say, and finds its encoding without them', async () => {
    const path = writeRows('latin.csv', drawRows(30, 'latin'));
    const [header, ...rows] = readFileSync(path, 'utf8').split('\n');
    const text = [header, ...rows.map((row) => row.replaceAll('0', 'ö'))].join('\n');
    writeFileSync(path, Buffer.from(text, 'latin1'));
    const measure = (more: string) =>
      run(['model=compact@1', `evaluate.collections=[{name: latin, path: '${path}'${more}}]`]);
    const { json } = await measure(', encoding: windows-1252, separator: comma');
    expect(json.reports.find(({ collection }) => collection === 'latin')?.n).toBe(30);
    const found = await measure('');
    expect(found.json.reports.find(({ collection }) => collection === 'latin')?.n).toBe(30);
  });

  it('measures configured collections beside the test split', async () => {
    const path = writeRows('horne.csv', drawRows(30, 'horne'));
    const columns = '{title: title, text: text, label: label, source: null, date: null, id: null}';
    const { json } = await run([
      'model=compact@1',
      `evaluate.collections=[{name: horne, path: '${path}', columns: ${columns}, labels: null}]`,
    ]);
    expect(json.reports.map(({ collection, outOfSource, n }) => ({ collection, outOfSource, n }))).toEqual([
      { collection: 'own (test split)', outOfSource: false, n: trained.splits.test.rows },
      { collection: 'horne', outOfSource: true, n: 30 },
    ]);
  });

  it('measures a bundled collection as invented articles of another source', async () => {
    const { json } = await run(['model=compact@1', 'evaluate=other-outlets']);
    expect(json.reports[1]).toMatchObject({
      collection: 'other-outlets',
      outOfSource: true,
      synthetic: true,
      n: 160,
      seenInTraining: 0,
    });
  });

  it("leaves the sample's other collection out of what was not trained on the sample", async () => {
    for (const args of [[], ['evaluate.bootstrap=20'], [`dataset=${trained.id}`]]) {
      const { json } = await run(['model=compact@1', ...args]);
      expect(json.reports.map((report) => report.collection)).toEqual(['own (test split)']);
    }
  });

  it('names the missing file of a collection', async () => {
    const columns = '{title: title, text: text, label: label, source: null, date: null, id: null}';
    for (const path of ['gone.csv', 'package:sample/gone.jsonl']) {
      const collection = `{name: gone, path: '${path}', columns: ${columns}, labels: null}`;
      await expect(run(['model=compact@1', `evaluate.collections=[${collection}]`])).rejects.toMatchObject({
        code: 'FILE_NOT_FOUND',
      });
    }
  });

  it("keeps figures on production's test set with the version, so that it can be promoted", async () => {
    await run(['model=compact@1']);
    await registry.promote('compact@1', { stage: 'production', force: false });
    await registry.register({ name: 'compact', folder: join(folder, 'model'), evaluations: [] });
    const promote = () => registry.promote('compact@2', { stage: 'production', force: false });
    await expect(promote()).rejects.toMatchObject({ code: 'PROMOTION_NOT_COMPARABLE' });
    await run(['model=compact@2', `dataset=${trained.id}`]);
    await expect(promote()).resolves.toMatchObject({ gate: { outcome: 'passed' } });
  });

  it('says if the training data is gone, instead of claiming that nothing was seen', async () => {
    rmSync(join(createContext().home.datasets, trained.id), { recursive: true });
    const path = writeRows('other.csv', drawRows(40, 'other'));
    const { json } = await run(['model=compact@1', 'data=csv', `data.path='${path}'`]);
    expect(json.seenInTraining).toBeNull();
    expect(said.join('\n')).toContain('cannot check which');
    await expect(run(['model=compact@1'])).rejects.toMatchObject({ code: 'DATASET_NOT_FOUND' });
  });

  it('writes one self-contained page', async () => {
    await run(['model=compact@1'], { html: 'out/evaluation.html' });
    const html = readFileSync(join(folder, 'out', 'evaluation.html'), 'utf8');
    expect(html).toContain('<title>Evaluation of compact@1</title>');
    expect(html).not.toMatch(/<(script|link|img|iframe)|https?:|url\(|@import/);
    expect(said.join('\n')).toContain('evaluation.html');
  });

  it('refuses a page that cannot be written, before it measures anything', async () => {
    writeFileSync(join(folder, 'file'), '');
    for (const html of ['file/x.html', '.'])
      await expect(run(['model=compact@1'], { html })).rejects.toMatchObject({ code: 'SYSTEM_REFUSED' });
    expect((await registry.resolve('compact@1')).evaluations).toEqual([]);
  });

  it('refuses a version whose files were changed', async () => {
    const path = join((await registry.resolve('compact@1')).location, 'config.json');
    rmSync(path);
    writeFileSync(path, '{"changed": true}');
    await expect(run(['model=compact@1'])).rejects.toMatchObject({ code: 'MODEL_DIGEST_MISMATCH' });
    expect(existsSync(join(folder, 'out'))).toBe(false);
  });

  it.each([
    [['run=run-20260101-000000-abcd', 'model=compact'], 'both'],
    [['run=compact'], 'run id'],
    [['model=compact', 'optimizer.lr=1'], 'optimizer.lr=1'],
    [['model=compact', 'split=dev'], 'split='],
    [['model=compact', 'dataset=ds-0123456789ab', 'data=isot'], 'dataset='],
    [['model='], 'model='],
  ])('refuses %j', async (args, part) => {
    await expect(run(args)).rejects.toMatchObject({ code: 'USAGE', message: expect.stringContaining(part) });
  });
});
