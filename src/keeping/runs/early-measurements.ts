// The measurements in the event log of an early version, which kept steps as events and the validation in `eval` only.
import type { RunEvent, RunMeasurement } from '../../foundation/records/index.ts';
import { nameValidationMetrics } from './metric-name.ts';

type StepEvent = Extract<RunEvent, { type: 'step' }>;

/**
 * One measurement for each `step` and `eval` event. Articles seen are estimated: the log held every tenth step only, with
 * the articles of that step.
 */
export function readEarlyMeasurements(events: readonly RunEvent[]): RunMeasurement[] {
  const measurements: RunMeasurement[] = [];
  let before = { step: 0, articles: 0 };
  for (const event of events) {
    if (event.type !== 'step' && event.type !== 'eval') continue;
    if (event.type === 'step') {
      const articles = before.articles + event.articles * Math.max(0, event.step - before.step);
      before = { step: event.step, articles };
    }
    measurements.push({
      schemaVersion: 1,
      attempt: 1,
      step: event.step,
      epoch: event.epoch,
      articles: before.articles,
      timeMs: Date.parse(event.createdAt),
      kind: 'metrics',
      values: event.type === 'step' ? stepValues(event) : nameValidationMetrics(event),
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
