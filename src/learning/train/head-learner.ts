// The learner of a head over the vectors of a frozen encoder. The vectors are one table, a frozen parameter of the program,
// and a batch holds rows of it. So the trainer needs no special case: engine, losses, dropout masks and states are the same
// as with the encoder in every step.

import { compileTrainingProgram } from '../../engine/autodiff/index.ts';
import { countElements, float32Tensor } from '../../engine/graph/index.ts';
import { createTrainingSession } from '../../engine/runtime/training/index.ts';
import { invariant } from '../../foundation/core/index.ts';
import type { Batch } from '../../text/tokenize/index.ts';
import type { EncoderModel } from '../models/index.ts';
import { exportEncoder } from './encoder-export.ts';
import { buildTrainingBatches } from './encoder-learner.ts';
import type { FeatureTable } from './feature-cache.ts';
import { hashTokens } from './feature-store.ts';
import type { Learner, LearnerOptions } from './learner.ts';

/**
 * Creates the learner of a model's head.
 * @throws ENGINE_FAILED
 */
export async function createHeadLearner(
  options: LearnerOptions,
  model: EncoderModel,
  table: FeatureTable,
): Promise<Learner> {
  const { parts } = model;
  invariant(parts !== undefined, 'the model can be taken apart');
  const { seed, threads, optimizer, clipNorm } = options;
  const isHead = (name: string): boolean => name !== parts.tableName;
  const program = compileTrainingProgram(
    parts.buildHead({ training: true, rows: table.size }),
    parts.buildHead({ training: false, rows: table.size }),
    isHead,
    { teacherTemperature: options.distillation?.temperature ?? null },
  );
  const first = model.loadWeights();
  const weights = new Map(program.parameters.map(({ name }) => [name, first.get(name)!]));
  weights.set(parts.tableName, float32Tensor([table.size, table.vectors.length / table.size], table.vectors));
  const session = await createTrainingSession({ program, weights, optimizer, clipNorm, seed, threads });
  const computeLogits = (batch: Batch): Promise<Float32Array> =>
    session.computeLogits(lookUp(batch, table.rows));
  return {
    family: model.family,
    parameterCount: [...first.values()].reduce((total, { shape }) => total + countElements(shape), 0),
    step: async (batches, stepOptions) => {
      const found = batches.map((batch) => lookUp(batch, table.rows));
      const step = await session.step(buildTrainingBatches(found, options), stepOptions);
      return { loss: step.loss, gradientNorm: step.gradientNorm, peakMemoryBytes: step.peakMemoryBytes };
    },
    computeLogits,
    saveState: () => session.saveState(),
    loadState: (state) => session.loadState(state),
    exportModel: async (folder, probe) =>
      exportEncoder(folder, probe, model, await session.saveState(), computeLogits),
    dispose: () => session.dispose(),
  };
}

/** The batch with each article's row of the table in place of its tokens: inputIds [B, 1]. */
function lookUp(batch: Batch, rows: ReadonlyMap<string, number>): Batch {
  const { size, length, inputIds, attentionMask } = batch;
  const found = new Int32Array(size);
  for (let i = 0; i < size; i++) {
    let end = (i + 1) * length;
    while (end > i * length && attentionMask[end - 1] === 0) end--; // padding stands only at the end
    const row = rows.get(hashTokens(inputIds.subarray(i * length, end)));
    invariant(row !== undefined, 'an article whose vector was not computed');
    found[i] = row;
  }
  return { ...batch, length: 1, inputIds: found, attentionMask: new Int32Array(size).fill(1) };
}
