// npm run check: runs types, lint, format and the architecture tests one after the other and reports all failures.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const steps = [
  ['types', ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json']],
  ...(existsSync('web/tsconfig.json')
    ? [['web types', ['node_modules/typescript/bin/tsc', '-p', 'web/tsconfig.json']]]
    : []),
  ['lint and format', ['node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '.']],
  ['architecture', ['node_modules/vitest/vitest.mjs', 'run', '--project', 'unit', 'test/architecture']],
];
let failed = 0;
for (const [name, args] of steps) {
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' });
  console.log(`${status === 0 ? 'ok    ' : 'FAILED'} ${name}`);
  if (status !== 0) failed++;
}
process.exit(failed === 0 ? 0 : 1);
