import { describe, expect, it } from 'vitest';
import type { TrainEvent } from '../../learning/train/events.ts';
import { createTrainingDisplay, formatRate } from './training-display.ts';

const stepEvent = (step: number, stepMs: number): TrainEvent => ({
  type: 'step',
  step,
  epoch: step / 20,
  totalSteps: 20,
  loss: 0.5,
  learningRate: 0.1,
  gradientNorm: null,
  articles: 32,
  articlesSeen: 4 * step,
  tokens: 4000,
  stepMs,
  dataWaitMs: 0,
});

describe('training display', () => {
  const lines: string[] = [];
  const bars: string[] = [];
  const logged: object[] = [];
  const ignore = (): void => {};
  const context = {
    say: (line: string) => void lines.push(line),
    logger: {
      info: (fields: object) => void logged.push(fields),
      debug: ignore,
      warn: ignore,
      error: ignore,
    },
    progress: (label: string, total: number, unit: string) => ({
      update: (done: number, note = '') => void bars.push(`${label} ${done}/${total} ${unit} ${note}`),
      stop: ignore,
    }),
  };

  it('shows loss and rates on the bar, counted from the step where the run was resumed', () => {
    const display = createTrainingDisplay(context, { doneBefore: 10, logEvery: 5 });
    for (let step = 11; step <= 20; step++) display.show(stepEvent(step, 100));
    expect(bars.at(-1)).toBe('train 10/10 steps loss 0.5000 · 320 articles/s · 40.0k tokens/s');
    display.showEvaluation(640, 4490);
    expect(bars.at(-1)).toBe('train 10/10 steps validating 640/4,490');
    expect(logged).toHaveLength(2);
    expect(logged[0]).toMatchObject({ step: 15, articlesPerSecond: 320, tokensPerSecond: 40000 });
  });

  it('reports each evaluation in one line', () => {
    const metrics = { accuracy: 0.91234, macroF1: 0.9, rocAuc: null, brier: 0.1, ece: 0.1, loss: 0.25 };
    const display = createTrainingDisplay(context, { doneBefore: 0, logEvery: 5 });
    display.show({
      type: 'eval',
      step: 20,
      epoch: 1,
      metrics,
      articlesSeen: 320,
      calibratedLoss: 0.2,
      labelProbabilities: { edges: [0, 1], counts: [2] },
      best: true,
    });
    expect(lines).toEqual([
      'step 20 (epoch 1.00): validation loss 0.2500 (0.2000 calibrated), accuracy 0.9123, macro F1 0.9000, best so far',
    ]);
  });

  it('writes rates with three digits', () => {
    expect([7.25, 812.4, 12345, 1234567].map(formatRate)).toEqual(['7.3', '812', '12.3k', '1.23M']);
  });
});
