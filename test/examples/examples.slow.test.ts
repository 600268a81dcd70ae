// Runs the examples unchanged, in the order in which a reader would try them, with a new home.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const home = mkdtempSync(join(tmpdir(), 'veracity-examples-'));
const model = join(home, 'models', 'sample', '1');

function startExample(name: string, ...args: string[]): { process: ChildProcess; output: () => string } {
  let text = '';
  const child = spawn(process.execPath, ['--import', 'tsx', join('examples', `${name}.ts`), ...args], {
    cwd: root,
    env: { ...process.env, VERACITY_HOME: home },
  });
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  child.stderr.resume();
  return { process: child, output: () => text };
}

async function runExample(name: string, ...args: string[]): Promise<string> {
  const { process: child, output } = startExample(name, ...args);
  const code = await new Promise((resolve) => child.once('close', resolve));
  expect(code, output()).toBe(0);
  return output();
}

describe('the examples', () => {
  afterAll(() => rmSync(home, { recursive: true, force: true }));

  it('have at most 60 lines each and name their own command', () => {
    const files = readdirSync(join(root, 'examples'));
    expect(files.length).toBeGreaterThanOrEqual(4);
    for (const file of files) {
      const text = readFileSync(join(root, 'examples', file), 'utf8');
      expect(text.trimEnd().split('\n').length, file).toBeLessThanOrEqual(60);
      expect(text).toContain(`npx tsx examples/${file}`);
    }
  });

  it('differentiate a graph and agree with a central difference', async () => {
    const output = await runExample('autodiff');
    const [, ours, reference] = /autodiff (-?[\d.]+), central difference (-?[\d.]+)/.exec(output) ?? [];
    expect(Number(ours)).toBeCloseTo(Number(reference), 3);
    expect(output).toMatch(/-> 0\.0\d+ after 50 steps/);
  });

  it('train a model, predict an article and serve the model until stopped', async () => {
    expect(await runExample('train-linear')).toMatch(/^sample@1 after .* accuracy 0\.\d+/);
    expect(await runExample('classify', model)).toMatch(/^(not sure|(FAKE|REAL), probability [01]\.\d+)/);

    const { process: child, output } = startExample('serve', model, '0');
    const closed = new Promise((resolve) => child.once('close', resolve));
    await new Promise<void>((resolve, reject) => {
      child.once('close', () => reject(new Error(`ended early: ${output()}`)));
      child.stdout?.on('data', () => output().includes('requestId') && resolve());
    });
    child.kill('SIGTERM');
    expect(await closed).toBe(0);
    expect(output()).toMatch(
      /listening on http:\/\/127\.0\.0\.1:\d+[\s\S]*label: '(FAKE|REAL)'[\s\S]*stopped/,
    );
  });
});
