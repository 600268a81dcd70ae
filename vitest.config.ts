import { defineConfig } from 'vitest/config';

// Two projects: `unit` is what `npm test` runs (under two minutes on two cores);
// `slow` holds whatever trains, benchmarks, opens a browser or reads ../shared/data: files named *.slow.test.ts.
export default defineConfig({
  test: {
    globalSetup: ['./test/build-once.ts'],
    // Time limits end what hangs; they are far from what a busy machine takes.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 30_000 } },
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          pool: 'threads', // a file each, as processes are, and a tenth less work
          include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'web/**/*.test.ts'],
          exclude: ['**/*.slow.test.ts', '**/node_modules/**'],
        },
      },
      {
        extends: true,
        test: {
          name: 'slow',
          include: ['src/**/*.slow.test.ts', 'test/**/*.slow.test.ts', 'web/**/*.slow.test.ts'],
          testTimeout: 600_000,
          hookTimeout: 600_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
