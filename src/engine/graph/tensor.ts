// Tensors at rest: data plus shape, as they enter and leave sessions, checkpoints and weight files.
export interface TensorData {
  /** float16 is kept as its bits: files store it, no kernel of ours computes in it. */
  readonly dtype: 'float32' | 'float64' | 'float16' | 'int32' | 'int64' | 'int8' | 'uint8' | 'bool';
  readonly shape: readonly number[];
  readonly data:
    | Float32Array
    | Float64Array
    | Uint16Array
    | Int32Array
    | BigInt64Array
    | Int8Array
    | Uint8Array;
}

export function float32Tensor(
  shape: readonly number[],
  data?: Float32Array,
): TensorData & { data: Float32Array } {
  return { dtype: 'float32', shape, data: data ?? new Float32Array(countElements(shape)) };
}

export function int32Tensor(shape: readonly number[], data: Int32Array): TensorData & { data: Int32Array } {
  return { dtype: 'int32', shape, data };
}

export function countElements(shape: readonly number[]): number {
  return shape.reduce((product, dim) => product * dim, 1);
}
