// Builds a graph: one method per operator; shapes are checked as it is built.

import type { DType, Operator, OperatorAttributes, Shape } from '../graph/index.ts';
import { float32Tensor, Graph, type TensorData, type Value } from '../graph/index.ts';
import { inferOutputs } from './table.ts';

export class GraphBuilder {
  readonly graph: Graph = new Graph();
  readonly #scalars = new Map<number, Value>();

  input(name: string, dtype: DType, shape: Shape): Value {
    return this.graph.addInput(name, dtype, shape);
  }

  parameter(name: string, shape: readonly number[]): Value {
    return this.graph.addParameter(name, shape);
  }

  constant(data: TensorData): Value {
    return this.graph.addConstant(data);
  }

  /** A float32 constant of shape []; equal ones are one. */
  scalar(value: number): Value {
    let scalar = this.#scalars.get(value);
    if (scalar === undefined) {
      scalar = this.graph.addConstant(float32Tensor([], Float32Array.of(value)));
      this.#scalars.set(value, scalar);
    }
    return scalar;
  }

  /** Applies any operator. @throws SHAPE_MISMATCH */
  apply<K extends Operator>(
    op: K,
    inputs: readonly Value[],
    attributes: OperatorAttributes[K],
  ): readonly Value[] {
    return this.graph.addNode(op, inputs, attributes, inferOutputs(op, inputs, attributes));
  }

  add(a: Value, b: Value | number): Value {
    return this.#one('Add', [a, this.#value(b)], {});
  }

  sub(a: Value, b: Value | number): Value {
    return this.#one('Sub', [a, this.#value(b)], {});
  }

  mul(a: Value, b: Value | number): Value {
    return this.#one('Mul', [a, this.#value(b)], {});
  }

  div(a: Value, b: Value | number): Value {
    return this.#one('Div', [a, this.#value(b)], {});
  }

  unary(op: 'Neg' | 'Exp' | 'Log' | 'Sqrt' | 'Erf' | 'Tanh' | 'Sigmoid' | 'Relu' | 'Gelu', x: Value): Value {
    return this.#one(op, [x], {});
  }

  cast(x: Value, to: DType): Value {
    return x.dtype === to ? x : this.#one('Cast', [x], { to });
  }

  /** alpha * op(a) @ op(b). [..., M, K] @ [..., K, N] -> [..., M, N] */
  matMul(
    a: Value,
    b: Value,
    options: { transposeA?: boolean; transposeB?: boolean; alpha?: number } = {},
  ): Value {
    const { transposeA = false, transposeB = false, alpha = 1 } = options;
    return this.#one('MatMul', [a, b], { transposeA, transposeB, alpha });
  }

  /** alpha * x @ weight^T + beta * bias, with the weight as PyTorch keeps it, [out, in]. */
  linear(
    x: Value,
    weight: Value,
    bias: Value | null = null,
    { alpha = 1, beta = 1 }: { alpha?: number; beta?: number } = {},
  ): Value {
    if (bias === null) return this.matMul(x, weight, { transposeB: true, alpha });
    return this.#one('Linear', [x, weight, bias], { alpha, beta });
  }

  /** gelu(x) / sqrt(2) of s = x / sqrt(2): for training, where the products around it apply the factors at no cost. */
  erfGelu(s: Value): Value {
    return this.#one('ErfGelu', [s], {});
  }

  reduceSum(x: Value, axes: readonly number[], keepDims = true): Value {
    return this.#one('ReduceSum', [x], { axes, keepDims });
  }

  reduceMean(x: Value, axes: readonly number[], keepDims = true): Value {
    return this.#one('ReduceMean', [x], { axes, keepDims });
  }

  softmax(x: Value): Value {
    return this.#one('Softmax', [x], {});
  }

  logSoftmax(x: Value): Value {
    return this.#one('LogSoftmax', [x], {});
  }

  /** (x - mean) / sqrt(var + epsilon) * gain + bias, over the last axis. */
  layerNormalization(x: Value, gain: Value, bias: Value | null, epsilon: number): Value {
    return this.apply('LayerNormalization', bias === null ? [x, gain] : [x, gain, bias], { epsilon })[0]!;
  }

  reshape(x: Value, shape: Shape): Value {
    return this.#one('Reshape', [x], { shape });
  }

  transpose(x: Value, permutation: readonly number[]): Value {
    return this.#one('Transpose', [x], { permutation });
  }

  concat(inputs: readonly Value[], axis: number): Value {
    return this.#one('Concat', inputs, { axis });
  }

  split(x: Value, sizes: readonly number[], axis: number): readonly Value[] {
    return this.apply('Split', [x], { axis, sizes });
  }

  slice(x: Value, axis: number, start: number, end: number): Value {
    return this.#one('Slice', [x], { axis, start, end });
  }

  padLike(x: Value, like: Value, axis: number, start: number): Value {
    return this.#one('PadLike', [x, like], { axis, start });
  }

  expandLike(x: Value, like: Value): Value {
    return this.#one('ExpandLike', [x, like], {});
  }

  gather(table: Value, indices: Value): Value {
    return this.#one('Gather', [table, indices], {});
  }

  /** The first T rows of a table, T being the last axis of `like`. @returns [T, D] */
  firstRows(table: Value, like: Value): Value {
    return this.#one('FirstRows', [table, like], {});
  }

  scatterAdd(indices: Value, updates: Value, table: Value): Value {
    return this.#one('ScatterAdd', [indices, updates, table], {});
  }

  rotaryEmbedding(x: Value, cos: Value, sin: Value, inverse = false): Value {
    return this.#one('RotaryEmbedding', [x, cos, sin], { inverse });
  }

  #one<K extends Operator>(op: K, inputs: readonly Value[], attributes: OperatorAttributes[K]): Value {
    return this.apply(op, inputs, attributes)[0]!;
  }

  #value(operand: Value | number): Value {
    return typeof operand === 'number' ? this.scalar(operand) : operand;
  }
}
