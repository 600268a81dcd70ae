// Gradients of sums and means: the gradient spread over the axes that were reduced.
import { normalizeAxis, reduceShape } from '../../ops/index.ts';
import type { VjpRule } from '../rule.ts';

export const reduceSumRule: VjpRule<'ReduceSum'> = ({ b, node, dy }) => {
  const x = node.inputs[0]!;
  return [b.expandLike(b.reshape(dy, reduceShape('ReduceSum', x.shape, node.attributes.axes, true)), x)];
};

export const reduceMeanRule: VjpRule<'ReduceMean'> = ({ b, node, dy }) => {
  const x = node.inputs[0]!;
  const { axes } = node.attributes;
  const kept = b.reshape(dy, reduceShape('ReduceMean', x.shape, axes, true));
  const reduced = axes.map((axis) => x.shape[normalizeAxis('ReduceMean', axis, x.shape)]!);
  if (reduced.every((dim) => typeof dim === 'number')) {
    const count = reduced.reduce<number>((product, dim) => product * Number(dim), 1);
    return [b.expandLike(b.mul(kept, 1 / count), x)];
  }
  const count = b.reduceSum(b.expandLike(b.scalar(1), x), axes);
  return [b.expandLike(b.div(kept, count), x)];
};
