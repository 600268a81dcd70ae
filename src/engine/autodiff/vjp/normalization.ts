// Gradients of softmax, log-softmax and layer normalisation over the last axis.
import { invariant } from '../../../core/errors.ts';
import type { VjpRule } from '../rule.ts';

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
 * With xhat = (x - mean) / std and g = dy * gain:
 * dx = (g - mean(g) - xhat * mean(g * xhat)) / std; dgain = sum(dy * xhat); dbias = sum(dy).
 * The sums over leading axes are the driver's. Source: Ba et al. 2016, arXiv 1607.06450.
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
  const xhat = b.mul(b.sub(x, mean!), inverseStd!);
  const g = b.mul(dy, gain);
  const centred = b.sub(b.sub(g, b.reduceMean(g, [-1])), b.mul(xhat, b.reduceMean(b.mul(g, xhat), [-1])));
  return [b.mul(centred, inverseStd!), wants(1) ? b.mul(dy, xhat) : null, dy];
};
