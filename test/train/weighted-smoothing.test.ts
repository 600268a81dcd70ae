// Compares class weights together with label smoothing with PyTorch's cross_entropy: the targets and weights that encoders
// train on, and the update of the linear model. Reference values: test/train/reference/weighted_smoothing.py.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createSparseSoftmax, updateSparseSoftmax } from '../../src/learning/models/linear/sparse-softmax.ts';
import { buildTrainingBatches } from '../../src/learning/train/encoder-learner.ts';

interface ReferenceCase {
  weights: number[];
  smoothing: number;
  logits: number[];
  labels: number[];
  loss: number;
  gradient: number[];
  lossOfEach: number[];
}

const path = join(import.meta.dirname, 'reference', 'weighted_smoothing.json');
const { cases } = JSON.parse(readFileSync(path, 'utf8')) as { cases: ReferenceCase[] };

function softmax(logits: readonly number[]): number[] {
  const exps = logits.map(Math.exp);
  const total = exps.reduce((sum, e) => sum + e, 0);
  return exps.map((e) => e / total);
}

describe.each(cases)('smoothing $smoothing with weights $weights, compared with PyTorch', (reference) => {
  const { weights, smoothing, labels } = reference;
  const classes = weights.length;
  const rows = labels.map((_, i) => reference.logits.slice(i * classes, (i + 1) * classes));
  const totalWeight = labels.reduce((sum, label) => sum + weights[label]!, 0);

  it('has the same loss and gradient in an encoder’s training batch', () => {
    const size = labels.length;
    const [batch] = buildTrainingBatches(
      [
        {
          size,
          length: 1,
          inputIds: new Int32Array(size),
          attentionMask: new Int32Array(size).fill(1),
          labels: Int32Array.from(labels),
          rows: Int32Array.from(labels.keys()),
          tokens: size,
        },
      ],
      { classNames: weights.map((_, c) => `class ${c}`), classWeights: weights, labelSmoothing: smoothing },
    );
    let loss = 0;
    const gradient = rows.flatMap((logits, i) => {
      const p = softmax(logits);
      const targets = batch!.targets.subarray(i * classes, (i + 1) * classes);
      const weight = batch!.articleWeights[i]!;
      const sum = targets.reduce((a, b) => a + b, 0);
      for (let c = 0; c < classes; c++) loss -= weight * targets[c]! * Math.log(p[c]!);
      return p.map((value, c) => weight * (sum * value - targets[c]!));
    });
    expect(loss).toBeCloseTo(reference.loss, 6);
    for (const [i, value] of gradient.entries()) expect(value).toBeCloseTo(reference.gradient[i]!, 6);
  });

  it('has the same loss and gradient in the linear model’s update', () => {
    const model = createSparseSoftmax(rows.length, classes, classes, 1);
    model.seen.fill(1);
    // The output matrix is the identity, so that the logits of an article are the row of its one feature.
    model.table.set(rows.flat());
    for (let c = 0; c < classes; c++) model.output[c * classes + c] = 1;
    for (const [i, label] of labels.entries()) {
      const loss = updateSparseSoftmax(model, Int32Array.of(i), 0, 1, label, {
        learningRate: 0,
        weightDecay: 0,
        labelSmoothing: smoothing,
        classWeights: Float64Array.from(weights),
        clipNorm: Number.POSITIVE_INFINITY,
      });
      // PyTorch divides the loss of a batch by the sum of the labels' weights, and that of one article by its own.
      expect(loss / weights[label]!).toBeCloseTo(reference.lossOfEach[i]!, 6);
      for (let c = 0; c < classes; c++)
        expect(model.scratch.errors[c]! / totalWeight).toBeCloseTo(reference.gradient[i * classes + c]!, 6);
    }
  });
});
