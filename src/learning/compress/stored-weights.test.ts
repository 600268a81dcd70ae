import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createEncoderFolder, FAMILIES, largestDifference } from '../../../test/compress/encoder-folder.ts';
import { parseOnnx } from '../../engine/graph/onnx-reader.ts';
import type { TensorData } from '../../engine/graph/tensor.ts';
import type { ModelFolder } from '../../foundation/records/model-folder.ts';
import { loadSafetensors } from '../models/safetensors.ts';
import { type CompressOptions, compressFolder } from './compress-folder.ts';
import { loadPrunableEncoder } from './prunable-encoder.ts';
import { cutHeads } from './prune-heads.ts';
import { readStoredWeights } from './stored-weights.ts';

let root: string;
let source: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'veracity-stored-'));
  source = join(root, 'source');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const floats = (tensor: TensorData | undefined): Float32Array => tensor!.data as Float32Array;

describe.each(FAMILIES)('the weights in the ONNX file of a compressed %s', (family) => {
  let info: ModelFolder;
  beforeEach(() => {
    info = createEncoderFolder(source, family);
  });
  const compress = (options: CompressOptions, expected: ReadonlyMap<string, TensorData>) => {
    mkdirSync(join(root, 'target'));
    compressFolder(source, info, join(root, 'target'), options);
    const model = parseOnnx(readFileSync(join(root, 'target', 'onnx', 'model.onnx')));
    return readStoredWeights(
      model,
      [...expected].map(([name, { shape }]) => ({ name, shape })),
    );
  };

  it.each(['fp16', 'int8'] as const)('are the original ones but for %s', (precision) => {
    const expected = loadSafetensors(join(source, 'model.safetensors')).tensors;
    const { weights, missing, isQuantized } = compress({ precision, heads: null }, expected);
    expect(missing).toEqual([]);
    expect(isQuantized).toBe(precision === 'int8');
    for (const [name, tensor] of expected) {
      const [largest, difference] = [
        Math.max(...floats(tensor).map(Math.abs)),
        largestDifference(floats(tensor), floats(weights.get(name))),
      ];
      // half a step of the integers, which go to 64, or of a half's 11 digits
      const bound = precision === 'int8' ? largest / 64 / 2 : largest * 2 ** -11;
      expect(difference, name).toBeLessThanOrEqual(bound * 1.001);
    }
  });

  it.each(['int7', 'uint8'] as const)('are read in the range %s', (range) => {
    const expected = loadSafetensors(join(source, 'model.safetensors')).tensors;
    const { weights } = compress({ precision: 'int8', heads: null, quantize: { range } }, expected);
    const name = [...expected.keys()].find((one) => /Wqkv|q_lin|query/.test(one) && one.endsWith('weight'))!;
    const step = Math.max(...floats(expected.get(name)).map(Math.abs)) / 64;
    expect(largestDifference(floats(expected.get(name)), floats(weights.get(name)))).toBeLessThan(step);
  });

  it('lack the heads that were cut', () => {
    const heads = [[1, 3], [0]];
    const expected = cutHeads(loadPrunableEncoder(source, info), heads);
    const { weights, missing } = compress({ precision: 'fp32', heads }, expected);
    expect(missing).toEqual([]);
    for (const [name, tensor] of expected)
      expect(largestDifference(floats(tensor), floats(weights.get(name)))).toBe(0);
  });

  it('are named where they are missing, or of another shape', () => {
    const expected = loadSafetensors(join(source, 'model.safetensors')).tensors;
    const [name, tensor] = [...expected].find(([, { shape }]) => shape.length === 2)!;
    const asked = new Map([
      [name, { ...tensor, shape: [tensor.shape[0]! + 1, tensor.shape[1]!] }],
      ['nobody.weight', tensor],
    ]);
    for (const precision of ['int8', 'fp16'] as const) {
      expect(compress({ precision, heads: null }, asked).missing).toEqual([name, 'nobody.weight']);
      rmSync(join(root, 'target'), { recursive: true });
    }
  });
});
