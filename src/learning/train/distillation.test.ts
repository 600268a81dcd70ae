import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compileTrainingProgram, type ModelGraph } from '../../engine/autodiff/training-program.ts';
import { PROGRAM_NAMES } from '../../engine/graph/program.ts';
import { float32Tensor } from '../../engine/graph/tensor.ts';
import { GraphBuilder } from '../../engine/ops/graph-builder.ts';
import { createTrainer } from '../../engine/runtime/training/trainer.ts';
import type { Batch } from '../../text/tokenize/article-encoder.ts';
import { addTeacher, loadOrComputeTeacherLogits, softenLogits } from './distillation.ts';
import { buildTrainingBatches } from './encoder-learner.ts';

interface Reference {
  readonly student: readonly number[];
  readonly teacher: readonly number[];
  readonly labels: readonly number[];
  readonly cases: readonly {
    readonly temperature: number;
    readonly alpha: number;
    readonly loss: number;
    readonly targetEntropy: number;
    readonly gradient: readonly number[];
  }[];
}

const reference = JSON.parse(
  readFileSync(new URL('../../../test/train/reference/distillation.json', import.meta.url), 'utf8'),
) as Reference;
const C = 3;
const sgd = { kind: 'sgd', momentum: 0, weightDecay: 0 } as const;

/** Article i is the one token i, and row i of the table is its logits. */
function buildRows(): ModelGraph {
  const b = new GraphBuilder();
  const ids = b.input(PROGRAM_NAMES.inputIds, 'int32', ['B', 1]);
  const logits = b.reshape(b.gather(b.parameter('rows', [3, C]), ids), ['B', C]);
  return { b, logits, dropout: [] };
}

const batch: Batch = {
  size: 3,
  length: 1,
  inputIds: Int32Array.of(0, 1, 2),
  attentionMask: Int32Array.of(1, 1, 1),
  labels: Int32Array.from(reference.labels),
  rows: Int32Array.of(0, 1, 2),
  tokens: 3,
};

describe('learning from a teacher', () => {
  it.each(reference.cases)(
    'has PyTorch’s loss and gradient at temperature $temperature, alpha $alpha',
    async ({ temperature, alpha, loss, targetEntropy, gradient }) => {
      const distillation = { teacherLogits: Float32Array.from(reference.teacher), temperature, alpha };
      const batches = buildTrainingBatches([batch], {
        classNames: ['a', 'b', 'c'],
        classWeights: null,
        labelSmoothing: 0,
        distillation,
      });
      const trainer = await createTrainer({
        program: compileTrainingProgram(buildRows(), buildRows(), () => true, {
          teacherTemperature: temperature,
        }),
        weights: new Map([['rows', float32Tensor([3, C], Float32Array.from(reference.student))]]),
        optimizer: sgd,
        clipNorm: null,
        seed: 0,
        threads: 1,
      });
      const step = await trainer.step(batches, { step: 0, learningRate: 1 });
      expect(step.loss).toBeCloseTo(loss + targetEntropy, 4);
      const moved = (await trainer.saveState()).get('rows')!.data as Float32Array;
      for (const [i, slope] of gradient.entries())
        expect(Math.fround(reference.student[i]!) - moved[i]!).toBeCloseTo(slope, 4);
      await trainer.dispose();
    },
  );

  it('softens with the teacher’s row of each article, not with its place in the batch', () => {
    const logits = Float32Array.of(0, 0, 4, 0, 0, 4);
    const targets = softenLogits(logits, [2, 1], 2, 2);
    expect(targets[0]).toBeCloseTo(1 / (1 + Math.exp(2)), 6);
    expect(targets[2]).toBeCloseTo(1 / (1 + Math.exp(-2)), 6);
  });

  it('splits each article’s weight between labels and teacher, times the square of the temperature', () => {
    const [plain] = buildTrainingBatches([batch], {
      classNames: ['a', 'b', 'c'],
      classWeights: [2, 1, 1],
      labelSmoothing: 0,
    });
    const taught = addTeacher(plain!, batch.rows, C, {
      teacherLogits: new Float32Array(9),
      temperature: 3,
      alpha: 0.25,
    });
    for (const [i, weight] of plain!.articleWeights.entries()) {
      expect(taught.articleWeights[i]).toBeCloseTo(0.75 * weight, 6);
      expect(taught.teacher!.weights[i]).toBeCloseTo(0.25 * 9 * weight, 6);
    }
  });
});

describe('loadOrComputeTeacherLogits', () => {
  it('asks the teacher once, and again where the file is damaged or the teacher another', async () => {
    const cacheFolder = mkdtempSync(join(tmpdir(), 'veracity-teacher-'));
    let asked = 0;
    const load = (teacherDigest: string): Promise<Float32Array> =>
      loadOrComputeTeacherLogits({
        cacheFolder,
        datasetVersion: 'ds-0123456789ab',
        teacherDigest,
        elements: 4,
        compute: async () => {
          asked++;
          return Float32Array.of(1, 2, 3, 4);
        },
      });
    expect([...(await load('aa')), ...(await load('aa'))]).toEqual([1, 2, 3, 4, 1, 2, 3, 4]);
    expect(asked).toBe(1);
    await load('bb');
    expect(asked).toBe(2);
    writeFileSync(join(cacheFolder, 'teacher-logits', 'ds-0123456789ab-train-aa.safetensors'), 'torn');
    expect([...(await load('aa'))]).toEqual([1, 2, 3, 4]);
    expect(asked).toBe(3);
    rmSync(cacheFolder, { recursive: true });
  });
});
