import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { int32Tensor } from '../../engine/graph/tensor.ts';
import { createInferenceSession } from '../../engine/runtime/session/inference-session.ts';
import { createRandom } from '../../foundation/core/random.ts';
import type { Batch } from '../../text/tokenize/article-encoder.ts';
import { createLinearModel } from '../models/linear/model.ts';
import { formatSafetensors, loadSafetensors } from '../models/safetensors.ts';
import type { Learner, LearnerOptions } from './learner.ts';
import { createSparseLearner } from './sparse-learner.ts';

const BUCKETS = 40;
const DIM = 6; // not a multiple of four: the loops' remainder is used
const createLinear = (own: LearnerOptions, dim = DIM, buckets = BUCKETS) =>
  createSparseLearner(
    own,
    'linear',
    createLinearModel({ dim, buckets, classNames: own.classNames, seed: own.seed }),
  );
const options: LearnerOptions = {
  seed: 7,
  classNames: ['FAKE', 'REAL'],
  classWeights: null,
  labelSmoothing: 0,
  clipNorm: null,
  optimizer: { kind: 'sgd', momentum: 0, weightDecay: 0 },
  threads: 1,
};
const create = (changes: Partial<LearnerOptions> = {}): Learner => createLinear({ ...options, ...changes });

/** Articles of 1 to 12 features in [1, BUCKETS); most features of REAL are even, most of FAKE odd. */
function createBatches(count: number, size: number, seed: number): Batch[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, () => {
    const labels = Int32Array.from({ length: size }, () => random.integer(2));
    const lengths = Array.from(labels, () => 1 + random.integer(12));
    const length = Math.max(...lengths);
    const inputIds = new Int32Array(size * length);
    const attentionMask = new Int32Array(size * length);
    for (let row = 0; row < size; row++) {
      for (let t = 0; t < lengths[row]!; t++) {
        const isTypical = t === 0 || random.next() < 0.8;
        inputIds[row * length + t] = 2 * random.integer(BUCKETS / 2 - 1) + (labels[row] === 1 ? 2 : 1);
        if (!isTypical) inputIds[row * length + t] = 1 + random.integer(BUCKETS - 1);
        attentionMask[row * length + t] = 1;
      }
    }
    const tokens = lengths.reduce((sum, own) => sum + own, 0);
    return { size, length, inputIds, attentionMask, labels, rows: new Int32Array(size), tokens };
  });
}

async function bytesOf(learner: Learner): Promise<Buffer> {
  return Buffer.concat(formatSafetensors(await learner.saveState()));
}

async function train(learner: Learner, batches: readonly Batch[], from = 0): Promise<number[]> {
  const losses: number[] = [];
  for (const [i, batch] of batches.entries()) {
    losses.push((await learner.step([batch], { step: from + i, learningRate: 0.4 })).loss);
  }
  return losses;
}

test('begins at the loss of guessing and learns', async () => {
  const learner = create();
  const batches = createBatches(8, 4, 1);
  const losses = [];
  for (let epoch = 0; epoch < 100; epoch++) losses.push(...(await train(learner, batches)));
  expect(losses[0]).toBeCloseTo(Math.log(2), 1);
  expect(losses.at(-1)).toBeLessThan(0.05);
});

test('gives the same bytes for the same seed, and others for another', async () => {
  const batches = createBatches(5, 8, 2);
  const [first, again, other] = [create(), create(), create({ seed: 8 })];
  for (const learner of [first, again, other]) await train(learner, batches);
  expect(await bytesOf(again)).toEqual(await bytesOf(first));
  expect(await bytesOf(other)).not.toEqual(await bytesOf(first));
});

test('continues bit-identically from a saved state', async () => {
  const batches = createBatches(10, 8, 3);
  const whole = create();
  await train(whole, batches.slice(0, 4));
  const state = await whole.saveState();
  await train(whole, batches.slice(4), 4);
  const resumed = create();
  await train(resumed, createBatches(3, 8, 9)); // something to forget
  await resumed.loadState(state);
  await train(resumed, batches.slice(4), 4);
  expect(await bytesOf(resumed)).toEqual(await bytesOf(whole));
});

test('takes several batches of one step in their order', async () => {
  const batches = createBatches(4, 8, 4);
  const [one, two] = [create(), create()];
  await one.step(batches, { step: 0, learningRate: 0.4 });
  await train(two, batches);
  expect(await bytesOf(one)).toEqual(await bytesOf(two));
});

test('keeps only the rows that some article has named', async () => {
  const learner = create();
  await train(learner, createBatches(1, 2, 5));
  const rows = (await learner.saveState()).get('table.rows')!;
  const named = new Set(createBatches(1, 2, 5)[0]!.inputIds);
  named.delete(0);
  expect([...rows.data]).toEqual([...named].sort((a, b) => a - b));
});

describe('one article after another', () => {
  const classNames = ['a', 'b', 'c'];
  const settings = {
    classNames,
    classWeights: [0.5, 1, 2],
    labelSmoothing: 0.1,
    clipNorm: 0.3,
    optimizer: { kind: 'sgd', momentum: 0, weightDecay: 0.05 } as const,
  };

  test('follows the formulas: smoothing, weights, clipping, decay', async () => {
    const learner = create(settings);
    const random = createRandom(11);
    const articles = Array.from({ length: 60 }, () => ({
      // Features may repeat: the row is then moved once for each time it stands there.
      ids: Array.from({ length: 1 + random.integer(9) }, () => 1 + random.integer(BUCKETS - 1)),
      label: random.integer(3),
    }));
    const reference = createReference(await initialRows(settings));
    for (const [step, { ids, label }] of articles.entries()) {
      const learningRate = 0.8 * (1 - step / articles.length);
      const { loss } = await learner.step([batchOf(ids, label)], { step, learningRate });
      expect(loss).toBeCloseTo(reference.step(ids, label, learningRate), 4);
    }
    const [row] = articles[0]!.ids;
    const logits = await learner.computeLogits(batchOf([row!], 0));
    for (const [c, logit] of reference.logits([row!]).entries()) expect(logits[c]).toBeCloseTo(logit, 4);
  });

  /** First values of every row: visible by naming each once with a learning rate of 0. */
  async function initialRows(changes: Partial<LearnerOptions>): Promise<number[][]> {
    const learner = create(changes);
    const all = Array.from({ length: BUCKETS }, (_, id) => id);
    await learner.step([batchOf(all, 0)], { step: 0, learningRate: 0 });
    const values = [...(await learner.saveState()).get('table.values')!.data].map(Number);
    expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(1 / DIM);
    expect(Math.max(...values)).toBeGreaterThan(0.9 / DIM);
    expect(Math.min(...values)).toBeLessThan(-0.9 / DIM);
    return all.map((id) => values.slice(id * DIM, (id + 1) * DIM));
  }

  /** The same in plain float64, written from the formulas. */
  function createReference(table: number[][]) {
    const output = classNames.map(() => new Array<number>(DIM).fill(0));
    const sumOver = (n: number, term: (i: number) => number): number =>
      Array.from({ length: n }, (_, i) => term(i)).reduce((a, b) => a + b, 0);
    const hiddenOf = (ids: number[]): number[] =>
      Array.from({ length: DIM }, (_, d) => sumOver(ids.length, (i) => table[ids[i]!]![d]!) / ids.length);
    const logits = (ids: number[]): number[] => {
      const hidden = hiddenOf(ids);
      return output.map((row) => sumOver(DIM, (d) => row[d]! * hidden[d]!));
    };
    const step = (ids: number[], label: number, rate: number): number => {
      const hidden = hiddenOf(ids);
      const exps = logits(ids).map(Math.exp);
      const shares = exps.map((value) => value / sumOver(3, (c) => exps[c]!));
      const { classWeights } = settings;
      const target = shares.map(
        (_, c) => (0.1 / 3) * classWeights[c]! + (c === label ? 0.9 * classWeights[c]! : 0),
      );
      const errors = shares.map((share, c) => sumOver(3, (other) => target[other]!) * share - target[c]!);
      const back = hidden.map((_, d) => sumOver(3, (c) => errors[c]! * output[c]![d]!));
      const n = ids.length;
      const norm = Math.sqrt(
        sumOver(3, (c) => errors[c]! ** 2) * sumOver(DIM, (d) => hidden[d]! ** 2) +
          n * sumOver(DIM, (d) => (back[d]! / n) ** 2),
      );
      const scale = Math.min(1, settings.clipNorm / norm);
      const keep = 1 - rate * settings.optimizer.weightDecay;
      for (const [c, row] of output.entries()) {
        for (let d = 0; d < DIM; d++) row[d] = keep * row[d]! - rate * scale * errors[c]! * hidden[d]!;
      }
      for (const id of ids) {
        const row = table[id]!;
        for (let d = 0; d < DIM; d++) row[d] = keep * row[d]! - (rate * scale * back[d]!) / n;
      }
      return -sumOver(3, (c) => target[c]! * Math.log(shares[c]!)) / classWeights[label]!;
    };
    return { step, logits };
  }

  function batchOf(ids: number[], label: number): Batch {
    return {
      size: 1,
      length: ids.length,
      inputIds: Int32Array.from(ids),
      attentionMask: new Int32Array(ids.length).fill(1),
      labels: Int32Array.of(label),
      rows: Int32Array.of(0),
      tokens: ids.length,
    };
  }
});

test('says that the loss left the finite numbers', async () => {
  const learner = create();
  const batches = createBatches(4, 8, 6);
  await expect(
    (async () => {
      for (const [step, batch] of batches.entries())
        await learner.step([batch], { step, learningRate: 1e30 });
    })(),
  ).rejects.toMatchObject({ code: 'LOSS_NOT_FINITE' });
});

test('refuses optimizers that it would ignore', () => {
  const optimizer = { kind: 'adamw', beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 } as const;
  expect(() => create({ optimizer })).toThrow(expect.objectContaining({ code: 'OPTIMIZER_UNSUPPORTED' }));
  expect(() => create({ optimizer: { kind: 'sgd', momentum: 0.9, weightDecay: 0 } })).toThrow(
    expect.objectContaining({ code: 'OPTIMIZER_UNSUPPORTED' }),
  );
});

test('refuses a state of another size or with other names, and stays unchanged', async () => {
  const learner = create();
  await train(learner, createBatches(2, 8, 7));
  const before = await bytesOf(learner);
  const wide = createLinear(options, DIM + 1);
  const long = createLinear(options, DIM, BUCKETS * 2);
  await long.step(createBatches(1, 8, 7), { step: 0, learningRate: 0.1 });
  const beyond = new Map(await long.saveState());
  const rows = beyond.get('table.rows')!;
  beyond.set('table.rows', int32Tensor(rows.shape, Int32Array.from(rows.data, Number).fill(BUCKETS, -1)));
  const extra = new Map([
    ...(await learner.saveState()),
    ['extra', int32Tensor([1], Int32Array.of(1))] as const,
  ]);
  for (const state of [await wide.saveState(), beyond, extra, new Map()]) {
    await expect(learner.loadState(state)).rejects.toMatchObject({ code: 'CHECKPOINT_MISMATCH' });
  }
  expect(await bytesOf(learner)).toEqual(before);
});

describe('the exported folder', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'linear-export-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test('gives the trained logits, padding or not, and names its classes', async () => {
    const learner = create();
    await train(learner, createBatches(20, 8, 8));
    const probe = createBatches(4, 8, 10);
    const files = await learner.exportModel(folder, probe);
    expect(files).toMatchObject({ articles: 32 });
    expect(files.maxLogitDifference).toBeLessThan(1e-5);
    expect(JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'))).toMatchObject({
      model_type: 'veracity-linear',
      vocab_size: BUCKETS,
      id2label: { 0: 'FAKE', 1: 'REAL' },
      label2id: { FAKE: 0, REAL: 1 },
    });
    const { tensors, metadata } = loadSafetensors(join(folder, 'model.safetensors'));
    expect(metadata).toEqual({ format: 'pt' });
    expect(tensors.get('scores.weight')!.shape).toEqual([BUCKETS, 2]);

    const session = await createInferenceSession(join(folder, 'onnx', 'model.onnx'), {
      threads: 1,
      inline: true,
    });
    expect([...session.inputNames].sort()).toEqual(['attention_mask', 'input_ids']);
    const inputs = {
      input_ids: { dtype: 'int64' as const, shape: [1, 3], data: BigInt64Array.of(5n, 9n, 0n) },
      attention_mask: { dtype: 'int64' as const, shape: [1, 3], data: BigInt64Array.of(1n, 1n, 0n) },
    };
    const { logits } = await session.run(inputs);
    const scores = tensors.get('scores.weight')!.data;
    for (const c of [0, 1]) {
      expect(Number(logits!.data[c])).toBeCloseTo(
        (Number(scores[5 * 2 + c]) + Number(scores[9 * 2 + c])) / 2,
        5,
      );
    }
    await session.dispose();
  });

  test('gives features that were never trained no say', async () => {
    const learner = create();
    await train(learner, createBatches(1, 2, 5));
    await learner.exportModel(folder, []);
    const scores = loadSafetensors(join(folder, 'model.safetensors')).tensors.get('scores.weight')!.data;
    const named = new Set<number>(createBatches(1, 2, 5)[0]!.inputIds);
    for (let id = 1; id < BUCKETS; id++) {
      const silent = scores[id * 2] === 0 && scores[id * 2 + 1] === 0;
      expect(silent).toBe(!named.has(id));
    }
  });
});
