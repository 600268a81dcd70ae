// The training loop of all models: an async generator of typed events. The loop decides which batches are learned when, and
// which checkpoints are kept; the learner decides how. It knows no run store: the consumer stores the events.
// The consumer handles an event before the loop continues. So events yielded before a checkpoint are logged when it is
// written, and a resumed run can cut its log back to exactly that point.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { learningRateAt, type Schedule } from '../../engine/optim/index.ts';
import type { Clock } from '../../foundation/core/index.ts';
import { appError, isAppError } from '../../foundation/core/index.ts';
import {
  computeMetrics,
  computeProbabilities,
  countHistogram,
  fitCalibration,
} from '../../foundation/metrics/index.ts';
import type { TokenizedSplit } from '../../text/tokenize/index.ts';
import { collateBatch } from '../../text/tokenize/index.ts';
import type { LoopTiming, TrainEvent } from './events.ts';
import type { Learner, StepResult } from './learner.ts';
import { type PlanOptions, planTraining, type TrainingPlan } from './plan.ts';
import type { LoadedCheckpoint, TrainingCheckpoints } from './training-checkpoints.ts';
import { computeSplitLogits, lengthsOf } from './validation.ts';

export interface TrainModelOptions {
  readonly learner: Learner;
  readonly train: TokenizedSplit;
  readonly validation: TokenizedSplit;
  readonly padId: number;
  /** C */
  readonly classes: number;
  readonly plan: Omit<PlanOptions, 'lengths'>;
  readonly learningRate: number;
  readonly schedule: Schedule;
  /** Steps between evaluations; null: after each epoch. After the last step there is always one. */
  readonly evalEvery: number | null;
  /** Steps between checkpoints; null: after each evaluation only. */
  readonly checkpointEvery: number | null;
  /** Checkpoints kept by calibrated validation loss, besides the last two. */
  readonly keepBest: number;
  /** Evaluations without a better calibrated loss before stopping; null: never. */
  readonly patience: number | null;
  readonly checkpoints: TrainingCheckpoints;
  /** Where to continue; null: from the start. */
  readonly resumeFrom: LoadedCheckpoint | null;
  readonly runId: string;
  /** Hash of everything that determines the training, except the code. */
  readonly configDigest: string;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** Called with the progress of an evaluation: articles done, and all articles. */
  readonly onEvaluation?: (articles: number, total: number) => void;
  /** Called after each step, evaluation and checkpoint. */
  readonly onTiming?: (timing: LoopTiming) => void;
}

/** The progress of a training, which a checkpoint records beside the learner's state. */
interface Progress {
  step: number;
  epoch: number;
  batchInEpoch: number;
  /** False while the evaluation due at this step is not done. */
  evaluated: boolean;
  best: { step: number; loss: number }[];
  evaluationsWithoutBetter: number;
}

const KEPT_LAST = 2; // the one before the last is what a broken last one falls back to
const LISTEN_EVERY_MS = 20;
const PROBABILITY_EDGES = Array.from({ length: 21 }, (_, i) => i / 20);

type EvaluationEvent = Extract<TrainEvent, { type: 'eval' }>;

/**
 * Trains until the plan is done, patience is exhausted, or the signal is aborted: then the current step is finished, a
 * checkpoint is written, and `done` says `stopped`.
 * @throws LOSS_NOT_FINITE, DISK_FULL, CHECKPOINT_MISMATCH; checkpoints that stood before are intact
 */
export async function* trainModel(options: TrainModelOptions): AsyncGenerator<TrainEvent, void, undefined> {
  yield* new TrainingLoop(options, await restoreProgress(options)).run();
}

class TrainingLoop {
  readonly #options: TrainModelOptions;
  readonly #plan: TrainingPlan;
  readonly #progress: Progress;
  readonly #breathe: () => Promise<void>;
  /** Step of the newest checkpoint. */
  #saved: number;
  #peakMemoryBytes = readPeakMemory();
  /** Articles of all steps so far. */
  #articlesSeen: number;

  constructor(options: TrainModelOptions, progress: Progress) {
    this.#options = options;
    this.#plan = planTraining({ ...options.plan, lengths: lengthsOf(options.train) });
    this.#progress = progress;
    this.#breathe = createListener(options.clock);
    this.#saved = options.resumeFrom === null ? 0 : progress.step;
    this.#articlesSeen = this.#plan.countArticles(progress.epoch, progress.batchInEpoch);
  }

  async *run(): AsyncGenerator<TrainEvent, void, undefined> {
    const { resumeFrom, signal } = this.#options;
    if (resumeFrom?.record.cause === 'scheduled') {
      const { path, sizeBytes } = resumeFrom;
      yield { type: 'checkpoint', step: this.#progress.step, path, sizeBytes };
    }
    for (;;) {
      yield* this.#keepUp();
      const reason = endOf(this.#progress, this.#plan.totalSteps, this.#options);
      if (reason !== null) {
        yield* this.#finish(reason);
        return;
      }
      yield await this.#step();
      if (!signal.aborted) await this.#breathe();
    }
  }

  /** Does the evaluation and writes the checkpoint that are due at this step. */
  async *#keepUp(): AsyncGenerator<TrainEvent, void, undefined> {
    const { step, evaluated } = this.#progress;
    const { keepBest, checkpointEvery } = this.#options;
    if (evaluated) {
      if (step > this.#saved && isDue(step, checkpointEvery)) yield await this.#save('scheduled');
      return;
    }
    const startMs = this.#options.clock.monotonicMs();
    const figures = await evaluate(this.#options, step);
    if (figures === null) return;
    this.#tellTiming('evaluation', startMs);
    const best = recordEvaluation(this.#progress, figures.calibratedLoss, keepBest);
    const epoch = epochOf(this.#progress, this.#plan.batchesOf);
    yield { type: 'eval', step, epoch, articlesSeen: this.#articlesSeen, ...figures, best };
    yield await this.#save('scheduled');
  }

  /** Ends the training; a stopped one leaves a checkpoint to continue from. */
  async *#finish(reason: EndReason): AsyncGenerator<TrainEvent, void, undefined> {
    const { step, evaluated, best } = this.#progress;
    if (reason === 'stopped' && step > 0 && (step > this.#saved || !evaluated))
      yield await this.#save('stop');
    const bestStep = best[0]?.step ?? step;
    yield {
      type: 'done',
      steps: step,
      epoch: epochOf(this.#progress, this.#plan.batchesOf),
      articlesSeen: this.#articlesSeen,
      reason,
      bestStep,
      peakMemoryBytes: this.#peakMemoryBytes,
    };
  }

  async #step(): Promise<TrainEvent> {
    const { learner, clock, train, padId, plan } = this.#options;
    const { totalSteps, batchesOf } = this.#plan;
    const progress = this.#progress;
    const startMs = clock.monotonicMs();
    const batches = batchesOf(progress.epoch)
      .slice(progress.batchInEpoch, progress.batchInEpoch + plan.accumulate)
      .map((rows) => collateBatch(train, rows, padId));
    const dataWaitMs = clock.monotonicMs() - startMs;
    const learningRate = learningRateAt(
      this.#options.schedule,
      this.#options.learningRate,
      progress.step,
      totalSteps,
    );
    const result = await takeStep(learner, batches, progress.step, learningRate);
    this.#peakMemoryBytes = Math.max(this.#peakMemoryBytes, result.peakMemoryBytes ?? readPeakMemory());
    const epoch = this.#advance(batches.length);
    const articles = batches.reduce((sum, batch) => sum + batch.size, 0);
    const tokens = batches.reduce((sum, batch) => sum + batch.tokens, 0);
    this.#articlesSeen += articles;
    this.#tellTiming('step', startMs, {
      ...{ dataWaitMs, tokens },
      places: batches.reduce((sum, batch) => sum + batch.size * batch.length, 0),
      parts: result.parts ?? null,
    });
    return {
      type: 'step',
      step: progress.step,
      epoch,
      totalSteps,
      loss: result.loss,
      learningRate,
      gradientNorm: result.gradientNorm,
      articles,
      articlesSeen: this.#articlesSeen,
      tokens,
      stepMs: clock.monotonicMs() - startMs,
      dataWaitMs,
    };
  }

  /** Counts a step of this many batches. @returns epochs done after it, as a fraction */
  #advance(batches: number): number {
    const progress = this.#progress;
    progress.step++;
    progress.batchInEpoch += batches;
    const epoch = epochOf(progress, this.#plan.batchesOf);
    if (progress.batchInEpoch === this.#plan.batchesOf(progress.epoch).length) {
      progress.epoch++;
      progress.batchInEpoch = 0;
    }
    progress.evaluated = !this.#isEvaluationDue();
    return epoch;
  }

  #isEvaluationDue(): boolean {
    const { evalEvery } = this.#options;
    const { step, batchInEpoch } = this.#progress;
    if (step === this.#plan.totalSteps) return true;
    return evalEvery === null ? batchInEpoch === 0 : step % evalEvery === 0;
  }

  #tellTiming(part: LoopTiming['part'], startMs: number, batches?: LoopTiming['batches']): void {
    const durationMs = this.#options.clock.monotonicMs() - startMs;
    const timing = { part, step: this.#progress.step, startMs, durationMs };
    this.#options.onTiming?.(batches === undefined ? timing : { ...timing, batches });
  }

  async #save(cause: 'scheduled' | 'stop'): Promise<TrainEvent> {
    const startMs = this.#options.clock.monotonicMs();
    const { checkpoints, learner, clock, runId, configDigest, plan } = this.#options;
    const progress = this.#progress;
    const { path, sizeBytes } = await checkpoints.save(await learner.saveState(), {
      schemaVersion: 1,
      createdAt: clock.nowIso(),
      parents: [runId],
      ...progress,
      best: [...progress.best],
      cause,
      seed: plan.seed,
      configDigest,
    });
    this.#saved = progress.step;
    const keep = [...checkpoints.steps().slice(-KEPT_LAST), ...progress.best.map(({ step }) => step)];
    checkpoints.prune(new Set(keep));
    this.#tellTiming('checkpoint', startMs);
    return { type: 'checkpoint', step: progress.step, path, sizeBytes };
  }
}

async function restoreProgress(options: TrainModelOptions): Promise<Progress> {
  const { resumeFrom } = options;
  if (resumeFrom === null) {
    return { step: 0, epoch: 0, batchInEpoch: 0, evaluated: true, best: [], evaluationsWithoutBetter: 0 };
  }
  const { record, path, state } = resumeFrom;
  if (record.configDigest !== options.configDigest) {
    throw appError('CHECKPOINT_MISMATCH', {
      path,
      expected: `configuration, data and tokenizer ${record.configDigest.slice(0, 12)}`,
      got: options.configDigest.slice(0, 12),
    });
  }
  await options.learner.loadState(state);
  const { step, epoch, batchInEpoch, evaluated, best, evaluationsWithoutBetter } = record;
  return { step, epoch, batchInEpoch, evaluated, best: [...best], evaluationsWithoutBetter };
}

type EndReason = 'finished' | 'early-stopping' | 'stopped';

function endOf(
  progress: Progress,
  totalSteps: number,
  { patience, signal }: TrainModelOptions,
): EndReason | null {
  if (progress.evaluated && progress.step >= totalSteps) return 'finished';
  if (progress.evaluated && patience !== null && progress.evaluationsWithoutBetter >= patience)
    return 'early-stopping';
  return signal.aborted ? 'stopped' : null;
}

/**
 * Metrics on validation; null if it was stopped. Checkpoints are chosen by the calibrated loss, because the model is
 * calibrated before it is served: by the plain loss, a model that becomes more confident could look worse than it is.
 * @throws LOSS_NOT_FINITE
 */
async function evaluate(
  options: TrainModelOptions,
  step: number,
): Promise<Pick<EvaluationEvent, 'metrics' | 'calibratedLoss' | 'labelProbabilities'> | null> {
  const { learner, validation, padId, classes, signal, learningRate } = options;
  const { batchSize, maxTokens } = options.plan;
  const logits = await computeSplitLogits(learner, validation, {
    padId,
    classes,
    batchSize,
    maxTokens,
    signal,
    onProgress: (articles) => options.onEvaluation?.(articles, validation.labels.length),
  });
  if (logits === null) return null;
  try {
    const { labels } = validation;
    const metrics = computeMetrics(logits, labels, classes);
    const { temperature } = fitCalibration(logits, labels, classes, { abstainPrecision: null });
    const probabilities = computeProbabilities(logits, classes, temperature); // [N, C]
    const ofLabels = Float64Array.from(labels, (label, row) => probabilities[row * classes + label]!);
    return {
      metrics,
      calibratedLoss: computeMetrics(logits, labels, classes, temperature).loss,
      labelProbabilities: countHistogram(ofLabels, PROBABILITY_EDGES),
    };
  } catch (error) {
    if (!isAppError(error) || error.code !== 'LOGITS_NOT_FINITE') throw error;
    throw appError('LOSS_NOT_FINITE', { loss: 'NaN on validation', step, learningRate }, { cause: error });
  }
}

/** Adds an evaluation to the list of the best and the patience counter. @returns true if it is the best so far */
function recordEvaluation(progress: Progress, loss: number, keepBest: number): boolean {
  const isBest = loss < (progress.best[0]?.loss ?? Number.POSITIVE_INFINITY);
  progress.best = [...progress.best, { step: progress.step, loss }]
    .sort((a, b) => a.loss - b.loss || a.step - b.step)
    .slice(0, keepBest);
  progress.evaluationsWithoutBetter = isBest ? 0 : progress.evaluationsWithoutBetter + 1;
  progress.evaluated = true;
  return isBest;
}

/** Runs one optimizer step; an error names step and rate. @throws LOSS_NOT_FINITE */
async function takeStep(
  learner: Learner,
  batches: Parameters<Learner['step']>[0],
  step: number,
  learningRate: number,
): Promise<StepResult> {
  const notFinite = (loss: unknown, cause?: unknown): Error =>
    appError('LOSS_NOT_FINITE', { loss: String(loss), step: step + 1, learningRate }, { cause });
  let result: StepResult;
  try {
    result = await learner.step(batches, { step, learningRate });
  } catch (error) {
    if (isAppError(error) && error.code === 'LOSS_NOT_FINITE')
      throw notFinite(error.details.loss ?? 'NaN', error);
    throw error;
  }
  if (!Number.isFinite(result.loss)) throw notFinite(result.loss);
  return result;
}

/** Largest resident size of this process so far, in bytes. */
function readPeakMemory(): number {
  return process.resourceUsage().maxRSS * 1024;
}

/** Epochs done, as a fraction. */
function epochOf(progress: Progress, batchesOf: (epoch: number) => readonly Int32Array[]): number {
  return (
    progress.epoch +
    (progress.batchInEpoch === 0 ? 0 : progress.batchInEpoch / batchesOf(progress.epoch).length)
  );
}

function isDue(step: number, every: number | null): boolean {
  return every !== null && step > 0 && step % every === 0;
}

/** Yields to the event loop now and then: with a learner that never waits, Ctrl-C would not be handled. */
function createListener(clock: Clock): () => Promise<void> {
  let heardMs = clock.monotonicMs();
  return async () => {
    if (clock.monotonicMs() - heardMs < LISTEN_EVERY_MS) return;
    await nextTurn();
    heardMs = clock.monotonicMs();
  };
}
