// Tests the accessibility of the page: keyboard, screen readers, light and dark, narrow screens.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chromiumPath } from './chromium.ts';
import { stubExplanation } from './explanation-stub.ts';
import { computeContrast, listTexts, measureOverflow, readFocus, runAxe } from './page-probe.ts';
import {
  openReceipts,
  otherFigures,
  ownFigures,
  type PageServer,
  sampleExamples,
  startPageServer,
} from './page-server.ts';
import { createVisits } from './visits.ts';

const visits = createVisits();
const folder = mkdtempSync(join(tmpdir(), 'veracity-access-'));
const receipts = openReceipts(folder);
let server: PageServer;
const LONG_NAME = 'Averyveryverylongclassnamewithoutanyspaceinit';

beforeAll(async () => {
  if (chromiumPath === undefined) return;
  server = await startPageServer({
    ...receipts,
    evaluations: [ownFigures, otherFigures],
    rule: ({ title }) => (title.includes('perhaps') ? [0.55, 0.45] : [0.06, 0.94]),
    warnings: [{ code: 'ARTICLE_SHORT', tokens: 12, usualTokens: 90, unit: 'tokens' }],
  });
});
afterAll(async () => {
  await server?.close();
  await receipts.journal.close();
  rmSync(folder, { recursive: true, force: true });
});

async function open(options: BrowserContextOptions = {}, url = server.url): Promise<Page> {
  return (await visits.open(url, options)).page;
}

async function checkArticle(page: Page, title = 'Ferry'): Promise<void> {
  await page.getByLabel('Title').fill(title);
  await page.keyboard.press('Control+Enter');
  await page.locator('.headline').waitFor();
}

describe.skipIf(chromiumPath === undefined)('the page', () => {
  test('can be used with the keyboard alone', async () => {
    const page = await open();
    const tab = async (): Promise<string> => {
      await page.keyboard.press('Tab');
      return readFocus(page);
    };
    expect(await tab()).toBe('skip');
    await page.keyboard.press('Enter');
    expect(await tab()).toBe('title');
    await page.keyboard.type('Drawbridge closed');
    expect(await tab()).toBe('text');
    await page.keyboard.type('It is closed.');
    await page.keyboard.press('Control+Enter');
    await page.locator('.headline').waitFor();
    expect(await readFocus(page)).toBe('text'); // focus stays in the field while the prediction is announced
    const stops: string[] = [];
    for (let stop = 0; stop < 10; stop++) stops.push(await tab());
    // check, clear; right, wrong, receipt, its link, limits; evidence, two switches; then the first example
    expect(stops.join(' ')).toBe('primary quiet quiet quiet A small A primary switch switch');
    await tab();
    await page.keyboard.press('Enter');
    await page.getByText('This example is labelled').waitFor();
    expect(await page.getByLabel('Title').inputValue()).toBe(
      sampleExamples.find(({ label }) => label === 'FAKE')!.title,
    );
    await expect.poll(() => readFocus(page)).toContain('prediction');
  });

  test('can be used with the keyboard alone when the server keeps no receipts', async () => {
    const { page } = await visits.visit({ evaluations: [ownFigures] });
    await page.getByLabel('Text').fill('It is closed.');
    await page.keyboard.press('Control+Enter');
    await page.locator('.headline').waitFor();
    const stops: string[] = [];
    for (let stop = 0; stop < 6; stop++) {
      await page.keyboard.press('Tab');
      stops.push(await readFocus(page));
    }
    // check, clear; limits; evidence, two switches
    expect(stops.join(' ')).toBe('primary quiet A primary switch switch');
  });

  test('shows where the focus is', async () => {
    const page = await open();
    for (let stop = 0; stop < 8; stop++) {
      await page.keyboard.press('Tab');
      const outline = await page.evaluate<string>(
        'getComputedStyle(document.activeElement).outlineStyle + getComputedStyle(document.activeElement).outlineWidth',
      );
      expect(outline).toMatch(/^solid[2-9]px$/);
    }
  });

  test('announces the prediction, and gives every control a name', async () => {
    const page = await open();
    expect(await page.getByRole('status').innerText()).toBe('');
    await checkArticle(page);
    await expect.poll(() => page.getByRole('status').innerText()).toBe('Prediction: Very likely REAL, 94%.');
    const tree = await page.locator('body').ariaSnapshot();
    for (const part of [
      'banner',
      'navigation "Views"',
      'navigation "More pages"',
      'main',
      'contentinfo',
      'heading "Check an article" [level=1]',
      'textbox "Title"',
      'textbox "Text"',
      'button "Check"',
      'button "Clear"',
      'region "Prediction"',
      'region "Question the prediction"',
      'region "Examples"',
      'region "The model and its limits"',
      'link "What the model can’t do"',
    ])
      expect(tree).toContain(part);
    expect(tree).not.toMatch(/^\s*- (button|link|textbox|region)\s*:?$/m); // without a name
    const levels = [...tree.matchAll(/heading "[^"]*" \[level=(\d)\]/g)].map((match) => Number(match[1]));
    levels.forEach((level, index) => {
      expect(level - (levels[index - 1] ?? 0)).toBeLessThanOrEqual(1);
    });
    expect(await page.locator('html').getAttribute('lang')).toBe('en');
  });

  test.each(['light', 'dark'] as const)('has enough contrast in every text, %s', async (colorScheme) => {
    const page = await open({ colorScheme });
    await checkArticle(page);
    const texts = await listTexts(page);
    await checkArticle(page, 'Ferry perhaps');
    texts.push(...(await listTexts(page)));
    expect(texts.length).toBeGreaterThan(80);
    await page.goto(`${server.url}/#/model`);
    await page.getByRole('heading', { name: 'How reliable its probabilities are' }).waitFor();
    texts.push(...(await listTexts(page)));
    const poor = texts
      .map((text) => ({ ...text, ratio: computeContrast(text.colour, text.background) }))
      .filter(
        ({ ratio, sizePx, weight }) => ratio < (sizePx >= 24 || (sizePx >= 18.66 && weight >= 700) ? 3 : 4.5),
      );
    expect(poor).toEqual([]);
    const paper = texts[0]!.background[0]!;
    expect(colorScheme === 'dark' ? paper < 60 : paper > 200).toBe(true);
  });

  test.each([
    [320, 'light'],
    [390, 'dark'],
    [768, 'light'],
    [1280, 'dark'],
  ] as const)('fits a screen of %i pixels, %s', async (width, colorScheme) => {
    const wide = await visits.serve({
      info: { classNames: [LONG_NAME, 'REAL'], datasetName: 'a-data-set-with-a-very-long-name-'.repeat(3) },
      evaluations: [ownFigures, { ...otherFigures, collection: 'anothercollectionwithalongname'.repeat(3) }],
      examples: [
        { id: 'a', title: 'W'.repeat(120), text: 'w'.repeat(2000), label: LONG_NAME, source: 's'.repeat(80) },
      ],
      warnings: [
        { code: 'ARTICLE_SHORT', tokens: 12, usualTokens: 90, unit: 'features' },
        {
          code: 'ARTICLE_TRUNCATED',
          articleTokens: 9e9,
          maxTokens: 256,
          kept: 'head+tail',
          unit: 'features',
        },
        { code: 'OUT_OF_DISTRIBUTION_LETTERS', score: -9, lowest: -8 },
        { code: 'OUT_OF_DISTRIBUTION_DISTANCE', kind: 'features', distance: 0.9, highest: 0.4 },
      ],
      rule: () => [0.97, 0.03],
    });
    const page = await open({ viewport: { width, height: 800 }, colorScheme }, wide.url);
    expect(await measureOverflow(page)).toBe(0);
    await page.locator('.groups button').first().click();
    await page.locator('.headline').waitFor();
    expect(await measureOverflow(page)).toBe(0);
    const card = await page.locator('section.prediction').boundingBox();
    for (const part of await page.locator('section.prediction *:visible').all()) {
      const box = await part.boundingBox();
      if (box !== null) expect(box.x + box.width).toBeLessThanOrEqual(card!.x + card!.width + 1);
    }
  });

  test.each([
    ['light', 1280],
    ['dark', 390],
  ] as const)('passes axe in every view, %s, %i pixels wide', async (colorScheme, width) => {
    const page = await open({ colorScheme, viewport: { width, height: 800 } });
    const found: string[] = [];
    const check = async (place: string): Promise<void> => {
      for (const { id, nodes } of await runAxe(page))
        found.push(...nodes.map(({ html }) => `${place}: ${id}: ${html}`));
    };
    await check('empty');
    await stubExplanation(page);
    await checkArticle(page);
    await page.getByRole('button', { name: 'It is wrong' }).click();
    await page.getByRole('button', { name: 'Show the evidence' }).click();
    await page.getByRole('button', { name: 'Title only' }).dispatchEvent('click');
    await page.locator('.marked').waitFor();
    await check('checked');
    for (const [view, ready] of [
      ['batch', 'Drop a file here'],
      ['history', 'Delete all'],
      ['model', 'How reliable its probabilities are'],
      ['api', 'On the command line'],
      ['receipt/0mjv6k2g0abcdefghijklmnop', 'There is no receipt here'],
    ] as const) {
      await page.goto(`${server.url}/#/${view}`);
      await page.getByText(ready).first().waitFor();
      await check(view);
      expect([view, await measureOverflow(page)]).toEqual([view, 0]);
      if (view !== 'batch') continue;
      await page.getByRole('button', { name: /examples/ }).click();
      await page.getByText('Done:').waitFor();
      await check('results');
      expect(await measureOverflow(page)).toBe(0);
    }
    expect(found).toEqual([]);
  });

  test('scrolls to the prediction on a narrow screen', async () => {
    const page = await open({ viewport: { width: 390, height: 700 }, reducedMotion: 'reduce' });
    await checkArticle(page);
    await expect.poll(async () => (await page.locator('.headline').boundingBox())!.y).toBeLessThan(600);
  });
});
