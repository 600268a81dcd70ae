// Worker threads and the command line are started from dist/, also by tests: build it once, if it is stale.
import { spawnSync } from 'node:child_process';

export default function setup(): void {
  const { status } = spawnSync(process.execPath, ['scripts/build.mjs', '--if-stale', '--no-web'], {
    stdio: 'inherit',
  });
  if (status !== 0) console.warn('build failed: tests that start dist/ run what was built before');
}
