// Worker threads and the command line are started from dist/, also by tests: build it once, if it is stale.
import { execFileSync } from 'node:child_process';

export default function setup(): void {
  execFileSync(process.execPath, ['scripts/build.mjs', '--if-stale', '--no-web'], { stdio: 'inherit' });
}
