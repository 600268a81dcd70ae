// Tests navigation between the views, and the views History, Model and API.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import type { RolloutState } from '../../src/serving/live/rollout-state.ts';
import { chromiumPath } from './chromium.ts';
import { measureOverflow, readFocus, runAxe } from './page-probe.ts';
import { otherFigures, ownFigures } from './page-server.ts';
import { createVisits } from './visits.ts';

const repositoryRoot = fileURLToPath(new URL('../..', import.meta.url));
const { visit } = createVisits();

async function checkArticle(page: Page, title: string, text = 'It sailed.'): Promise<void> {
  await page.getByLabel('Title').fill(title);
  await page.getByLabel('Text').fill(text);
  await page.getByRole('button', { name: 'Check' }).click();
  await page.locator('.headline').waitFor();
}

function go(page: Page, view: string): Promise<void> {
  return page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: view }).click();
}

describe.skipIf(chromiumPath === undefined)('the page', () => {
  test('gives every view an address, and supports Back and Forward', async () => {
    const { page, server, complaints } = await visit();
    await checkArticle(page, 'Ferry');
    for (const [view, heading] of [
      ['Batch', 'Check a file'],
      ['History', 'History'],
      ['Model', 'compact@3'],
      ['API', 'Use the API'],
    ] as const) {
      await go(page, view);
      await page.getByRole('heading', { level: 1, name: heading }).waitFor();
      await expect.poll(() => page.title()).toBe(`${view} · Veracity`);
      expect(await page.locator('[aria-current=page]').innerText()).toBe(view);
      await expect.poll(() => page.evaluate('document.activeElement.tagName')).toBe('MAIN');
    }
    await page.goBack();
    await page.getByRole('heading', { level: 1, name: 'compact@3' }).waitFor();
    await go(page, 'Check');
    expect(await page.getByLabel('Title').inputValue()).toBe('Ferry'); // switching views loses nothing
    expect(await page.locator('.headline').innerText()).toContain('REAL');
    await page.goto(`${server.url}/#/history`);
    await page.reload();
    await page.getByRole('heading', { level: 1, name: 'History' }).waitFor();
    expect(complaints).toEqual([]);
  });

  test('loads a view when it is first shown, and offers to try again when that fails', async () => {
    const { page } = await visit();
    const fetched: string[] = [];
    page.on('request', (request) => fetched.push(request.url()));
    await go(page, 'History');
    await page.getByRole('heading', { level: 1, name: 'History' }).waitFor();
    await go(page, 'Check');
    await go(page, 'History');
    await page.getByRole('heading', { level: 1, name: 'History' }).waitFor();
    expect(fetched.filter((url) => url.includes('history'))).toHaveLength(1);
    await page.route('**/batch-view*', (route) => route.abort());
    await go(page, 'Batch');
    await page.getByText('The server does not respond').waitFor();
    await page.unroute('**/batch-view*');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('heading', { level: 1, name: 'Check a file' }).waitFor();
  });

  test('skips past the navigation in every view', async () => {
    const { page } = await visit();
    await go(page, 'History');
    await page.getByRole('heading', { level: 1, name: 'History' }).waitFor();
    await page.getByRole('button', { name: 'Skip to the content' }).press('Enter');
    await page.keyboard.press('Tab');
    expect(await readFocus(page)).toBe('keep');
    expect(page.url()).toContain('#/history');
  });

  test('keeps a history in the browser, opens and deletes entries, and can be switched off', async () => {
    const { page } = await visit({ rule: ({ title }) => (title === 'Rain' ? [0.9, 0.1] : [0.1, 0.9]) });
    await checkArticle(page, 'Ferry', 'It sailed on Tuesday.');
    await checkArticle(page, 'Rain');
    await checkArticle(page, 'Ferry', 'It sailed on Tuesday.');
    await go(page, 'History');
    const titles = page.locator('.entry-title');
    await expect.poll(() => titles.allInnerTexts()).toEqual(['Ferry', 'Rain']);
    expect(await page.locator('.entry-prediction').allInnerTexts()).toEqual(['REAL\n90%', 'FAKE\n90%']);
    await page.locator('.entries li', { hasText: 'Rain' }).getByRole('button', { name: 'Delete' }).click();
    await expect.poll(() => titles.allInnerTexts()).toEqual(['Ferry']);
    await page.reload();
    await page.getByRole('button', { name: 'Open' }).click();
    await page.locator('.headline').waitFor();
    expect(await page.getByLabel('Text').inputValue()).toBe('It sailed on Tuesday.');
    await go(page, 'History');
    await page.getByLabel('Keep a history').uncheck();
    await go(page, 'Check');
    await checkArticle(page, 'Wind');
    await go(page, 'History');
    await expect.poll(() => titles.allInnerTexts()).toEqual(['Ferry']);
    await page.getByRole('button', { name: 'Delete all' }).click();
    await page.getByText('The history is off: no articles are kept.').waitFor();
    expect(await page.evaluate('localStorage.getItem("veracity.history")')).toBeNull();
  });

  test('works without browser storage, and with a history that another program wrote', async () => {
    const { page, complaints } = await visit();
    await page.evaluate(`localStorage.setItem('veracity.history', '[{"id":1},7]')`);
    await page.reload();
    await go(page, 'History');
    await page.getByText('Nothing yet').waitFor();
    await page.addInitScript(
      `Object.defineProperty(window, 'localStorage', { get() { throw new Error('no storage'); } })`,
    );
    await page.reload();
    await page.getByText('Nothing yet').waitFor();
    await go(page, 'Check');
    await checkArticle(page, 'Ferry');
    expect(complaints).toEqual([]);
  });

  test('draws reliability diagrams, in and out of source, with their numbers as tables', async () => {
    const reliability = [
      { low: 0.5, high: 0.6, n: 40, confidence: 0.55, accuracy: 0.5 },
      { low: 0.6, high: 0.7, n: 0, confidence: 0, accuracy: 0 },
      { low: 0.9, high: 1, n: 372, confidence: 0.96, accuracy: 0.97 },
    ];
    const { page } = await visit({ evaluations: [{ ...ownFigures, reliability }, otherFigures] });
    await go(page, 'Model');
    const diagrams = page.getByRole('img', { name: 'Reliability diagram' });
    await diagrams.first().waitFor();
    expect(await diagrams.count()).toBe(2);
    expect(await diagrams.first().locator('circle').count()).toBe(2);
    await page.getByText('As a table').first().click();
    const table = await page.locator('.reliability table').first().innerText();
    expect(table).toMatch(/96\.0%\s+97\.0%\s+372/);
    const own = await page.locator('.collection').first().innerText();
    expect(own).toMatch(/Average error of the probability\s+2 points/);
    const text = await page.locator('main').innerText();
    for (const part of [
      /93\.4% right/,
      /57\.8% right/,
      /Limits/,
      /compact, \d+ .*parameters/,
      /ds-0123456789ab/,
    ])
      expect(text).toMatch(part);
  });

  test('shows which versions are served and which was withdrawn and why, loaded again whenever the view opens', async () => {
    const at = '2026-03-04T05:06:07.000Z';
    const about = { version: 'compact@4', share: 0.1, at, code: null };
    let rollout: RolloutState = {
      change: { version: 'compact@3', outcome: 'switched', at, code: null },
      canary: { ...about, state: 'running', reason: null },
      shadow: { version: 'compact@5', state: 'running', at, compared: 1200, disagreed: 34, code: null },
    };
    const { page, complaints } = await visit({ live: { rollout: () => rollout, onAnswers: () => {} } });
    const read = async (): Promise<string> =>
      (await page.locator('.rollout').innerText()).replace(/\s+/g, ' ');
    await go(page, 'Model');
    await page.getByRole('heading', { name: 'Which versions are served' }).waitFor();
    expect(await read()).toMatch(
      /compact@3 serving It serves all clients except the 10% of the canary\. .*compact@4 running It has served 10% .*compact@5 running .*34 of 1,200 differ.*compact@3 completed/,
    );
    expect(await runAxe(page)).toEqual([]);
    rollout = { ...rollout, canary: { ...about, state: 'returned', reason: 'errors' }, shadow: null };
    await go(page, 'Check');
    await go(page, 'Model');
    await expect.poll(read).toMatch(/compact@3 serving It serves all clients\. .*compact@4 withdrawn/);
    expect(await read()).toMatch(/until 4 Mar 2026, .*too many of its requests failed/);
    expect(await page.locator('.tag.trouble').allInnerTexts()).toEqual(['withdrawn']);
    await page.setViewportSize({ width: 360, height: 800 });
    expect(await measureOverflow(page)).toBe(0);
    expect(await runAxe(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });

  test('writes a command and a program that give the same prediction as the page', async () => {
    const { page } = await visit({ rule: ({ title }) => (title.includes("'") ? [0.91, 0.09] : [0.5, 0.5]) });
    await checkArticle(page, `It's "late" $HOME`, 'One.\nTwo \\ three.');
    await go(page, 'API');
    await page.locator('.snippet pre').nth(2).waitFor();
    const [curl, program, answer] = await page.locator('.snippet pre').allInnerTexts();
    const answered = JSON.parse(await runProgram('sh', ['-c', `${curl} -s`])) as Record<string, unknown>;
    expect(answered).toMatchObject({ label: 'FAKE', probability: 0.91 });
    expect(JSON.parse(answer!)).toMatchObject({ label: 'FAKE', probability: 0.91 });
    // In the snippet, the name of the package stands for the build of this repository.
    const module = program!.replace("'veracity/client'", `'${repositoryRoot}dist/client/index.js'`);
    expect(await runProgram(process.execPath, ['--input-type=module', '-e', module])).toBe('FAKE 0.91\n');
  });

  test('writes them for an example if there is no article', async () => {
    const { page } = await visit();
    await go(page, 'API');
    await page.getByText('For an example').waitFor();
    expect(await page.locator('.snippet pre').first().innerText()).toContain('/v1/predict');
    expect(
      await page.getByRole('link', { name: 'All routes, with a form to try each' }).getAttribute('href'),
    ).toBe('docs');
  });
});

/** Runs a program without blocking, because the server runs in this process. */
function runProgram(file: string, args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(file, args, { cwd: repositoryRoot }, (error, stdout) =>
      error === null ? resolve(stdout) : reject(error),
    );
  });
}
