// BERT and its relatives as one graph: post-norm encoder, learned positions, GELU. The classifier reads the first token
// alone, so the last layer is computed for that token only: the same logits and gradients for a sixth less work at six
// layers.
// Shapes: B batch, T tokens, D width, H heads, Dh head width, F feed-forward width, C classes.
import type { Dim, DropoutSite, Value } from '../../../engine/graph/index.ts';
import { PROGRAM_NAMES } from '../../../engine/graph/index.ts';
import { GraphBuilder } from '../../../engine/ops/index.ts';
import { headMaskName } from '../attention-heads.ts';
import { createDrop, type Drop } from '../dropout.ts';
import { embedWords } from '../embedded-words.ts';
import type { DropoutRates, EncoderGraph, EncoderGraphOptions } from '../encoder-definition.ts';
import { type AdaptedModule, addLora } from '../lora.ts';
import { listPostNormAdapted } from './adapted.ts';
import { addPostNormHead } from './head.ts';
import type { PostNormConfig, PostNormLayerNames } from './layout.ts';

/** Writes the model as a graph from ids to logits [B, C]. */
export function buildPostNorm(config: PostNormConfig, options: EncoderGraphOptions): EncoderGraph {
  return new PostNormGraph(config, options).write();
}

/** What a layer reads besides its input. */
interface LayerPlace {
  readonly index: number;
  readonly names: PostNormLayerNames;
  /** [B, 1, 1, T] 0 for tokens, -1e9 for padding. */
  readonly bias: Value;
}

class PostNormGraph {
  readonly #b = new GraphBuilder();
  readonly #config: PostNormConfig;
  readonly #options: EncoderGraphOptions;
  readonly #dropout: DropoutRates;
  readonly #drop: Drop;
  readonly #sites: readonly DropoutSite[];
  /** Dense layers with an adapter, by name. */
  readonly #adapted: ReadonlyMap<string, AdaptedModule>;

  constructor(config: PostNormConfig, options: EncoderGraphOptions) {
    const { training, lora = null, dropout = config.dropout } = options;
    this.#config = config;
    this.#options = options;
    this.#dropout = dropout;
    const { drop, sites } = createDrop(this.#b, training);
    this.#drop = drop;
    this.#sites = sites;
    const modules = lora === null ? [] : listPostNormAdapted(config, lora.targets);
    this.#adapted = new Map(modules.map((module) => [module.name, module]));
  }

  write(): EncoderGraph {
    const b = this.#b;
    const { idsType, classNames, head = 'standard' } = this.#options;
    const { width: D, layers, layout } = this.#config;
    const inputIds = b.input(PROGRAM_NAMES.inputIds, idsType, ['B', 'T']);
    const mask = b.cast(b.input(PROGRAM_NAMES.attentionMask, idsType, ['B', 'T']), 'float32');
    const bias = b.reshape(b.mul(b.sub(mask, 1), 1e9), ['B', 1, 1, 'T']);
    let x = this.#embed(inputIds); // [B, T, D]
    const hidden: Value[] = [];
    for (let index = 0; index < layers; index++) {
      hidden.push(x);
      x = this.#layer(x, { index, names: layout.names.layer(index), bias });
    }
    const pooled = b.reshape(x, ['B', D]);
    const choice = { head, classNames, dropout: this.#dropout };
    const logits = addPostNormHead(b, pooled, this.#config, choice, this.#drop);
    return { b, logits, embedding: pooled, dropout: this.#sites, layerInputs: hidden, pooled, hidden };
  }

  /** @returns [B, T, D] */
  #embed(inputIds: Value): Value {
    const b = this.#b;
    const { width: D, vocabularySize, maxPositions, positionOffset = 0, typeVocabulary } = this.#config;
    const { names } = this.#config.layout;
    const words = embedWords(b, inputIds, { name: names.words, vocabularySize, width: D }, this.#options);
    const rows = maxPositions + positionOffset;
    const table = b.parameter(names.positions, [rows, D]);
    const positions = positionOffset === 0 ? table : b.slice(table, 0, positionOffset, rows);
    let placed = b.firstRows(positions, inputIds); // [T, D]
    if (names.types !== null && typeVocabulary > 0) {
      // An article is one sequence, all of type 0.
      placed = b.add(placed, b.slice(b.parameter(names.types, [typeVocabulary, D]), 0, 0, 1));
    }
    return this.#drop(
      this.#norm(b.add(words, placed), names.embeddingNorm),
      'embedding',
      this.#dropout.embedding,
    );
  }

  /** @returns [B, T, D]; of the last layer [B, 1, D] */
  #layer(input: Value, place: LayerPlace): Value {
    const b = this.#b;
    const { index, names } = place;
    const isLast = index === this.#config.layers - 1;
    const read = isLast ? b.slice(input, 1, 0, 1) : input; // [B, Q, D]; Q is T, or 1 in the last layer
    // Inference graphs keep every layer in the form that quantisers of other programs recognise.
    const isFolded =
      isLast && this.#options.training && !this.#adapted.has(names.key) && !this.#adapted.has(names.value);
    const attended = isFolded ? this.#attendFirst(read, input, place) : this.#attend(read, input, place);
    const { hidden } = this.#dropout;
    const projected = this.#config.layout.dropsAttended
      ? this.#drop(attended, `${index}.attended`, hidden)
      : attended;
    const middle = this.#norm(b.add(projected, read), names.attentionNorm);
    const fed = this.#drop(this.#feedForward(middle, names), `${index}.fed`, hidden);
    return this.#norm(b.add(fed, middle), names.outputNorm);
  }

  #feedForward(x: Value, { widened, narrowed }: PostNormLayerNames): Value {
    const b = this.#b;
    const { width: D, feedForward: F } = this.#config;
    if (!this.#options.training || this.#adapted.has(widened) || this.#adapted.has(narrowed))
      return this.#dense(b.unary('Gelu', this.#dense(x, widened, D, F)), narrowed, F, D);
    // The same with fewer passes over [B, Q, F], forward and backward: the products take the factor sqrt(2).
    const half = { alpha: Math.SQRT1_2, beta: Math.SQRT1_2 };
    const wide = b.erfGelu(b.linear(x, ...this.#parameters(widened, D, F), half)); // [B, Q, F]
    return b.linear(wide, ...this.#parameters(narrowed, F, D), { alpha: Math.SQRT2 });
  }

  /** @param read  [B, Q, D] the tokens that ask @param input  [B, T, D] those they attend to @returns [B, Q, D] */
  #attend(read: Value, input: Value, { index, names, bias }: LayerPlace): Value {
    const b = this.#b;
    const { kept, width, D, A } = this.#headSizes(index);
    const toHeads = (x: Value): Value => {
      const tokens: Dim = x.shape[1]!;
      return b.transpose(b.reshape(x, ['B', tokens, kept, width]), [0, 2, 1, 3]); // [B, H, T, Dh]
    };
    const queries = toHeads(this.#dense(read, names.query, D, A));
    const keys = toHeads(this.#dense(input, names.key, D, A));
    const values = toHeads(this.#dense(input, names.value, D, A));
    const scores = b.matMul(queries, keys, { transposeB: true, alpha: 1 / Math.sqrt(width) }); // [B, H, Q, T]
    const shares = this.#drop(b.softmax(b.add(scores, bias)), `${index}.attention`, this.#dropout.attention);
    let mixed = b.matMul(shares, values); // [B, H, Q, Dh]
    if (this.#options.headMasks) mixed = b.mul(mixed, this.#headMask(index, kept));
    const joined = b.reshape(b.transpose(mixed, [0, 2, 1, 3]), ['B', read.shape[1]!, A]);
    return this.#dense(joined, names.attended, A, D);
  }

  /**
   * Attention of the first token. With one query q per head, its scores q (W_k x + b_k) are (q W_k) x + q b_k, and the
   * mixed values W_v (sum of shares x) + b_v (sum of shares): keys and values of T tokens are not computed.
   */
  #attendFirst(read: Value, input: Value, { index, names, bias }: LayerPlace): Value {
    const b = this.#b;
    const { kept, width, D, A } = this.#headSizes(index);
    const ofHeads = ([weight, own]: readonly [Value, Value]): readonly [Value, Value] => [
      b.reshape(weight, [kept, width, D]), // [H, Dh, D]
      b.reshape(own, [kept, width]), // [H, Dh]
    ];
    const swap = (x: Value): Value => b.transpose(x, [1, 0, 2]); // [B, H, ...] and [H, B, ...]
    const [keyWeight, keyBias] = ofHeads(this.#parameters(names.key, D, A));
    const [valueWeight, valueBias] = ofHeads(this.#parameters(names.value, D, A));
    const asked = b.reshape(this.#dense(read, names.query, D, A), ['B', kept, width]);
    const query = b.mul(asked, 1 / Math.sqrt(width)); // [B, H, Dh]
    const sought = swap(b.matMul(swap(query), keyWeight)); // [B, H, D]
    const found = b.matMul(sought, input, { transposeB: true }); // [B, H, T]
    const scores = b.add(found, b.reduceSum(b.mul(query, keyBias), [-1]));
    const shares = this.#drop(
      b.softmax(b.add(scores, b.reshape(bias, ['B', 1, 'T']))),
      `${index}.attention`,
      this.#dropout.attention,
    ); // [B, H, T]
    const met = b.matMul(shares, input); // [B, H, D]
    const values = swap(b.matMul(swap(met), valueWeight, { transposeB: true })); // [B, H, Dh]
    let mixed = b.add(values, b.mul(b.reduceSum(shares, [-1]), valueBias));
    if (this.#options.headMasks) mixed = b.mul(mixed, b.reshape(this.#headMask(index, kept), ['B', kept, 1]));
    return this.#dense(b.reshape(mixed, ['B', 1, A]), names.attended, A, D);
  }

  /** kept: heads of the layer; A: what they make together. */
  #headSizes(index: number): { kept: number; width: number; D: number; A: number } {
    const { width: D, heads: H } = this.#config;
    const kept = this.#options.headsOfLayer?.[index] ?? H;
    return { kept, width: D / H, D, A: (kept * D) / H };
  }

  #headMask(index: number, kept: number): Value {
    return this.#b.input(headMaskName(index), 'float32', ['B', kept, 1, 1]);
  }

  /** A linear layer, with its adapter where it has one. */
  #dense(x: Value, name: string, from: number, to: number): Value {
    const { lora = null } = this.#options;
    const y = this.#b.linear(x, ...this.#parameters(name, from, to));
    const module = this.#adapted.get(name);
    if (lora === null || module === undefined) return y;
    return addLora(this.#b, y, this.#drop(x, `${name}.lora`, lora.dropout), module, lora);
  }

  /** Weight [to, from] and bias [to]. */
  #parameters(name: string, from: number, to: number): readonly [Value, Value] {
    return [this.#b.parameter(`${name}.weight`, [to, from]), this.#b.parameter(`${name}.bias`, [to])];
  }

  #norm(x: Value, name: string): Value {
    const { width: D, normEpsilon } = this.#config;
    const [gain, bias] = [this.#b.parameter(`${name}.weight`, [D]), this.#b.parameter(`${name}.bias`, [D])];
    return this.#b.layerNormalization(x, gain, bias, normEpsilon);
  }
}
