// A small ModernBERT for the tests on devices; PyTorch computed its reference values (test/parity/reference).
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { compileTrainingProgram } from '../../src/engine/autodiff/training-program.ts';
import type { TrainingProgram } from '../../src/engine/graph/program.ts';
import type { TensorData } from '../../src/engine/graph/tensor.ts';
import { pickInputs, StepInputs } from '../../src/engine/runtime/training/step-inputs.ts';
import type { TrainerOptions, TrainingBatch } from '../../src/engine/runtime/training/training-step.ts';
import type { ModernBertConfig } from '../../src/learning/models/modernbert/config.ts';
import { buildModernBert } from '../../src/learning/models/modernbert/graph.ts';
import { createModernBertWeights } from '../../src/learning/models/modernbert/weights.ts';
import { SMALL_MODERNBERT_CLASSES as classNames, SMALL_MODERNBERT } from '../fixtures/small-modernbert.ts';
import { createTrainingBatch, REFERENCE_ADAMW, type ReferenceBatch } from '../parity/closeness.ts';

const reference = JSON.parse(
  readFileSync(fileURLToPath(new URL('../parity/reference/modernbert.json', import.meta.url)), 'utf8'),
) as { batches: ReferenceBatch[] };

export const CLASSES = 3;
const config: ModernBertConfig = {
  ...SMALL_MODERNBERT,
  dropout: { ...SMALL_MODERNBERT.dropout, embedding: 0.1, attention: 0.1 },
};

export function compileSmallModel(
  isTrained?: (name: string) => boolean,
  options?: { readonly teacherTemperature: number },
): TrainingProgram {
  return compileTrainingProgram(
    buildModernBert(config, { training: true, idsType: 'int32', classNames }),
    buildModernBert(config, { training: false, idsType: 'int32', classNames }),
    isTrained,
    options,
  );
}

/** The values of a first step for a graph of the program that declares these inputs. */
export function smallInputs(program: TrainingProgram, names: readonly string[]): Record<string, TensorData> {
  const inputs = new StepInputs(program, names, 1).build(smallBatch(0), { step: 0, microStep: 0 });
  return { ...inputs, ...pickInputs(Object.fromEntries(smallWeights()), names) };
}

export function smallWeights(): ReadonlyMap<string, TensorData> {
  return createModernBertWeights(config, classNames, 3);
}

export function smallBatch(index: number): TrainingBatch {
  return createTrainingBatch(reference.batches[index % reference.batches.length]!, CLASSES);
}

export function smallTrainerOptions(changes: Partial<TrainerOptions> = {}): TrainerOptions {
  return {
    program: compileSmallModel(),
    weights: smallWeights(),
    optimizer: REFERENCE_ADAMW,
    clipNorm: 1,
    seed: 1,
    threads: 1,
    ...changes,
  };
}
