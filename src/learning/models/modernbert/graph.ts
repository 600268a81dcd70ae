// ModernBERT as a graph: pre-norm encoder with rotary positions and gated GELU, mean pooling, one-layer head.
// Shapes: B batch, T tokens, D width, H heads, Dh head width, F feed-forward width, C classes.
import type { ModelGraph } from '../../../engine/autodiff/index.ts';
import type { Shape, Value } from '../../../engine/graph/index.ts';
import { type DropoutSite, float32Tensor, PROGRAM_NAMES } from '../../../engine/graph/index.ts';
import { GraphBuilder } from '../../../engine/ops/index.ts';
import { type HeadOptions, headMaskName } from '../attention-heads.ts';
import { embedWords, type WordVectorOptions } from '../embedded-words.ts';
import { type ModernBertConfig, NORM_EPSILON, ROPE_THETA } from './config.ts';

export interface BuildOptions extends HeadOptions, WordVectorOptions {
  /** Adds dropout where its rate is above 0. */
  readonly training: boolean;
  /** int64 is what other programs feed; int32 saves a conversion in ours. */
  readonly idsType: 'int32' | 'int64';
}

/** Writes the model as a graph from ids to logits [B, C]. */
export function buildModernBert(config: ModernBertConfig, options: BuildOptions): ModelGraph {
  const { training, idsType, headsOfLayer, headMasks = false } = options;
  const b = new GraphBuilder();
  const { width: D, heads: H, classNames } = config;
  const dropoutSites: DropoutSite[] = [];
  const drop = (x: Value, name: string, rate: number, shape = x.shape): Value => {
    if (!training || rate === 0) return x;
    const mask = b.input(`dropout.${name}`, 'float32', shape);
    dropoutSites.push({ input: mask.name, shape, rate });
    return b.mul(x, mask);
  };
  const weight = (name: string, ...shape: number[]): Value => b.parameter(name, shape);
  const norm = (x: Value, name: string): Value =>
    b.layerNormalization(x, weight(`${name}.weight`, D), null, NORM_EPSILON);

  const inputIds = b.input(PROGRAM_NAMES.inputIds, idsType, ['B', 'T']);
  const mask = b.cast(b.input(PROGRAM_NAMES.attentionMask, idsType, ['B', 'T']), 'float32');
  const attentionBias = b.reshape(b.mul(b.sub(mask, 1), 1e9), ['B', 1, 1, 'T']); // 0 for tokens, -1e9 for padding
  const positions = buildRotaryTables(b, config);

  const table = {
    name: 'model.embeddings.tok_embeddings.weight',
    vocabularySize: config.vocabularySize,
    width: D,
  };
  let hidden = norm(embedWords(b, inputIds, table, options), 'model.embeddings.norm'); // [B, T, D]
  hidden = drop(hidden, 'token', config.dropout.token, ['B', 'T', 1]);
  hidden = drop(hidden, 'embedding', config.dropout.embedding);
  const layerInputs: Value[] = [];
  for (let layer = 0; layer < config.layers; layer++) {
    layerInputs.push(hidden);
    const at = `model.layers.${layer}`;
    const normed = layer === 0 ? hidden : norm(hidden, `${at}.attn_norm`); // the first follows the embeddings' norm
    const attended = attend(normed, `${at}.attn`, layer);
    hidden = b.add(hidden, drop(attended, `${layer}.attended`, config.dropout.hidden));
    const fed = feedForward(norm(hidden, `${at}.mlp_norm`), `${at}.mlp`);
    hidden = b.add(hidden, drop(fed, `${layer}.fed`, config.dropout.hidden));
  }
  hidden = norm(hidden, 'model.final_norm');

  const pooled = poolMean(b, hidden, mask, D); // [B, D]
  const headed = norm(b.unary('Gelu', b.linear(pooled, weight('head.dense.weight', D, D))), 'head.norm');
  const classes = classNames.length;
  const logits = b.linear(
    drop(headed, 'classifier', config.dropout.classifier),
    weight('classifier.weight', classes, D),
    weight('classifier.bias', classes),
  );
  return { b, logits, embedding: pooled, dropout: dropoutSites, layerInputs };

  function attend(x: Value, name: string, layer: number): Value {
    const kept = headsOfLayer?.[layer] ?? H;
    const A = (kept * D) / H; // what the kept heads make together
    const toHeads = (part: Value): Value =>
      b.transpose(b.reshape(part, ['B', 'T', kept, D / H]), [0, 2, 1, 3]); // [B, H, T, Dh]
    const [q, k, v] = b.split(b.linear(x, weight(`${name}.Wqkv.weight`, 3 * A, D)), [A, A, A], 2); // each [B, T, A]
    const queries = toHeads(b.rotaryEmbedding(q!, positions.cos, positions.sin));
    const keys = toHeads(b.rotaryEmbedding(k!, positions.cos, positions.sin));
    const scores = b.matMul(queries, keys, { transposeB: true, alpha: 1 / Math.sqrt(D / H) }); // [B, H, T, T]
    const shares = drop(
      b.softmax(b.add(scores, attentionBias)),
      `${layer}.attention`,
      config.dropout.attention,
    );
    let mixed = b.matMul(shares, toHeads(v!)); // [B, H, T, Dh]
    if (headMasks) mixed = b.mul(mixed, b.input(headMaskName(layer), 'float32', ['B', kept, 1, 1]));
    const joined = b.reshape(b.transpose(mixed, [0, 2, 1, 3]), ['B', 'T', A] satisfies Shape);
    return b.linear(joined, weight(`${name}.Wo.weight`, D, A));
  }

  function feedForward(x: Value, name: string): Value {
    const F = config.feedForward;
    const [input, gate] = b.split(b.linear(x, weight(`${name}.Wi.weight`, 2 * F, D)), [F, F], 2); // each [B, T, F]
    return b.linear(b.mul(b.unary('Gelu', input!), gate!), weight(`${name}.Wo.weight`, D, F));
  }
}

/** Mean over the tokens that are not padding, as one product: [B, 1, T] @ [B, T, D]. */
function poolMean(b: GraphBuilder, hidden: Value, mask: Value, width: number): Value {
  const shares = b.div(mask, b.reduceSum(mask, [1])); // [B, T]
  return b.reshape(b.matMul(b.reshape(shares, ['B', 1, 'T']), hidden), ['B', width]);
}

/** cos and sin of position * theta^(-2i / Dh): [maxTokens, Dh / 2] each. */
function buildRotaryTables(
  b: GraphBuilder,
  { maxTokens, width, heads }: ModernBertConfig,
): { cos: Value; sin: Value } {
  const headWidth = width / heads;
  const half = headWidth / 2;
  const cos = new Float32Array(maxTokens * half);
  const sin = new Float32Array(maxTokens * half);
  for (let position = 0; position < maxTokens; position++) {
    for (let i = 0; i < half; i++) {
      const angle = position * ROPE_THETA ** ((-2 * i) / headWidth);
      cos[position * half + i] = Math.cos(angle);
      sin[position * half + i] = Math.sin(angle);
    }
  }
  return {
    cos: b.constant(float32Tensor([maxTokens, half], cos)),
    sin: b.constant(float32Tensor([maxTokens, half], sin)),
  };
}
