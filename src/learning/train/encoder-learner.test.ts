import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { hashSha256 } from '../../foundation/core/hash.ts';
import { createRandom } from '../../foundation/core/random.ts';
import type { Batch } from '../../text/tokenize/article-encoder.ts';
import { createScratchModel } from '../models/encoder-model.ts';
import type { ModernBertConfig } from '../models/modernbert/config.ts';
import { defineModernBert } from '../models/modernbert/definition.ts';
import { createCompactConfig } from '../models/modernbert/family.ts';
import { createModernBertWeights } from '../models/modernbert/weights.ts';
import { loadSafetensors } from '../models/safetensors.ts';
import { buildTrainingBatches, createEncoderLearner } from './encoder-learner.ts';
import { compareExport } from './export-check.ts';
import type { Learner, LearnerOptions, LearnerState } from './learner.ts';

const options: LearnerOptions = {
  seed: 5,
  classNames: ['FAKE', 'REAL'],
  classWeights: null,
  labelSmoothing: 0,
  clipNorm: 1,
  optimizer: { kind: 'adamw', beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01 },
  threads: 1,
};
const config = createCompactConfig({
  vocabularySize: 40,
  width: 16,
  layers: 2,
  heads: 2,
  feedForward: 24,
  maxTokens: 16,
  padId: 0,
  dropout: { token: 0.1, embedding: 0.1, attention: 0.1, hidden: 0.1, classifier: 0.1 },
});
const open: Learner[] = [];

function createModel(own: ModernBertConfig, seed: number) {
  const { classNames } = options;
  return createScratchModel(defineModernBert(own), classNames, () =>
    createModernBertWeights(own, classNames, seed),
  );
}

async function create(
  overrides: Partial<LearnerOptions> = {},
  changed: Partial<ModernBertConfig> = {},
): Promise<Learner> {
  const learner = await createEncoderLearner(
    { ...options, ...overrides },
    createModel({ ...config, ...changed }, overrides.seed ?? options.seed),
  );
  open.push(learner);
  return learner;
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((learner) => learner.dispose()));
});

describe('createEncoderLearner', () => {
  it('starts at a loss of about ln C', async () => {
    const { loss } = await (await create()).step([makeBatch(8, 10, 1)], { step: 0, learningRate: 1e-3 });
    expect(Math.abs(loss - Math.log(2))).toBeLessThan(0.1);
  });

  it('overfits one batch to a loss below 0.01', async () => {
    const learner = await create(
      {},
      { dropout: { token: 0, embedding: 0, attention: 0, hidden: 0, classifier: 0 } },
    );
    const batch = makeBatch(8, 10, 1);
    let loss = Number.POSITIVE_INFINITY;
    for (let step = 0; step < 80 && loss > 0.01; step++)
      ({ loss } = await learner.step([batch], { step, learningRate: 5e-3 }));
    expect(loss).toBeLessThan(0.01);
  });

  it('gives the same bytes from the same seed, and others from another', async () => {
    const digests: string[] = [];
    for (const seed of [5, 5, 6]) {
      const learner = await create({ seed });
      for (let step = 0; step < 3; step++)
        await learner.step([makeBatch(6, 9, step)], { step, learningRate: 1e-3 });
      digests.push(digest(await learner.saveState()));
    }
    expect(digests[1]).toBe(digests[0]);
    expect(digests[2]).not.toBe(digests[0]);
  });

  it('continues from a saved state as if it had never stopped', async () => {
    const straight = await create();
    const stopped = await create();
    for (let step = 0; step < 2; step++) {
      await straight.step([makeBatch(6, 9, step)], { step, learningRate: 1e-3 });
      await stopped.step([makeBatch(6, 9, step)], { step, learningRate: 1e-3 });
    }
    const resumed = await create({ seed: options.seed });
    await resumed.loadState(await stopped.saveState());
    for (const learner of [straight, resumed]) {
      for (let step = 2; step < 4; step++)
        await learner.step([makeBatch(6, 9, step)], { step, learningRate: 1e-3 });
    }
    expect(digest(await resumed.saveState())).toBe(digest(await straight.saveState()));
  });

  it('takes the same step from two half batches as from one whole, without dropout', async () => {
    const none = { dropout: { token: 0, embedding: 0, attention: 0, hidden: 0, classifier: 0 } };
    const [whole, halves] = [await create({}, none), await create({}, none)];
    const batch = makeBatch(8, 9, 3);
    const a = await whole.step([batch], { step: 0, learningRate: 1e-3 });
    const b = await halves.step([rowsOf(batch, 0, 4), rowsOf(batch, 4, 8)], { step: 0, learningRate: 1e-3 });
    expect(b.loss).toBeCloseTo(a.loss, 5);
    expect(b.gradientNorm).toBeCloseTo(a.gradientNorm!, 4);
  });

  it('pads without changing an article’s logits', async () => {
    const learner = await create();
    const short = makeBatch(1, 6, 4);
    const padded: Batch = {
      ...short,
      length: 9,
      inputIds: Int32Array.of(...short.inputIds, 0, 0, 0),
      attentionMask: Int32Array.of(...short.attentionMask, 0, 0, 0),
    };
    const [plain, wide] = [await learner.computeLogits(short), await learner.computeLogits(padded)];
    for (const [i, logit] of plain.entries()) expect(wide[i]).toBeCloseTo(logit, 5);
  });

  it('throws LOSS_NOT_FINITE and leaves the weights as they were', async () => {
    const learner = await create({ clipNorm: null });
    const state = new Map(await learner.saveState());
    const broken = { ...state.get('classifier.bias')!, data: Float32Array.of(Number.NaN, 0) };
    await learner.loadState(new Map(state).set('classifier.bias', broken));
    const before = digest(await learner.saveState());
    await expect(learner.step([makeBatch(4, 6, 1)], { step: 0, learningRate: 1e-3 })).rejects.toMatchObject({
      code: 'LOSS_NOT_FINITE',
    });
    expect(digest(await learner.saveState())).toBe(before);
  });

  it('refuses a state of another model', async () => {
    const [learner, other] = [await create(), await create({}, { width: 32 })];
    await expect(learner.loadState(await other.saveState())).rejects.toMatchObject({
      code: 'CHECKPOINT_MISMATCH',
    });
  });

  it('exports Hugging Face’s files with the logits it was trained to', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'veracity-export-'));
    const learner = await create();
    await learner.step([makeBatch(8, 10, 1)], { step: 0, learningRate: 1e-2 });
    const { articles, maxLogitDifference } = await learner.exportModel(folder, [
      makeBatch(8, 10, 1),
      makeBatch(3, 7, 2),
    ]);
    expect(articles).toBe(11);
    expect(maxLogitDifference).toBeLessThan(1e-4);
    const path = join(folder, 'onnx', 'model.onnx');
    const shifted = async (batch: Batch): Promise<Float32Array> =>
      (await learner.computeLogits(batch)).map((x) => x + 1e-3);
    await expect(compareExport(path, [makeBatch(2, 6, 1)], shifted)).rejects.toMatchObject({
      code: 'EXPORT_MISMATCH',
    });
    expect([...loadSafetensors(join(folder, 'model.safetensors')).tensors.keys()]).toContain(
      'model.layers.1.attn.Wqkv.weight',
    );
    rmSync(folder, { recursive: true });
  });
});

describe('buildTrainingBatches', () => {
  it('weighs articles by class, so that the loss is PyTorch’s weighted mean', () => {
    const batch = { ...makeBatch(3, 4, 1), labels: Int32Array.of(0, 1, 1) };
    const articleWeights = buildTrainingBatches([batch], { ...options, classWeights: [2, 1] })[0]!
      .articleWeights;
    expect([...articleWeights]).toEqual([0.5, 0.25, 0.25]);
  });

  it('spreads the smoothed share evenly over the classes', () => {
    const batch = { ...makeBatch(1, 4, 1), labels: Int32Array.of(1) };
    const targets = buildTrainingBatches([batch], { ...options, labelSmoothing: 0.2 })[0]!.targets;
    expect(targets[0]).toBeCloseTo(0.1, 6);
    expect(targets[1]).toBeCloseTo(0.9, 6);
  });
});

function makeBatch(size: number, length: number, seed: number): Batch {
  const random = createRandom('batch', seed);
  const inputIds = new Int32Array(size * length);
  const attentionMask = new Int32Array(size * length);
  const labels = Int32Array.from({ length: size }, (_, i) => i % 2);
  for (let row = 0; row < size; row++) {
    const tokens = length - (row % 3);
    for (let t = 0; t < tokens; t++) {
      inputIds[row * length + t] = 5 + random.integer(30) + (t === 2 ? labels[row]! : 0);
      attentionMask[row * length + t] = 1;
    }
  }
  return {
    size,
    length,
    inputIds,
    attentionMask,
    labels,
    rows: Int32Array.from({ length: size }, (_, i) => i),
    tokens: size * length,
  };
}

function rowsOf(batch: Batch, from: number, to: number): Batch {
  const cut = (data: Int32Array): Int32Array => data.slice(from * batch.length, to * batch.length);
  return {
    ...batch,
    size: to - from,
    inputIds: cut(batch.inputIds),
    attentionMask: cut(batch.attentionMask),
    labels: batch.labels.slice(from, to),
  };
}

function digest(state: LearnerState): string {
  const parts = [...state].map(
    ([name, { data }]) =>
      `${name}:${hashSha256(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))}`,
  );
  return hashSha256(parts.join('\n'));
}
