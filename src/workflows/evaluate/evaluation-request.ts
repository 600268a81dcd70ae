// What an evaluation is asked for: which model, on which articles.
export const splitChoices = ['test', 'validation', 'train', 'all'] as const;
export type SplitChoice = (typeof splitChoices)[number];

export interface EvaluationRequest {
  /** Run id, NAME, NAME@VERSION or a folder; null: production, else the newest. */
  readonly model: string | null;
  /** A dataset version that is there already; null: the one that was trained on, or what `overrides` give. */
  readonly dataset: string | null;
  /** null: test of the data it was trained on, all of any other. */
  readonly split: SplitChoice | null;
  readonly overrides: readonly string[];
  /** Dotted paths that `overrides` set. */
  readonly overridden: readonly string[];
  /** File for the page. */
  readonly html: string | null;
}
