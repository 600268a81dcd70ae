// Symmetric integers for weights: w = scale * q, with one scale per channel, so that a large channel does not cost the others
// precision. Note the narrow range: without VNNI, ONNX Runtime multiplies unsigned activations by signed weights with an
// instruction (vpmaddubsw) that adds two products in 16 bits and saturates. 255 * 64 * 2 fits, 255 * 127 * 2 does not.
// Unsigned weights avoid this too, with a slower kernel. Measurements: docs/lab-notes.md, "int8".
import type { TensorData } from '../../engine/graph/index.ts';

/** int7: int8 restricted to [-64, 64]; uint8: int8 shifted by 128. */
export type WeightRange = 'int7' | 'int8' | 'uint8';

export interface QuantizedMatrix {
  readonly values: TensorData;
  /** One scale per channel. */
  readonly scales: Float32Array;
  /** The integer that means 0, the same in every channel. */
  readonly zero: number;
}

const LARGEST: Record<WeightRange, number> = { int7: 64, int8: 127, uint8: 127 };

/**
 * Quantises the weight of a product, one scale per output.
 * @param weight  [N, K] when `transposed`, as PyTorch keeps it, else [K, N]
 * @returns values [K, N], scales [N]
 */
export function quantizeColumns(
  weight: Float32Array,
  [inner, outputs]: readonly [number, number],
  { transposed, range }: { transposed: boolean; range: WeightRange },
): QuantizedMatrix {
  const [outputStride, innerStride] = transposed ? [inner, 1] : [1, outputs];
  const values = allocate(range, inner * outputs);
  const zero = zeroOf(range);
  const scales = new Float32Array(outputs);
  for (let n = 0; n < outputs; n++) {
    let largest = 0;
    for (let k = 0; k < inner; k++)
      largest = Math.max(largest, Math.abs(weight[n * outputStride + k * innerStride]!));
    const scale = scaleFor(largest, range);
    scales[n] = scale;
    for (let k = 0; k < inner; k++)
      values[k * outputs + n] = Math.round(weight[n * outputStride + k * innerStride]! / scale) + zero;
  }
  return { values: asTensor(range, [inner, outputs], values), scales, zero };
}

/**
 * Quantises a lookup table, one scale per row.
 * @param table  [V, D]
 * @returns values [V, D] int8, scales [V]
 */
export function quantizeRows(table: Float32Array, [rows, width]: readonly [number, number]): QuantizedMatrix {
  const values = new Int8Array(rows * width);
  const scales = new Float32Array(rows);
  for (let row = 0; row < rows; row++) {
    const start = row * width;
    let largest = 0;
    for (let d = 0; d < width; d++) largest = Math.max(largest, Math.abs(table[start + d]!));
    const scale = scaleFor(largest, 'int8');
    scales[row] = scale;
    for (let d = 0; d < width; d++) values[start + d] = Math.round(table[start + d]! / scale);
  }
  return { values: { dtype: 'int8', shape: [rows, width], data: values }, scales, zero: 0 };
}

/**
 * The weight of a product as floats again, in PyTorch's layout.
 * @param values  [K, N], with the zero point in them
 * @param scales  [N]
 * @returns [N, K]
 */
export function restoreColumns(
  values: Int8Array | Uint8Array,
  scales: Float32Array,
  zero: number,
  [inner, outputs]: readonly [number, number],
): Float32Array {
  const weight = new Float32Array(inner * outputs);
  for (let n = 0; n < outputs; n++)
    for (let k = 0; k < inner; k++) weight[n * inner + k] = (values[k * outputs + n]! - zero) * scales[n]!;
  return weight;
}

/** The rows of a lookup table as floats again. @param values [V, D] @param scales [V] @returns [V, D] */
export function restoreRows(values: Int8Array, scales: Float32Array): Float32Array {
  const width = values.length / scales.length;
  return Float32Array.from(values, (value, i) => value * scales[Math.floor(i / width)]!);
}

/** [N] zero points, which ONNX takes beside the scales. */
export function zeroPoints(range: WeightRange, outputs: number): TensorData {
  return asTensor(range, [outputs], allocate(range, outputs).fill(zeroOf(range)));
}

/** A channel of zeros gets scale 1. Rounded to float32 first, so that division and multiplication use the same value. */
function scaleFor(largest: number, range: WeightRange): number {
  return Math.fround(largest / LARGEST[range]) || 1;
}

function zeroOf(range: WeightRange): number {
  return range === 'uint8' ? 128 : 0;
}

function allocate(range: WeightRange, length: number): Int8Array | Uint8Array {
  return range === 'uint8' ? new Uint8Array(length) : new Int8Array(length);
}

function asTensor(range: WeightRange, shape: readonly number[], data: Int8Array | Uint8Array): TensorData {
  return { dtype: range === 'uint8' ? 'uint8' : 'int8', shape, data };
}
