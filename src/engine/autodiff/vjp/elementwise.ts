// Gradients of the element-wise operators. y is the node's own output, used where that saves work.
import { invariant } from '../../../foundation/core/index.ts';
import type { Value } from '../../graph/index.ts';
import type { GraphBuilder } from '../../ops/index.ts';
import type { VjpRule } from '../rule.ts';

const TWO_OVER_SQRT_PI = 2 / Math.sqrt(Math.PI);

export const addRule: VjpRule<'Add'> = ({ dy }) => [dy, dy];

export const subRule: VjpRule<'Sub'> = ({ b, dy, wants }) => [dy, wants(1) ? b.unary('Neg', dy) : null];

export const mulRule: VjpRule<'Mul'> = ({ b, node, dy, wants }) => {
  const [left, right] = [node.inputs[0]!, node.inputs[1]!];
  return [wants(0) ? b.mul(dy, right) : null, wants(1) ? b.mul(dy, left) : null];
};

/** y = a / c: da = dy / c, dc = -dy * y / c. */
export const divRule: VjpRule<'Div'> = ({ b, node, dy, wants }) => {
  const da = b.div(dy, node.inputs[1]!);
  return [da, wants(1) ? b.unary('Neg', b.mul(da, node.outputs[0]!)) : null];
};

export const negRule: VjpRule<'Neg'> = ({ b, dy }) => [b.unary('Neg', dy)];

export const expRule: VjpRule<'Exp'> = ({ b, node, dy }) => [b.mul(dy, node.outputs[0]!)];

export const logRule: VjpRule<'Log'> = ({ b, node, dy }) => [b.div(dy, node.inputs[0]!)];

/** dx = dy / (2 y) */
export const sqrtRule: VjpRule<'Sqrt'> = ({ b, node, dy }) => [b.mul(b.div(dy, node.outputs[0]!), 0.5)];

/** dx = dy * 2 / sqrt(pi) * exp(-x^2) */
export const erfRule: VjpRule<'Erf'> = ({ b, node, dy }) => {
  const x = node.inputs[0]!;
  return [b.mul(b.mul(b.unary('Exp', b.unary('Neg', b.mul(x, x))), dy), TWO_OVER_SQRT_PI)];
};

/** dx = dy * (1 - y^2) */
export const tanhRule: VjpRule<'Tanh'> = ({ b, node, dy }) => {
  const y = node.outputs[0]!;
  return [b.sub(dy, b.mul(dy, b.mul(y, y)))];
};

/** dx = dy * y * (1 - y) */
export const sigmoidRule: VjpRule<'Sigmoid'> = ({ b, node, dy }) => {
  const y = node.outputs[0]!;
  return [b.mul(dy, b.sub(y, b.mul(y, y)))];
};

/** dx = dy where y is not 0 (at x = 0 the gradient is 0, as in PyTorch). */
export const reluRule: VjpRule<'Relu'> = ({ b, node, dy }) => [
  b.mul(dy, b.cast(b.cast(node.outputs[0]!, 'bool'), 'float32')),
];

/** dx = dy * (Phi(x) + x * phi(x)), the normal distribution's cumulative function and density. */
export const geluRule: VjpRule<'Gelu'> = ({ b, node, dy }) => {
  const s = b.mul(node.inputs[0]!, Math.SQRT1_2);
  const cumulative = b.add(b.mul(b.unary('Erf', s), 0.5), 0.5);
  return [b.mul(dy, b.add(cumulative, gaussianTimes(b, s)))];
};

/** y = s * Phi: ds = dy * (Phi + s * exp(-s^2) / sqrt(pi)) */
export const erfGeluRule: VjpRule<'ErfGelu'> = ({ b, node, outputGradients, dy }) => {
  invariant(outputGradients[1] === null, 'gradient of ErfGelu through Phi');
  return [b.mul(dy, b.add(gaussianTimes(b, node.inputs[0]!), node.outputs[1]!))];
};

/** s * exp(-s^2) / sqrt(pi). A division saves the pass that a minus sign would be; where exp(s^2) overflows it gives 0. */
function gaussianTimes(b: GraphBuilder, s: Value): Value {
  return b.mul(b.div(s, b.unary('Exp', b.mul(s, s))), 1 / Math.sqrt(Math.PI));
}

export const castRule: VjpRule<'Cast'> = ({ node, dy }) => [node.inputs[0]!.dtype === 'float32' ? dy : null];
