// A small real learner for tests of the training loop: softmax regression over token counts, SGD with momentum, and
// dropped tokens that follow from (seed, step). Deterministic, on the calling thread, never waits.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { float32Tensor } from '../../src/engine/graph/tensor.ts';
import { appError } from '../../src/foundation/core/errors.ts';
import { createRandom } from '../../src/foundation/core/random.ts';
import type { Learner } from '../../src/learning/train/learner.ts';
import type { Batch, TokenizedSplit } from '../../src/text/tokenize/article-encoder.ts';

export interface CountLearnerOptions {
  readonly vocabulary: number;
  readonly classes: number;
  readonly seed: number;
  /** The loss is NaN from this step on. */
  readonly breaksAtStep?: number;
}

export function createCountLearner({
  vocabulary,
  classes,
  seed,
  breaksAtStep,
}: CountLearnerOptions): Learner {
  const random = createRandom(seed, 'weights');
  const weights = Float32Array.from({ length: vocabulary * classes }, () => 0.01 * random.normal());
  const velocity = new Float32Array(weights.length);

  const logitsOf = (batch: Batch, keep: (token: number) => boolean): Float32Array => {
    const logits = new Float32Array(batch.size * classes);
    for (let i = 0; i < batch.size; i++) {
      for (let t = 0; t < batch.length; t++) {
        const at = i * batch.length + t;
        const id = batch.inputIds[at] ?? 0;
        if (batch.attentionMask[at] === 0 || !keep(id)) continue;
        for (let c = 0; c < classes; c++) logits[i * classes + c]! += weights[id * classes + c]!;
      }
    }
    return logits;
  };

  return {
    family: 'linear',
    parameterCount: weights.length,
    async step(batches, { step, learningRate }) {
      if (step === breaksAtStep) throw appError('LOSS_NOT_FINITE', { loss: 'NaN', step, learningRate });
      const gradient = new Float32Array(weights.length);
      const dropped = createRandom(seed, 'drop', step).integer(vocabulary);
      const articles = batches.reduce((sum, batch) => sum + batch.size, 0);
      let loss = 0;
      for (const batch of batches) {
        const logits = logitsOf(batch, (id) => id !== dropped);
        for (let i = 0; i < batch.size; i++) {
          const own = logits.subarray(i * classes, (i + 1) * classes);
          const highest = Math.max(...own);
          const sum = own.reduce((total, z) => total + Math.exp(z - highest), 0);
          const label = batch.labels[i] ?? 0;
          loss += (Math.log(sum) + highest - own[label]!) / articles;
          for (let t = 0; t < batch.length; t++) {
            const at = i * batch.length + t;
            const id = batch.inputIds[at] ?? 0;
            if (batch.attentionMask[at] === 0 || id === dropped) continue;
            for (let c = 0; c < classes; c++) {
              const p = Math.exp(own[c]! - highest) / sum;
              gradient[id * classes + c]! += (p - (c === label ? 1 : 0)) / articles;
            }
          }
        }
      }
      for (const [i, g] of gradient.entries()) {
        velocity[i] = 0.9 * velocity[i]! + g;
        weights[i]! -= learningRate * velocity[i]!;
      }
      return { loss, gradientNorm: Math.hypot(...gradient) };
    },
    computeLogits: async (batch) => logitsOf(batch, () => true),
    async saveState() {
      return new Map([
        ['weights', float32Tensor([vocabulary, classes], weights.slice())],
        ['velocity', float32Tensor([vocabulary, classes], velocity.slice())],
      ]);
    },
    async loadState(state) {
      for (const [name, target] of [
        ['weights', weights],
        ['velocity', velocity],
      ] as const) {
        const tensor = state.get(name);
        if (!(tensor?.data instanceof Float32Array) || tensor.data.length !== target.length) {
          throw appError('CHECKPOINT_MISMATCH', {
            path: name,
            expected: `[${vocabulary}, ${classes}]`,
            got: tensor?.shape,
          });
        }
        target.set(tensor.data);
      }
    },
    async exportModel(folder, probe) {
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'weights.bin'), weights);
      return { maxLogitDifference: 0, articles: probe.reduce((sum, batch) => sum + batch.size, 0) };
    },
    dispose: async () => {},
  };
}

/** Articles of 2 to 20 tokens whose tokens lean to one half of the vocabulary by class, with noise. */
export function createCountSplit(articles: number, vocabulary: number, seed: number): TokenizedSplit {
  const random = createRandom(seed, 'split');
  const ids: number[] = [];
  const offsets = [0];
  const labels: number[] = [];
  for (let i = 0; i < articles; i++) {
    const label = i % 2;
    labels.push(label);
    const length = 2 + random.integer(19);
    for (let t = 0; t < length; t++) {
      const half = random.next() < 0.65 ? label : 1 - label;
      ids.push(half * (vocabulary / 2) + random.integer(vocabulary / 2));
    }
    offsets.push(ids.length);
  }
  return {
    ids: Int32Array.from(ids),
    offsets: Uint32Array.from(offsets),
    labels: Int32Array.from(labels),
    articleIds: labels.map((_, i) => `a-${i}`),
    sources: labels.map(() => null),
    truncated: 0,
  };
}
