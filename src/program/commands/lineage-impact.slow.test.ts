import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  addModel,
  addPredictions,
  addRun,
  createLineageHome,
  type InventedRow,
  inventRows,
  type LineageHome,
  prepareRows,
  writeRows,
} from '../../../test/fixtures/lineage-home.ts';
import type { SplitName } from '../../foundation/records/dataset-manifest.ts';
import { evaluationReportRecord } from '../../foundation/records/evaluation.ts';
import { hashContent } from '../../foundation/records/prediction-receipt.ts';
import type { Impact } from '../../workflows/lineage/impact.ts';
import type { PredictionTotals } from '../../workflows/lineage/impact-predictions.ts';
import type { CommandInput } from './command.ts';
import { lineageCommand } from './lineage.ts';
import { runProgram } from './program.ts';

let place: LineageHome;
const rows = inventRows(60);
let dataset: string;
let inSplit: Record<SplitName, InventedRow>;
beforeEach(async () => {
  place = createLineageHome(mkdtempSync(join(tmpdir(), 'veracity-impact-')));
  writeRows(place.folder, 'articles.jsonl', rows);
  dataset = await prepareRows(place, 'articles.jsonl');
  inSplit = {
    train: await firstOf(dataset, 'train'),
    validation: await firstOf(dataset, 'validation'),
    test: await firstOf(dataset, 'test'),
  };
});
afterEach(() => rmSync(place.folder, { recursive: true }));

async function firstOf(id: string, split: SplitName): Promise<InventedRow> {
  const { datasets } = place.context.stores;
  for await (const article of datasets.readSplit(await datasets.load(id), split))
    return rows.find((row) => row.id === article.id)!;
  throw new Error(`${split} is empty`);
}

type ImpactAnswer = Omit<Impact, 'filter'> & {
  readonly predictionTotals: PredictionTotals;
  readonly text: string;
};

async function trace(options: CommandInput['options'], ...args: string[]): Promise<ImpactAnswer> {
  const input = { args, options: { impact: true, ...options } };
  const { text } = await lineageCommand.run(input, place.context);
  const { json, jsonList } = await lineageCommand.run(
    { ...input, options: { ...input.options, json: true } },
    place.context,
  );
  for await (const _ of jsonList!.items);
  const { predictionTotals } = jsonList!.finish() as Pick<ImpactAnswer, 'predictionTotals'>;
  return { ...(json as Omit<Impact, 'filter'>), predictionTotals, text };
}

const effectsOf = ({ records }: ImpactAnswer) =>
  Object.fromEntries(records.map(({ id, effect, through }) => [id, through ?? effect]));

describe('a row', () => {
  test('was learned from in train, chose the checkpoint in validation, and was only measured in test', async () => {
    const runId = await addRun(place, dataset);
    const desk = await addModel(place, 'desk', { runId, datasetVersion: dataset });
    const expected = { train: 'learned', validation: 'chosen', test: 'measured' } as const;
    for (const split of ['train', 'validation', 'test'] as const) {
      const { id, title, text } = inSplit[split];
      const found = [await trace({ row: id }), await trace({ title, text })];
      for (const impact of found) {
        expect(impact.datasets).toMatchObject([{ id: dataset, rows: { [split]: { same: 1, near: 0 } } }]);
        expect(effectsOf(impact)).toEqual({ [runId]: expected[split], [desk]: expected[split] });
      }
    }
  });

  test('is found by its line in a file, the known one and a stranger', async () => {
    const { id, title, text } = inSplit.train;
    const line = rows.findIndex((row) => row.id === id) + 1;
    writeRows(place.folder, 'press.jsonl', [{ other: 1 }, { headline: title, text }]);
    for (const at of [`articles.jsonl:${line}`, 'press.jsonl:2'])
      expect((await trace({}, at)).datasets).toMatchObject([{ found: [{ id, split: 'train' }] }]);
    await expect(trace({}, 'press.jsonl:9')).rejects.toMatchObject({ code: 'LINEAGE_ROW_MISSING' });
  });

  test('has its near duplicates in other versions told apart from copies', async () => {
    const { title, text, ...rest } = inSplit.train;
    const words = text.split(' ');
    const changed = [...words.slice(0, -2), 'at', 'night.'].join(' ');
    writeRows(place.folder, 'more.jsonl', [
      ...inventRows(30, 500),
      { ...rest, id: 'copy', title, text },
      { ...rest, id: 'near', title: `${title} today`, text: changed },
    ]);
    writeRows(place.folder, 'near.jsonl', [
      ...inventRows(30, 700),
      { ...rest, id: 'alone', title, text: changed },
    ]);
    const more = await prepareRows(place, 'more.jsonl');
    const near = await prepareRows(place, 'near.jsonl');
    const runs = { more: await addRun(place, more), near: await addRun(place, near) };
    const impact = await trace({ row: rest.id });
    const countOf = (id: string) => {
      const all = Object.values(impact.datasets.find((one) => one.id === id)?.rows ?? {});
      const sum = (likeness: 'same' | 'near') => all.reduce((total, one) => total + one[likeness], 0);
      return [sum('same'), sum('near')];
    };
    expect(countOf(dataset)).toEqual([1, 0]);
    expect(countOf(more)).toEqual([1, 1]);
    expect(countOf(near)).toEqual([0, 1]);
    const nearOnly = Object.fromEntries(impact.records.map((record) => [record.id, record.nearOnly]));
    expect(nearOnly).toEqual({ [runs.more]: false, [runs.near]: true });
    expect(impact.text).toContain('1 row and 1 near duplicate');
    expect(impact.text).toContain('near duplicates only');
  });

  test('of an id that two files share is that of the given file', async () => {
    const { id } = inSplit.train;
    writeRows(place.folder, 'other.jsonl', [...inventRows(30, 900), { ...inventRows(1, 990)[0]!, id }]);
    const other = await prepareRows(place, 'other.jsonl');
    expect((await trace({ row: id })).datasets.map((one) => one.id).sort()).toEqual([dataset, other].sort());
    expect((await trace({ row: id }, 'other.jsonl')).datasets.map((one) => one.id)).toEqual([other]);
  });

  test('that no version holds is said to be in none', async () => {
    const { datasets, text } = await trace({ title: 'Never seen', text: 'Not a word of this was anywhere.' });
    expect(datasets).toEqual([]);
    expect(text).toBe('the given article: no dataset version of this home holds it');
  });

  test('is found without the index of rows, which is then made again', async () => {
    rmSync(join(place.home.cache, 'rows'), { recursive: true });
    const { id } = inSplit.test;
    const made = await trace({ row: id });
    expect(made.datasets).toMatchObject([{ rows: { test: { same: 1 } } }]);
    writeFileSync(join(place.home.cache, 'rows', `${dataset}.index`), '{"version":0}\n');
    expect((await trace({ row: id })).datasets).toEqual(made.datasets);
  });
});

test('a source that is not recorded, or spelt otherwise, is no all-clear', async () => {
  const columns = { title: 'title', text: 'text', label: 'label', source: null, date: null, id: 'id' };
  const blind = await prepareRows(place, 'articles.jsonl', { columns });
  const partly = inventRows(40, 300).map((row, i) => ({ ...row, source: i < 30 ? ' DAILY  rumour' : '' }));
  writeRows(place.folder, 'partly.jsonl', partly);
  const half = await prepareRows(place, 'partly.jsonl');
  const stranger = await trace({ source: 'daily rumour' });
  expect(stranger.datasets).toEqual([]);
  expect(stranger.sourceGaps?.withoutSource).toHaveLength(2);
  expect(stranger.sourceGaps?.withoutSource).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ id: blind, rows: 60, ofRows: 60 }),
      expect.objectContaining({ id: half, rows: 10, ofRows: 40 }),
    ]),
  );
  expect(stranger.sourceGaps?.otherSpellings).toEqual(expect.arrayContaining(['Daily Rumour']));
  expect(stranger.sourceGaps?.otherSpellings).toHaveLength(2);
  expect(stranger.text).toContain('no source');
  expect(stranger.text).toContain(`${blind}  articles.jsonl  all 60 rows`);
  expect(stranger.text).toContain('--source "Daily Rumour"');
  expect((await trace({ source: 'Daily Rumour' })).text).toContain(blind);
  expect((await trace({ row: rows[0]!.id })).sourceGaps).toBeUndefined();
});

test('a poisoned source reaches all models that learned from any of its rows, and their students', async () => {
  const runId = await addRun(place, dataset);
  const teacher = await addModel(place, 'teacher', { runId, datasetVersion: dataset });
  writeRows(
    place.folder,
    'clean.jsonl',
    inventRows(30, 300).map((row) => ({ ...row, source: 'Gazette' })),
  );
  const clean = await prepareRows(place, 'clean.jsonl');
  const untouched = await addRun(place, clean);
  const student = await addRun(place, clean, { parents: [teacher] });
  const small = await addModel(place, 'small', { runId: student, datasetVersion: clean });
  await place.context.stores.registry.promote(small, { stage: 'staging', force: true });
  const impact = await trace({ source: 'Daily Rumour' });
  const { rows: bySplit } = impact.datasets[0]!;
  const total = Object.values(bySplit!).reduce((sum, { same }) => sum + same, 0);
  expect(total).toBe(rows.filter(({ source }) => source === 'Daily Rumour').length);
  expect(effectsOf(impact)).toEqual({
    ...{ [runId]: 'learned', [teacher]: 'learned' },
    ...{ [student]: teacher, [small]: teacher },
  });
  expect(impact.text).toContain(`${small}  `);
  expect(impact.text).toContain(`in staging; through ${teacher}`);
  expect(impact.text).not.toContain(untouched);
});

describe('a file', () => {
  test('names versions, runs, models, evaluations and the predictions that followed', async () => {
    const runId = await addRun(place, dataset);
    const desk = await addModel(place, 'desk', { runId, datasetVersion: dataset });
    const names = { modelVersion: desk, runId, datasetVersion: dataset };
    await addPredictions(place, names, [{}, {}]);
    const other = { modelVersion: 'other@1', runId: 'run-other', datasetVersion: 'ds-other' };
    await addPredictions(place, other, [{}]);
    const [file] = (await place.context.stores.datasets.load(dataset)).files;
    writeRows(place.folder, 'elsewhere.jsonl', inventRows(5, 40));
    await place.context.stores.registry.addEvaluation(desk, {
      ...evaluationReportRecord.example,
      ...{ parents: [desk, `md5:${file!.md5}`], testSet: 'collection-0123', outOfSource: true },
    });
    const found = await Promise.all(['articles.jsonl', file!.md5, file!.sha256!].map((id) => trace({}, id)));
    for (const impact of found) {
      expect(impact.datasets).toMatchObject([{ id: dataset, rows: null }]);
      expect(effectsOf(impact)).toEqual({ [runId]: 'learned', [desk]: 'learned' });
      expect(impact.evaluations.map(({ id }) => id)).toEqual([`${desk}/collection-0123`]);
      expect(impact.predictionTotals).toMatchObject({ count: 2, byModel: [{ model: desk, count: 2 }] });
    }
    await place.context.stores.registry.delete(desk, { force: true });
    await place.context.stores.runs.delete(runId);
    expect((await trace({}, 'articles.jsonl')).predictionTotals.count).toBe(2);
  });
});

test('predictions of the very article are told apart from those of models that learned from it', async () => {
  const { id, title, text } = inSplit.train;
  const runId = await addRun(place, dataset);
  const contentSha256 = hashContent({ title, text });
  const other = { modelVersion: 'other@1', runId: 'run-other', datasetVersion: 'ds-other' };
  await addPredictions(place, other, [{ contentSha256 }, {}]);
  await addPredictions(place, { modelVersion: runId, runId, datasetVersion: dataset }, [{}]);
  const impact = await trace({ title, text });
  expect(impact.datasets).toMatchObject([{ found: [{ id }] }]);
  expect(impact.predictionTotals).toMatchObject({ count: 1, ofArticle: { count: 1 } });
});

test('--json is one document whose predictions are written as they are read', async () => {
  const runId = await addRun(place, dataset);
  await addPredictions(place, { modelVersion: runId, runId, datasetVersion: dataset }, [{}, {}, {}]);
  const out: string[] = [];
  const code = await runProgram(['lineage', '--impact', 'articles.jsonl', '--json'], {
    stdout: (text) => out.push(text),
    stderr: () => {},
    environment: { VERACITY_HOME: place.home.root },
    workingDirectory: place.folder,
    signal: new AbortController().signal,
    version: '0.0.0',
  });
  expect(code).toBe(0);
  expect(out.length).toBeGreaterThan(4);
  const document = JSON.parse(out.join(''));
  expect(document.predictions).toHaveLength(3);
  expect(document.predictions[0]).toMatchObject({ modelVersion: runId, isAffected: true });
  expect(document.predictionTotals.count).toBe(3);
});

test('says which options belong together', async () => {
  const refusal = (options: CommandInput['options'], ...args: string[]) =>
    lineageCommand.run({ args, options }, place.context).catch((error: Error) => error.message);
  expect(await refusal({ row: 'x' })).toContain('expected --impact beside');
  expect(await refusal({ impact: true, row: 'x', source: 'y' })).toContain('got several');
  expect(await refusal({ impact: true, source: 'y' }, 'desk@1')).toContain('got both');
  expect(await refusal({ impact: true })).toContain('got none');
  expect(await refusal({}, 'a', 'b')).toContain('got 2');
});
