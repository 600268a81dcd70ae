// The type of an operator's definition: a shape rule, and how the operator is written in ONNX.
import { appError } from '../../foundation/core/index.ts';
import type { Dim, OnnxAttribute, Operator, OperatorAttributes, Shape } from '../graph/index.ts';
import { formatShape, type NodeOf, type Value, type ValueSpec } from '../graph/index.ts';

export interface OpDefinition<K extends Operator> {
  /**
   * Types and shapes of the outputs.
   * @throws SHAPE_MISMATCH
   */
  readonly inferOutputs: (
    inputs: readonly Value[],
    attributes: OperatorAttributes[K],
  ) => readonly ValueSpec[];
  readonly emit: (node: NodeOf<K>, emitter: Emitter) => void;
}

/** The ONNX model under construction, as one operator sees it. */
export interface Emitter {
  /** Adds an ONNX node that computes `node`'s outputs. */
  emit(
    node: { readonly inputs: readonly Value[]; readonly outputs: readonly Value[] },
    opType: string,
    attributes?: Readonly<Record<string, OnnxAttribute>>,
    options?: { readonly domain?: string; readonly inputs?: readonly string[] },
  ): void;
  /** Adds an ONNX node with one output of a name of its own; returns that name. */
  emitHelper(
    opType: string,
    inputs: readonly string[],
    attributes?: Readonly<Record<string, OnnxAttribute>>,
  ): string;
  int64(values: readonly number[]): string;
  /** Name of a one-dimensional int64 tensor that holds `shape` when the graph runs. */
  shapeTensor(shape: Shape): string;
}

export const int = (value: number): OnnxAttribute => ({ type: 'int', value });
export const float = (value: number): OnnxAttribute => ({ type: 'float', value });
export const ints = (value: readonly number[]): OnnxAttribute => ({ type: 'ints', value });

export function shapeMismatch(op: Operator, expected: string, ...got: readonly Shape[]): Error {
  return appError('SHAPE_MISMATCH', { op, expected, got: got.map(formatShape).join(' and ') });
}

/**
 * NumPy's broadcasting, with named dimensions equal only to themselves.
 * @throws SHAPE_MISMATCH
 */
export function broadcastShapes(op: Operator, a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  const result: Dim[] = [];
  for (let i = 0; i < rank; i++) {
    const left = a[i - rank + a.length] ?? 1;
    const right = b[i - rank + b.length] ?? 1;
    if (left !== right && left !== 1 && right !== 1) throw shapeMismatch(op, 'shapes that broadcast', a, b);
    result.push(left === 1 ? right : left);
  }
  return result;
}

/** Turns axes counted from the end into axes counted from the start. */
export function normalizeAxis(op: Operator, axis: number, shape: Shape): number {
  const positive = axis < 0 ? axis + shape.length : axis;
  if (positive < 0 || positive >= shape.length) throw shapeMismatch(op, `an axis ${axis}`, shape);
  return positive;
}
