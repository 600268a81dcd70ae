import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCountLearner, createCountSplit } from '../../../test/train/count-learner.ts';
import { systemClock } from '../../foundation/core/clock.ts';
import { modelFolderRecord } from '../../foundation/records/model-folder.ts';
import { loadRecord } from '../../foundation/records/record.ts';
import { createHashedNgramEncoder, loadHashedNgramEncoder } from '../../text/tokenize/hashed-ngrams.ts';
import { trainModel } from './loop.ts';
import { type ExportOptions, exportTrainedModel } from './model-export.ts';
import { openCheckpoints } from './training-checkpoints.ts';

const VOCABULARY = 40;

describe('model export', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'veracity-export-'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  async function trainAndDescribe(): Promise<ExportOptions> {
    const learner = createCountLearner({ vocabulary: VOCABULARY, classes: 2, seed: 7 });
    const train = createCountSplit(120, VOCABULARY, 1);
    const validation = createCountSplit(60, VOCABULARY, 2);
    const checkpoints = openCheckpoints(join(root, 'checkpoints'));
    const encoder = createHashedNgramEncoder({
      buckets: VOCABULARY,
      wordNgrams: 1,
      maxWords: 20,
      truncation: 'head',
    });
    const plan = {
      seed: 7,
      epochs: 3,
      maxSteps: null,
      batchSize: 10,
      maxTokens: 1000,
      accumulate: 1,
      limitTrainBatches: null,
    };
    let bestStep = 0;
    for await (const event of trainModel({
      learner,
      train,
      validation,
      padId: 0,
      classes: 2,
      plan,
      learningRate: 2,
      schedule: { kind: 'constant', warmup: 0, final: 0 },
      evalEvery: 2,
      checkpointEvery: null,
      keepBest: 1,
      patience: null,
      checkpoints,
      resumeFrom: null,
      runId: 'run-20260101-000000-abcd',
      configDigest: '0'.repeat(64),
      signal: new AbortController().signal,
      clock: systemClock,
    })) {
      if (event.type === 'done') bestStep = event.bestStep;
    }
    const { family: _, ...description } = modelFolderRecord.example;
    const { batchSize, maxTokens } = plan;
    const folder = join(root, 'model');
    const rest = { learner, encoder, train, validation, checkpoints, bestStep, batchSize, maxTokens };
    return { folder, description, ...rest, abstainPrecision: 0.9 };
  }

  it('exports the best step, not the last, with calibration, tokenizer and a checked record', async () => {
    const options = await trainAndDescribe();
    const { info, validation } = await exportTrainedModel(options);
    const { state } = await options.checkpoints.load(options.bestStep);
    const weights = state.get('weights')?.data;
    expect(readFileSync(join(options.folder, 'weights.bin'))).toEqual(
      Buffer.from((weights as Float32Array).buffer),
    );
    expect(loadRecord(modelFolderRecord, join(options.folder, 'veracity.json'))).toEqual(info);
    expect(loadHashedNgramEncoder(options.folder).digest).toBe(options.encoder.digest);
    expect(info).toMatchObject({ family: 'linear', parameterCount: 80, exportCheck: { articles: 32 } });
    expect(info.calibration.temperature).not.toBe(1);
    expect(info.usualTokens).toEqual({ low: 2, high: 20 });
    expect(validation.accuracy).toBeGreaterThan(0.6);
  });

  it('replaces what a killed process left half done', async () => {
    const options = await trainAndDescribe();
    mkdirSync(options.folder);
    writeFileSync(join(options.folder, 'leftover.bin'), 'x');
    await exportTrainedModel(options);
    expect(() => readFileSync(join(options.folder, 'leftover.bin'))).toThrow();
  });

  it('refuses a best checkpoint that was changed after it was written', async () => {
    const options = await trainAndDescribe();
    const name = `step-${String(options.bestStep).padStart(6, '0')}`;
    writeFileSync(join(root, 'checkpoints', name, 'state.safetensors'), 'changed');
    await expect(exportTrainedModel(options)).rejects.toMatchObject({ code: 'CHECKPOINT_CORRUPT' });
  });
});
