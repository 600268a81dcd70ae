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
          // Each thread loads a module once for all its files, half the work; so no module may keep what a test did, which
          // `vitest run --project unit --sequence.shuffle.files` tries out. vi.mock needs modules of a file's own: pass it in.
          pool: 'threads',
          isolate: false,
          unstubEnvs: true,
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
