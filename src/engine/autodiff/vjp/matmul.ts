// Gradient of y = alpha * op(a) @ op(b), for each of the four transpositions. A weight shared by all leading axes gets
// its gradient in one large product over flattened rows, not as a sum of many small ones.
import type { Value } from '../../graph/ir.ts';
import type { GraphBuilder } from '../../ops/graph-builder.ts';
import type { VjpRule } from '../rule.ts';

export const matMulRule: VjpRule<'MatMul'> = ({ b, node, dy, wants }) => {
  const [left, right] = [node.inputs[0]!, node.inputs[1]!];
  const { transposeA, transposeB, alpha } = node.attributes;
  const shared = left.shape.length > 2 && right.shape.length === 2 && !transposeA;
  return [
    wants(0)
      ? transposeA
        ? b.matMul(right, dy, { transposeA: transposeB, transposeB: true, alpha })
        : b.matMul(dy, right, { transposeB: !transposeB, alpha })
      : null,
    wants(1)
      ? gradientOfRight(
          b,
          shared ? flattenRows(b, left) : left,
          shared ? flattenRows(b, dy) : dy,
          transposeA,
          transposeB,
          alpha,
        )
      : null,
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

/** [..., M, K] -> [... * M, K] */
function flattenRows(b: GraphBuilder, x: Value): Value {
  const leading = x.shape.slice(0, -1);
  const numeric = leading.reduce<number>(
    (product, dim) => (typeof dim === 'number' ? product * dim : product),
    1,
  );
  const named = leading.filter((dim) => typeof dim === 'string');
  const rows = named.length === 0 ? numeric : [...(numeric === 1 ? [] : [numeric]), ...named].join('*');
  return b.reshape(x, [rows, x.shape.at(-1)!]);
}
