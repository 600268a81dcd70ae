// Tests the studio with real parts: the program's own server, a real training, and real Chromium. A curve grows while the
// training runs, the page stops and resumes it, and promotes what it registered.
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { chromiumPath } from './chromium.ts';
import { createVisits } from './visits.ts';

const { openBare, closeLater, createFolder } = createVisits();
const root = fileURLToPath(new URL('../..', import.meta.url));
const CLI = join(root, 'dist/cli.js');

/** Starts the program; it is killed after the test. */
function startProgram(home: string, args: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, [CLI, ...args], {
    cwd: root,
    env: { ...process.env, VERACITY_HOME: home },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  closeLater({ close: () => void child.kill('SIGKILL') });
  return child;
}

function readAddress(server: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    server.stderr!.on('data', (chunk) => {
      output += chunk;
      const address = /at (http:\S+)\/studio/.exec(output)?.[1];
      if (address !== undefined) resolve(address);
    });
    server.once('exit', () => reject(new Error(`the studio ended: ${output}`)));
  });
}

const readSteps = async (page: Page): Promise<number> => {
  const facts = await page.locator('.run-facts').innerText();
  return Number(/Steps\s+([\d,]+)/.exec(facts)?.[1]?.replace(/,/g, '') ?? 0);
};

describe.skipIf(chromiumPath === undefined)('the studio of a home', () => {
  test('follows a training, stops it, resumes it, and promotes the version that it registers', async () => {
    const home = createFolder();
    const address = await readAddress(startProgram(home, ['studio', '--port', '0']));
    const { page, complaints } = await openBare(`${address}/studio`);
    await page.getByText('No run yet').waitFor();

    const training = startProgram(home, [
      'train',
      'experiment=demo',
      'register=fresh',
      'model.layers=1',
      'model.width=32',
      'model.heads=2',
      'model.feed_forward=64',
      'train.max_steps=400',
      'train.epochs=100',
      'train.eval_every=20',
      'train.checkpoint_every=20',
      'tracking.log_every=1',
      'evaluate.bootstrap=10',
    ]);
    training.stderr!.resume();
    // the run appears by itself
    await page.locator('.cell-run a').waitFor();
    await page.locator('.chart', { hasText: 'train_loss' }).locator('.legend-value').waitFor();
    await page.locator('.cell-run a').click();
    const chart = page.locator('.chart', { hasText: 'train_loss' });
    await chart.waitFor();
    const first = await readSteps(page);
    const value = await chart.locator('.legend-value').innerText();
    await expect.poll(() => readSteps(page)).toBeGreaterThan(first + 3);
    await expect.poll(() => chart.locator('.legend-value').innerText()).not.toBe(value);

    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByRole('button', { name: 'Stop the run' }).click();
    await page.locator('.run-actions .status-stopped').waitFor();
    const stopped = await readSteps(page);
    expect(stopped).toBeLessThan(400);

    await page.getByRole('button', { name: 'Resume' }).click();
    await page.getByRole('button', { name: 'Resume the run' }).click();
    await page.locator('.run-actions .status-running').waitFor();
    await page.locator('.run-actions .status-finished').waitFor({ timeout: 240_000 });
    expect(await readSteps(page)).toBe(400);

    await page.goto(`${address}/#/studio/registry`);
    await page.getByRole('button', { name: 'Promote fresh@1' }).click();
    await page.getByLabel('Reason').fill('the first of its kind');
    await page.getByRole('dialog').getByRole('button', { name: 'Promote', exact: true }).click();
    await page.getByText('fresh@1 is in production now.').waitFor();
    await page.getByText(/Changes of stages/).click();
    await page.getByText('the first of its kind').waitFor();
    await page.goto(`${address}/#/studio/lineage/fresh@1`);
    for (const kind of ['Raw files', 'Data version', 'Run', 'Model version', 'Deployment'])
      await page
        .locator('.node-kind', { hasText: new RegExp(`^${kind}$`) })
        .first()
        .waitFor();
    expect(complaints).toEqual([]);
  });
});
