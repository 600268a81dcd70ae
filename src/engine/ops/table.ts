// Every operator's definition. Total over Operator: leave one out and this file does not compile.
import type { Operator, OperatorAttributes, Value, ValueSpec } from '../graph/index.ts';
import type { OpDefinition } from './definition.ts';
import { cast, elementwise, erfGelu } from './elementwise.ts';
import { concat, expandLike, padLike, reshape, slice, split, transpose } from './layout.ts';
import { firstRows, gather, scatterAdd } from './lookup.ts';
import { linearLayer, matMul } from './matmul.ts';
import { layerNormalization, logSoftmax, softmax } from './normalization.ts';
import { reduceMean, reduceSum } from './reduce.ts';
import { rotaryEmbedding } from './rotary.ts';

export const OP_DEFINITIONS: { readonly [K in Operator]: OpDefinition<K> } = {
  ...elementwise,
  ErfGelu: erfGelu,
  Cast: cast,
  MatMul: matMul,
  Linear: linearLayer,
  ReduceSum: reduceSum,
  ReduceMean: reduceMean,
  Softmax: softmax,
  LogSoftmax: logSoftmax,
  LayerNormalization: layerNormalization,
  Reshape: reshape,
  Transpose: transpose,
  Concat: concat,
  Split: split,
  Slice: slice,
  PadLike: padLike,
  ExpandLike: expandLike,
  Gather: gather,
  FirstRows: firstRows,
  ScatterAdd: scatterAdd,
  RotaryEmbedding: rotaryEmbedding,
};

/** Types and shapes of an operator's outputs. @throws SHAPE_MISMATCH */
export function inferOutputs<K extends Operator>(
  op: K,
  inputs: readonly Value[],
  attributes: OperatorAttributes[K],
): readonly ValueSpec[] {
  return OP_DEFINITIONS[op].inferOutputs(inputs, attributes);
}
