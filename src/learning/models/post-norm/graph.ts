// BERT and its relatives as one graph: post-norm encoder, learned positions, GELU. The classifier reads the first token
// alone, so the last layer is computed for that token only: the same logits and gradients for a sixth less work at six
// layers.
// Shapes: B batch, T tokens, D width, H heads, Dh head width, F feed-forward width, C classes.
import type { Dim, Value } from '../../../engine/graph/index.ts';
import { PROGRAM_NAMES } from '../../../engine/graph/index.ts';
import { GraphBuilder } from '../../../engine/ops/index.ts';
import { headMaskName } from '../attention-heads.ts';
import { createDrop } from '../dropout.ts';
import { embedWords } from '../embedded-words.ts';
import type { EncoderGraph, EncoderGraphOptions } from '../encoder-definition.ts';
import { type AdaptedModule, addLora } from '../lora.ts';
import { listPostNormAdapted } from './adapted.ts';
import { addPostNormHead } from './head.ts';
import type { PostNormConfig, PostNormLayerNames } from './layout.ts';

/** Writes the model as a graph from ids to logits [B, C]. */
export function buildPostNorm(config: PostNormConfig, options: EncoderGraphOptions): EncoderGraph {
  const { training, idsType, classNames, head = 'standard', lora = null } = options;
  const { headsOfLayer, headMasks = false, dropout = config.dropout } = options;
  const b = new GraphBuilder();
  const { width: D, heads: H, feedForward: F, normEpsilon, layout, positionOffset = 0 } = config;
  const { names } = layout;
  const { drop, sites } = createDrop(b, training);
  const adapted = new Map<string, AdaptedModule>(
    lora === null ? [] : listPostNormAdapted(config, lora.targets).map((module) => [module.name, module]),
  );
  const weightsOf = (name: string, from: number, to: number): readonly [Value, Value] => [
    b.parameter(`${name}.weight`, [to, from]),
    b.parameter(`${name}.bias`, [to]),
  ];
  const dense = (x: Value, name: string, from: number, to: number): Value => {
    const y = b.linear(x, ...weightsOf(name, from, to));
    const layer = adapted.get(name);
    if (lora === null || layer === undefined) return y;
    return addLora(b, y, drop(x, `${name}.lora`, lora.dropout), layer, lora);
  };
  const norm = (x: Value, name: string): Value =>
    b.layerNormalization(
      x,
      b.parameter(`${name}.weight`, [D]),
      b.parameter(`${name}.bias`, [D]),
      normEpsilon,
    );

  const inputIds = b.input(PROGRAM_NAMES.inputIds, idsType, ['B', 'T']);
  const mask = b.cast(b.input(PROGRAM_NAMES.attentionMask, idsType, ['B', 'T']), 'float32');
  const attentionBias = b.reshape(b.mul(b.sub(mask, 1), 1e9), ['B', 1, 1, 'T']); // 0 for tokens, -1e9 for padding

  const wordTable = { name: names.words, vocabularySize: config.vocabularySize, width: D };
  const words = embedWords(b, inputIds, wordTable, options); // [B, T, D]
  const rows = config.maxPositions + positionOffset;
  const table = b.parameter(names.positions, [rows, D]);
  const positions = positionOffset === 0 ? table : b.slice(table, 0, positionOffset, rows);
  let placed = b.firstRows(positions, inputIds); // [T, D]
  if (names.types !== null && config.typeVocabulary > 0) {
    // An article is one sequence, all of type 0.
    placed = b.add(placed, b.slice(b.parameter(names.types, [config.typeVocabulary, D]), 0, 0, 1));
  }
  let x = drop(norm(b.add(words, placed), names.embeddingNorm), 'embedding', dropout.embedding);
  const hidden = [x];
  for (let layer = 0; layer < config.layers; layer++) {
    x = buildLayer(x, layer, layer === config.layers - 1);
    hidden.push(x);
  }
  hidden.pop();

  const pooled = b.reshape(x, ['B', D]);
  const logits = addPostNormHead(b, pooled, config, { head, classNames, dropout }, drop);
  return { b, logits, embedding: pooled, dropout: sites, layerInputs: hidden, pooled, hidden };

  function buildLayer(input: Value, layer: number, last: boolean): Value {
    const at = names.layer(layer);
    const read = last ? b.slice(input, 1, 0, 1) : input; // [B, Q, D]; Q is T, or 1 in the last layer
    // A model that is handed out keeps every layer in the form that quantisers know.
    const isFolded = last && training && !adapted.has(at.key) && !adapted.has(at.value);
    const attended = isFolded ? attendFirst(read, input, at, layer) : attend(read, input, at, layer);
    const projected = layout.dropsAttended ? drop(attended, `${layer}.attended`, dropout.hidden) : attended;
    const middle = norm(b.add(projected, read), at.attentionNorm);
    const fed = drop(feedForward(middle, at), `${layer}.fed`, dropout.hidden);
    return norm(b.add(fed, middle), at.outputNorm);
  }

  function feedForward(x: Value, at: PostNormLayerNames): Value {
    if (!training || adapted.has(at.widened) || adapted.has(at.narrowed))
      return dense(b.unary('Gelu', dense(x, at.widened, D, F)), at.narrowed, F, D);
    // The same, with fewer passes over [B, Q, F] on the way there and back: sqrt(2) is left to the products.
    const half = { alpha: Math.SQRT1_2, beta: Math.SQRT1_2 };
    const wide = b.erfGelu(b.linear(x, ...weightsOf(at.widened, D, F), half)); // [B, Q, F]
    return b.linear(wide, ...weightsOf(at.narrowed, F, D), { alpha: Math.SQRT2 });
  }

  function attend(read: Value, input: Value, at: PostNormLayerNames, layer: number): Value {
    const kept = headsOfLayer?.[layer] ?? H;
    const A = (kept * D) / H; // what the kept heads make together
    const toHeads = (x: Value): Value => {
      const tokens: Dim = x.shape[1]!;
      return b.transpose(b.reshape(x, ['B', tokens, kept, D / H]), [0, 2, 1, 3]); // [B, H, T, Dh]
    };
    const queries = toHeads(dense(read, at.query, D, A));
    const keys = toHeads(dense(input, at.key, D, A));
    const values = toHeads(dense(input, at.value, D, A));
    const scores = b.matMul(queries, keys, { transposeB: true, alpha: 1 / Math.sqrt(D / H) }); // [B, H, Q, T]
    const shares = drop(b.softmax(b.add(scores, attentionBias)), `${layer}.attention`, dropout.attention);
    let mixed = b.matMul(shares, values); // [B, H, Q, Dh]
    if (headMasks) mixed = b.mul(mixed, b.input(headMaskName(layer), 'float32', ['B', kept, 1, 1]));
    const joined = b.reshape(b.transpose(mixed, [0, 2, 1, 3]), ['B', read.shape[1]!, A]);
    return dense(joined, at.attended, A, D);
  }

  /**
   * Attention of the first token. With one query q a head, its scores q (W_k x + b_k) are (q W_k) x + q b_k, and the
   * mixed values W_v (sum of shares x) + b_v (sum of shares): no keys and values of T tokens are made.
   */
  function attendFirst(read: Value, input: Value, at: PostNormLayerNames, layer: number): Value {
    const kept = headsOfLayer?.[layer] ?? H;
    const width = D / H;
    const A = kept * width;
    const ofHeads = ([weight, bias]: readonly [Value, Value]): readonly [Value, Value] => [
      b.reshape(weight, [kept, width, D]), // [H, Dh, D]
      b.reshape(bias, [kept, width]), // [H, Dh]
    ];
    const swap = (x: Value): Value => b.transpose(x, [1, 0, 2]); // [B, H, ...] and [H, B, ...]
    const [keyWeight, keyBias] = ofHeads(weightsOf(at.key, D, A));
    const [valueWeight, valueBias] = ofHeads(weightsOf(at.value, D, A));
    const query = b.mul(b.reshape(dense(read, at.query, D, A), ['B', kept, width]), 1 / Math.sqrt(width)); // [B, H, Dh]
    const sought = swap(b.matMul(swap(query), keyWeight)); // [B, H, D]
    const found = b.matMul(sought, input, { transposeB: true }); // [B, H, T]
    const scores = b.add(found, b.reduceSum(b.mul(query, keyBias), [-1]));
    const shares = drop(
      b.softmax(b.add(scores, b.reshape(attentionBias, ['B', 1, 'T']))),
      `${layer}.attention`,
      dropout.attention,
    ); // [B, H, T]
    const met = b.matMul(shares, input); // [B, H, D]
    const values = swap(b.matMul(swap(met), valueWeight, { transposeB: true })); // [B, H, Dh]
    let mixed = b.add(values, b.mul(b.reduceSum(shares, [-1]), valueBias));
    if (headMasks)
      mixed = b.mul(
        mixed,
        b.reshape(b.input(headMaskName(layer), 'float32', ['B', kept, 1, 1]), ['B', kept, 1]),
      );
    return dense(b.reshape(mixed, ['B', 1, A]), at.attended, A, D);
  }
}
