// The type of a reverse-mode rule: from the gradient of a node's outputs it writes the gradient of its inputs (a
// vector-Jacobian product). Rules do not accumulate and do not undo broadcasting: the driver does both, once.
import type { NodeOf, Operator, Value } from '../graph/index.ts';
import type { GraphBuilder } from '../ops/index.ts';

export interface RuleContext<K extends Operator> {
  readonly b: GraphBuilder;
  readonly node: NodeOf<K>;
  /** Gradient of the loss with respect to each output; null where the loss does not depend on it. */
  readonly outputGradients: readonly (Value | null)[];
  /** Gradient of the first output. Never null in a rule for an operator with one output. */
  readonly dy: Value;
  /** Whether the gradient of input i is needed: a rule skips costly ones that are not. */
  readonly wants: (input: number) => boolean;
}

/** One gradient per input, in the input's shape or in one that broadcasting widened; null = none. */
export type VjpRule<K extends Operator> = (context: RuleContext<K>) => readonly (Value | null)[];
