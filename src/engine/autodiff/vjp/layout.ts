// Gradients of the operators that only move or cut data: the inverse move.
import { invariant } from '../../../foundation/core/index.ts';
import type { VjpRule } from '../rule.ts';

export const reshapeRule: VjpRule<'Reshape'> = ({ b, node, dy }) => [b.reshape(dy, node.inputs[0]!.shape)];

export const transposeRule: VjpRule<'Transpose'> = ({ b, node, dy }) => {
  const { permutation } = node.attributes;
  return [
    b.transpose(
      dy,
      permutation.map((_, axis) => permutation.indexOf(axis)),
    ),
  ];
};

export const concatRule: VjpRule<'Concat'> = ({ b, node, dy }) => {
  const { axis } = node.attributes;
  const sizes = node.inputs.map((input) => Number(input.shape.at(axis)));
  return b.split(dy, sizes, axis);
};

/** Outputs that the loss does not depend on have a gradient of zeros. */
export const splitRule: VjpRule<'Split'> = ({ b, node, outputGradients }) => [
  b.concat(
    node.outputs.map((output, i) => outputGradients[i] ?? b.expandLike(b.scalar(0), output)),
    node.attributes.axis,
  ),
];

export const sliceRule: VjpRule<'Slice'> = ({ b, node, dy }) => [
  b.padLike(dy, node.inputs[0]!, node.attributes.axis, node.attributes.start),
];

export const padLikeRule: VjpRule<'PadLike'> = ({ b, node, dy }) => {
  const { axis, start } = node.attributes;
  const size = node.inputs[0]!.shape[axis]!;
  invariant(typeof size === 'number', 'the gradient of PadLike needs a known size');
  return [b.slice(dy, axis, start, start + size), null];
};

/** The driver sums over what was broadcast. */
export const expandLikeRule: VjpRule<'ExpandLike'> = ({ dy }) => [dy, null];
