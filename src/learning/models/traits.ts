// Traits that several families have in common.
import type { ModelTraits } from '../../foundation/records/index.ts';

/** The traits of encoders that transformers loads. */
export const TOKEN_TRAITS: ModelTraits = {
  unit: 'tokens',
  tokenizerFile: 'tokenizer.json',
  library: 'transformers',
};
