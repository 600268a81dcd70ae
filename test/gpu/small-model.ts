// A small ModernBERT for the tests on accelerators: the one whose values PyTorch gave (test/parity/reference).
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { compileTrainingProgram } from '../../src/engine/autodiff/training-program.ts';
import type { TrainingProgram } from '../../src/engine/graph/program.ts';
import type { TensorData } from '../../src/engine/graph/tensor.ts';
import type { TrainerOptions, TrainingBatch } from '../../src/engine/runtime/trainer.ts';
import type { ModernBertConfig } from '../../src/models/modernbert/config.ts';
import { buildModernBert } from '../../src/models/modernbert/graph.ts';
import { createModernBertWeights } from '../../src/models/modernbert/weights.ts';

const reference = JSON.parse(
  readFileSync(fileURLToPath(new URL('../parity/reference/modernbert.json', import.meta.url)), 'utf8'),
) as { batches: { inputIds: number[][]; attentionMask: number[][]; labels: number[] }[] };

export const CLASSES = 3;
const config: ModernBertConfig = {
  vocabularySize: 50,
  width: 16,
  layers: 2,
  heads: 2,
  feedForward: 24,
  maxTokens: 32,
  classNames: ['a', 'b', 'c'],
  padId: 0,
  dropout: { token: 0, embedding: 0.1, attention: 0.1, hidden: 0, classifier: 0 },
};

export function compileSmallModel(isTrained?: (name: string) => boolean): TrainingProgram {
  return compileTrainingProgram(
    buildModernBert(config, { training: true, idsType: 'int32' }),
    buildModernBert(config, { training: false, idsType: 'int32' }),
    isTrained,
  );
}

export function smallWeights(): ReadonlyMap<string, TensorData> {
  return createModernBertWeights(config, 3);
}

export function smallBatch(index: number): TrainingBatch {
  const { inputIds, attentionMask, labels } = reference.batches[index % reference.batches.length]!;
  const size = inputIds.length;
  const targets = new Float32Array(size * CLASSES);
  for (const [i, label] of labels.entries()) targets[i * CLASSES + label] = 1;
  return {
    inputIds: Int32Array.from(inputIds.flat()),
    attentionMask: Int32Array.from(attentionMask.flat()),
    size,
    length: inputIds[0]!.length,
    targets,
    articleWeights: new Float32Array(size).fill(1 / size),
  };
}

export function smallTrainerOptions(changes: Partial<TrainerOptions> = {}): TrainerOptions {
  return {
    program: compileSmallModel(),
    weights: smallWeights(),
    optimizer: { kind: 'adamw', beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01 },
    clipNorm: 1,
    seed: 1,
    threads: 1,
    ...changes,
  };
}
