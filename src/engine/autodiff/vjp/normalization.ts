// Gradients of softmax, log-softmax and layer normalisation over the last axis.
import { invariant } from '../../../foundation/core/index.ts';
import type { VjpRule } from '../rule.ts';
import { flattenRows } from './weight-gradient.ts';

/** dx = y * (dy - sum(dy * y)) */
export const softmaxRule: VjpRule<'Softmax'> = ({ b, node, dy }) => {
  const y = node.outputs[0]!;
  return [b.mul(b.sub(dy, b.reduceSum(b.mul(dy, y), [-1])), y)];
};

/** dx = dy - exp(y) * sum(dy) */
export const logSoftmaxRule: VjpRule<'LogSoftmax'> = ({ b, node, dy }) => [
  b.sub(dy, b.mul(b.unary('Exp', node.outputs[0]!), b.reduceSum(dy, [-1]))),
];

/**
 * With c = x - mean, r = 1 / std and g = dy * gain:
 * dx = r * (g - mean(g) - c * r^2 * mean(g * c)); dgain = sum over rows of r * dy * c; dbias = sum(dy).
 * dy * c serves two sums. Both are written as products with a vector, which is faster than one more pass and a reduction.
 * The driver sums dbias over leading axes. Source: Ba et al. 2016, arXiv 1607.06450.
 */
export const layerNormalizationRule: VjpRule<'LayerNormalization'> = ({
  b,
  node,
  outputGradients,
  dy,
  wants,
}) => {
  invariant(
    outputGradients[1] === null && outputGradients[2] === null,
    'gradient of LayerNormalization statistics',
  );
  const [x, gain] = [node.inputs[0]!, node.inputs[1]!];
  const [, mean, inverseStd] = node.outputs;
  const width = Number(gain.shape[0]);
  const centred = b.sub(x, mean!);
  const product = b.mul(dy, centred);
  const dgain = wants(1)
    ? b.reshape(b.matMul(flattenRows(b, inverseStd!), flattenRows(b, product), { transposeA: true }), [width])
    : null;
  if (!wants(0)) return [null, dgain, dy];
  const g = b.mul(dy, gain);
  const slope = b.matMul(product, b.reshape(gain, [width, 1]), { alpha: 1 / width }); // mean(g * c), [..., 1]
  const tilt = b.mul(slope, b.mul(inverseStd!, inverseStd!));
  const level = b.sub(b.sub(g, b.mul(centred, tilt)), b.reduceMean(g, [-1]));
  return [b.mul(level, inverseStd!), dgain, dy];
};
