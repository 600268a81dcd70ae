// Tests that the memory of a process does not grow over 500 steps on batches of many lengths.
import { describe, expect, it } from 'vitest';
import { compileTrainingProgram } from '../../src/engine/autodiff/training-program.ts';
import { createTrainer } from '../../src/engine/runtime/training/trainer.ts';
import type { TrainingBatch } from '../../src/engine/runtime/training/training-step.ts';
import { createRandom } from '../../src/foundation/core/random.ts';
import { createCompactConfig } from '../../src/learning/models/modernbert/family.ts';
import { buildModernBert } from '../../src/learning/models/modernbert/graph.ts';
import { createModernBertWeights } from '../../src/learning/models/modernbert/weights.ts';

const classNames = ['FAKE', 'REAL'];
const config = createCompactConfig({
  vocabularySize: 20_000, // enough elements for a second update thread
  width: 64,
  layers: 2,
  heads: 2,
  feedForward: 96,
  maxTokens: 64,
  padId: 0,
  dropout: { token: 0, embedding: 0.1, attention: 0.1, hidden: 0.1, classifier: 0.1 },
});
const SETTLED = 150;
const STEPS = 650;
const ALLOWED_MB = 30;

describe('a long training', () => {
  it('holds no more memory after 500 further steps', async () => {
    const build = (training: boolean) => buildModernBert(config, { training, idsType: 'int32', classNames });
    const trainer = await createTrainer({
      program: compileTrainingProgram(build(true), build(false)),
      weights: createModernBertWeights(config, classNames, 1),
      optimizer: { kind: 'adamw', beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01 },
      clipNorm: 1,
      seed: 1,
      threads: 2,
      adoptWeights: true,
    });
    const random = createRandom('memory');
    let settledMb = 0;
    let peakMb = 0;
    for (let step = 0; step < STEPS; step++) {
      const length = step < 3 ? 64 : 8 + random.integer(57);
      await trainer.step([drawBatch(8, length, random), drawBatch(8, length, random)], {
        step,
        learningRate: 1e-4,
      });
      const residentMb = process.memoryUsage.rss() / 1e6;
      if (step < SETTLED) settledMb = Math.max(settledMb, residentMb);
      else peakMb = Math.max(peakMb, residentMb);
    }
    await trainer.dispose();
    console.log(
      `resident: ${settledMb.toFixed(0)} MB in the first ${SETTLED} steps, ${peakMb.toFixed(0)} MB later`,
    );
    expect(peakMb - settledMb).toBeLessThan(ALLOWED_MB);
  });
});

function drawBatch(size: number, length: number, random: ReturnType<typeof createRandom>): TrainingBatch {
  const targets = new Float32Array(size * 2);
  for (let i = 0; i < size; i++) targets[2 * i + (i % 2)] = 1;
  return {
    inputIds: Int32Array.from({ length: size * length }, () => random.integer(config.vocabularySize)),
    attentionMask: new Int32Array(size * length).fill(1),
    size,
    length,
    targets,
    articleWeights: new Float32Array(size).fill(1 / size / 2),
  };
}
