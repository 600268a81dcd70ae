import { describe, expect, test } from 'vitest';
import { choosePoolSize, type PoolSizeRequest, readMachine } from './pool-size.ts';

const GIB = 1024 ** 3;
const choose = (request: Partial<PoolSizeRequest>, cores = 4, memoryBytes = 8 * GIB) =>
  choosePoolSize(
    { threads: 0, workers: 0, device: 'cpu', modelBytes: 18e6, ...request },
    { cores, memoryBytes },
  );

describe('choosePoolSize', () => {
  test('gives each core a worker of one thread', () => {
    expect(choose({})).toEqual({ workers: 4, threadsPerWorker: 1 });
    expect(choose({ threads: 2 })).toEqual({ workers: 2, threadsPerWorker: 1 });
  });

  test('chooses fewer workers of more threads when memory is short', () => {
    expect(choose({ modelBytes: 440e6 }, 8, 4 * GIB)).toEqual({ workers: 2, threadsPerWorker: 4 });
    expect(choose({ modelBytes: 440e6 }, 8, 0.5 * GIB)).toEqual({ workers: 1, threadsPerWorker: 8 });
  });

  test('chooses one worker for a graphics card', () => {
    expect(choose({ device: 'cuda' })).toEqual({ workers: 1, threadsPerWorker: 4 });
  });

  test('uses given numbers as they are', () => {
    expect(choose({ workers: 1 })).toEqual({ workers: 1, threadsPerWorker: 4 });
    expect(choose({ workers: 3, threads: 2 })).toEqual({ workers: 3, threadsPerWorker: 1 });
  });
});

describe('readMachine', () => {
  test('counts a fraction of a processor as one, and no more than there are', () => {
    expect(readMachine({ cpus: 0.2, memoryBytes: GIB })).toEqual({ cores: 1, memoryBytes: GIB });
    expect(readMachine({ cpus: 1000, memoryBytes: null }).cores).toBeLessThan(1000);
  });
});
