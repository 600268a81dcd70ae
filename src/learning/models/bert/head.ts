// From the first token's vector to logits. `standard` is the family's own: a dense layer of width D, ReLU (DistilBERT) or
// tanh (BERT), dropout, classifier. `linear` reads the vector as it stands: with two classes one number z, whose
// logits [-z/2, z/2] make the softmax's cross-entropy exactly the sigmoid's binary one; so rate and decay mean the
// same as with that.
import type { ModelGraph } from '../../../engine/autodiff/index.ts';
import type { Value } from '../../../engine/graph/index.ts';
import { type DropoutSite, float32Tensor, PROGRAM_NAMES } from '../../../engine/graph/index.ts';
import { GraphBuilder } from '../../../engine/ops/index.ts';
import type { BertConfig } from './config.ts';
import { BERT_NAMES } from './names.ts';

export type BertHead = 'standard' | 'linear';

/** Applies dropout at a named place, in training where the rate is above 0. */
export type Drop = (x: Value, name: string, rate: number) => Value;

/** The frozen table of vectors that buildBertHead looks up in, [N, D]. */
export const FEATURES = 'features';

/** Rows of the classifier as it is trained: one for two classes under a linear head. */
export function classifierRows(head: BertHead, classes: number): number {
  return head === 'linear' && classes === 2 ? 1 : classes;
}

/** Whoever adds dropout to a graph: the function, and the places it met. */
export function createDrop(b: GraphBuilder, training: boolean): { drop: Drop; sites: DropoutSite[] } {
  const sites: DropoutSite[] = [];
  const drop: Drop = (x, name, rate) => {
    if (!training || rate === 0) return x;
    const mask = b.input(`dropout.${name}`, 'float32', x.shape);
    sites.push({ input: mask.name, shape: x.shape, rate });
    return b.mul(x, mask);
  };
  return { drop, sites };
}

/** @param pooled  [B, D] @returns logits [B, C] */
export function addHead(
  b: GraphBuilder,
  pooled: Value,
  config: BertConfig,
  head: BertHead,
  drop: Drop,
): Value {
  const { family, width: D, dropout } = config;
  const names = BERT_NAMES[family];
  const dense = (x: Value, name: string, to: number): Value =>
    b.linear(x, b.parameter(`${name}.weight`, [to, D]), b.parameter(`${name}.bias`, [to]));
  const activation = family === 'distilbert' ? 'Relu' : 'Tanh';
  const headed = head === 'linear' ? pooled : b.unary(activation, dense(pooled, names.pooler, D));
  const classes = config.classNames.length;
  const rows = classifierRows(head, classes);
  const scores = dense(drop(headed, 'classifier', dropout.classifier), names.classifier, rows); // [B, rows]
  if (rows === classes) return scores;
  return b.matMul(scores, b.constant(float32Tensor([1, 2], Float32Array.of(-0.5, 0.5))));
}

/**
 * The head alone, over vectors computed before: `inputIds` [B, 1] are rows of the parameter `features` [N, D], which is
 * meant to be frozen.
 */
export function buildBertHead(
  config: BertConfig,
  { training, head, rows }: { training: boolean; head: BertHead; rows: number },
): ModelGraph {
  const b = new GraphBuilder();
  const { drop, sites } = createDrop(b, training);
  const inputIds = b.input(PROGRAM_NAMES.inputIds, 'int32', ['B', 1]);
  const found = b.gather(b.parameter(FEATURES, [rows, config.width]), inputIds); // [B, 1, D]
  const logits = addHead(b, b.reshape(found, ['B', config.width]), config, head, drop);
  return { b, logits, dropout: sites };
}
