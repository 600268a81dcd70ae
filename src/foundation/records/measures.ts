// The numbers measured on every article that a model predicts, usual or not. Receipts keep them, so that a change of the
// incoming articles can be found later. They can be compared between predictions of one model version only.
import { z } from 'zod';

export const measuresSchema = z.strictObject({
  /** Tokens (or features) the model read, special tokens included. */
  tokens: z.int(),
  /** The number in the whole article; larger than `tokens` if it was truncated. null: not counted (receipts of version 1). */
  articleTokens: z.int().nullable(),
  /** True when the article was longer than the model reads. */
  truncated: z.boolean(),
  /** Mean log2 probability of the article's letter pairs; null: too few letters, or the model has no letter profile. */
  letterScore: z.number().nullable(),
  /**
   * Distance from the training articles: standard deviations to the nearest class or, for a model that counts features,
   * the share that is unseen. null: not measured.
   */
  distance: z.number().nullable(),
});
export type Measures = z.infer<typeof measuresSchema>;
