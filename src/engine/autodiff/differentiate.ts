// Reverse-mode differentiation: walks the graph backwards once and appends the gradient's nodes to it.
// The driver adds up gradients and undoes broadcasting, so that the rules need not.
import { invariant } from '../../foundation/core/index.ts';
import type { Operator } from '../graph/index.ts';
import { type GraphNode, selectNodes, type Value } from '../graph/index.ts';
import type { GraphBuilder } from '../ops/index.ts';
import { KEEP_ALL, type Recomputation } from './recomputation.ts';
import type { RuleContext, VjpRule } from './rule.ts';
import { VJP_RULES } from './vjp/table.ts';

/**
 * Gradients of `loss` (shape []) with respect to each of `targets`.
 * @param recomputation  what is computed again in the backward pass instead of being kept for it
 * @returns for each target a value of its shape; a target that the loss does not depend on has none
 */
export function differentiate(
  b: GraphBuilder,
  loss: Value,
  targets: readonly Value[],
  recomputation: Recomputation = KEEP_ALL,
): ReadonlyMap<Value, Value> {
  invariant(loss.shape.length === 0, 'differentiate takes a loss of shape []', { shape: loss.shape });
  const nodes = selectNodes(b.graph, [loss]);
  const wanted = dependents(nodes, targets);
  const gradients = new Map<Value, Value>([[loss, b.scalar(1)]]);
  for (const node of nodes.toReversed()) {
    if (!node.inputs.some((input) => wanted.has(input))) continue;
    const outputGradients = node.outputs.map((output) => gradients.get(output) ?? null);
    if (outputGradients.every((gradient) => gradient === null)) continue;
    const twin = recomputation.twinOf(node, gradients);
    const wants = (input: number): boolean =>
      node.inputs[input] !== undefined && wanted.has(node.inputs[input]);
    const inputGradients = applyRule(b, twin, outputGradients, wants);
    invariant(
      inputGradients.length <= node.inputs.length ||
        inputGradients.slice(node.inputs.length).every((g) => g !== undefined),
      `rule of ${node.op}`,
    );
    for (const [i, input] of node.inputs.entries()) {
      const gradient = inputGradients[i];
      if (gradient === null || gradient === undefined || !wanted.has(input)) continue;
      const reduced = sumToShape(b, gradient, input);
      const earlier = gradients.get(input);
      gradients.set(input, earlier === undefined ? reduced : b.add(earlier, reduced));
    }
  }
  const found = new Map<Value, Value>();
  for (const target of targets) {
    const gradient = gradients.get(target);
    if (gradient !== undefined) found.set(target, gradient);
  }
  return found;
}

function applyRule<K extends Operator>(
  b: GraphBuilder,
  node: GraphNode,
  outputGradients: readonly (Value | null)[],
  wants: (input: number) => boolean,
): readonly (Value | null)[] {
  const rule = VJP_RULES[node.op] as unknown as VjpRule<K>;
  const context = {
    b,
    node,
    outputGradients,
    dy: outputGradients[0] ?? outputGradients.find((gradient) => gradient !== null),
    wants,
  };
  return rule(context as unknown as RuleContext<K>);
}

/** The values that depend on `targets`, targets included. */
function dependents(nodes: readonly GraphNode[], targets: readonly Value[]): ReadonlySet<Value> {
  const found = new Set(targets);
  for (const node of nodes) {
    if (node.inputs.some((input) => found.has(input))) for (const output of node.outputs) found.add(output);
  }
  return found;
}

/** Sums over the axes along which `like` was broadcast. */
function sumToShape(b: GraphBuilder, gradient: Value, like: Value): Value {
  const extra = gradient.shape.length - like.shape.length;
  const axes = gradient.shape.flatMap((dim, axis) => {
    const original = axis < extra ? undefined : like.shape[axis - extra];
    return original === dim ? [] : [axis];
  });
  if (axes.length === 0) return gradient;
  const sum = b.reduceSum(gradient, axes, false);
  return sum.shape.length === like.shape.length ? sum : b.reshape(sum, like.shape);
}
