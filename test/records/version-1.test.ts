// Records that an earlier version wrote are still read: by the record types, over HTTP and by the commands.
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/foundation/core/clock.ts';
import { datasetManifestRecord } from '../../src/foundation/records/dataset-manifest.ts';
import { locateHome } from '../../src/foundation/records/home.ts';
import { modelFolderRecord } from '../../src/foundation/records/model-folder.ts';
import { loadRecord } from '../../src/foundation/records/record.ts';
import { loadClassifier } from '../../src/judging/predict/load-classifier.ts';
import { createFileFeedbackLog } from '../../src/keeping/journal/file-feedback-log.ts';
import { createFilePredictionStore } from '../../src/keeping/journal/file-prediction-store.ts';
import { feedbackExportCommand } from '../../src/program/commands/feedback-export.ts';
import { replayCommand } from '../../src/program/commands/replay.ts';
import { createApp } from '../../src/serving/app/app.ts';
import { createQuietContext } from '../fixtures/quiet-context.ts';
import { createRealLinearModel } from '../serve/real-model.ts';
import { createRuleClassifier } from '../serve/rule-classifier.ts';

const VERSION_1 = fileURLToPath(new URL('../fixtures/version-1/', import.meta.url));
const SEGMENT = '0mx2y82tb-3541f285.jsonl';
const SHORT = '0mx2y82tbtjz4wshx7rrymgv7';
const CUT = '0mx2y82zjhudsrev4vcsgbvwq';
const SENTENCE =
  'The article is shorter than those the model learned from (31 words and word groups, usually at least 181): treat the answer with care.';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'veracity-version-1-'));
  mkdirSync(join(folder, 'predictions'));
  copyFileSync(join(VERSION_1, SEGMENT), join(folder, 'predictions', SEGMENT));
  copyFileSync(join(VERSION_1, 'feedback.jsonl'), join(folder, 'feedback.jsonl'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a dataset manifest of version 1', () => {
  test('is read without warnings', async () => {
    const { warnings: _, ...current } = datasetManifestRecord.example;
    const path = join(folder, 'manifest.json');
    const earlier = { ...current, schemaVersion: 1, config: { max_rejects: 0.01, seed: 42 } };
    writeFileSync(path, JSON.stringify(earlier));
    expect(loadRecord(datasetManifestRecord, path)).toEqual({ ...earlier, schemaVersion: 2, warnings: [] });
  });
});

describe('receipts of version 1', () => {
  test('are read with the measures they have, and keep their sentences', async () => {
    const short = await createFilePredictionStore(join(folder, 'predictions'), systemClock).find(SHORT);
    expect(short).toMatchObject({
      schemaVersion: 2,
      measures: { tokens: 31, articleTokens: 31, truncated: false, letterScore: null, distance: null },
      warnings: [{ code: 'UNCODED', message: SENTENCE }],
    });
    const cut = await createFilePredictionStore(join(folder, 'predictions'), systemClock).find(CUT);
    expect(cut!.measures).toMatchObject({ tokens: 4099, articleTokens: null, truncated: true });
  });

  test('look over HTTP as they did, with additional fields', async () => {
    const [line] = readFileSync(join(VERSION_1, SEGMENT), 'utf8').split('\n');
    const journal = createFilePredictionStore(join(folder, 'predictions'), systemClock).openJournal({
      keepText: false,
      maxBytes: 1e6,
      maxDays: 1e5,
    });
    const app = createApp({ classifier: createRuleClassifier(), journal });
    expect((await app.inject(`/v1/predictions/${SHORT}`)).json()).toEqual({
      ...JSON.parse(line!),
      measures: { tokens: 31, articleTokens: 31, truncated: false, letterScore: null, distance: null },
      warningFacts: [{ code: 'UNCODED', message: SENTENCE }],
    });
    await app.close();
    await journal.close();
  });

  test('are replayed', async () => {
    createRealLinearModel(join(folder, 'model'));
    const context = createQuietContext(locateHome(folder), folder);
    const input = { args: [SHORT], options: { model: 'model', threads: '1' } };
    const { json } = await replayCommand.run(input, context);
    // Another model: it reads as many features, and that is all they have in common.
    expect(json).toMatchObject({
      id: SHORT,
      same: false,
      before: { label: 'REAL', modelVersion: 'linear@1' },
    });
    expect((json as { differences: string[] }).differences.join()).not.toContain('tokens');
  });

  test('keep their feedback, which is exported and can be added to', async () => {
    const context = createQuietContext(locateHome(folder), folder);
    createFileFeedbackLog(join(folder, 'feedback.jsonl'), systemClock).add(
      (await createFilePredictionStore(join(folder, 'predictions'), systemClock).find(SHORT))!,
      { comment: 'still wrong' },
    );
    await feedbackExportCommand.run({ args: [], options: { out: 'rows.jsonl' } }, context);
    const [row] = readFileSync(join(folder, 'rows.jsonl'), 'utf8').trim().split('\n');
    expect(JSON.parse(row!)).toMatchObject({
      id: SHORT,
      title: 'Ferry resumes',
      label: 'FAKE',
      predicted: 'REAL',
      opinions: 2,
      comments: ['still wrong'],
    });
  });
});

describe('model folders of version 1', () => {
  test('are read with the traits of their family, and limits under their new name', () => {
    const json = JSON.parse(readFileSync(join(VERSION_1, 'veracity.json'), 'utf8'));
    const { familiarity, ...rest } = json;
    expect(loadRecord(modelFolderRecord, join(VERSION_1, 'veracity.json'))).toEqual({
      ...rest,
      schemaVersion: 2,
      traits: { unit: 'features', tokenizerFile: 'hashing.json', library: 'veracity' },
      outOfDistribution: familiarity,
    });
    const encoder = { ...json, family: 'bert' };
    expect(modelFolderRecord.schema.parse(modelFolderRecord.migrate!(encoder))).toMatchObject({
      traits: { unit: 'tokens', tokenizerFile: 'tokenizer.json', library: 'transformers' },
    });
  });

  test('still find the file that articles are compared with, under its earlier name', async () => {
    const model = join(folder, 'model');
    createRealLinearModel(model);
    const { usualTokens, maxTokens } = loadRecord(modelFolderRecord, join(model, 'veracity.json'));
    const json = JSON.parse(readFileSync(join(VERSION_1, 'veracity.json'), 'utf8'));
    writeFileSync(join(model, 'veracity.json'), JSON.stringify({ ...json, usualTokens, maxTokens }));
    writeFileSync(join(model, 'familiar-space.bin'), new Uint8Array(1024 / 8)); // no feature was seen
    const classifier = await loadClassifier(model, { threads: 1, inline: true });
    const [{ measures, warnings } = { measures: null, warnings: [] }] = await classifier.predictDetailed([
      { title: 'Ferry', text: 'It sailed again on Tuesday, the harbour office said, and came back.' },
    ]);
    await classifier.dispose();
    expect(measures).toMatchObject({ distance: 1 });
    expect(warnings).toEqual([
      { code: 'OUT_OF_DISTRIBUTION_DISTANCE', kind: 'features', distance: 1, highest: 0.3082 },
    ]);
  });
});
