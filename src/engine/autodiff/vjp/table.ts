// Every operator's gradient rule. Total over Operator: leave one out and this file does not compile.
import type { Operator } from '../../graph/index.ts';
import type { VjpRule } from '../rule.ts';
import * as elementwise from './elementwise.ts';
import * as layout from './layout.ts';
import { firstRowsRule, gatherRule, rotaryEmbeddingRule, scatterAddRule } from './lookup.ts';
import { linearRule, matMulRule } from './matmul.ts';
import { layerNormalizationRule, logSoftmaxRule, softmaxRule } from './normalization.ts';
import { reduceMeanRule, reduceSumRule } from './reduce.ts';

export const VJP_RULES: { readonly [K in Operator]: VjpRule<K> } = {
  Add: elementwise.addRule,
  Sub: elementwise.subRule,
  Mul: elementwise.mulRule,
  Div: elementwise.divRule,
  Neg: elementwise.negRule,
  Exp: elementwise.expRule,
  Log: elementwise.logRule,
  Sqrt: elementwise.sqrtRule,
  Erf: elementwise.erfRule,
  Tanh: elementwise.tanhRule,
  Sigmoid: elementwise.sigmoidRule,
  Relu: elementwise.reluRule,
  Gelu: elementwise.geluRule,
  ErfGelu: elementwise.erfGeluRule,
  Cast: elementwise.castRule,
  MatMul: matMulRule,
  Linear: linearRule,
  ReduceSum: reduceSumRule,
  ReduceMean: reduceMeanRule,
  Softmax: softmaxRule,
  LogSoftmax: logSoftmaxRule,
  LayerNormalization: layerNormalizationRule,
  Reshape: layout.reshapeRule,
  Transpose: layout.transposeRule,
  Concat: layout.concatRule,
  Split: layout.splitRule,
  Slice: layout.sliceRule,
  PadLike: layout.padLikeRule,
  ExpandLike: layout.expandLikeRule,
  Gather: gatherRule,
  FirstRows: firstRowsRule,
  ScatterAdd: scatterAddRule,
  RotaryEmbedding: rotaryEmbeddingRule,
};
