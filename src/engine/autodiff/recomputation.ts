// Gradient checkpointing (Chen et al. 2016, arXiv 1604.06174): values between two kept ones are not kept for the backward
// pass; it computes them again from the first of the two. The copies must not run early, nor be merged with their
// originals: they start from the kept value plus zero times the gradient that arrives at the end of their segment.

import type { Operator } from '../graph/index.ts';
import { type GraphNode, type NodeOf, selectNodes, type Value } from '../graph/index.ts';
import type { GraphBuilder } from '../ops/index.ts';

export interface Recomputation {
  /**
   * The node whose inputs and outputs a gradient rule should read: the copy, where the original lies between kept values.
   * @param gradients  known so far, by original value
   */
  twinOf(node: GraphNode, gradients: ReadonlyMap<Value, Value>): GraphNode;
}

/** Recomputes nothing. */
export const KEEP_ALL: Recomputation = { twinOf: (node) => node };

/**
 * Plans segments between neighbours of `kept`. Nodes before the first and after the last are not computed again.
 * @param kept  in the order in which they are computed, such as each layer's input
 */
export function planRecomputation(b: GraphBuilder, loss: Value, kept: readonly Value[]): Recomputation {
  const nodes = selectNodes(b.graph, [loss]);
  const ends = kept.map(({ producer }) => producer?.index ?? -1);
  const segmentOf = (node: GraphNode): number =>
    ends.findIndex((end, i) => i + 1 < ends.length && node.index > end && node.index <= ends[i + 1]!);
  const twins = new Map<GraphNode, GraphNode>();
  const copied = new Set<number>();

  const copySegment = (segment: number, arrived: Value): void => {
    const start = kept[segment]!;
    const copies = new Map<Value, Value>([[start, startAfter(b, start, arrived)]]);
    for (const node of nodes) {
      if (segmentOf(node) !== segment || !node.inputs.some((input) => copies.has(input))) continue;
      const inputs = node.inputs.map((input) => copies.get(input) ?? input);
      const twin = copyNode(b, node, inputs);
      twins.set(node, twin);
      for (const [i, output] of node.outputs.entries()) copies.set(output, twin.outputs[i]!);
    }
  };

  return {
    twinOf: (node, gradients) => {
      const segment = segmentOf(node);
      const arrived = segment < 0 ? undefined : gradients.get(kept[segment + 1]!);
      if (arrived === undefined) return node;
      if (!copied.has(segment)) {
        copied.add(segment);
        copySegment(segment, arrived);
      }
      return twins.get(node) ?? node;
    },
  };
}

/** x + 0 * (one row of the gradient): x, but not before the gradient is there. */
function startAfter(b: GraphBuilder, x: Value, gradient: Value): Value {
  let row = gradient;
  for (let axis = 0; axis < gradient.shape.length - 1; axis++) row = b.slice(row, axis, 0, 1);
  return b.add(x, b.mul(row, 0));
}

function copyNode<K extends Operator>(
  b: GraphBuilder,
  node: GraphNode & { op: K },
  inputs: readonly Value[],
): GraphNode {
  const { op, attributes, outputs } = node as unknown as NodeOf<K>;
  const specs = outputs.map(({ dtype, shape }) => ({ dtype, shape }));
  return b.graph.addNode(op, inputs, attributes, specs)[0]!.producer!;
}
