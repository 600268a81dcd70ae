// What families say of themselves to rooms that know no families, where several say the same.
import type { ModelTraits } from '../../foundation/records/index.ts';

/** Encoders that read tokens, with a tokenizer.json that transformers loads beside the weights. */
export const TOKEN_TRAITS: ModelTraits = {
  unit: 'tokens',
  tokenizerFile: 'tokenizer.json',
  library: 'transformers',
};
