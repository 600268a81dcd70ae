// Gradients of table look-ups and of rotary positions.
import type { VjpRule } from '../rule.ts';

export const gatherRule: VjpRule<'Gather'> = ({ b, node, dy }) => [
  b.scatterAdd(node.inputs[1]!, dy, node.inputs[0]!),
  null,
];

export const firstRowsRule: VjpRule<'FirstRows'> = ({ b, node, dy }) => [
  b.padLike(dy, node.inputs[0]!, 0, 0),
  null,
];

export const scatterAddRule: VjpRule<'ScatterAdd'> = ({ b, node, dy }) => [
  null,
  b.gather(dy, node.inputs[0]!),
  null,
];

/** A rotation's transpose is the rotation back. */
export const rotaryEmbeddingRule: VjpRule<'RotaryEmbedding'> = ({ b, node, dy }) => [
  b.rotaryEmbedding(dy, node.inputs[1]!, node.inputs[2]!, !node.attributes.inverse),
  null,
  null,
];
