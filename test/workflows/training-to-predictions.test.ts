// Tests training, evaluation and export through workflows/, without commands, as a server or a retraining loop starts them.
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createRandom } from '../../src/foundation/core/random.ts';
import { locateHome } from '../../src/foundation/records/home.ts';
import { loadTrainConfig } from '../../src/workflows/configuration/index.ts';
import type { WorkflowContext } from '../../src/workflows/context/index.ts';
import { evaluateModel } from '../../src/workflows/evaluate/index.ts';
import { exportModel } from '../../src/workflows/export/index.ts';
import { listModels } from '../../src/workflows/models/index.ts';
import { predictArticle } from '../../src/workflows/predict/index.ts';
import { showRun } from '../../src/workflows/runs/index.ts';
import { runTraining, type TrainingOutcome } from '../../src/workflows/train/index.ts';
import { createQuietContext } from '../fixtures/quiet-context.ts';

const SMALL = [
  'data=csv',
  'data.path=articles.csv',
  'data.name=ferries',
  'model=compact',
  'model.layers=1',
  'model.width=32',
  'model.heads=2',
  'model.feed_forward=32',
  'model.vocabulary=300',
  'model.max_length=32',
  'optimizer.lr=5e-3',
  'train.epochs=2',
  'threads=1',
];

let folder: string;
let context: WorkflowContext;
let trained: TrainingOutcome;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'veracity-workflows-'));
  context = createQuietContext(locateHome(join(folder, 'home')), folder);
  writeArticles('articles.csv', 240);
  writeArticles('others.csv', 40);
  trained = await runTraining(loadTrainConfig(SMALL, context), context);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Invented articles in which one word reveals the label. */
function writeArticles(name: string, n: number): void {
  const random = createRandom(name);
  const places = 'harbour bridge school market council valley river station'.split(' ');
  const rows = Array.from({ length: n }, (_, i) => {
    const label = i % 2 === 0 ? 'FAKE' : 'REAL';
    const word = (): string => `${places[random.integer(places.length)]} ${random.integer(500)}`;
    const text = [word(), word(), label === 'FAKE' ? 'miracle' : 'minutes', word(), word(), word()].join(' ');
    return `Ferry ${word()},${text},${label}`;
  });
  writeFileSync(join(folder, name), ['title,text,label', ...rows].join('\n'));
}

it('trains, registers and records a run', async () => {
  if (trained.status !== 'finished') throw new Error(`training ended as ${trained.status}`);
  const { result, evaluations } = trained;
  expect(evaluations[0]).toMatchObject({ collection: 'ferries (test split)', outOfSource: false });
  expect((await showRun(result.runId, context)).summary).toMatchObject({
    status: 'finished',
    modelVersion: 'ferries@1',
  });
  expect((await listModels(context)).models.map(({ reference }) => reference)).toContain('ferries@1');
});

it('evaluates a registered version on its own test split', async () => {
  const { config } = loadTrainConfig(['threads=1'], context);
  const request = { model: 'ferries@1', dataset: null, split: null, config, changed: [] };
  const { requested, modelVersion } = await evaluateModel(request, context);
  expect(modelVersion).toBe('ferries@1');
  if (trained.status !== 'finished') throw new Error('not trained');
  expect(requested.metrics).toEqual(trained.result.test);
});

it('evaluates the articles of another source in the configuration it was trained with', async () => {
  const { config } = loadTrainConfig(['data.path=others.csv', 'threads=1'], context);
  const request = { model: 'ferries@1', dataset: null, split: null, config, changed: ['data.path'] };
  const { requested, reports } = await evaluateModel(request, context);
  expect(requested).toMatchObject({ n: 40, outOfSource: true });
  expect(reports.map(({ outOfSource }) => outOfSource)).toEqual([false, true]);
});

it('exports an 8-bit copy that predicts like the original', async () => {
  const out = join(folder, 'int8');
  const { config } = loadTrainConfig(['threads=1'], context);
  const { info, evaluations } = await exportModel(
    { model: 'ferries@1', precision: 'int8', pruneHeads: 0, out, register: null, config },
    context,
  );
  expect(info).toMatchObject({ precision: 'int8', parents: expect.arrayContaining(['ferries@1']) });
  expect(info.columns).toMatchObject({ title: 'title', text: 'text', label: 'label', id: null });
  expect(evaluations).toHaveLength(1);
  expect(existsSync(join(out, 'onnx', 'model.onnx'))).toBe(true);
  const article = { title: 'Ferry', text: 'harbour 1 miracle bridge 2' };
  const predict = (model: string) =>
    predictArticle({ article, model, threads: 1, explain: false }, context).then(
      ({ prediction }) => prediction,
    );
  const [before, after] = [await predict('ferries@1'), await predict('int8')];
  expect(after.label).toBe(before.label);
  expect(after.probability).toBeCloseTo(before.probability, 1);
});
