import { availableParallelism } from 'node:os';
import { describe, expect, it } from 'vitest';
import { limitThreads } from '../../foundation/core/index.ts';
import { loadServeConfig } from './serve-config.ts';

import { loadTrainConfig } from './train-config.ts';

function limit(threads: number, cores: number): [number, string[]] {
  const warnings: string[] = [];
  return [limitThreads(threads, (text) => warnings.push(text), cores), warnings];
}

describe('limitThreads', () => {
  it('keeps 0 and up to one thread per core, without a word', () => {
    for (const threads of [0, 1, 4]) expect(limit(threads, 4)).toEqual([threads, []]);
  });

  it('warns of more threads than cores, and keeps them up to four per core', () => {
    expect(limit(5, 4)).toEqual([5, ['threads=5: this machine has 4 cores, so threads=4 is faster.']]);
    expect(limit(16, 4)[0]).toBe(16);
  });

  it('lowers more than four threads per core', () => {
    expect(limit(500, 2)).toEqual([
      8,
      ['threads=500: this machine has 2 cores; 8 threads are used, and threads=2 is faster.'],
    ]);
    expect(limit(17, 4)[0]).toBe(16);
    expect(limit(9, 1)[1][0]).toContain('1 core; 4 threads');
  });

  it.each([
    ['train', loadTrainConfig],
    ['serve', loadServeConfig],
  ])('limits the threads of %s, from the command line and from the environment', (_, load) => {
    const most = availableParallelism() * 4;
    const warnings: string[] = [];
    const warn = (text: string): number => warnings.push(text);
    expect(load(['threads=5000'], { environment: {}, warn }).config.threads).toBe(most);
    expect(load([], { environment: { VERACITY_THREADS: '5000' }, warn }).config.threads).toBe(most);
    expect(warnings).toHaveLength(2);
    expect(load(['threads=1'], { environment: {}, warn }).config.threads).toBe(1);
    expect(warnings).toHaveLength(2);
  });
});
