import { expect, test } from 'vitest';
import { createWorkRate } from './work-rate.ts';

const part = (ms: number) => ({ characters: 400, tokens: 100, estimatedTokens: 100, ms });

test('one batch that waited for a hung thread does not make the queue refuse all requests', () => {
  const rate = createWorkRate(() => 512);
  for (let i = 0; i < 20; i++) rate.learn(part(10));
  rate.learn(part(30_000));
  expect(rate.estimateMs(100)).toBeLessThan(20);
  for (let i = 0; i < 20; i++) rate.learn(part(10));
  expect(rate.estimateMs(100)).toBeLessThan(11.5);
});

test('a lasting slowdown is learned within a few batches', () => {
  const rate = createWorkRate(() => 512);
  for (let i = 0; i < 20; i++) rate.learn(part(10));
  for (let i = 0; i < 12; i++) rate.learn(part(100));
  expect(rate.estimateMs(100)).toBeGreaterThan(65);
});
