import { expect, test } from 'vitest';
import { createBatchLimit } from './batch-limit.ts';

test('the limit of a batch is the given one, or ten times the slowest so far if that is longer', () => {
  const limit = createBatchLimit(30_000);
  limit.learn(900); // loading a small model
  limit.learn(40);
  expect(limit.ms()).toBe(30_000);
  limit.learn(9000);
  limit.learn(40);
  expect(limit.ms()).toBe(90_000);
});
