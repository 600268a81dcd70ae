// Reads the weights of an exported encoder back from its onnx/model.onnx as float32: floats unchanged, halves widened,
// integers times their scale. Only 8-bit products compute something else, because they round their inputs too. The inverse
// of half-model.ts and int8-model.ts.
import type { OnnxModel, OnnxNode } from '../../engine/graph/index.ts';
import { countElements, float32Tensor, type TensorData } from '../../engine/graph/index.ts';
import { widenHalf } from '../models/index.ts';
import { restoreColumns, restoreRows } from './quantized-weights.ts';

export interface StoredWeights {
  readonly weights: ReadonlyMap<string, TensorData & { readonly data: Float32Array }>;
  /** True if some weights are stored as integers. */
  readonly isQuantized: boolean;
  /** Parameters that the file does not have, or not in this shape. */
  readonly missing: readonly string[];
}

/** Reads the named parameters. @param parameters  with the shapes that our graph gives them */
export function readStoredWeights(
  model: OnnxModel,
  parameters: readonly { readonly name: string; readonly shape: readonly number[] }[],
): StoredWeights {
  const readers = new Map<string, OnnxNode>();
  for (const node of model.nodes) for (const name of node.inputs) readers.set(name, node);
  const casts = new Map(
    model.nodes.flatMap((node) => (node.opType === 'Cast' ? [[node.outputs[0]!, node.inputs[0]!]] : [])),
  );
  const weights = new Map<string, TensorData & { readonly data: Float32Array }>();
  const missing: string[] = [];
  let isQuantized = false;
  for (const { name, shape } of parameters) {
    const plain = model.initializers.get(name) ?? model.initializers.get(casts.get(name) ?? '');
    const found = plain === undefined ? restore(model, readers, name, shape) : toFloats(plain);
    if (found === null || found.length !== countElements(shape)) missing.push(name);
    else {
      weights.set(name, float32Tensor(shape, found) as TensorData & { data: Float32Array });
      isQuantized ||= plain === undefined;
    }
  }
  return { weights, isQuantized, missing };
}

function toFloats({ data, dtype }: TensorData): Float32Array | null {
  if (data instanceof Float32Array) return data;
  return dtype === 'float16' && data instanceof Uint16Array ? widenHalf(data) : null;
}

/** The integers of a product or a table, by the names that int8-model.ts gives them. */
function restore(
  { initializers }: OnnxModel,
  readers: ReadonlyMap<string, OnnxNode>,
  name: string,
  shape: readonly number[],
): Float32Array | null {
  const values = initializers.get(`${name}.int8`);
  const scales = initializers.get(`${name}.scale`)?.data;
  const isIntegers = values?.data instanceof Int8Array || values?.data instanceof Uint8Array;
  if (!isIntegers || !(scales instanceof Float32Array) || shape.length !== 2) return null;
  const integers = values.data as Int8Array | Uint8Array;
  const [rows, columns] = [shape[0]!, shape[1]!];
  if (integers.length !== rows * columns || scales.length !== rows) return null;
  const { opType } = readers.get(`${name}.int8`) ?? {};
  if (opType === 'Gather') return integers instanceof Int8Array ? restoreRows(integers, scales) : null;
  if (opType !== 'DynamicQuantizeMatMul') return null;
  const zero = Number(initializers.get(`${name}.zero`)?.data[0] ?? 0); // the same for every output
  return restoreColumns(integers, scales, zero, [columns, rows]);
}
