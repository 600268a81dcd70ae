// From the first token's vector to logits. `standard` is the family's own: a dense layer of width D, ReLU or tanh, dropout,
// classifier. `linear` reads the vector as it stands: with two classes one number z, whose logits [-z/2, z/2] make the
// softmax's cross-entropy exactly the sigmoid's binary one; so rate and decay mean the same as with that.
import type { ModelGraph } from '../../../engine/autodiff/index.ts';
import type { Value } from '../../../engine/graph/index.ts';
import { float32Tensor } from '../../../engine/graph/index.ts';
import type { GraphBuilder } from '../../../engine/ops/index.ts';
import type { Drop } from '../dropout.ts';
import type { DropoutRates, HeadGraphOptions, HeadKind } from '../encoder-definition.ts';
import { buildOverFeatures } from '../features.ts';
import type { PostNormConfig } from './layout.ts';

export interface HeadChoice {
  readonly head: HeadKind;
  readonly classNames: readonly string[];
  readonly dropout: DropoutRates;
}

/** Rows of the classifier as it is trained: one for two classes under a linear head. */
export function classifierRows(head: HeadKind, classes: number): number {
  return head === 'linear' && classes === 2 ? 1 : classes;
}

/** @param pooled  [B, D] @returns logits [B, C] */
export function addPostNormHead(
  b: GraphBuilder,
  pooled: Value,
  { layout, width: D }: Pick<PostNormConfig, 'layout' | 'width'>,
  { head, classNames, dropout }: HeadChoice,
  drop: Drop,
): Value {
  const own = layout.head;
  const dense = (x: Value, name: string, to: number): Value =>
    b.linear(x, b.parameter(`${name}.weight`, [to, D]), b.parameter(`${name}.bias`, [to]));
  const addDense = (): Value => {
    const read = own.dropsInput ? drop(pooled, 'pooled', dropout.classifier) : pooled;
    return b.unary(own.activation, dense(read, own.dense, D));
  };
  const headed = head === 'linear' ? pooled : addDense();
  const classes = classNames.length;
  const rows = classifierRows(head, classes);
  const scores = dense(drop(headed, 'classifier', dropout.classifier), own.classifier, rows); // [B, rows]
  if (rows === classes) return scores;
  return b.matMul(scores, b.constant(float32Tensor([1, 2], Float32Array.of(-0.5, 0.5))));
}

/** The head alone, over vectors computed before. */
export function buildPostNormHead(config: PostNormConfig, options: HeadGraphOptions): ModelGraph {
  return buildOverFeatures(config.width, options, (b, pooled, drop) =>
    addPostNormHead(b, pooled, config, options, drop),
  );
}
