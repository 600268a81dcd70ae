// A small ModernBERT against PyTorch and transformers: logits, loss, every gradient, 20 optimizer steps.
// Reference values: reference/modernbert.py.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { compileTrainingProgram } from '../../src/engine/autodiff/training-program.ts';
import type { TensorData } from '../../src/engine/graph/tensor.ts';
import { createOnnxSession } from '../../src/engine/runtime/onnx-runtime.ts';
import { createTrainer, type TrainingBatch } from '../../src/engine/runtime/trainer.ts';
import type { ModernBertConfig } from '../../src/models/modernbert/config.ts';
import { buildModernBert } from '../../src/models/modernbert/graph.ts';
import { loadSafetensors } from '../../src/models/safetensors.ts';

interface Reference {
  readonly losses: number[];
  readonly norms: number[];
  readonly batches: { inputIds: number[][]; attentionMask: number[][]; labels: number[] }[];
}

const referencePath = (name: string): string => fileURLToPath(new URL(`reference/${name}`, import.meta.url));
const reference = JSON.parse(readFileSync(referencePath('modernbert.json'), 'utf8')) as Reference;
const { tensors } = loadSafetensors(referencePath('modernbert.safetensors'));
const config: ModernBertConfig = {
  vocabularySize: 50,
  width: 16,
  layers: 2,
  heads: 2,
  feedForward: 24,
  maxTokens: 32,
  classNames: ['a', 'b', 'c'],
  padId: 0,
  dropout: { token: 0, embedding: 0, attention: 0, hidden: 0, classifier: 0 },
};

describe('a small ModernBERT', () => {
  it('has the parameters of transformers, by name and shape', () => {
    const ours = compile().parameters.map(({ name, shape }) => `${name} [${shape}]`);
    const theirs = [...initialWeights()].map(([name, { shape }]) => `${name} [${shape}]`);
    expect(ours.toSorted()).toEqual(theirs.toSorted());
  });

  it('gives the logits and every gradient of PyTorch within 1e-5', async () => {
    const program = compile();
    const batch = trainingBatch(0);
    const shape = [batch.size, batch.length];
    const weights = Object.fromEntries(initialWeights());
    const ids = {
      input_ids: int32(shape, batch.inputIds),
      attention_mask: int32(shape, batch.attentionMask),
    };
    const forward = await createOnnxSession(program.forward, { threads: 1 });
    const { logits } = await forward.run({ ...ids, ...weights });
    expectClose(logits!.data, tensors.get('logits')!.data, 1e-5);

    const step = await createOnnxSession(program.step, { threads: 1 });
    const outputs = await step.run({
      ...ids,
      ...weights,
      targets: { dtype: 'float32', shape: [batch.size, 3], data: batch.targets },
      article_weights: { dtype: 'float32', shape: [batch.size], data: batch.articleWeights },
    });
    expect(outputs.loss!.data[0]).toBeCloseTo(reference.losses[0]!, 5);
    for (const { name, gradient } of program.parameters) {
      const found = outputs[gradient.output]!.data as Float32Array;
      const dense = gradient.kind === 'dense' ? found : scatter(found, batch.inputIds, 50, 16);
      expectClose(dense, tensors.get(`gradient.${name}`)!.data, 1e-5, name);
    }
  });

  it('follows PyTorch through 20 clipped AdamW steps within 1e-4 in every parameter', async () => {
    const trainer = await createTrainer({
      program: compile(),
      weights: initialWeights(),
      optimizer: { kind: 'adamw', beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01 },
      clipNorm: 1,
      seed: 1,
      threads: 1,
    });
    for (let step = 0; step < 20; step++) {
      const { loss, gradientNorm } = await trainer.step([trainingBatch(step % 2)], {
        step,
        learningRate: 1e-3,
      });
      expect(Math.abs(loss - reference.losses[step]!)).toBeLessThan(1e-4);
      expect(Math.abs(gradientNorm - reference.norms[step]!)).toBeLessThan(1e-3);
    }
    const state = trainer.saveState();
    for (const name of initialWeights().keys()) {
      expectClose(state.get(name)!.data, tensors.get(`final.${name}`)!.data, 1e-4, name);
    }
    await trainer.dispose();
  });
});

function compile() {
  const build = (training: boolean) => buildModernBert(config, { training, idsType: 'int32' });
  return compileTrainingProgram(build(true), build(false));
}

function initialWeights(): Map<string, TensorData> {
  return new Map(
    [...tensors].flatMap(([name, tensor]) =>
      name.startsWith('initial.') ? [[name.slice('initial.'.length), tensor] as const] : [],
    ),
  );
}

function trainingBatch(index: number): TrainingBatch {
  const { inputIds, attentionMask, labels } = reference.batches[index]!;
  const targets = new Float32Array(labels.length * 3);
  for (const [i, label] of labels.entries()) targets[i * 3 + label] = 1;
  return {
    inputIds: Int32Array.from(inputIds.flat()),
    attentionMask: Int32Array.from(attentionMask.flat()),
    size: labels.length,
    length: inputIds[0]!.length,
    targets,
    articleWeights: new Float32Array(labels.length).fill(1 / labels.length),
  };
}

function int32(shape: number[], data: Int32Array): TensorData {
  return { dtype: 'int32', shape, data };
}

function scatter(updates: Float32Array, indices: Int32Array, rows: number, width: number): Float32Array {
  const table = new Float32Array(rows * width);
  for (const [n, row] of indices.entries()) {
    for (let d = 0; d < width; d++) table[row * width + d]! += updates[n * width + d]!;
  }
  return table;
}

function expectClose(
  found: ArrayLike<unknown>,
  expected: ArrayLike<unknown>,
  tolerance: number,
  what = 'values',
): void {
  expect(found.length, what).toBe(expected.length);
  let largest = 0;
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(Number(found[i]) - Number(expected[i]));
    largest = Number.isFinite(difference) ? Math.max(largest, difference) : Number.POSITIVE_INFINITY;
  }
  expect(largest, `largest difference in ${what}`).toBeLessThan(tolerance);
}
