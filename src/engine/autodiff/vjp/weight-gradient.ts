// The gradient of a weight that all leading axes share: one large product over flattened rows, not a sum of many small
// ones.
import type { Dim, Value } from '../../graph/index.ts';
import type { GraphBuilder } from '../../ops/index.ts';

/** alpha * dy^T @ x over all rows: x [..., K], dy [..., N] -> [N, K], as a weight [N, K] is kept. */
export function weightGradient(b: GraphBuilder, x: Value, dy: Value, alpha: number): Value {
  const [inner, outputs] = [x.shape.at(-1)!, dy.shape.at(-1)!];
  // Up to this size a transposition of dy costs less than the product gains from it (docs/lab-notes.md).
  const isNarrow = typeof inner === 'number' && typeof outputs === 'number' && outputs <= inner;
  const rows = flattenRows(b, x);
  if (!isNarrow) return b.matMul(flattenRows(b, dy), rows, { transposeA: true, alpha });
  const axes = dy.shape.map((_, axis) => axis);
  const turned = b.transpose(dy, [axes.length - 1, ...axes.slice(0, -1)]);
  return b.matMul(b.reshape(turned, [outputs, rows.shape[0]!]), rows, { alpha });
}

/** [..., M, K] -> [... * M, K] */
export function flattenRows(b: GraphBuilder, x: Value): Value {
  if (x.shape.length === 2) return x;
  const leading = x.shape.slice(0, -1);
  const numeric = leading.reduce<number>(
    (product, dim) => (typeof dim === 'number' ? product * dim : product),
    1,
  );
  const named = leading.filter((dim) => typeof dim === 'string');
  const rows: Dim = named.length === 0 ? numeric : [...(numeric === 1 ? [] : [numeric]), ...named].join('*');
  return b.reshape(x, [rows, x.shape.at(-1)!]);
}
