// Compares a small BERT and a small DistilBERT with PyTorch and transformers: hidden states, logits, loss, every gradient,
// 20 optimizer steps. Reference values: reference/bert.py.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { compileTrainingProgram } from '../../src/engine/autodiff/training-program.ts';
import { writeOnnx } from '../../src/engine/graph/onnx-writer.ts';
import type { TensorData } from '../../src/engine/graph/tensor.ts';
import { lowerToOnnx } from '../../src/engine/ops/lower.ts';
import { createOnnxSession } from '../../src/engine/runtime/session/onnx-session.ts';
import { createTrainer } from '../../src/engine/runtime/training/trainer.ts';
import type { TrainingBatch } from '../../src/engine/runtime/training/training-step.ts';
import type { DropoutRates, EncoderGraphOptions } from '../../src/learning/models/encoder-definition.ts';
import { parseEncoderConfig } from '../../src/learning/models/families.ts';
import { loadSafetensors } from '../../src/learning/models/safetensors.ts';
import {
  createTrainingBatch,
  expectClose,
  REFERENCE_ADAMW,
  type ReferenceBatch,
  scatter,
} from './closeness.ts';

interface FamilyReference {
  readonly losses: number[];
  readonly norms: number[];
  readonly config: unknown;
}
type Reference = { readonly [K in 'bert' | 'distilbert']: FamilyReference } & {
  readonly batches: ReferenceBatch[];
};

const CLASSES = 3;
const NO_DROPOUT: DropoutRates = { embedding: 0, attention: 0, hidden: 0, classifier: 0 };
const PLAIN = {
  idsType: 'int32',
  classNames: ['a', 'b', 'c'],
  dropout: NO_DROPOUT,
} satisfies Partial<EncoderGraphOptions>;
const KEY_BIAS = /\.(key|k_lin)\.bias$/;
const referencePath = (name: string): string => fileURLToPath(new URL(`reference/${name}`, import.meta.url));
const reference = JSON.parse(readFileSync(referencePath('bert.json'), 'utf8')) as Reference;

describe.each(['bert', 'distilbert'] as const)('a small %s', (family) => {
  const { tensors } = loadSafetensors(referencePath(`${family}.safetensors`));
  const { losses, norms, config: file } = reference[family];
  const definition = parseEncoderConfig(file, 'bert.json');
  const build = (training: boolean) => definition.build({ ...PLAIN, training });
  const initial = new Map(
    [...tensors].flatMap(([name, tensor]) =>
      name.startsWith('initial.') ? [[name.slice('initial.'.length), tensor] as const] : [],
    ),
  );
  const compile = () => compileTrainingProgram(build(true), build(false));

  it('has the parameters of transformers, by name and shape', () => {
    const ours = compile().parameters.map(({ name, shape }) => `${name} [${shape}]`);
    const theirs = [...initial].map(([name, { shape }]) => `${name} [${shape}]`);
    expect(ours.toSorted()).toEqual(theirs.toSorted());
  });

  it('gives PyTorch’s embeddings, output of each layer and logits within 1e-5', async () => {
    const { b, logits, hidden, pooled } = build(false);
    const outputs = Object.fromEntries([
      ['logits', logits],
      ['pooled', pooled],
      ...hidden.map((value, i) => [`hidden_${i}`, value] as const),
    ]);
    const model = lowerToOnnx(b.graph, { outputs, weights: initial });
    const session = await createOnnxSession(new Uint8Array(Buffer.concat(writeOnnx(model))), { threads: 1 });
    const found = await session.run(idInputs(trainingBatch(0)));
    expectClose(found.logits!.data, tensors.get('logits')!.data, 1e-5, 'logits');
    expect(hidden).toHaveLength(definition.layers);
    for (const i of hidden.keys())
      expectClose(found[`hidden_${i}`]!.data, tensors.get(`hidden.${i}`)!.data, 1e-5, `hidden ${i}`);
    const last = tensors.get(`hidden.${definition.layers}`)!;
    expectClose(found.pooled!.data, firstTokens(last), 1e-5, 'the first token after the last layer');
    await session.dispose();
  });

  it('gives PyTorch’s loss and every gradient within 1e-5', async () => {
    const program = compile();
    const batch = trainingBatch(0);
    const step = await createOnnxSession(program.step, { threads: 1 });
    const outputs = await step.run({
      ...idInputs(batch),
      ...Object.fromEntries(initial),
      targets: { dtype: 'float32', shape: [batch.size, CLASSES], data: batch.targets },
      article_weights: { dtype: 'float32', shape: [batch.size], data: batch.articleWeights },
    });
    expect(outputs.loss!.data[0]).toBeCloseTo(losses[0]!, 5);
    for (const { name, gradient } of program.parameters) {
      const found = outputs[gradient.output]!.data as Float32Array;
      const { vocabularySize, width } = definition;
      const dense = gradient.kind === 'dense' ? found : scatter(found, batch.inputIds, vocabularySize, width);
      expectClose(dense, tensors.get(`gradient.${name}`)!.data, KEY_BIAS.test(name) ? 1e-6 : 1e-5, name);
    }
    await step.dispose();
  });

  it('follows PyTorch through 20 clipped AdamW steps within 1e-4 in every parameter', async () => {
    const trainer = await createTrainer({
      program: compile(),
      weights: initial,
      optimizer: REFERENCE_ADAMW,
      clipNorm: 1,
      seed: 1,
      threads: 1,
    });
    for (let step = 0; step < 20; step++) {
      const { loss, gradientNorm } = await trainer.step([trainingBatch(step % 2)], {
        step,
        learningRate: 1e-3,
      });
      expect(Math.abs(loss - losses[step]!)).toBeLessThan(1e-4);
      expect(Math.abs(gradientNorm - norms[step]!)).toBeLessThan(1e-3);
    }
    const state = await trainer.saveState();
    for (const name of initial.keys()) {
      // A key's bias adds the same number to all scores of a query, which does not change the softmax: its gradient is
      // rounding noise, which Adam turns into full steps. The bias cannot move further than the sum of the steps.
      const tolerance = KEY_BIAS.test(name) ? 20 * 1e-3 : 1e-4;
      expectClose(state.get(name)!.data, tensors.get(`final.${name}`)!.data, tolerance, name);
    }
    await trainer.dispose();
  });
});

const trainingBatch = (index: number): TrainingBatch =>
  createTrainingBatch(reference.batches[index]!, CLASSES);

function idInputs({ size, length, inputIds, attentionMask }: TrainingBatch): Record<string, TensorData> {
  const shape = [size, length];
  return {
    input_ids: { dtype: 'int32', shape, data: inputIds },
    attention_mask: { dtype: 'int32', shape, data: attentionMask },
  };
}

/** [B, T, D] -> [B, D] */
function firstTokens({ shape, data }: TensorData): Float32Array {
  const [size, length, width] = shape as [number, number, number];
  const rows = Array.from({ length: size }, (_, i) => i * length * width);
  return Float32Array.from(
    rows.flatMap((start) => Array.from((data as Float32Array).subarray(start, start + width))),
  );
}
