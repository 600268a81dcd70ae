// Where words become vectors. A graph may take the vectors themselves as an input instead of ids, for those who ask how
// its answer changes with them.
import type { Value } from '../../engine/graph/index.ts';
import type { GraphBuilder } from '../../engine/ops/index.ts';

/** Name of the input [B, T, D]. */
export const WORD_VECTORS = 'word_vectors';

export interface WordVectorOptions {
  /** Take word vectors as the input `word_vectors`. The ids then only say how many there are. Default false. */
  readonly wordVectors?: boolean;
}

/** The vectors of the words. @returns [B, T, D] */
export function embedWords(
  b: GraphBuilder,
  inputIds: Value,
  table: { readonly name: string; readonly vocabularySize: number; readonly width: number },
  { wordVectors = false }: WordVectorOptions,
): Value {
  if (wordVectors) return b.input(WORD_VECTORS, 'float32', ['B', 'T', table.width]);
  return b.gather(b.parameter(table.name, [table.vocabularySize, table.width]), inputIds);
}
