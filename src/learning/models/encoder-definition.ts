// An encoder as its config.json defines it, without classes: its graph, the names of its tensors, and the parts that training,
// pruning and explanations need.
import type { ModelGraph } from '../../engine/autodiff/index.ts';
import type { TensorData, Value } from '../../engine/graph/index.ts';
import type { HeadOptions } from './attention-heads.ts';
import type { WordVectorOptions } from './embedded-words.ts';
import type { AdaptedModule, LoraOptions, LoraTarget } from './lora.ts';

/** standard: the family's own; linear: the first token's vector straight into the classifier. */
export type HeadKind = 'standard' | 'linear';

export interface DropoutRates {
  /** Whole tokens (Iyyer et al. 2015, "word dropout"); no config.json mentions it. Default 0. */
  readonly token?: number;
  /** After the embeddings' norm. */
  readonly embedding: number;
  /** Dropout rate of the attention weights. */
  readonly attention: number;
  /** After the projections back into the residual stream. */
  readonly hidden: number;
  /** Before the classifier. */
  readonly classifier: number;
}

export interface GraphOptions {
  /** Adds dropout where its rate is above 0. */
  readonly training: boolean;
  /** Other programs feed int64; int32 saves this program a conversion. */
  readonly idsType: 'int32' | 'int64';
}

export interface EncoderGraphOptions extends GraphOptions, HeadOptions, WordVectorOptions {
  readonly classNames: readonly string[];
  /** Default: the definition's own. */
  readonly dropout?: DropoutRates;
  /** Default standard. */
  readonly head?: HeadKind;
  /** Adapters beside dense layers; null or absent: none. */
  readonly lora?: LoraOptions | null;
}

export interface HeadGraphOptions {
  readonly classNames: readonly string[];
  readonly dropout: DropoutRates;
  readonly head: HeadKind;
  readonly training: boolean;
  /** N */
  readonly rows: number;
}

export interface EncoderGraph extends ModelGraph {
  /** [B, D] what the head reads. */
  readonly pooled: Value;
  /** Hidden states after the embeddings and after each layer but the last, [B, T, D]. */
  readonly hidden: readonly Value[];
}

/** A weight that has a part for each attention head. */
export interface HeadedWeight {
  readonly name: string;
  /** Heads follow each other along the rows (0) or the columns (1). */
  readonly axis: 0 | 1;
  /** How many times all heads follow each other: 3 where queries, keys and values share one matrix. */
  readonly repeats: number;
}

export interface NamedShape {
  readonly name: string;
  readonly shape: readonly number[];
}

export interface EncoderDefinition {
  readonly family: string;
  /** L */
  readonly layers: number;
  /** H */
  readonly heads: number;
  /** D */
  readonly width: number;
  /** V */
  readonly vocabularySize: number;
  /** The longest sequence. */
  readonly maxPositions: number;
  readonly padId: number;
  readonly dropout: DropoutRates;
  /** Everything but the weights that determines an article's vector; plain JSON. */
  readonly sizes: Readonly<Record<string, unknown>>;
  /** The table that word vectors come from, [V, D]. */
  readonly words: NamedShape;
  /** Modules of the head, initialised from the seed if a checkpoint lacks them; the last is the classifier. */
  readonly headModules: readonly string[];
  /** Modules that PEFT saves whole beside adapters: those of the head, or modules that contain them. */
  readonly adapterHead: readonly string[];
  /** A linear head if the family's saved form can hold one, else the reason why it cannot. */
  readonly linearHead: LinearHead | { readonly obstacle: string };
  /** The model as a graph from ids to logits [B, C]. */
  build(options: EncoderGraphOptions): EncoderGraph;
  /** The head only, over precomputed vectors: `inputIds` [B, 1] are rows of the frozen parameter FEATURES [N, D]. */
  buildHead(options: HeadGraphOptions): ModelGraph;
  /** config.json in the family's spelling, for transformers and transformers.js. */
  formatConfig(options: {
    readonly classNames: readonly string[];
    readonly dropout: DropoutRates;
  }): Record<string, unknown>;
  /** The weights of a layer that have a part for each head; the last is the projection that reads the heads. */
  listHeadedWeights(layer: number): readonly HeadedWeight[];
  /** Dense layers that get an adapter for these targets, layer by layer. */
  listAdapted(targets: readonly LoraTarget[]): readonly AdaptedModule[];
  /** The current spelling of a stored name: old spellings are renamed, a prefix that bare models lack is added. */
  modernizeName(stored: string): string;
  /** True for tensors that files often hold and no classifier needs: position ids, heads of pretraining tasks. */
  isUsualLeftover(name: string): boolean;
}

/** First weights of a linear head, and its conversion into the family's standard head. */
export interface LinearHead {
  /** First weights. */
  create(classNames: readonly string[], seed: number): Map<string, TensorData>;
  /** @param weights  encoder and linear head @returns encoder and standard head that give the same logits */
  fold(weights: ReadonlyMap<string, TensorData>, classNames: readonly string[]): Map<string, TensorData>;
}

/** The names and shapes of a classifier's parameters. */
export function listParameters(
  definition: Pick<EncoderDefinition, 'build'>,
  classNames: readonly string[],
): readonly NamedShape[] {
  const { b } = definition.build({ training: false, idsType: 'int32', classNames });
  return b.graph.parameters.map(({ name, shape }) => ({ name, shape: shape.map(Number) }));
}

/** True where `name` is a parameter of one of the modules. */
export function isOfModules(name: string, modules: readonly string[]): boolean {
  return modules.some((module) => name.startsWith(`${module}.`));
}
