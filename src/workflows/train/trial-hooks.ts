// How a sweep follows the training of one of its trials.
import type { TrainEvent } from '../../learning/train/index.ts';

/** The model of the training is not registered: of a sweep only the best one is. */
export interface TrialHooks {
  /** A parent of the run, and its tag. */
  readonly sweepId: string;
  /** The data of all trials; null: that of the configuration. */
  readonly datasetVersion: string | null;
  /** Called with a new or resumed run before its next step. */
  onRun(runId: string): Promise<void>;
  /** Called after each evaluation on validation. */
  onEvaluation(evaluation: Extract<TrainEvent, { type: 'eval' }>): Promise<void>;
}
