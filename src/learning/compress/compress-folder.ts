// Writes the files of a compressed model from a trained model's folder. onnx/model.onnx makes the predictions; what else is
// written depends on what other programs can read:
// fp16  model.safetensors in half precision, which transformers loads without conversion
// int8  no model.safetensors: PyTorch cannot hold these integers, and floats would not be the model that was measured
// pruned heads  removed from the ONNX file, zero in model.safetensors, whose layers must have equally many (prune-heads.ts)
import { copyFileSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OnnxModel } from '../../engine/graph/index.ts';
import {
  countElements,
  PROGRAM_NAMES,
  parseOnnx,
  type TensorData,
  writeOnnx,
} from '../../engine/graph/index.ts';
import { lowerToOnnx } from '../../engine/ops/index.ts';
import { appError, makeFolder, writeFileAtomic } from '../../foundation/core/index.ts';
import type { ModelFolder, Precision } from '../../foundation/records/index.ts';
import { findFamily, loadEncoderDefinition, loadSafetensors, saveSafetensors } from '../models/index.ts';
import { halveModel, halveTensor } from './half-model.ts';
import { type QuantizeOptions, quantizeModel } from './int8-model.ts';
import { loadPrunableEncoder, type PrunableEncoder } from './prunable-encoder.ts';
import { cutHeads, silenceHeads } from './prune-heads.ts';

export interface CompressOptions {
  readonly precision: Precision;
  /** [L] indices of the heads to cut; null: none. */
  readonly heads: readonly (readonly number[])[] | null;
  /** Options of int8. */
  readonly quantize?: QuantizeOptions;
}

/** Files that are written anew, or that describe only the original. */
const NOT_COPIED = new Set(['veracity.json', 'version.json', 'README.md', 'model.safetensors']);

/**
 * Writes the files of `source`, compressed, into the existing folder `target`; all but veracity.json.
 * @returns how many parameters the model has left
 * @throws COMPRESSION_UNSUPPORTED, ONNX_INVALID, MODEL_UNSUPPORTED, FILE_CORRUPT, DISK_FULL
 */
export function compressFolder(
  source: string,
  info: ModelFolder,
  target: string,
  { precision, heads, quantize }: CompressOptions,
): number {
  assertCompressible(source, info);
  for (const entry of readdirSync(source, { withFileTypes: true }))
    if (entry.isFile() && !NOT_COPIED.has(entry.name))
      copyFileSync(join(source, entry.name), join(target, entry.name));
  const pruned = heads === null ? null : pruneEncoder(loadPrunableEncoder(source, info), heads);
  const model = pruned?.model ?? parseOnnx(readFileSync(join(source, 'onnx', 'model.onnx')));
  makeFolder(join(target, 'onnx'));
  if (precision === 'int8') {
    // The layer that gives one logit per class is tiny, and its rounding would go directly into the logits.
    const classifier = loadEncoderDefinition(source).headModules.at(-1);
    const keepsFloat = (name: string): boolean => name.startsWith(`${classifier}.`);
    saveOnnx(target, quantizeModel(model, { keepsFloat, ...quantize }).model);
  } else {
    const weights = pruned?.silenced ?? loadSafetensors(join(source, 'model.safetensors')).tensors;
    // Tables of positions are not weights: rounding them would change every prediction and save a few kilobytes.
    saveOnnx(target, precision === 'fp16' ? halveModel(model, (name) => weights.has(name)) : model);
    const kept =
      precision === 'fp32'
        ? weights
        : new Map([...weights].map(([name, tensor]) => [name, halveTensor(tensor)]));
    saveSafetensors(join(target, 'model.safetensors'), kept, { format: 'pt' });
  }
  return info.parameterCount - (pruned?.removed ?? 0);
}

/** @throws COMPRESSION_UNSUPPORTED for a model without a graph of layers, and for what is compressed already */
export function assertCompressible(source: string, info: ModelFolder): void {
  const refuse = (expected: string, got: string): Error =>
    appError('COMPRESSION_UNSUPPORTED', { path: source, expected, got });
  if (findFamily(info.family, source).form !== 'encoder') throw refuse('an encoder', info.family);
  if (info.precision !== undefined && info.precision !== 'fp32')
    throw refuse('a model in fp32', info.precision);
  if (info.prunedHeads !== undefined) throw refuse('a model with all its heads', 'one that was pruned');
}

function saveOnnx(folder: string, model: OnnxModel): void {
  writeFileAtomic(join(folder, 'onnx', 'model.onnx'), writeOnnx(model));
}

interface PrunedEncoder {
  readonly model: OnnxModel;
  readonly silenced: Map<string, TensorData>;
  /** Number of removed parameters. */
  readonly removed: number;
}

function pruneEncoder(encoder: PrunableEncoder, heads: readonly (readonly number[])[]): PrunedEncoder {
  const headsOfLayer = heads.map((cut) => encoder.heads - cut.length);
  const { b, logits, embedding } = encoder.build({ idsType: 'int64', headsOfLayer });
  const weights = cutHeads(encoder, heads);
  return {
    model: lowerToOnnx(b.graph, {
      outputs: {
        [PROGRAM_NAMES.logits]: logits,
        ...(embedding === undefined ? {} : { [PROGRAM_NAMES.embedding]: embedding }),
      },
      weights,
      name: 'classifier',
    }),
    silenced: silenceHeads(encoder, heads),
    removed: countAll(encoder.weights) - countAll(weights),
  };
}

function countAll(weights: ReadonlyMap<string, TensorData>): number {
  let total = 0;
  for (const { shape } of weights.values()) total += countElements(shape);
  return total;
}
