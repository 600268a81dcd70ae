// Matrix products. Transposed and scaled ones are FusedMatMul, ONNX Runtime's own operator: on two cores it runs
// about as fast as a plain product, and saves the pass that a transposition or a scale would cost.
import type { Dim } from '../graph/index.ts';
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

/** Gemm adds the bias while it multiplies; it takes matrices only, and a reshape costs nothing. */
export const linearLayer: OpDefinition<'Linear'> = {
  inferOutputs: ([x, weight, bias]) => {
    const [outputs, inner] = weight!.shape;
    if (weight!.shape.length !== 2 || x!.shape.length < 2 || x!.shape.at(-1) !== inner)
      throw shapeMismatch('Linear', 'x [..., K] and weight [N, K]', x!.shape, weight!.shape);
    if (bias!.shape.length !== 1 || bias!.shape[0] !== outputs)
      throw shapeMismatch('Linear', `a bias [${outputs}]`, bias!.shape);
    return [{ dtype: x!.dtype, shape: [...x!.shape.slice(0, -1), outputs!] }];
  },
  emit: (node, emitter) => {
    const [x, weight, bias] = [node.inputs[0]!, node.inputs[1]!, node.inputs[2]!];
    const { alpha, beta } = node.attributes;
    const attributes = { transB: int(1), alpha: float(alpha), beta: float(beta) };
    if (x.shape.length === 2) {
      emitter.emit(node, 'Gemm', attributes);
      return;
    }
    const rows = emitter.emitHelper('Reshape', [x.name, emitter.int64([-1, Number(x.shape.at(-1))])]);
    const product = emitter.emitHelper('Gemm', [rows, weight.name, bias.name], attributes);
    const shape = emitter.shapeTensor(node.outputs[0]!.shape);
    emitter.emit(node, 'Reshape', {}, { inputs: [product, shape] });
  },
};

function lastTwo(shape: readonly Dim[], transposed: boolean): readonly [Dim, Dim] {
  const rows = shape.at(-2)!;
  const columns = shape.at(-1)!;
  return transposed ? [columns, rows] : [rows, columns];
}
