// Compares a small ModernBERT with PyTorch and transformers: logits, loss, every gradient, 20 optimizer steps.
// Reference values: reference/modernbert.py.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { compileTrainingProgram } from '../../src/engine/autodiff/training-program.ts';
import type { TensorData } from '../../src/engine/graph/tensor.ts';
import { createOnnxSession } from '../../src/engine/runtime/session/onnx-session.ts';
import { createTrainer } from '../../src/engine/runtime/training/trainer.ts';
import type { TrainingBatch } from '../../src/engine/runtime/training/training-step.ts';
import { buildModernBert } from '../../src/learning/models/modernbert/graph.ts';
import { loadSafetensors } from '../../src/learning/models/safetensors.ts';
import { SMALL_MODERNBERT_CLASSES as classNames, SMALL_MODERNBERT } from '../fixtures/small-modernbert.ts';
import {
  createTrainingBatch,
  expectClose,
  REFERENCE_ADAMW,
  type ReferenceBatch,
  scatter,
} from './closeness.ts';

interface Reference {
  readonly losses: number[];
  readonly norms: number[];
  readonly batches: ReferenceBatch[];
}

const referencePath = (name: string): string => fileURLToPath(new URL(`reference/${name}`, import.meta.url));
const reference = JSON.parse(readFileSync(referencePath('modernbert.json'), 'utf8')) as Reference;
const { tensors } = loadSafetensors(referencePath('modernbert.safetensors'));
const config = SMALL_MODERNBERT;

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
    expectClose(logits!.data, tensors.get('logits')!.data, 1e-5, 'logits');

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
      expect(Math.abs(loss - reference.losses[step]!)).toBeLessThan(1e-4);
      expect(Math.abs(gradientNorm - reference.norms[step]!)).toBeLessThan(1e-3);
    }
    const state = await trainer.saveState();
    for (const name of initialWeights().keys()) {
      expectClose(state.get(name)!.data, tensors.get(`final.${name}`)!.data, 1e-4, name);
    }
    await trainer.dispose();
  });
});

function compile() {
  const build = (training: boolean) => buildModernBert(config, { training, idsType: 'int32', classNames });
  return compileTrainingProgram(build(true), build(false));
}

function initialWeights(): Map<string, TensorData> {
  return new Map(
    [...tensors].flatMap(([name, tensor]) =>
      name.startsWith('initial.') ? [[name.slice('initial.'.length), tensor] as const] : [],
    ),
  );
}

const trainingBatch = (index: number): TrainingBatch => createTrainingBatch(reference.batches[index]!, 3);

function int32(shape: number[], data: Int32Array): TensorData {
  return { dtype: 'int32', shape, data };
}
