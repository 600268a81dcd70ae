// The linear model's state in a checkpoint: only the rows that some article has named, since the others are zero.
import { float32Tensor, int32Tensor, type TensorData } from '../../../engine/graph/index.ts';
import type { SparseSoftmax } from './sparse-softmax.ts';

const ROWS = 'table.rows'; // [N] ascending
const VALUES = 'table.values'; // [N, D]
const OUTPUT = 'output.weight'; // [C, D]

/** Copies what training changes; equal models give equal tensors. */
export function copyState({ dim, classes, table, seen, output }: SparseSoftmax): Map<string, TensorData> {
  let count = 0;
  for (const flag of seen) count += flag;
  const rows = new Int32Array(count);
  const values = new Float32Array(count * dim);
  let at = 0;
  for (let id = 0; id < seen.length; id++) {
    if (seen[id] === 0) continue;
    rows[at] = id;
    values.set(table.subarray(id * dim, (id + 1) * dim), at * dim);
    at++;
  }
  return new Map<string, TensorData>([
    [ROWS, int32Tensor([count], rows)],
    [VALUES, float32Tensor([count, dim], values)],
    [OUTPUT, float32Tensor([classes, dim], output.slice())],
  ]);
}

/**
 * Puts a state back.
 * @returns null, or what is wrong with it; the model is untouched then
 */
export function restoreState(
  model: SparseSoftmax,
  state: ReadonlyMap<string, TensorData>,
): { expected: string; got: string } | null {
  const { dim, classes, buckets, table, seen, output } = model;
  const names = [...state.keys()].sort().join(', ');
  const expectedNames = [ROWS, VALUES, OUTPUT].sort().join(', ');
  if (names !== expectedNames) return { expected: expectedNames, got: names };
  const rows = state.get(ROWS)!;
  const values = state.get(VALUES)!;
  const outputs = state.get(OUTPUT)!;
  const count = rows.shape[0] ?? 0;
  const shapes = `${rows.dtype} [${rows.shape}], ${values.dtype} [${values.shape}], ${outputs.dtype} [${outputs.shape}]`;
  const expectedShapes = `int32 [${count}], float32 [${count},${dim}], float32 [${classes},${dim}]`;
  if (shapes !== expectedShapes) return { expected: expectedShapes, got: shapes };
  for (const id of rows.data) {
    if (id < 0 || id >= buckets) return { expected: `rows below ${buckets}`, got: `${id}` };
  }
  table.fill(0);
  seen.fill(0);
  for (let i = 0; i < count; i++) {
    const id = Number(rows.data[i]);
    seen[id] = 1;
    table.set((values.data as Float32Array).subarray(i * dim, (i + 1) * dim), id * dim);
  }
  output.set(outputs.data as Float32Array);
  return null;
}
