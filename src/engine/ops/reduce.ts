// Sums and means over axes.
import type { Shape } from '../graph/index.ts';
import { int, normalizeAxis, type OpDefinition } from './definition.ts';

type Reduction = 'ReduceSum' | 'ReduceMean';

function reduction(op: Reduction): OpDefinition<Reduction> {
  return {
    inferOutputs: ([x], { axes, keepDims }) => [
      { dtype: x!.dtype, shape: reduceShape(op, x!.shape, axes, keepDims) },
    ],
    emit: (node, emitter) => {
      const { axes, keepDims } = node.attributes;
      const inputs = [node.inputs[0]!.name, emitter.int64(axes)];
      emitter.emit(node, op, { keepdims: int(keepDims ? 1 : 0) }, { inputs });
    },
  };
}

export const reduceSum = reduction('ReduceSum');
export const reduceMean = reduction('ReduceMean');

/** The shape that is left when `axes` are reduced. */
export function reduceShape(op: Reduction, shape: Shape, axes: readonly number[], keepDims: boolean): Shape {
  const reduced = new Set(axes.map((axis) => normalizeAxis(op, axis, shape)));
  return keepDims
    ? shape.map((dim, i) => (reduced.has(i) ? 1 : dim))
    : shape.filter((_, i) => !reduced.has(i));
}
