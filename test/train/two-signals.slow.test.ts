// Tests that a second Ctrl-C, at fifty gaps after the first, ends the real program with 130 and without an abort of the
// native library: during training, evaluation, export, prediction and serving. With --json it leaves one document, and the
// training resumes with the command that was printed.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRandom } from '../../src/foundation/core/random.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const cli = process.env.VERACITY_TEST_CLI ?? join(root, 'dist', 'cli.js');
const GAPS = 50;
/** More than cores: the processes wait for each other, so that the gaps fall on more places. */
const AT_ONCE = 4;
let folder = '';
let model = '';
const data = ['data=csv', 'data.path=articles.csv'];
const settings = [
  'model=compact',
  ...data,
  'train.epochs=15',
  'evaluate.bootstrap=20',
  'evaluate.abstain=null',
];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'veracity-signals-'));
  writeFileSync(join(folder, 'articles.csv'), writeArticles(60));
  const { code, stdout } = await finish(start(['train', ...settings, 'train.epochs=1', '--json']));
  expect(code).toBe(0);
  model = (JSON.parse(stdout) as { modelVersion: string }).modelVersion;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Articles of the size of real ones (400 invented words), so that a training step takes a while. */
function writeArticles(count: number): string {
  const random = createRandom(11);
  const pick = (text: string): string => text[Math.floor(random.next() * text.length)]!;
  const words = Array.from({ length: 3000 }, () =>
    Array.from({ length: 3 }, () => `${pick('bdfgklmnprst')}${pick('aeiou')}`).join(''),
  );
  const rows = Array.from({ length: count }, (_, row) => {
    const isReal = row % 2 === 1;
    const text = Array.from({ length: 400 }, () => {
      const at = Math.floor(random.next() ** 2 * 1400);
      return words[random.next() < 0.2 && isReal ? at + 1500 : at]!;
    });
    return `${text.slice(0, 8).join(' ')},${text.join(' ')},${isReal ? 'REAL' : 'FAKE'}`;
  });
  return ['title,text,label', ...rows].join('\n');
}

function start(args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [cli, ...args], {
    cwd: folder,
    env: { ...process.env, VERACITY_HOME: join(folder, 'home') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function finish(child: ChildProcess) {
  let [stdout, stderr] = ['', ''];
  child.stdout!.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr!.on('data', (chunk) => {
    stderr += chunk;
  });
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  return { code, signal, stdout, stderr };
}

/** Sends two signals: the first `delayMs` after standard error says `after`, the second `gapMs` later. */
async function interrupt(args: readonly string[], after: string, delayMs: number, gapMs: number) {
  const child = start(args);
  let said = '';
  let isTriggered = false;
  child.stderr!.on('data', (chunk) => {
    said += chunk;
    if (isTriggered || !said.includes(after)) return;
    isTriggered = true;
    setTimeout(() => {
      child.kill('SIGINT');
      setTimeout(() => child.kill('SIGINT'), gapMs);
    }, delayMs);
  });
  return finish(child);
}

/** Calls `step` with 0 to count - 1, a few at a time: most of each process is its start, and its waiting for a signal. */
async function repeat(count: number, step: (i: number) => Promise<void>): Promise<void> {
  const left = Array.from({ length: count }, (_, i) => i);
  const work = async (): Promise<void> => {
    for (let i = left.shift(); i !== undefined; i = left.shift()) await step(i);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

/** 0 ms to 1.2 s, closer to each other where they are short. */
const gapOf = (i: number): number => Math.round(1200 * (i / GAPS) ** 2);

test('a second Ctrl-C during a training ends it with 130 and one document, at fifty gaps', async () => {
  let resume = '';
  await repeat(GAPS, async (i) => {
    const gapMs = gapOf(i);
    const ended = await interrupt(
      ['train', ...settings, '--json'],
      'training compact',
      (i * 137) % 900,
      gapMs,
    );
    expect(ended, `gap ${gapMs} ms`).toMatchObject({ code: 130, signal: null });
    const document = JSON.parse(ended.stdout) as { resume: string };
    resume = document.resume;
    expect(resume).toMatch(/^veracity train resume=run-/);
    if (!ended.stdout.includes('"status"'))
      expect(ended.stderr).toContain(`stopped at once; resume with: ${document.resume}`);
  });
  const resumed = await finish(start([...resume.split(' ').slice(1), '--json']));
  expect(resumed.code).toBe(0);
  expect(JSON.parse(resumed.stdout)).toHaveProperty('test.accuracy');
});

test.each<[string, readonly string[], string]>([
  ['the end of a training', ['train', ...settings, 'train.epochs=1'], 'trained:'],
  ['an evaluation', ['evaluate', `model=MODEL`, ...data, 'split=all'], ''],
  ['an export', ['models', 'export', 'MODEL', '--precision', 'int8', '--out', 'OUT'], ''],
  ['a prediction of a file', ['predict', '--file', 'articles.csv', '--out', 'OUT'], ''],
  ['serving', ['serve', '--port', '0'], 'serving'],
])('a second Ctrl-C during %s never aborts', async (what, args, after) => {
  const out = what.replaceAll(' ', '-');
  await repeat(10, async (i) => {
    const filled = args.map((arg) => arg.replace('MODEL', model).replace('OUT', `${out}-${i}`));
    const child = start([...filled, '--json']);
    const ended = finish(child);
    let said = '';
    const isReached =
      after === ''
        ? new Promise((resolve) => setTimeout(resolve, 1000 + i * 400))
        : new Promise<void>((resolve) => {
            child.stderr!.on('data', (chunk) => {
              said += chunk;
              if (said.includes(after)) setTimeout(resolve, i * 150);
            });
            child.once('close', () => resolve());
          });
    await isReached;
    child.kill('SIGINT');
    await new Promise((resolve) => setTimeout(resolve, gapOf(i * 3)));
    child.kill('SIGINT');
    const { code, signal, stdout } = await ended;
    // Before the program listens, Node.js itself ends it by the signal; the shell calls that 130, too.
    if (signal === 'SIGINT' && stdout === '') return;
    expect([0, 130], `${signal} ${stdout}`).toContain(code);
    if (stdout !== '') JSON.parse(stdout);
    if (code === 130) expect(stdout).not.toBe('');
  });
});
