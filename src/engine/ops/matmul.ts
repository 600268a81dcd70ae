// Matrix products. Transposed and scaled ones are FusedMatMul, ONNX Runtime's own operator: on two cores it runs
// about as fast as a plain product, and saves the pass that a transposition or a scale would cost.
import type { Dim } from '../graph/operators.ts';
import { broadcastShapes, float, int, type OpDefinition, shapeMismatch } from './definition.ts';

export const matMul: OpDefinition<'MatMul'> = {
  inferOutputs: ([a, b], { transposeA, transposeB }) => {
    const left = a!.shape;
    const right = b!.shape;
    if (left.length < 2 || right.length < 2)
      throw shapeMismatch('MatMul', 'at least two axes each', left, right);
    const [rows, innerA] = lastTwo(left, transposeA);
    const [innerB, columns] = lastTwo(right, transposeB);
    if (innerA !== innerB)
      throw shapeMismatch(
        'MatMul',
        `equal inner dimensions (transposed: ${transposeA}, ${transposeB})`,
        left,
        right,
      );
    const batch = broadcastShapes('MatMul', left.slice(0, -2), right.slice(0, -2));
    return [{ dtype: a!.dtype, shape: [...batch, rows, columns] }];
  },
  emit: (node, emitter) => {
    const { transposeA, transposeB, alpha } = node.attributes;
    if (!transposeA && !transposeB && alpha === 1) {
      emitter.emit(node, 'MatMul');
      return;
    }
    const attributes = {
      transA: int(transposeA ? 1 : 0),
      transB: int(transposeB ? 1 : 0),
      alpha: float(alpha),
    };
    emitter.emit(node, 'FusedMatMul', attributes, { domain: 'com.microsoft' });
  },
};

function lastTwo(shape: readonly Dim[], transposed: boolean): readonly [Dim, Dim] {
  const rows = shape.at(-2)!;
  const columns = shape.at(-1)!;
  return transposed ? [columns, rows] : [rows, columns];
}
