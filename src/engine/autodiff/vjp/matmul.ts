// Gradients of products: y = alpha * op(a) @ op(b), for each of the four transpositions, and the linear layer.
import type { Value } from '../../graph/index.ts';
import type { GraphBuilder } from '../../ops/index.ts';
import type { VjpRule } from '../rule.ts';
import { flattenRows, weightGradient } from './weight-gradient.ts';

export const matMulRule: VjpRule<'MatMul'> = ({ b, node, dy, wants }) => {
  const [left, right] = [node.inputs[0]!, node.inputs[1]!];
  const { transposeA, transposeB, alpha } = node.attributes;
  const isShared = left.shape.length > 2 && right.shape.length === 2 && !transposeA;
  const dRight = (): Value => {
    if (isShared && transposeB) return weightGradient(b, left, dy, alpha);
    return isShared
      ? gradientOfRight(b, flattenRows(b, left), flattenRows(b, dy), transposeA, transposeB, alpha)
      : gradientOfRight(b, left, dy, transposeA, transposeB, alpha);
  };
  return [
    wants(0)
      ? transposeA
        ? b.matMul(right, dy, { transposeA: transposeB, transposeB: true, alpha })
        : b.matMul(dy, right, { transposeB: !transposeB, alpha })
      : null,
    wants(1) ? dRight() : null,
  ];
};

/** dx = alpha * dy @ weight; dweight = alpha * dy^T @ x; dbias = beta * sum(dy). */
export const linearRule: VjpRule<'Linear'> = ({ b, node, dy, wants }) => {
  const [x, weight] = [node.inputs[0]!, node.inputs[1]!];
  const { alpha, beta } = node.attributes;
  const rows = dy.shape.slice(0, -1).map((_, axis) => axis);
  const dbias = (): Value => (beta === 1 ? dy : b.mul(b.reduceSum(dy, rows, false), beta));
  return [
    wants(0) ? b.matMul(dy, weight, { alpha }) : null,
    wants(1) ? weightGradient(b, x, dy, alpha) : null,
    wants(2) ? dbias() : null,
  ];
};

function gradientOfRight(
  b: GraphBuilder,
  left: Value,
  dy: Value,
  transposeA: boolean,
  transposeB: boolean,
  alpha: number,
): Value {
  return transposeB
    ? b.matMul(dy, left, { transposeA: true, transposeB: transposeA, alpha })
    : b.matMul(left, dy, { transposeA: !transposeA, alpha });
}
