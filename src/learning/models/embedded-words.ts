// The lookup of word vectors. A graph can take the vectors as an input in place of ids, so that gradients with respect to
// them can be computed.
import type { Value } from '../../engine/graph/index.ts';
import type { GraphBuilder } from '../../engine/ops/index.ts';

/** Name of the input [B, T, D]. */
export const WORD_VECTORS = 'word_vectors';

export interface WordVectorOptions {
  /** Take word vectors as the input `word_vectors`; of the ids only their number is used then. Default false. */
  readonly wordVectors?: boolean;
}

/** Looks up the vectors of the ids. @returns [B, T, D] */
export function embedWords(
  b: GraphBuilder,
  inputIds: Value,
  table: { readonly name: string; readonly vocabularySize: number; readonly width: number },
  { wordVectors = false }: WordVectorOptions,
): Value {
  if (wordVectors) return b.input(WORD_VECTORS, 'float32', ['B', 'T', table.width]);
  return b.gather(b.parameter(table.name, [table.vocabularySize, table.width]), inputIds);
}
