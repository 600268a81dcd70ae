import { describe, expect, it } from 'vitest';
import { selectNodes, type Value } from '../graph/ir.ts';
import { GraphBuilder } from '../ops/graph-builder.ts';
import { differentiate } from './differentiate.ts';
import { KEEP_ALL, planRecomputation } from './recomputation.ts';

/** Three layers, each sigmoid(tanh(x @ w)), and the nodes that the gradients need. */
function countNodes(recompute: boolean): Record<string, number> {
  const b = new GraphBuilder();
  let x: Value = b.input('x', 'float32', ['B', 4]);
  const kept: Value[] = [];
  for (let layer = 0; layer < 3; layer++) {
    kept.push(x);
    x = b.unary('Sigmoid', b.unary('Tanh', b.matMul(x, b.parameter(`w${layer}`, [4, 4]))));
  }
  const loss = b.reduceSum(x, [0, 1], false);
  const plan = recompute ? planRecomputation(b, loss, kept) : KEEP_ALL;
  const gradients = differentiate(b, loss, b.graph.parameters, plan);
  const counts: Record<string, number> = {};
  for (const { op } of selectNodes(b.graph, [loss, ...gradients.values()]))
    counts[op] = (counts[op] ?? 0) + 1;
  return counts;
}

describe('planRecomputation', () => {
  it('computes every layer but the last again, from its input', () => {
    const [kept, again] = [countNodes(false), countNodes(true)];
    expect(kept).toMatchObject({ Tanh: 3, Sigmoid: 3 });
    expect(again).toMatchObject({ Tanh: 5, Sigmoid: 5 });
    expect(again.MatMul).toBe(kept.MatMul! + 2);
  });

  it('starts from the input only when the gradient is there', () => {
    const [kept, again] = [countNodes(false), countNodes(true)];
    expect(again.Add! - (kept.Add ?? 0)).toBe(2);
    expect(again.Slice! - (kept.Slice ?? 0)).toBe(2);
  });
});
