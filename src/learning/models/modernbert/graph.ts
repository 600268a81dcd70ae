// ModernBERT as a graph: pre-norm encoder with rotary positions, global and local attention, gated GELU, one-layer head.
// Shapes: B batch, T tokens, D width, H heads, Dh head width, F feed-forward width, C classes.
import type { ModelGraph } from '../../../engine/autodiff/index.ts';
import type { Shape, Value } from '../../../engine/graph/index.ts';
import { float32Tensor, PROGRAM_NAMES } from '../../../engine/graph/index.ts';
import { GraphBuilder } from '../../../engine/ops/index.ts';
import { headMaskName } from '../attention-heads.ts';
import { createDrop, type Drop } from '../dropout.ts';
import { embedWords } from '../embedded-words.ts';
import type {
  DropoutRates,
  EncoderGraph,
  EncoderGraphOptions,
  HeadGraphOptions,
} from '../encoder-definition.ts';
import { buildOverFeatures } from '../features.ts';
import { type AdaptedModule, addLora } from '../lora.ts';
import { listModernBertAdapted } from './adapted.ts';
import type { ModernBertConfig } from './config.ts';

const MASKED = 1e9;

/** Writes the model as a graph from ids to logits [B, C]. */
export function buildModernBert(config: ModernBertConfig, options: EncoderGraphOptions): EncoderGraph {
  const { training, idsType, classNames, lora = null, headsOfLayer, headMasks = false } = options;
  const { dropout = config.dropout } = options;
  const b = new GraphBuilder();
  const { width: D, heads: H } = config;
  const { drop, sites } = createDrop(b, training);
  const adapted = new Map<string, AdaptedModule>(
    lora === null ? [] : listModernBertAdapted(config, lora.targets).map((module) => [module.name, module]),
  );
  const dense = (x: Value, name: string, from: number, to: number): Value => {
    const y = b.linear(x, b.parameter(`${name}.weight`, [to, from]));
    const module = adapted.get(name);
    if (lora === null || module === undefined) return y;
    return addLora(b, y, drop(x, `${name}.lora`, lora.dropout), module, lora);
  };
  const norm = (x: Value, name: string): Value => addNorm(b, x, name, config);

  const inputIds = b.input(PROGRAM_NAMES.inputIds, idsType, ['B', 'T']);
  const mask = b.cast(b.input(PROGRAM_NAMES.attentionMask, idsType, ['B', 'T']), 'float32');
  const attentionBias = b.reshape(b.mul(b.sub(mask, 1), MASKED), ['B', 1, 1, 'T']); // 0 for tokens, -1e9 for padding
  const attention = planAttention(b, config, inputIds, attentionBias);

  const table = {
    name: 'model.embeddings.tok_embeddings.weight',
    vocabularySize: config.vocabularySize,
    width: D,
  };
  let hidden = norm(embedWords(b, inputIds, table, options), 'model.embeddings.norm'); // [B, T, D]
  hidden = drop(hidden, 'token', dropout.token ?? 0, ['B', 'T', 1]);
  hidden = drop(hidden, 'embedding', dropout.embedding);
  const layerInputs: Value[] = [];
  for (let layer = 0; layer < config.layers; layer++) {
    layerInputs.push(hidden);
    const at = `model.layers.${layer}`;
    const normed = layer === 0 ? hidden : norm(hidden, `${at}.attn_norm`); // the first follows the embeddings' norm
    const attended = attend(normed, `${at}.attn`, layer);
    hidden = b.add(hidden, drop(attended, `${layer}.attended`, dropout.hidden));
    const fed = feedForward(norm(hidden, `${at}.mlp_norm`), `${at}.mlp`);
    hidden = b.add(hidden, drop(fed, `${layer}.fed`, dropout.hidden));
  }
  hidden = norm(hidden, 'model.final_norm');

  const pooled = config.pooling === 'mean' ? poolMean(b, hidden, mask, D) : poolFirst(b, hidden, D); // [B, D]
  const logits = addModernBertHead(b, pooled, config, { classNames, dropout }, drop);
  return { b, logits, embedding: pooled, dropout: sites, layerInputs, pooled, hidden: layerInputs };

  function attend(x: Value, name: string, layer: number): Value {
    const kept = headsOfLayer?.[layer] ?? H;
    const A = (kept * D) / H; // what the kept heads make together
    const { cos, sin, bias } = attention(layer);
    const toHeads = (part: Value): Value =>
      b.transpose(b.reshape(part, ['B', 'T', kept, D / H]), [0, 2, 1, 3]); // [B, H, T, Dh]
    const [q, k, v] = b.split(dense(x, `${name}.Wqkv`, D, 3 * A), [A, A, A], 2); // each [B, T, A]
    const queries = toHeads(b.rotaryEmbedding(q!, cos, sin));
    const keys = toHeads(b.rotaryEmbedding(k!, cos, sin));
    const scores = b.matMul(queries, keys, { transposeB: true, alpha: 1 / Math.sqrt(D / H) }); // [B, H, T, T]
    const shares = drop(b.softmax(b.add(scores, bias)), `${layer}.attention`, dropout.attention);
    let mixed = b.matMul(shares, toHeads(v!)); // [B, H, T, Dh]
    if (headMasks) mixed = b.mul(mixed, b.input(headMaskName(layer), 'float32', ['B', kept, 1, 1]));
    const joined = b.reshape(b.transpose(mixed, [0, 2, 1, 3]), ['B', 'T', A] satisfies Shape);
    return dense(joined, `${name}.Wo`, A, D);
  }

  function feedForward(x: Value, name: string): Value {
    const F = config.feedForward;
    const [input, gate] = b.split(dense(x, `${name}.Wi`, D, 2 * F), [F, F], 2); // each [B, T, F]
    return dense(b.mul(b.unary('Gelu', input!), gate!), `${name}.Wo`, F, D);
  }
}

/** The head alone, over vectors computed before. */
export function buildModernBertHead(config: ModernBertConfig, options: HeadGraphOptions): ModelGraph {
  return buildOverFeatures(config.width, options, (b, pooled, drop) =>
    addModernBertHead(b, pooled, config, options, drop),
  );
}

/** @param pooled  [B, D] @returns logits [B, C] */
function addModernBertHead(
  b: GraphBuilder,
  pooled: Value,
  config: ModernBertConfig,
  { classNames, dropout }: { readonly classNames: readonly string[]; readonly dropout: DropoutRates },
  drop: Drop,
): Value {
  const { width: D } = config;
  const dense = b.linear(pooled, b.parameter('head.dense.weight', [D, D]));
  const headed = addNorm(b, b.unary('Gelu', dense), 'head.norm', config);
  return b.linear(
    drop(headed, 'classifier', dropout.classifier),
    b.parameter('classifier.weight', [classNames.length, D]),
    b.parameter('classifier.bias', [classNames.length]),
  );
}

function addNorm(b: GraphBuilder, x: Value, name: string, { width, normEpsilon }: ModernBertConfig): Value {
  return b.layerNormalization(x, b.parameter(`${name}.weight`, [width]), null, normEpsilon);
}

interface LayerAttention {
  readonly cos: Value;
  readonly sin: Value;
  /** Added to the scores: [B, 1, 1, T] in a global layer, [B, 1, T, T] in a local one. */
  readonly bias: Value;
}

/** What differs between global and local layers; each kind is written once, and only where a layer is of it. */
function planAttention(
  b: GraphBuilder,
  config: ModernBertConfig,
  inputIds: Value,
  paddingBias: Value,
): (layer: number) => LayerAttention {
  const { isGlobal, reach, globalTheta, localTheta } = config.attention;
  const tables = new Map<number, Pick<LayerAttention, 'cos' | 'sin'>>();
  const rotate = (theta: number): Pick<LayerAttention, 'cos' | 'sin'> => {
    const found = tables.get(theta) ?? buildRotaryTables(b, config, theta);
    tables.set(theta, found);
    return found;
  };
  const global = isGlobal.includes(true) ? { ...rotate(globalTheta), bias: paddingBias } : null;
  const local = isGlobal.includes(false)
    ? { ...rotate(localTheta), bias: b.add(paddingBias, buildBand(b, config.maxTokens, inputIds, reach)) }
    : null;
  return (layer) => (isGlobal[layer] === true ? global! : local!);
}

/** 0 where two positions are at most `reach` apart, else below -1e9. @returns [T, T] */
function buildBand(b: GraphBuilder, maxTokens: number, inputIds: Value, reach: number): Value {
  const numbers = b.constant(
    float32Tensor(
      [maxTokens, 1],
      Float32Array.from({ length: maxTokens }, (_, i) => i),
    ),
  );
  const rows = b.firstRows(numbers, inputIds); // [T, 1]
  const apart = b.sub(rows, b.transpose(rows, [1, 0])); // [T, T]
  // Distances are whole numbers, so that their squares lie well on either side of the limit.
  const beyond = b.unary('Relu', b.sub(b.mul(apart, apart), (reach + 0.5) ** 2));
  return b.mul(beyond, -MASKED);
}

function poolFirst(b: GraphBuilder, hidden: Value, width: number): Value {
  return b.reshape(b.slice(hidden, 1, 0, 1), ['B', width]);
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
  theta: number,
): { cos: Value; sin: Value } {
  const headWidth = width / heads;
  const half = headWidth / 2;
  const cos = new Float32Array(maxTokens * half);
  const sin = new Float32Array(maxTokens * half);
  for (let position = 0; position < maxTokens; position++) {
    for (let i = 0; i < half; i++) {
      const angle = position * theta ** ((-2 * i) / headWidth);
      cos[position * half + i] = Math.cos(angle);
      sin[position * half + i] = Math.sin(angle);
    }
  }
  return {
    cos: b.constant(float32Tensor([maxTokens, half], cos)),
    sin: b.constant(float32Tensor([maxTokens, half], sin)),
  };
}
