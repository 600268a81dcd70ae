// The operators of the intermediate representation and their attributes. Shape rules, ONNX emission and gradient rules
// are tables total over these keys, so that a missing entry fails to compile.
// ONNX spelling where ONNX has the operator; ours are named for what they do.

type None = Record<never, never>;

/** A dimension: a number, or the name of one that is known only when the graph runs, such as B or T. */
export type Dim = number | string;
export type Shape = readonly Dim[];
export type DType = 'float32' | 'int32' | 'int64' | 'bool';

export interface OperatorAttributes {
  Add: None;
  Sub: None;
  Mul: None;
  Div: None;
  Neg: None;
  Exp: None;
  Log: None;
  Sqrt: None;
  Erf: None;
  Tanh: None;
  Sigmoid: None;
  Relu: None;
  /** x * Phi(x), with the error function (Hendrycks and Gimpel 2016), not the tanh approximation. */
  Gelu: None;
  /** (s) -> (s * Phi, Phi), Phi = (1 + erf(s)) / 2: at s = x / sqrt(2), gelu(x) / sqrt(2) and what its gradient reuses. */
  ErfGelu: None;
  Cast: { readonly to: DType };
  /** alpha * op(a) @ op(b), broadcast over leading axes; op transposes the last two axes. */
  MatMul: { readonly transposeA: boolean; readonly transposeB: boolean; readonly alpha: number };
  /** (x [..., K], weight [N, K], bias [N]) -> alpha * x @ weight^T + beta * bias, [..., N]. */
  Linear: { readonly alpha: number; readonly beta: number };
  ReduceSum: { readonly axes: readonly number[]; readonly keepDims: boolean };
  ReduceMean: { readonly axes: readonly number[]; readonly keepDims: boolean };
  /** Over the last axis. */
  Softmax: None;
  /** Over the last axis. */
  LogSoftmax: None;
  /** (x, gain, bias?) -> (y, mean, inverse standard deviation), over the last axis. */
  LayerNormalization: { readonly epsilon: number };
  Reshape: { readonly shape: Shape };
  Transpose: { readonly permutation: readonly number[] };
  Concat: { readonly axis: number };
  Split: { readonly axis: number; readonly sizes: readonly number[] };
  Slice: { readonly axis: number; readonly start: number; readonly end: number };
  /** (x, like): x within zeros of like's shape, from `start` on along `axis`. The gradient of Slice. */
  PadLike: { readonly axis: number; readonly start: number };
  /** (x, like): x broadcast to like's shape. */
  ExpandLike: None;
  /** (table [V, D], indices) -> rows of the table. */
  Gather: None;
  /** (table [V, D], like [..., T]) -> the first T rows of the table, [T, D]: learnt positions. */
  FirstRows: None;
  /** (indices, updates, table): zeros of table's shape with the updates added to the rows. The gradient of Gather. */
  ScatterAdd: None;
  /** (x [B, T, D], cos [maxT, Dh/2], sin [maxT, Dh/2]): rotates halves of each head (Su et al. 2021, as in GPT-NeoX). */
  RotaryEmbedding: { readonly inverse: boolean };
}

export type Operator = keyof OperatorAttributes;
