import { copyFileSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  createTinyCheckpoint,
  type TinyCheckpointOptions,
} from '../../../../test/pretrained/tiny-checkpoint.ts';
import { float32Tensor, type TensorData } from '../../../engine/graph/tensor.ts';
import { hashSha256 } from '../../../foundation/core/hash.ts';
import { createEncoderWeights } from '../first-weights.ts';
import { loadSafetensors, saveSafetensors } from '../safetensors.ts';
import { openCheckpoint } from './open-checkpoint.ts';
import { formatWeightPlan, loadCheckpointWeights, planWeights } from './weight-plan.ts';

type Weights = ReadonlyMap<string, TensorData>;

const classNames = ['FAKE', 'REAL'];
const FAMILIES = ['bert', 'distilbert', 'roberta', 'modernbert'] as const;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'veracity-checkpoint-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const create = (options: TinyCheckpointOptions) => createTinyCheckpoint(folder, options);
const renamed =
  (rename: (name: string) => string) =>
  (weights: Weights): Weights =>
    new Map([...weights].map(([name, tensor]) => [rename(name), tensor]));
const without =
  (...parts: string[]) =>
  (weights: Weights): Weights =>
    new Map([...weights].filter(([name]) => !parts.some((part) => name.includes(part))));
const open = async (names = classNames) => {
  const checkpoint = await openCheckpoint(folder);
  return {
    checkpoint,
    plan: planWeights(checkpoint, names),
    weights: loadCheckpointWeights(checkpoint, names, 5),
  };
};
const fails = async (code: string, text: string): Promise<void> => {
  await expect(openCheckpoint(folder)).rejects.toMatchObject({
    code,
    message: expect.stringContaining(text),
  });
};

describe('a checkpoint folder', () => {
  it.each(FAMILIES)('gives back the weights of a %s', async (family) => {
    const { weights: written } = create({ family });
    const { checkpoint, plan, weights } = await open();
    expect(plan).toMatchObject({ created: [], resized: [], leftovers: [], unexpected: [] });
    expect(weights).toEqual(written);
    expect(checkpoint.sha256).toBe(hashSha256(readFileSync(join(folder, 'model.safetensors'))));
  });

  it.each(FAMILIES)('reads the names of a bare %s', async (family) => {
    const change = renamed((name) => name.replace(/^(bert|distilbert|roberta|model)\./, ''));
    const { weights: written } = create({ family, change });
    const { plan, weights } = await open();
    expect(plan).toMatchObject({ created: [], resized: [], leftovers: [], unexpected: [] });
    expect(weights).toEqual(written);
  });

  it('reads gamma and beta of old files', async () => {
    const change = renamed((name) =>
      name.replace('LayerNorm.weight', 'LayerNorm.gamma').replace('LayerNorm.bias', 'LayerNorm.beta'),
    );
    const { weights: written } = create({ family: 'bert', change });
    expect((await open()).weights).toEqual(written);
  });

  it('reads shards named by an index, and hashes all of them', async () => {
    const { weights: written } = create({ family: 'bert' });
    const names = [...written.keys()];
    const files = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'];
    const fileOf = (name: string): string => files[names.indexOf(name) % 2]!;
    for (const file of files)
      saveSafetensors(join(folder, file), new Map([...written].filter(([name]) => fileOf(name) === file)));
    rmSync(join(folder, 'model.safetensors'));
    const map = Object.fromEntries(names.map((name) => [name, fileOf(name)]));
    const index = join(folder, 'model.safetensors.index.json');
    writeFileSync(index, JSON.stringify({ metadata: {}, weight_map: map }));
    const { checkpoint, weights } = await open();
    expect(weights).toEqual(written);

    const shard = join(folder, files[1]!);
    const changed = loadSafetensors(shard).tensors;
    (changed.get('classifier.bias')?.data ?? changed.get('classifier.weight')!.data)[0] = 9;
    saveSafetensors(shard, changed);
    expect((await openCheckpoint(folder)).sha256).not.toBe(checkpoint.sha256);

    writeFileSync(index, JSON.stringify({ weight_map: { ...map, 'classifier.bias': '../x.safetensors' } }));
    await fails('PRETRAINED_INCOMPLETE', '../x.safetensors');
    writeFileSync(index, JSON.stringify({ weight_map: { ...map, other: files[0] } }));
    await fails('PRETRAINED_INCOMPLETE', `other in ${files[0]}`);
    writeFileSync(index, '{"weight_map": 3}');
    await fails('PRETRAINED_INCOMPLETE', 'weight_map');
    writeFileSync(index, JSON.stringify({ weight_map: map }));
    renameSync(shard, join(folder, 'away'));
    await fails('PRETRAINED_INCOMPLETE', `${files[1]}, which its index names`);
  });

  it('creates a head that is absent from the seed, and says so', async () => {
    const { config } = create({ family: 'bert', change: without('pooler', 'classifier') });
    const { checkpoint, plan, weights } = await open();
    const head = [
      'bert.pooler.dense.weight',
      'bert.pooler.dense.bias',
      'classifier.weight',
      'classifier.bias',
    ];
    expect(plan.created.toSorted()).toEqual(head.toSorted());
    expect(formatWeightPlan(checkpoint, classNames).join('\n')).toContain(
      'initialised from the seed, not in the checkpoint: bert.pooler',
    );
    const seeded = createEncoderWeights(config, classNames, 5);
    for (const name of head) expect(weights.get(name)).toEqual(seeded.get(name));
    const { data } = weights.get('classifier.weight')!;
    const deviation = Math.sqrt([...(data as Float32Array)].reduce((sum, x) => sum + x * x, 0) / data.length);
    expect(deviation).toBeGreaterThan(0.01);
    expect(deviation).toBeLessThan(0.03);
    expect(weights.get('classifier.bias')!.data).toEqual(new Float32Array(2));
  });

  it('creates a classifier that was made for other classes, and keeps the layer before it', async () => {
    const { weights: written } = create({ family: 'distilbert' });
    const { plan, weights } = await open(['a', 'b', 'c']);
    expect(plan.resized).toEqual(['classifier.weight', 'classifier.bias']);
    expect(weights.get('classifier.weight')!.shape).toEqual([3, 16]);
    expect(weights.get('pre_classifier.weight')).toEqual(written.get('pre_classifier.weight'));
  });

  it('says which classes a classifier was made for, where they are others', async () => {
    const say = async (id2label: Record<string, string>): Promise<string> => {
      create({ family: 'bert', file: { id2label } });
      return formatWeightPlan((await open()).checkpoint, classNames).join('\n');
    };
    expect(await say({ 0: 'FAKE', 1: 'REAL' })).not.toContain('classifier');
    expect(await say({ 1: 'up', 0: 'down' })).toContain(
      "the checkpoint's classes are down, up and not FAKE, REAL",
    );
    expect(await say({ 1: 'FAKE', 0: 'REAL' })).toContain('for REAL, FAKE is reordered to FAKE, REAL');
    expect(await say({ 0: 'real', 1: 'SATIRE' })).toContain('FAKE, REAL; FAKE initialised from the seed');
    expect(await say({ 0: 'LABEL_0', 1: 'LABEL_1' })).toContain('does not name its classes');
  });

  it.each(FAMILIES)('puts the classifier of a %s in the order of the class names', async (family) => {
    const names = ['up', 'down', 'level'];
    const { weights: written } = create({ family, classNames: names });
    const turned = ['level', 'up', 'down'];
    const { weights } = await open(turned);
    const changed = [...weights].filter(
      ([name, { data }]) => !isDeepStrictEqual(data, written.get(name)?.data),
    );
    expect(changed.map(([, { shape }]) => shape[0])).toEqual(changed.map(() => 3));
    expect(changed.length).toBeGreaterThan(0);
    for (const [name, { data, shape }] of changed) {
      const width = shape[1] ?? 1;
      const rowOf = (from: TensorData['data'], row: number) => from.slice(row * width, (row + 1) * width);
      for (const [row, className] of turned.entries())
        expect(rowOf(data, row)).toEqual(rowOf(written.get(name)!.data, names.indexOf(className)));
    }
  });

  it('creates only the rows of the classes that the checkpoint does not have', async () => {
    const { weights: written, config } = create({
      family: 'bert',
      file: { id2label: { 0: 'real', 1: 'SATIRE' } },
    });
    const { weights } = await open();
    const width = weights.get('classifier.weight')!.shape[1]!;
    const { data } = weights.get('classifier.weight')!;
    expect(data.slice(width)).toEqual(written.get('classifier.weight')!.data.slice(0, width));
    const seeded = createEncoderWeights(config, classNames, 5).get('classifier.weight')!.data;
    expect(data.slice(0, width)).toEqual(seeded.slice(0, width));
  });

  it('creates a classifier of the same size whose classes have other names', async () => {
    const { config } = create({ family: 'bert', file: { id2label: { 0: 'bad', 1: 'good' } } });
    const { plan, weights } = await open();
    expect(plan.renamed).toEqual(['classifier.weight', 'classifier.bias']);
    const seeded = createEncoderWeights(config, classNames, 5);
    for (const name of plan.renamed) expect(weights.get(name)).toEqual(seeded.get(name));
  });

  it('distinguishes usual leftovers from unknown tensors', async () => {
    create({
      family: 'bert',
      change: (weights) =>
        new Map<string, TensorData>([
          ...weights,
          ['bert.embeddings.position_ids', { dtype: 'int64', shape: [1, 2], data: BigInt64Array.of(0n, 1n) }],
          ['cls.predictions.bias', float32Tensor([3])],
          ['bert.encoder.layer.0.adapter.weight', float32Tensor([3])],
        ]),
    });
    const { checkpoint, plan } = await open();
    expect(plan.leftovers.toSorted()).toEqual(['bert.embeddings.position_ids', 'cls.predictions.bias']);
    expect(plan.unexpected).toEqual(['bert.encoder.layer.0.adapter.weight']);
    expect(formatWeightPlan(checkpoint, classNames).join('\n')).toContain(
      'unknown, not used: bert.encoder.layer.0.adapter',
    );
  });

  it('starts from a RoBERTa with the head of its pretraining, and creates its own', async () => {
    create({
      family: 'roberta',
      change: (weights) =>
        new Map<string, TensorData>([
          ...without('classifier')(weights),
          ['roberta.pooler.dense.weight', float32Tensor([16, 16])],
          ['lm_head.dense.weight', float32Tensor([16, 16])],
          ['lm_head.bias', float32Tensor([3])],
        ]),
    });
    const { plan } = await open();
    expect(plan.created.map((name) => name.replace(/\.(weight|bias)$/, ''))).toEqual(
      expect.arrayContaining(['classifier.dense', 'classifier.out_proj']),
    );
    expect(plan.leftovers).toHaveLength(3);
    expect(plan.unexpected).toEqual([]);
  });

  it('takes the head of a ModernBERT from its pretraining, which has no classifier', async () => {
    const { weights: written } = create({
      family: 'modernbert',
      change: (weights) =>
        new Map<string, TensorData>([
          ...without('classifier')(weights),
          ['decoder.weight', float32Tensor([3, 16])],
          ['decoder.bias', float32Tensor([3])],
        ]),
    });
    const { plan, weights } = await open();
    expect(plan).toMatchObject({
      created: ['classifier.weight', 'classifier.bias'],
      resized: [],
      unexpected: [],
    });
    expect(plan.leftovers.toSorted()).toEqual(['decoder.bias', 'decoder.weight']);
    for (const name of ['head.dense.weight', 'head.norm.weight'])
      expect(weights.get(name)).toEqual(written.get(name));
  });

  it('lists missing tensors of the encoder', async () => {
    create({ family: 'distilbert', change: without('ffn.lin2') });
    await fails('PRETRAINED_INCOMPLETE', 'distilbert.transformer.layer.0.ffn.lin2.weight');
  });

  it('refuses a tensor of another shape than config.json says', async () => {
    create({ family: 'bert', file: { intermediate_size: 48 } });
    await fails('PRETRAINED_INCOMPLETE', '[48,16]');
  });

  it('refuses weights that are no floating point numbers', async () => {
    const name = 'bert.embeddings.word_embeddings.weight';
    create({
      family: 'bert',
      change: (weights) => {
        const { shape } = weights.get(name)!;
        const data = new Int32Array(shape[0]! * shape[1]!);
        return new Map([...weights, [name, { dtype: 'int32', shape, data }]]);
      },
    });
    await expect(open()).rejects.toMatchObject({ code: 'PRETRAINED_INCOMPLETE', details: { got: 'int32' } });
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])(
    'refuses a weight that is %d, and names its tensor',
    async (value) => {
      create({
        family: 'distilbert',
        change: (weights) => {
          (weights.get('distilbert.transformer.layer.0.ffn.lin1.weight')!.data as Float32Array)[5] = value;
          return weights;
        },
      });
      await expect(open()).rejects.toMatchObject({
        code: 'PRETRAINED_INCOMPLETE',
        message: expect.stringContaining('layer.0.ffn.lin1.weight): expected finite numbers'),
      });
    },
  );

  it('never opens a pickle, and says how to convert it', async () => {
    create({ family: 'bert' });
    renameSync(join(folder, 'model.safetensors'), join(folder, 'pytorch_model.bin'));
    await expect(openCheckpoint(folder)).rejects.toMatchObject({
      code: 'PRETRAINED_PICKLED',
      message: expect.stringContaining('pytorch_model.bin'),
      hint: expect.stringContaining('save_pretrained'),
    });
    copyFileSync(join(folder, 'pytorch_model.bin'), join(folder, 'model.safetensors'));
    await expect(openCheckpoint(folder)).resolves.toBeDefined();
  });

  it('names missing files of a folder', async () => {
    await fails('PRETRAINED_INCOMPLETE', 'config.json');
    create({ family: 'bert' });
    rmSync(join(folder, 'model.safetensors'));
    await fails('PRETRAINED_INCOMPLETE', 'model.safetensors');
    writeFileSync(join(folder, 'config.json'), 'not JSON');
    await fails('PRETRAINED_INCOMPLETE', 'config.json');
  });
});

describe('config.json', () => {
  const unsupported: [string, TinyCheckpointOptions, string][] = [
    ['another family', { family: 'bert', file: { model_type: 'electra' } }, 'electra'],
    ['no family', { family: 'bert', file: { model_type: null } }, 'none'],
    ['another activation', { family: 'bert', file: { hidden_act: 'gelu_new' } }, 'gelu_new'],
    ['another activation', { family: 'distilbert', file: { activation: 'relu' } }, 'relu'],
    [
      'relative positions',
      { family: 'bert', file: { position_embedding_type: 'relative_key' } },
      'relative_key',
    ],
    ['a decoder', { family: 'bert', file: { is_decoder: true } }, 'is_decoder'],
    ['heads that do not divide the width', { family: 'bert', file: { num_attention_heads: 3 } }, '3 heads'],
    ['pruned heads', { family: 'distilbert', file: { pruned_heads: { 0: [1] } } }, 'pruned_heads'],
    ['a size that is none', { family: 'distilbert', file: { dim: 'wide' } }, 'dim'],
  ];
  it.each(unsupported)('refuses %s', async (_, options, text) => {
    create(options);
    await fails('MODEL_UNSUPPORTED', text);
  });

  it('gives the rates of dropout, and BERT’s classifier the hidden one where it has none', async () => {
    create({ family: 'bert', file: { hidden_dropout_prob: 0.2, classifier_dropout: null } });
    expect((await openCheckpoint(folder)).definition.dropout).toEqual({
      embedding: 0.2,
      attention: 0.1,
      hidden: 0.2,
      classifier: 0.2,
    });
    create({ family: 'distilbert', file: { seq_classif_dropout: 0.4 } });
    expect((await openCheckpoint(folder)).definition.dropout).toMatchObject({ hidden: 0.1, classifier: 0.4 });
  });
});
