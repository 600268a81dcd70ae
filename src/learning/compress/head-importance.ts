// Measures the importance of each attention head: the mean over articles of |d loss / d mask| at mask 1, where the mask
// multiplies the head's output (Michel, Levy and Neubig 2019, arXiv 1905.10650, formula 2). One forward and backward pass
// measures all heads of all layers; leaving out one head after the other would need a pass per head.
import { differentiate } from '../../engine/autodiff/index.ts';
import type { Value } from '../../engine/graph/index.ts';
import {
  float32Tensor,
  int32Tensor,
  PROGRAM_NAMES,
  type TensorData,
  writeOnnx,
} from '../../engine/graph/index.ts';
import { lowerToOnnx } from '../../engine/ops/index.ts';
import { createInferenceSession } from '../../engine/runtime/session/index.ts';
import { headMaskName } from '../models/index.ts';
import type { PrunableEncoder } from './prunable-encoder.ts';

export interface MeasuredBatch {
  /** [B, T] */
  readonly inputIds: Int32Array;
  /** [B, T] */
  readonly attentionMask: Int32Array;
  /** [B] */
  readonly labels: Int32Array;
  /** B */
  readonly size: number;
  /** T */
  readonly length: number;
}

export interface ImportanceOptions {
  readonly classes: number;
  readonly threads: number;
  readonly signal?: AbortSignal;
  /** Called with the number of articles done. */
  readonly onProgress?: (articles: number) => void;
}

/**
 * Measures every head on labelled articles.
 * @returns [L][H], each layer divided by its norm, as in the paper: layers differ in scale, not in importance
 * @throws ENGINE_FAILED; the signal's reason when it is aborted
 */
export async function measureHeads(
  encoder: PrunableEncoder,
  batches: readonly MeasuredBatch[],
  { classes, threads, signal, onProgress }: ImportanceOptions,
): Promise<readonly (readonly number[])[]> {
  const { layers, heads } = encoder;
  const session = await createInferenceSession(compileMaskGradients(encoder, classes), {
    threads,
    inline: true, // this thread has no other work meanwhile
  });
  const sums = Array.from({ length: layers }, () => new Float64Array(heads));
  let articles = 0;
  try {
    for (const { inputIds, attentionMask, labels, size, length } of batches) {
      signal?.throwIfAborted();
      const targets = new Float32Array(size * classes);
      for (const [i, label] of labels.entries()) targets[i * classes + label] = 1;
      const inputs: Record<string, TensorData> = {
        [PROGRAM_NAMES.inputIds]: int32Tensor([size, length], inputIds),
        [PROGRAM_NAMES.attentionMask]: int32Tensor([size, length], attentionMask),
        [PROGRAM_NAMES.targets]: float32Tensor([size, classes], targets),
      };
      const ones = float32Tensor([size, heads, 1, 1], new Float32Array(size * heads).fill(1));
      for (let layer = 0; layer < layers; layer++) inputs[headMaskName(layer)] = ones;
      const outputs = await session.run(inputs);
      for (const [layer, sum] of sums.entries()) {
        const gradient = outputs[outputName(layer)]!.data as Float32Array; // [B, H, 1, 1]
        for (let i = 0; i < size * heads; i++) sum[i % heads]! += Math.abs(gradient[i]!);
      }
      articles += size;
      onProgress?.(articles);
    }
  } finally {
    await session.dispose();
  }
  return sums.map((sum) => {
    const norm = Math.hypot(...sum) || 1;
    return Array.from(sum, (worth) => worth / norm);
  });
}

/** The loss is a sum over articles, so that [B, H, 1, 1] holds the gradient of each article. */
function compileMaskGradients(encoder: PrunableEncoder, classes: number): Uint8Array {
  const { b, logits } = encoder.build({ idsType: 'int32', headMasks: true });
  const targets = b.input(PROGRAM_NAMES.targets, 'float32', ['B', classes]);
  const loss = b.unary('Neg', b.reduceSum(b.mul(b.logSoftmax(logits), targets), [0, 1], false));
  const masks = Array.from(
    { length: encoder.layers },
    (_, layer) => b.graph.inputs.find(({ name }) => name === headMaskName(layer))!,
  );
  const gradients = differentiate(b, loss, masks);
  const outputs: Record<string, Value> = Object.fromEntries(
    masks.map((mask, layer) => [outputName(layer), gradients.get(mask)!]),
  );
  const model = lowerToOnnx(b.graph, { outputs, weights: encoder.weights, name: 'head importance' });
  return new Uint8Array(Buffer.concat(writeOnnx(model)));
}

function outputName(layer: number): string {
  return `importance.${layer}`;
}
