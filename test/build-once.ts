// Builds dist/ once before the tests, if it is stale: worker threads and the command line run from it, also in tests.
import { spawnSync } from 'node:child_process';

export default function setup(): void {
  const { status } = spawnSync(process.execPath, ['scripts/build.mjs', '--if-stale', '--no-web'], {
    stdio: 'inherit',
  });
  if (status !== 0) console.warn('build failed: tests that start dist/ run what was built before');
}
