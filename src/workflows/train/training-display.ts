// Shows the progress of a run: a bar with loss, rates and remaining time on a terminal, else a log line every few steps.
import type { Progress } from '../../foundation/core/index.ts';
import type { TrainEvent } from '../../learning/train/index.ts';
import type { WorkflowContext } from '../context/index.ts';

const SMOOTHING = 0.9; // the figures of single steps vary widely, so their running mean is shown

export interface TrainingDisplay {
  show(event: TrainEvent): void;
  /** Shows how many articles of the running evaluation are done. */
  showEvaluation(articles: number, total: number): void;
  stop(): void;
}

/**
 * Creates the display of one run; `doneBefore` steps were taken before it was resumed.
 * @param logEvery  steps between log lines
 */
export function createTrainingDisplay(
  context: Pick<WorkflowContext, 'progress' | 'logger' | 'say'>,
  { doneBefore, logEvery }: { doneBefore: number; logEvery: number },
): TrainingDisplay {
  let bar: Progress | undefined;
  let loss: number | undefined;
  let stepsHere = 0;
  let articlesPerMs = 0;
  let tokensPerMs = 0;

  const showStep = (event: Extract<TrainEvent, { type: 'step' }>): void => {
    const stepMs = Math.max(event.stepMs, 1e-3);
    const smooth = (mean: number, value: number): number =>
      loss === undefined ? value : SMOOTHING * mean + (1 - SMOOTHING) * value;
    articlesPerMs = smooth(articlesPerMs, event.articles / stepMs);
    tokensPerMs = smooth(tokensPerMs, event.tokens / stepMs);
    loss = smooth(loss ?? 0, event.loss);
    const rates = `${formatRate(articlesPerMs * 1000)} articles/s · ${formatRate(tokensPerMs * 1000)} tokens/s`;
    bar ??= context.progress('train', event.totalSteps - doneBefore, 'steps');
    stepsHere = event.step - doneBefore;
    bar.update(stepsHere, `loss ${loss.toFixed(4)} · ${rates}`);
    if (event.step % logEvery === 0 || event.step === event.totalSteps) {
      const { step, totalSteps, epoch, learningRate } = event;
      const perSecond = {
        articlesPerSecond: Math.round(articlesPerMs * 1000),
        tokensPerSecond: Math.round(tokensPerMs * 1000),
      };
      context.logger.info({ step, totalSteps, epoch, loss, learningRate, ...perSecond }, 'step');
    }
  };

  return {
    show(event) {
      if (event.type === 'step') showStep(event);
      if (event.type === 'eval') {
        const { loss: validationLoss, accuracy, macroF1 } = event.metrics;
        const calibrated = `${event.calibratedLoss.toFixed(4)} calibrated`;
        const figures = `loss ${validationLoss.toFixed(4)} (${calibrated}), accuracy ${accuracy.toFixed(4)}, macro F1 ${macroF1.toFixed(4)}`;
        context.say(
          `step ${event.step} (epoch ${event.epoch.toFixed(2)}): validation ${figures}${event.best ? ', best so far' : ''}`,
        );
      }
      if (event.type === 'checkpoint')
        context.logger.debug({ step: event.step, path: event.path }, 'checkpoint');
    },
    showEvaluation(articles, total) {
      bar?.update(stepsHere, `validating ${articles.toLocaleString('en')}/${total.toLocaleString('en')}`);
    },
    stop: () => bar?.stop(),
  };
}

/** Formats a rate with three digits: 812, 12.3k, 1.20M. */
export function formatRate(perSecond: number): string {
  if (perSecond >= 1e6) return `${(perSecond / 1e6).toPrecision(3)}M`;
  if (perSecond >= 1e4) return `${(perSecond / 1e3).toPrecision(3)}k`;
  return perSecond >= 100 ? `${Math.round(perSecond)}` : perSecond.toPrecision(2);
}
