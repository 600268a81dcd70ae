// The limits above which a give-away stops preparing and training: how well it tells one class from the others, 0.5 to 1. Each
// is a setting under data.leak_limits.

export interface LeakLimits {
  /** A sign, a habit of typing, or a phrase at a fixed place, alone. */
  readonly mark: number;
  /** One word or pair of words anywhere, alone. */
  readonly word: number;
  /** The first or the last tokens alone, if they say much more than as many tokens of the middle. */
  readonly edges: number;
  /** Punctuation and case alone, the words hidden. */
  readonly signs: number;
  /** The lengths of title and text alone. */
  readonly length: number;
  /** A column that the model does not read, alone: a warning. */
  readonly column: number;
}

export const DEFAULT_LEAK_LIMITS: LeakLimits = {
  mark: 0.95,
  word: 0.98,
  edges: 0.97,
  signs: 0.97,
  length: 0.95,
  column: 0.95,
};
