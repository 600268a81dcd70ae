import { describe, expect, it } from 'vitest';
import { type PlanOptions, planTraining } from './plan.ts';

const options: PlanOptions = {
  lengths: Int32Array.from({ length: 100 }, (_, i) => 1 + (i % 10)),
  seed: 1,
  epochs: 2,
  maxSteps: null,
  batchSize: 10,
  maxTokens: 1000,
  accumulate: 1,
  limitTrainBatches: null,
};

describe('training plan', () => {
  it('counts steps over epochs, accumulation and fractions of an epoch', () => {
    expect(planTraining(options).totalSteps).toBe(20);
    expect(planTraining({ ...options, epochs: 2.5 }).totalSteps).toBe(25);
    expect(planTraining({ ...options, accumulate: 3 }).totalSteps).toBe(8); // 3 + 3 + 3 + 1 batches an epoch
    expect(planTraining({ ...options, epochs: 0.01 }).totalSteps).toBe(1);
  });

  it('is bounded by max_steps and by the batches of an epoch', () => {
    expect(planTraining({ ...options, maxSteps: 7 }).totalSteps).toBe(7);
    expect(planTraining({ ...options, maxSteps: 700 }).totalSteps).toBe(20);
    expect(planTraining({ ...options, limitTrainBatches: 3 }).totalSteps).toBe(6);
    expect(planTraining({ ...options, limitTrainBatches: 3 }).batchesOf(1)).toHaveLength(3);
  });

  it('plans an epoch the same whenever it is asked for, and every epoch anew', () => {
    const plan = planTraining(options);
    expect(plan.batchesOf(1)).toEqual(planTraining(options).batchesOf(1));
    expect(plan.batchesOf(1)).not.toEqual(plan.batchesOf(0));
  });

  it('counts the articles that were seen at any place of any epoch', () => {
    const plan = planTraining({ ...options, batchSize: 7, limitTrainBatches: 4, epochs: 2.5 });
    const sizes = [0, 1, 2].map((epoch) => plan.batchesOf(epoch).map((rows) => rows.length));
    const whole = (epoch: number): number => sizes[epoch]!.reduce((a, b) => a + b);
    expect(plan.countArticles(0, 0)).toBe(0);
    expect(plan.countArticles(1, 0)).toBe(whole(0));
    expect(plan.countArticles(2, 2)).toBe(whole(0) + whole(1) + sizes[2]![0]! + sizes[2]![1]!);
    expect(plan.countArticles(3, 0)).toBe(whole(0) + whole(1) + whole(2));
  });
});
