// The measurements in the event log of an early version, which kept steps as events, the validation in `eval` only, and the
// figures on the test split in `finished` only.
import type { RunEvent, RunMeasurement } from '../../foundation/records/index.ts';
import { nameTestMetrics, nameValidationMetrics } from './metric-name.ts';

type StepEvent = Extract<RunEvent, { type: 'step' }>;

/**
 * One measurement for each `step`, `eval` and `finished` event. Articles seen are estimated: the log held every tenth step
 * only, with the articles of that step.
 */
export function readEarlyMeasurements(events: readonly RunEvent[]): RunMeasurement[] {
  const measurements: RunMeasurement[] = [];
  let before = { step: 0, epoch: 0, articles: 0 };
  for (const event of events) {
    if (event.type !== 'step' && event.type !== 'eval' && event.type !== 'finished') continue;
    if (event.type === 'step') {
      const articles = before.articles + event.articles * Math.max(0, event.step - before.step);
      before = { step: event.step, epoch: event.epoch, articles };
    }
    measurements.push({
      schemaVersion: 1,
      attempt: 1,
      step: event.type === 'finished' ? event.steps : event.step,
      epoch: event.type === 'finished' ? before.epoch : event.epoch,
      articles: before.articles,
      timeMs: Date.parse(event.createdAt),
      kind: 'metrics',
      values: valuesOf(event),
    });
  }
  return measurements;
}

function stepValues(event: StepEvent): Record<string, number> {
  return {
    train_loss: event.loss,
    learning_rate: event.learningRate,
    ...(event.gradientNorm === null ? {} : { gradient_norm: event.gradientNorm }),
    train_tokens: event.tokens,
    step_ms: event.stepMs,
  };
}

function valuesOf(event: RunEvent & { type: 'step' | 'eval' | 'finished' }): Record<string, number> {
  if (event.type === 'step') return stepValues(event);
  if (event.type === 'eval') return nameValidationMetrics(event);
  return nameTestMetrics(event.metrics.test);
}
