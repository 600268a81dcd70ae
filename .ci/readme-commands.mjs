// Runs every command of README.md's ```sh blocks, in order, in a home of its own. A line that ends in `# not in CI: why`
// is left out, with its reason printed.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const blocks = [...readFileSync('README.md', 'utf8').matchAll(/```sh\n([\s\S]*?)```/g)].map(
  (match) => match[1],
);
const commands = blocks
  .flatMap((block) => block.replaceAll('\\\n', ' ').split('\n'))
  .map((line) => line.trim())
  .filter((line) => line !== '' && !line.startsWith('#'));
let failed = 0;
for (const line of commands) {
  const [command, reason] = line.split('# not in CI:');
  if (reason !== undefined) {
    console.log(`left out: ${command.trim()} (${reason.trim()})`);
    continue;
  }
  console.log(`\n$ ${command}`);
  const { status } = spawnSync('bash', ['-c', command], {
    stdio: 'inherit',
    env: { ...process.env, VERACITY_HOME: process.env.README_HOME },
  });
  if (status !== 0) {
    failed++;
    console.error(`README command failed with ${status}: ${command}`);
  }
}
process.exit(failed === 0 ? 0 : 1);
