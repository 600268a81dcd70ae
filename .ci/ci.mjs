// The steps of CI after `npm ci`, all run even if one fails; the last line counts them: N passed, N failed. The examples and
// the packed tarball are slow tests.
// Plain JavaScript, so that it needs nothing that it is there to test.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const scratch = mkdtempSync(join(tmpdir(), 'veracity-ci-'));
/** Where `npm start` serves. */
const SERVED = 'http://127.0.0.1:8000';
let passed = 0;
let failed = 0;
/** What failed, told once more at the end, where a reader of a long output looks first. */
const failures = [];

function report(name, ok, startMs, note = '') {
  if (ok) passed++;
  else failed++;
  if (!ok) failures.push(`${name}${note}`);
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${name} (${((Date.now() - startMs) / 1000).toFixed(0)} s)${note}`);
}

function run(name, command, args, options = {}) {
  const startMs = Date.now();
  console.log(`\n=== ${name}: ${command} ${args.join(' ')}`);
  const { status } = spawnSync(command, args, { stdio: 'inherit', ...options });
  report(name, status === 0, startMs);
}

/** Runs vitest by an npm script and adds its tests to the counts. */
function runTests(name, script) {
  const startMs = Date.now();
  const outputFile = join(scratch, `${script.replace(':', '-')}.json`);
  console.log(`\n=== ${name}: npm run ${script}`);
  const { status } = spawnSync(
    'npm',
    ['run', script, '--', '--reporter=default', '--reporter=json', `--outputFile=${outputFile}`],
    { stdio: 'inherit' },
  );
  const counts = existsSync(outputFile) ? JSON.parse(readFileSync(outputFile, 'utf8')) : null;
  if (counts !== null) {
    passed += counts.numPassedTests;
    failed += counts.numFailedTests;
    for (const file of counts.testResults)
      for (const test of file.assertionResults)
        if (test.status === 'failed')
          failures.push(
            `${relative(process.cwd(), file.name)}: ${test.fullName}\n${firstLines(test.failureMessages)}`,
          );
  }
  report(name, status === 0, startMs);
}

/** The beginning of a failed test's messages: enough to know the reason. */
const firstLines = (messages) =>
  messages
    .flatMap((message) =>
      message
        .split('\n')
        .slice(0, 12)
        .map((line) => `    ${line.slice(0, 300)}`),
    )
    .join('\n');

/**
 * `npm start` in an empty home: trains, serves, answers; a second start has nothing to train. How long each took is
 * printed; the limits only end what hangs, for a busy machine is slower by many times.
 */
async function smoke() {
  if (await isServed()) return report('npm start', false, Date.now(), ` another program serves at ${SERVED}`);
  const env = { ...process.env, VERACITY_HOME: join(scratch, 'home') };
  for (const [name, limitMs] of [
    ['first npm start', 600_000],
    ['second npm start', 120_000],
  ]) {
    const startMs = Date.now();
    const server = spawn('npm', ['start'], { env, stdio: ['ignore', 'inherit', 'inherit'], detached: true });
    let ended = false;
    server.on('exit', () => (ended = true));
    let answer = null;
    while (answer === null && !ended && Date.now() - startMs < limitMs) {
      await sleep(100);
      try {
        const response = await fetch(`${SERVED}/news/`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ title: 'a, "b"', text: 'one, two\nthree' }),
        });
        answer = await response.json();
      } catch {
        // not up yet
      }
    }
    const upMs = Date.now() - startMs;
    const ok = typeof answer === 'string' && /^This is (REAL|FAKE) NEWS$/.test(answer);
    report(name, ok, startMs, ` up after ${(upMs / 1000).toFixed(1)} s, answered ${JSON.stringify(answer)}`);
    if (ok && name === 'second npm start')
      run('page in Chromium', process.execPath, ['.ci/page-smoke.mjs', `${SERVED}/`]);
    await stop(server.pid, () => ended);
  }
}

/** Ends a group of processes, and waits until nobody listens any more: npm may end before the server that it started. */
async function stop(pid, hasEnded) {
  const tell = (signal) => {
    try {
      process.kill(-pid, signal);
    } catch {
      // all of them have ended
    }
  };
  const startMs = Date.now();
  tell('SIGTERM');
  while (!hasEnded() || (await isServed())) {
    if (Date.now() - startMs > 60_000) tell('SIGKILL');
    await sleep(50);
  }
}

const isServed = () =>
  fetch(`${SERVED}/healthz`).then(
    () => true,
    () => false,
  );

run('check', 'npm', ['run', 'check']);
runTests('tests', 'test');
runTests('slow tests', 'test:slow');
run('README commands', process.execPath, ['.ci/readme-commands.mjs'], {
  env: { ...process.env, README_HOME: join(scratch, 'readme') },
});
await smoke();
rmSync(scratch, { recursive: true, force: true });

if (failures.length > 0) console.log(`\nWhat failed:\n  ${failures.join('\n  ')}`);
console.log(`\n${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
