import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeSplit, type SmallFamily, saveSmallPretrained } from '../../../test/fixtures/small-pretrained.ts';
import { silentProgress } from '../../foundation/core/progress.ts';
import { collateBatch } from '../../text/tokenize/batches.ts';
import { openCheckpoint } from '../models/checkpoint/open-checkpoint.ts';
import { loadSafetensors } from '../models/safetensors.ts';
import { createLearner, type FeatureSource } from './create-learner.ts';
import type { Learner, LearnerOptions, LearnerState } from './learner.ts';
import { type FineTuning, parseTrainingScope } from './training-scope.ts';

const options: LearnerOptions = {
  seed: 5,
  classNames: ['FAKE', 'REAL'],
  classWeights: null,
  labelSmoothing: 0,
  clipNorm: 1,
  optimizer: { kind: 'adamw', beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01 },
  threads: 1,
};
const tokenizer = {
  kind: 'wordpiece',
  vocabularySize: 40,
  padId: 0,
  maxTokens: 20,
  truncation: 'head',
  digest: 'a tokenizer',
  encode: () => ({ ids: new Int32Array(), truncated: false }),
  countTokens: () => 1,
  save: () => {},
} as const;
const train = makeSplit(40, 1);
const open: Learner[] = [];
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'veracity-fine-tuning-'));
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((learner) => learner.dispose()));
  rmSync(root, { recursive: true });
});

const FAMILIES: readonly SmallFamily[] = ['distilbert', 'bert', 'roberta', 'modernbert'];

interface Wanted extends Partial<Omit<FineTuning, 'scope'>> {
  readonly scope: string;
  readonly family?: SmallFamily;
  readonly head?: 'standard' | 'linear';
  readonly features?: Partial<FeatureSource> | null;
  readonly folder?: string;
}

async function create(wanted: Wanted, changed: Partial<LearnerOptions> = {}): Promise<Learner> {
  const { family = 'distilbert', head = 'standard', features = null } = wanted;
  const folder = wanted.folder ?? join(root, family);
  if (wanted.folder === undefined) saveSmallPretrained(folder, family);
  const ways: FineTuning = {
    scope: parseTrainingScope(wanted.scope),
    lora: wanted.lora ?? { rank: 4, alpha: 8, dropout: 0, targets: ['query', 'value'] },
    layerDecay: wanted.layerDecay ?? 1,
    gradientCheckpointing: wanted.gradientCheckpointing ?? false,
  };
  const learner = await createLearner(
    { start: 'checkpoint', checkpoint: await openCheckpoint(folder), dropout: null, head, base: 'small' },
    { ...options, ...changed },
    tokenizer,
    ways,
    features === null ? null : { ...source(), ...features },
  );
  open.push(learner);
  return learner;
}

function source(): FeatureSource {
  return {
    cacheFolder: join(root, 'cache'),
    splits: [train],
    progress: silentProgress,
    say: () => {},
    signal: new AbortController().signal,
  };
}

const batch = (from: number, size = 8) =>
  collateBatch(
    train,
    Array.from({ length: size }, (_, i) => from + i),
    0,
  );

async function run(learner: Learner, steps: number, learningRate = 1e-2): Promise<number> {
  let loss = Number.NaN;
  for (let step = 0; step < steps; step++)
    ({ loss } = await learner.step([batch((step % 5) * 8)], { step, learningRate }));
  return loss;
}

/** Largest difference between two learners' logits. */
function gap(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length);
  return a.reduce((most, logit, i) => Math.max(most, Math.abs(logit - b[i]!)), 0);
}

const namesOf = (state: LearnerState): string[] =>
  [...state.keys()].filter((name) => !name.startsWith('optimizer.')).sort();

describe('train.scope', () => {
  it('trains the head alone, and nothing of the encoder', async () => {
    const names = namesOf(await (await create({ scope: 'head' })).saveState());
    expect(names).toEqual([
      'classifier.bias',
      'classifier.weight',
      'pre_classifier.bias',
      'pre_classifier.weight',
    ]);
  });

  it.each([
    ['roberta', ['classifier.dense', 'classifier.out_proj']],
    ['modernbert', ['classifier', 'head.dense', 'head.norm']],
  ] as const)('trains the head of a %s alone', async (family, modules) => {
    const names = namesOf(await (await create({ scope: 'head', family })).saveState());
    expect([...new Set(names.map((name) => name.replace(/\.(weight|bias)$/, '')))]).toEqual(modules);
  });

  it.each(FAMILIES)('trains the last layer of a %s, exports it, and finds it again', async (family) => {
    const learner = await create({ scope: 'top:1', family });
    const names = namesOf(await learner.saveState());
    expect(names.some((name) => /layers?\.1\./.test(name))).toBe(true);
    expect(names.some((name) => /layers?\.0\.|embeddings/.test(name))).toBe(false);
    await run(learner, 5);
    const before = await learner.computeLogits(batch(0));
    const { maxLogitDifference } = await learner.exportModel(join(root, 'model'), [batch(0), batch(8, 3)]);
    expect(maxLogitDifference).toBeLessThan(1e-4);
    const again = await create({ scope: 'all', family, folder: join(root, 'model') });
    expect(gap(await again.computeLogits(batch(0)), before)).toBeLessThan(1e-5);
  });

  it('trains the last K layers and the head', async () => {
    const names = namesOf(await (await create({ scope: 'top:1', family: 'bert' })).saveState());
    expect(names.every((name) => /layer\.1\.|pooler|classifier/.test(name))).toBe(true);
    expect(names).toContain('bert.encoder.layer.1.attention.self.query.weight');
    expect(names).toContain('bert.pooler.dense.weight');
  });

  it('lowers the rate of deeper layers by layer_decay', async () => {
    const move = async (layerDecay: number): Promise<(name: string) => number> => {
      const learner = await create({ scope: 'all', layerDecay });
      const before = await learner.saveState();
      await run(learner, 1);
      const after = await learner.saveState();
      return (name) => gap(after.get(name)!.data as Float32Array, before.get(name)!.data as Float32Array);
    };
    const [halved, same] = [await move(0.5), await move(1)];
    for (const [name, depth] of [
      ['classifier.weight', 0],
      ['distilbert.transformer.layer.1.ffn.lin1.weight', 1],
      ['distilbert.transformer.layer.0.ffn.lin1.weight', 2],
      ['distilbert.embeddings.position_embeddings.weight', 3],
    ] as const) {
      expect(halved(name) / same(name)).toBeCloseTo(0.5 ** depth, 2);
    }
  });
});

describe('gradient checkpointing', () => {
  it.each([
    ['all', 'distilbert'],
    ['top:1', 'distilbert'],
    ['lora', 'distilbert'],
    ['all', 'roberta'],
    ['all', 'modernbert'],
    ['lora', 'modernbert'],
  ] as const)('learns with scope=%s in a %s what training without it learns', async (scope, family) => {
    const lora = { rank: 4, alpha: 8, dropout: 0.1, targets: ['query', 'value'] } as const;
    const plain = await create({ scope, family, lora });
    const frugal = await create({ scope, family, lora, gradientCheckpointing: true });
    const losses = [await run(plain, 5), await run(frugal, 5)];
    expect(losses[1]).toBeCloseTo(losses[0]!, 5);
    expect(gap(await plain.computeLogits(batch(0)), await frugal.computeLogits(batch(0)))).toBeLessThan(1e-4);
  });
});

describe('lora', () => {
  it.each(FAMILIES)('starts as the %s it adapts', async (family) => {
    const adapted = await create({ scope: 'lora', family });
    const plain = await create({ scope: 'all', family });
    expect(gap(await adapted.computeLogits(batch(0)), await plain.computeLogits(batch(0)))).toBe(0);
  });

  it.each(FAMILIES)(
    'learns in adapters and head alone, and merges into a plain %s with the same logits',
    async (family) => {
      const targets = ['query', 'key', 'value', 'attended', 'widened', 'narrowed'] as const;
      const learner = await create({
        scope: 'lora',
        family,
        lora: { rank: 4, alpha: 8, dropout: 0.1, targets },
      });
      const names = namesOf(await learner.saveState());
      expect(names.filter((name) => name.includes('.lora_'))).toHaveLength(
        2 * 2 * (family === 'modernbert' ? 4 : 6),
      );
      expect(names.filter((name) => !/\.lora_[AB]\.weight$|pooler|classifier|^head\./.test(name))).toEqual(
        [],
      );
      await run(learner, 10);
      const before = await learner.computeLogits(batch(0));

      const folder = join(root, 'model');
      await learner.exportModel(folder, [batch(0)]);
      const merged = await create({ scope: 'all', family, folder });
      expect(gap(await merged.computeLogits(batch(0)), before)).toBeLessThan(1e-5);
      const start = await create({ scope: 'all', family });
      expect(gap(await start.computeLogits(batch(0)), before)).toBeGreaterThan(0.1);
    },
  );

  it('saves adapters apart, in PEFT’s layout', async () => {
    const learner = await create({ scope: 'lora', family: 'bert' });
    await learner.exportModel(join(root, 'model'), [batch(0)]);
    const folder = join(root, 'model', 'adapter');
    const config = JSON.parse(readFileSync(join(folder, 'adapter_config.json'), 'utf8'));
    expect(config).toMatchObject({
      peft_type: 'LORA',
      r: 4,
      lora_alpha: 8,
      base_model_name_or_path: 'small',
      target_modules: ['attention.self.query', 'attention.self.value'],
    });
    const { tensors } = loadSafetensors(join(folder, 'adapter_model.safetensors'));
    expect([...tensors.keys()]).toContain(
      'base_model.model.bert.encoder.layer.0.attention.self.query.lora_A.weight',
    );
    expect([...tensors.keys()]).toContain('base_model.model.bert.pooler.dense.weight');
    expect([...tensors.keys()].some((name) => name.includes('intermediate'))).toBe(false);
  });
});

describe('model.head=linear', () => {
  it('learns one number for two classes, and is saved as the standard head with the same logits', async () => {
    const learner = await create({ scope: 'all', head: 'linear' });
    await run(learner, 5);
    const state = await learner.saveState();
    expect(state.get('classifier.weight')!.shape).toEqual([1, 16]);
    expect(namesOf(state).some((name) => name.startsWith('pre_classifier'))).toBe(false);
    const logits = await learner.computeLogits(batch(0));
    expect(logits[0]).toBe(-logits[1]!);

    const folder = join(root, 'model');
    const { maxLogitDifference } = await learner.exportModel(folder, [batch(0)]);
    expect(maxLogitDifference).toBeLessThan(1e-5);
    const { tensors } = loadSafetensors(join(folder, 'model.safetensors'));
    expect(tensors.get('pre_classifier.weight')!.shape).toEqual([16, 16]);
    expect(tensors.get('classifier.weight')!.shape).toEqual([2, 16]);
    const standard = await create({ scope: 'all', folder });
    expect(gap(await standard.computeLogits(batch(0)), logits)).toBeLessThan(1e-5);
  });

  it('moves as binary cross-entropy of a sigmoid does', async () => {
    const sgd = { optimizer: { kind: 'sgd', momentum: 0, weightDecay: 0 }, clipNorm: null } as const;
    const learner = await create({ scope: 'head', head: 'linear', features: {} }, sgd);
    const bias = async (): Promise<number> =>
      Number((await learner.saveState()).get('classifier.bias')!.data[0]);
    const [before, logits, some] = [await bias(), await learner.computeLogits(batch(0)), batch(0)];
    await learner.step([some], { step: 0, learningRate: 1 });
    // Dropout is 0.2 before the classifier, so the exact gradient is another; its bias is close all the same.
    const gradient =
      [...some.labels].reduce(
        (sum, label, i) => sum + 1 / (1 + Math.exp(-2 * logits[2 * i + 1]!)) - label,
        0,
      ) / some.size;
    expect((await bias()) - before).toBeCloseTo(-gradient, 1);
  });

  it.each(['bert', 'roberta', 'modernbert'] as const)('is refused for a %s', async (family) => {
    await expect(create({ scope: 'head', family, head: 'linear' })).rejects.toMatchObject({
      code: 'SETTING_UNSUPPORTED',
    });
  });
});

describe('the feature cache', () => {
  it.each([
    ['distilbert', 'standard'],
    ['distilbert', 'linear'],
    ['bert', 'standard'],
    ['roberta', 'standard'],
    ['modernbert', 'standard'],
  ] as const)('trains a %s with a %s head to what training without it gives', async (family, head) => {
    const cached = await create({ scope: 'head', family, head, features: {} });
    const plain = await create({ scope: 'head', family, head });
    const losses = [await run(cached, 30), await run(plain, 30)];
    expect(losses[0]).toBeCloseTo(losses[1]!, 5);
    expect(gap(await cached.computeLogits(batch(8)), await plain.computeLogits(batch(8)))).toBeLessThan(1e-4);
    expect(cached.parameterCount).toBe(plain.parameterCount);
  });

  it('runs the encoder once for all rates, and again for another encoder', async () => {
    const told: string[] = [];
    const features = { say: (line: string) => void told.push(line) };
    await run(await create({ scope: 'head', features }), 1, 1e-2);
    await run(await create({ scope: 'head', features }), 1, 5e-3);
    saveSmallPretrained(join(root, 'other'), 'distilbert', 2);
    await create({ scope: 'head', features, folder: join(root, 'other') });
    expect(told.map((line) => line.replace(/ in [\d.]+s/, '').match(/\d+ computed, \d+ from/)![0])).toEqual([
      '40 computed, 0 from',
      '0 computed, 40 from',
      '40 computed, 0 from',
    ]);
  });

  it('exports the whole model from the head it trained', async () => {
    const learner = await create({ scope: 'head', features: {} });
    await run(learner, 5);
    const { maxLogitDifference } = await learner.exportModel(join(root, 'model'), [batch(0), batch(8, 3)]);
    expect(maxLogitDifference).toBeLessThan(1e-5);
  });

  it('keeps what was computed before a stop, and gives the same vectors after it', async () => {
    const features = (say: string[], changed: Partial<FeatureSource> = {}) => ({
      say: (line: string) => void say.push(line),
      ...changed,
    });
    const straight = await create({ scope: 'head', features: { cacheFolder: join(root, 'straight') } });
    const stop = new AbortController();
    const progress: FeatureSource['progress'] = () => ({
      update: () => stop.abort(new Error('stop')),
      stop: () => {},
    });
    const last: string[] = [];
    await expect(
      create({ scope: 'head', features: features(last, { progress, signal: stop.signal }) }),
    ).rejects.toThrow('stop');
    expect(last).toEqual(['8 of 40 vectors computed and saved; the same command continues from there']);
    const told: string[] = [];
    const resumed = await create({ scope: 'head', features: features(told) });
    expect(told[0]).toMatch(/^vectors of the frozen encoder: 32 computed in [\d.]+s, 8 from/);
    expect(gap(await resumed.computeLogits(batch(0, 40)), await straight.computeLogits(batch(0, 40)))).toBe(
      0,
    );
  });

  it('continues from a saved state as if it had never stopped', async () => {
    const straight = await create({ scope: 'head', features: {} });
    await run(straight, 4);
    const stopped = await create({ scope: 'head', features: {} });
    await run(stopped, 2);
    const resumed = await create({ scope: 'head', features: {} });
    await resumed.loadState(await stopped.saveState());
    for (let step = 2; step < 4; step++) await resumed.step([batch(step * 8)], { step, learningRate: 1e-2 });
    const [a, b] = [await straight.saveState(), await resumed.saveState()];
    for (const [name, { data }] of a) expect(b.get(name)!.data, name).toEqual(data);
  });

  it('gives an article the same vector whatever else is in its batch', async () => {
    const alone = await create({ scope: 'head', features: { splits: [train], cacheFolder: null } });
    const among = await create({
      scope: 'head',
      features: { splits: [makeSplit(50, 9), train], cacheFolder: null },
    });
    expect(gap(await alone.computeLogits(batch(0, 40)), await among.computeLogits(batch(0, 40)))).toBe(0);
  });

  it('computes a damaged shard again', async () => {
    await create({ scope: 'head', features: {} });
    const folder = join(root, 'cache', 'features', readdirSync(join(root, 'cache', 'features'))[0]!);
    const path = join(folder, readdirSync(folder)[0]!);
    const bytes = readFileSync(path);
    bytes[bytes.length - 1]! ^= 1;
    writeFileSync(path, bytes);
    const told: string[] = [];
    await create({ scope: 'head', features: { say: (line) => void told.push(line) } });
    expect(told[0]).toMatch(/is damaged/);
    expect(told[1]).toMatch(/40 computed in [\d.]+s, 0 from/);
  });
});
