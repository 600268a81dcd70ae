// The request for an evaluation: which model, on which articles, with which settings.
import type { TrainConfig } from '../configuration/index.ts';

export const splitChoices = ['test', 'validation', 'train', 'all'] as const;
export type SplitChoice = (typeof splitChoices)[number];

export interface EvaluationRequest {
  /** Run id, NAME, NAME@VERSION or a folder; null: production, else the newest. */
  readonly model: string | null;
  /** Id of an existing dataset version; null: the version trained on, or what the configuration's data gives. */
  readonly dataset: string | null;
  /** null: test of the dataset trained on (validation if it has no test split), all articles of any other. */
  readonly split: SplitChoice | null;
  /** Its data, evaluate and seed apply only where `changed` names them; the rest comes from the model's own run. */
  readonly config: TrainConfig;
  /** Dotted paths of `config` that the caller has set, such as `data.path`. */
  readonly changed: readonly string[];
}
