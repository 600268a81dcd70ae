import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseOnnx } from '../../src/engine/graph/onnx-reader.ts';
import { writeOnnx } from '../../src/engine/graph/onnx-writer.ts';
import { float32Tensor, int32Tensor, type TensorData } from '../../src/engine/graph/tensor.ts';
import { lowerToOnnx } from '../../src/engine/ops/lower.ts';
import { createInferenceSession } from '../../src/engine/runtime/session/inference-session.ts';
import type { ModelFolder } from '../../src/foundation/records/model-folder.ts';
import { compressFolder } from '../../src/learning/compress/compress-folder.ts';
import { measureHeads } from '../../src/learning/compress/head-importance.ts';
import { loadPrunableEncoder, type PrunableEncoder } from '../../src/learning/compress/prunable-encoder.ts';
import { chooseHeads, silenceHeads } from '../../src/learning/compress/prune-heads.ts';
import { headMaskName } from '../../src/learning/models/attention-heads.ts';
import { loadSafetensors } from '../../src/learning/models/safetensors.ts';
import { BATCH, createEncoderFolder, FAMILIES, largestDifference, runModel } from './encoder-folder.ts';

let root: string;
let source: string;
let target: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'veracity-compress-'));
  [source, target] = [join(root, 'source'), join(root, 'target')];
  mkdirSync(target);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const logitsOf = (folder: string): Promise<Float32Array> => runModel(join(folder, 'onnx', 'model.onnx'));
const sizeOf = (folder: string): number => readFileSync(join(folder, 'onnx', 'model.onnx')).byteLength;

function runWeights(
  encoder: PrunableEncoder,
  weights: ReadonlyMap<string, TensorData>,
): Promise<Float32Array> {
  const { b, logits } = encoder.build({ idsType: 'int64' });
  return runModel(
    new Uint8Array(Buffer.concat(writeOnnx(lowerToOnnx(b.graph, { outputs: { logits }, weights })))),
  );
}

describe.each(FAMILIES)('a compressed %s', (family) => {
  let info: ModelFolder;
  beforeEach(() => {
    info = createEncoderFolder(source, family);
  });

  it('predicts nearly the same in 8 bits, from less than half the file size, without a checkpoint', async () => {
    compressFolder(source, info, target, { precision: 'int8', heads: null });
    const [before, after] = [await logitsOf(source), await logitsOf(target)];
    expect(largestDifference(before, after)).toBeGreaterThan(0);
    expect(largestDifference(before, after)).toBeLessThan(0.2 * Math.max(...before.map(Math.abs)));
    expect(sizeOf(target)).toBeLessThan(0.45 * sizeOf(source));
    expect(existsSync(join(target, 'model.safetensors'))).toBe(false);
    expect(existsSync(join(target, 'vocab.txt'))).toBe(true);
  });

  it('multiplies integers in every linear layer but the classifier, and keeps no float copy', () => {
    compressFolder(source, info, target, { precision: 'int8', heads: null });
    const model = parseOnnx(readFileSync(join(target, 'onnx', 'model.onnx')));
    const products = model.nodes.filter(({ opType }) => opType === 'DynamicQuantizeMatMul');
    const perLayer = family.startsWith('modernbert') ? 4 : 6;
    expect(products).toHaveLength(2 * perLayer + 1);
    const left = [...model.initializers].filter(
      ([, { data }]) => data instanceof Float32Array && data.length >= 4096,
    );
    expect(left.map(([name]) => name)).toEqual([]);
    expect(
      model.initializers.get(family === 'roberta' ? 'classifier.out_proj.weight' : 'classifier.weight')
        ?.dtype,
    ).toBe('float32');
  });

  it('stores half-precision weights and computes in float32', async () => {
    compressFolder(source, info, target, { precision: 'fp16', heads: null });
    const encoder = loadPrunableEncoder(target, info);
    // Compared with the checkpoint's half-precision weights, widened: the ONNX file stores small tensors in float32.
    const expected = await runWeights(encoder, encoder.weights);
    expect(largestDifference(await logitsOf(target), expected)).toBeLessThan(2e-3);
    expect(largestDifference(await logitsOf(target), await logitsOf(source))).toBeGreaterThan(0);
    expect(sizeOf(target)).toBeLessThan(0.62 * sizeOf(source));
  });

  it('computes the same without pruned heads as with these heads masked', async () => {
    const heads = [[1, 3], [0]];
    const left = compressFolder(source, info, target, { precision: 'fp32', heads });
    const encoder = loadPrunableEncoder(source, info);
    const silenced = await runWeights(encoder, silenceHeads(encoder, heads));
    expect(largestDifference(await logitsOf(target), silenced)).toBeLessThan(1e-5);
    expect(largestDifference(await logitsOf(target), await logitsOf(source))).toBeGreaterThan(1e-3);
    // queries, keys, values and their projection, and the biases of the first three where there are any
    const perHead = 4 * 64 * 16 + (family.startsWith('modernbert') ? 0 : 3 * 16);
    expect(left).toBe(info.parameterCount - 3 * perHead);
    const stored = loadSafetensors(join(target, 'model.safetensors')).tensors;
    expect(largestDifference(await runWeights(encoder, stored), silenced)).toBe(0);
  });

  it('measures heads by the gradient of the loss with respect to their masks', async () => {
    const encoder = loadPrunableEncoder(source, info);
    const importance = await measureHeads(encoder, [BATCH], { classes: 2, threads: 1 });
    const expected = await differenceImportance(encoder);
    for (const [layer, heads] of importance.entries())
      for (const [head, worth] of heads.entries())
        expect(Math.abs(worth - expected[layer]![head]!)).toBeLessThan(0.01);
  });

  it('finds the head whose output is not used', async () => {
    const encoder = loadPrunableEncoder(source, info);
    const deaf = { ...encoder, weights: silenceHeads(encoder, [[], [2]]) };
    const importance = await measureHeads(deaf, [BATCH], { classes: 2, threads: 1 });
    expect(importance[1]![2]).toBe(0);
    expect(chooseHeads(importance, 0.125)).toEqual([[], [2]]);
  });

  it('refuses to be compressed again', () => {
    const refusal = expect.objectContaining({ code: 'COMPRESSION_UNSUPPORTED' });
    const again = (known: Partial<ModelFolder>) => (): unknown =>
      compressFolder(source, { ...info, ...known }, target, { precision: 'int8', heads: null });
    expect(again({ precision: 'fp16' })).toThrow(refusal);
    expect(again({ prunedHeads: [[0], []] })).toThrow(refusal);
    expect(again({ family: 'linear' })).toThrow(refusal);
  });
});

describe('chooseHeads', () => {
  it('prunes the given share, the least important first, and leaves one head in every layer', () => {
    const importance = [
      [0.1, 0.2, 0.3],
      [0.9, 0.4, 0.8],
    ];
    expect(chooseHeads(importance, 1 / 6)).toEqual([[0], []]);
    expect(chooseHeads(importance, 0.5)).toEqual([[0, 1], [1]]);
    expect(chooseHeads(importance, 0.99)).toEqual([
      [0, 1],
      [1, 2],
    ]);
  });
});

/** Central differences of each article's loss in one head's mask, summed and divided by the layer's norm. */
async function differenceImportance(encoder: PrunableEncoder): Promise<number[][]> {
  const step = 1e-2;
  const { layers, heads, weights } = encoder;
  const { b, logits } = encoder.build({ idsType: 'int32', headMasks: true });
  const bytes = Buffer.concat(writeOnnx(lowerToOnnx(b.graph, { outputs: { logits }, weights })));
  const session = await createInferenceSession(new Uint8Array(bytes), { threads: 1, inline: true });
  const shape = [BATCH.size, BATCH.length];
  const lossesAt = async (layer: number, head: number, mask: number): Promise<number[]> => {
    const inputs: Record<string, TensorData> = {
      input_ids: int32Tensor(shape, BATCH.inputIds),
      attention_mask: int32Tensor(shape, BATCH.attentionMask),
    };
    for (let at = 0; at < layers; at++) {
      const masks = new Float32Array(BATCH.size * heads).fill(1);
      if (at === layer) for (let i = 0; i < BATCH.size; i++) masks[i * heads + head] = mask;
      inputs[headMaskName(at)] = float32Tensor([BATCH.size, heads, 1, 1], masks);
    }
    const found = (await session.run(inputs)).logits!.data as Float32Array;
    return [...BATCH.labels].map((label, i) => {
      const [first, second] = [found[2 * i]!, found[2 * i + 1]!];
      return Math.log(Math.exp(first) + Math.exp(second)) - (label === 0 ? first : second);
    });
  };
  const result: number[][] = [];
  for (let layer = 0; layer < layers; layer++) {
    const worth: number[] = [];
    for (let head = 0; head < heads; head++) {
      const above = await lossesAt(layer, head, 1 + step);
      const below = await lossesAt(layer, head, 1 - step);
      worth.push(above.reduce((sum, loss, i) => sum + Math.abs(loss - below[i]!) / (2 * step), 0));
    }
    const norm = Math.hypot(...worth);
    result.push(worth.map((value) => value / norm));
  }
  await session.dispose();
  return result;
}
