// Walks the ways through the gate before production with the real commands: whatever a hint asks for is done, and after it
// the gate decides or says that nothing helps.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createQuietContext } from '../../../test/fixtures/quiet-context.ts';
import { createRealModel } from '../../../test/serve/real-model.ts';
import { isAppError } from '../../foundation/core/errors.ts';
import { createRandom } from '../../foundation/core/random.ts';
import type { DatasetManifest } from '../../foundation/records/dataset-manifest.ts';
import { locateHome } from '../../foundation/records/home.ts';
import { loadTrainConfig } from '../../workflows/configuration/index.ts';
import type { WorkflowContext } from '../../workflows/context/workflow-context.ts';
import { prepareDatasetVersion } from '../../workflows/prepare/prepared-data.ts';
import { evaluateCommand } from './evaluate.ts';
import { modelsPromoteCommand } from './models-promote.ts';

const WORDS = 'ferry harbour council report water price season vote mayor road bridge school market'.split(
  ' ',
);

let folder: string;
let context: WorkflowContext;
let versions: number;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'veracity-promotion-'));
  context = createQuietContext(locateHome(join(folder, 'home')), folder);
  versions = 0;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Prepares 120 articles drawn with `seed`; the same seed gives the same articles. */
async function prepare(
  seed: string,
  overrides: string[] = [],
  labels = ['FAKE', 'REAL'],
): Promise<DatasetManifest> {
  const random = createRandom(seed);
  const words = (count: number): string =>
    Array.from({ length: count }, () => `${WORDS[random.integer(WORDS.length)]}${random.integer(50)}`).join(
      ' ',
    );
  const rows = Array.from({ length: 120 }, (_, i) => `${words(6)},${words(30)},${labels[i % labels.length]}`);
  const path = join(folder, `${seed}.csv`);
  writeFileSync(path, `title,text,label\n${rows.join('\n')}\n`);
  const args = ['data=csv', `data.path='${path}'`, `data.name=${seed}`, ...overrides];
  const { config } = loadTrainConfig(args, { workingDirectory: folder });
  return (await prepareDatasetVersion(config, context)).manifest;
}

/** Registers a version without evaluations that says it was trained on `dataset`. The model predicts at random. */
async function register(dataset: DatasetManifest, measured = true): Promise<string> {
  const model = join(folder, `model-${++versions}`);
  mkdirSync(model);
  const { classNames } = dataset;
  const parents = ['run-20260101-000000-abcd', dataset.id];
  createRealModel(model, {
    layers: 1,
    info: { datasetVersion: dataset.id, datasetName: dataset.name, synthetic: false, classNames, parents },
  });
  const { reference } = await context.stores.registry.register({
    name: 'news',
    folder: model,
    evaluations: [],
  });
  if (measured) await evaluate([`model=${reference}`]);
  return reference;
}

const evaluate = (args: string[]) => evaluateCommand.run({ args, options: {} }, context);
const promote = (reference: string, options: Record<string, boolean> = {}) =>
  modelsPromoteCommand.run({ args: [reference], options }, context);

/** Promotes and does what the hints ask for, until the gate decides or asks for nothing. */
async function walk(reference: string): Promise<{ outcome: string; hint: string; asked: number }> {
  for (let asked = 0; asked <= 3; asked++) {
    try {
      await promote(reference);
      return { outcome: 'promoted', hint: '', asked };
    } catch (error) {
      if (!isAppError(error)) throw error;
      const commands = [...error.hint.matchAll(/veracity evaluate ((?:\w+=[\w@-]+ ?)+)/g)];
      if (error.code === 'PROMOTION_WORSE' || commands.length === 0)
        return { outcome: error.code, hint: error.hint, asked };
      for (const [, args = ''] of commands) await evaluate(args.trim().split(' '));
    }
  }
  return { outcome: 'in a circle', hint: '', asked: 4 };
}

const decided = expect.stringMatching(/^(promoted|PROMOTION_WORSE)$/);

describe('the gate before production', () => {
  it('decides at once on the same dataset, also if only validation was measured', async () => {
    const data = await prepare('news', ['data.split={validation: 0.2, test: 0}']);
    await promote(await register(data));
    expect(await walk(await register(data))).toMatchObject({ outcome: decided, asked: 0 });
  });

  it('decides after one evaluation if the candidate was trained on other articles', async () => {
    await promote(await register(await prepare('older')));
    expect(await walk(await register(await prepare('newer')))).toMatchObject({ outcome: decided, asked: 1 });
  });

  it('decides after one evaluation on data without a test split', async () => {
    await promote(await register(await prepare('older', ['data.split={validation: 0.2, test: 0}']), false));
    expect(await walk(await register(await prepare('newer')))).toMatchObject({ outcome: decided, asked: 1 });
  });

  it('asks for the evaluations of both if neither was measured', async () => {
    await promote(await register(await prepare('older'), false));
    expect(await walk(await register(await prepare('newer'), false))).toMatchObject({
      outcome: decided,
      asked: 1,
    });
  });

  it('measures production on the test split of the candidate where only that dataset is here', async () => {
    const older = await prepare('older');
    await promote(await register(older, false));
    rmSync(join(context.home.datasets, older.id), { recursive: true });
    expect(await walk(await register(await prepare('newer')))).toMatchObject({ outcome: decided, asked: 1 });
  });

  it('says that no dataset is here to measure on', async () => {
    const [older, newer] = [await prepare('older'), await prepare('newer')];
    await promote(await register(older, false));
    const candidate = await register(newer, false);
    for (const { id } of [older, newer]) rmSync(join(context.home.datasets, id), { recursive: true });
    expect(await walk(candidate)).toMatchObject({
      outcome: 'PROMOTION_NOT_COMPARABLE',
      hint: expect.stringMatching(/are not in this home.*--force/),
      asked: 0,
    });
  });

  it('says that nothing helps if each was trained on test articles of the other', async () => {
    const [ours, theirs] = [await prepare('news', ['data.split.seed=7']), await prepare('news')];
    await promote(await register(theirs));
    await register(ours);
    const { registry } = context.stores;
    const [report] = (await registry.resolve('news@2')).evaluations;
    const measured = (accuracy: number, seen: number, testSet: string) => ({
      ...report!,
      testSet,
      n: 1000,
      seenInTraining: seen,
      metrics: { ...report!.metrics, accuracy },
      intervals: { ...report!.intervals, accuracy: [accuracy - 0.01, 1] as [number, number] },
    });
    await registry.addEvaluation('news@1', measured(0.9, 800, `${ours.id}/test`));
    await registry.addEvaluation('news@2', measured(0.5, 0, `${ours.id}/test`));
    expect(await walk('news@2')).toEqual({
      outcome: 'PROMOTION_NOT_COMPARABLE',
      hint: expect.stringMatching(/no evaluation helps: train again .* of news@1 .*--force/),
      asked: 1,
    });
    await promote('news@2', { force: true });
  });

  it('refuses other classes without asking for an evaluation, and takes them in another order', async () => {
    await promote(await register(await prepare('news')));
    const other = await register(await prepare('complaints', [], ['bug', 'question', 'praise']), false);
    expect(await walk(other)).toMatchObject({
      outcome: 'PROMOTION_NOT_COMPARABLE',
      hint: expect.stringContaining('register=NAME'),
      asked: 0,
    });
    const turned = await prepare('turned', ['data.classes=[REAL, FAKE]']);
    expect(await walk(await register(turned))).toMatchObject({ outcome: decided, asked: 1 });
  });

  it('leaves a damaged version in production with --force only, and says so', async () => {
    const data = await prepare('news');
    await promote(await register(data));
    const { location } = await context.stores.registry.resolve('news@1');
    rmSync(join(location, 'version.json'));
    writeFileSync(join(location, 'version.json'), '{');
    const candidate = await register(data);
    expect(await walk(candidate)).toMatchObject({
      outcome: 'PROMOTION_NOT_COMPARABLE',
      hint: expect.stringMatching(/Restore news@1.*--force/),
      asked: 0,
    });
    const { text } = await promote(candidate, { force: true });
    expect(text).toContain('cannot be read (RECORD_INVALID)');
  });
});
