import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createQuietContext } from '../../../test/fixtures/quiet-context.ts';
import { createRealModel } from '../../../test/serve/real-model.ts';
import { systemClock } from '../../foundation/core/clock.ts';
import { locateHome } from '../../foundation/records/home.ts';
import { hashContent } from '../../foundation/records/prediction-receipt.ts';
import { loadClassifier } from '../../judging/predict/load-classifier.ts';
import { createFilePredictionStore } from '../../keeping/journal/file-prediction-store.ts';
import type { WorkflowContext } from '../../workflows/context/workflow-context.ts';
import { replayCommand } from './replay.ts';

const ARTICLE = { title: 'Ferry', text: 'The council said it was “in harbour”. ' };
const MEASURES = { tokens: 0, articleTokens: 0, truncated: false, letterScore: null, distance: null };
let folder = '';
let context: WorkflowContext;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'veracity-replay-'));
  createRealModel(join(folder, 'model'));
  context = createQuietContext(locateHome(join(folder, 'home')), folder);
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Predicts the article and keeps the receipt, changed by `change`. */
async function keepReceipt(keepText: boolean, change = {}): Promise<string> {
  const classifier = await loadClassifier(join(folder, 'model'), { threads: 1, inline: true });
  const [{ prediction, measures, warnings }] = (await classifier.predictDetailed([ARTICLE])) as [
    Awaited<ReturnType<typeof classifier.predictDetailed>>[number],
  ];
  await classifier.dispose();
  const { modelVersion, ...rest } = prediction;
  const { runId, datasetVersion } = classifier.info;
  const journal = createFilePredictionStore(context.home.predictions, systemClock).openJournal({
    keepText,
    maxBytes: 1e6,
    maxDays: 1,
  });
  const id = journal.add({
    parents: [modelVersion, runId, datasetVersion],
    requestId: 'r',
    route: '/v1/predict',
    modelVersion,
    runId,
    datasetVersion,
    configurationDigest: null,
    contentSha256: hashContent(ARTICLE),
    measures,
    ...rest,
    warnings: [...warnings],
    article: ARTICLE,
    ...change,
  });
  await journal.close();
  return id!;
}
const run = (id: string, options: Record<string, string> = {}) =>
  replayCommand.run({ args: [id], options: { model: 'model', threads: '1', ...options } }, context);

describe('veracity replay', () => {
  test('repeats the prediction from the kept article', async () => {
    const result = await run(await keepReceipt(true));
    expect(result.json).toMatchObject({ same: true, differences: [] });
    expect(result.exitCode).toBeUndefined();
    expect(result.text).toContain('the same');
  });

  test('lists the differences and exits with 1', async () => {
    const id = await keepReceipt(true, {
      label: 'SATIRE',
      probabilities: { FAKE: 0.9, REAL: 0.1 },
      measures: { ...MEASURES, tokens: 3 },
    });
    const result = await run(id);
    expect(result.exitCode).toBe(1);
    const { differences } = result.json as { differences: string[] };
    expect(differences.map((line) => line.split(':')[0])).toEqual([
      'label',
      'tokens read',
      'probability of FAKE',
      'probability of REAL',
    ]);
  });

  test('takes an article that was not kept from a file, and refuses another article', async () => {
    const id = await keepReceipt(false);
    await expect(run(id)).rejects.toMatchObject({ code: 'REPLAY_TEXT_MISSING' });
    writeFileSync(join(folder, 'article.json'), JSON.stringify(ARTICLE));
    expect((await run(id, { textFile: 'article.json' })).json).toMatchObject({ same: true });
    writeFileSync(join(folder, 'article.txt'), ARTICLE.text);
    const titled = { textFile: 'article.txt', title: ARTICLE.title };
    expect((await run(id, titled)).json).toMatchObject({ same: true });
    writeFileSync(join(folder, 'article.txt'), ARTICLE.text.trimEnd());
    await expect(run(id, titled)).rejects.toMatchObject({ code: 'REPLAY_TEXT_DIFFERS' });
  });

  test('refuses an unknown id', async () => {
    await expect(run('0mjv6k2g0abcdefghijklmnop')).rejects.toMatchObject({ code: 'PREDICTION_NOT_FOUND' });
  });
});
