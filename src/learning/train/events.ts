// The events of the training loop, in order. The caller stores, shows or ignores them.
import type { ValueCounts } from '../../foundation/metrics/index.ts';
import type { Metrics } from '../../foundation/records/index.ts';
import type { StepParts } from './learner.ts';

/** How long a part of the loop took, for profiles. */
export interface LoopTiming {
  readonly part: 'step' | 'evaluation' | 'checkpoint';
  /** Optimizer steps done. */
  readonly step: number;
  /** On the loop's monotonic clock. */
  readonly startMs: number;
  readonly durationMs: number;
  /** Of a step only. */
  readonly batches?: {
    /** Until they were put together. */
    readonly dataWaitMs: number;
    readonly tokens: number;
    /** Places of the batches, B times T; those beyond `tokens` are padding. */
    readonly places: number;
    readonly parts: StepParts | null;
  };
}

export type TrainEvent =
  | {
      readonly type: 'step';
      /** Optimizer steps done, from 1. */
      readonly step: number;
      readonly epoch: number;
      readonly totalSteps: number;
      readonly loss: number;
      readonly learningRate: number;
      readonly gradientNorm: number | null;
      /** Articles of this step. */
      readonly articles: number;
      /** Articles seen since the start of the run, also before a resume. */
      readonly articlesSeen: number;
      readonly tokens: number;
      readonly stepMs: number;
      /** The part of `stepMs` in which the batches were put together. */
      readonly dataWaitMs: number;
    }
  | {
      readonly type: 'eval';
      readonly step: number;
      readonly epoch: number;
      readonly articlesSeen: number;
      /** Metrics on validation, not calibrated. */
      readonly metrics: Metrics;
      /** Validation loss once logits are divided by the best temperature, as in serving. */
      readonly calibratedLoss: number;
      /** How many validation articles have which calibrated probability of their own class. */
      readonly labelProbabilities: ValueCounts;
      /** True when `calibratedLoss` is the lowest so far. */
      readonly best: boolean;
    }
  | { readonly type: 'checkpoint'; readonly step: number; readonly path: string; readonly sizeBytes: number }
  | {
      readonly type: 'done';
      readonly steps: number;
      readonly epoch: number;
      readonly articlesSeen: number;
      readonly reason: 'finished' | 'early-stopping' | 'stopped';
      readonly bestStep: number;
      /** Peak memory of the training, in bytes. */
      readonly peakMemoryBytes: number;
    };
