// Tests the evaluation page in real Chromium: it fits phones and desktops, in light and dark, and sends no request.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRandom } from '../../src/foundation/core/random.ts';
import { evaluateLogits } from '../../src/judging/evaluate/evaluation.ts';
import { formatEvaluationHtml } from '../../src/judging/evaluate/html/page.ts';
import { chromiumPath, launchChromium } from '../browser/chromium.ts';

function drawReport(classNames: string[], outOfSource: boolean) {
  const random = createRandom(classNames.length);
  const C = classNames.length;
  const labels = Int32Array.from({ length: 200 }, () => random.integer(C));
  const logits = Float32Array.from(
    { length: 200 * C },
    (_, i) => 3 * random.normal() + (labels[Math.floor(i / C)] === i % C ? 3 : 0),
  );
  return evaluateLogits({
    logits,
    labels,
    classNames,
    sources: Array.from(labels, (_, i) => `An outlet with quite a long name, number ${i % 4}`),
    calibration: { temperature: 1.5, abstainBelow: 0.7 },
    collection: outOfSource ? 'another-collection-with-a-long-name-2017' : 'sample (test split)',
    testSet: `set-${outOfSource}`,
    outOfSource,
    synthetic: true,
    parents: ['compact@1', 'ds-0123456789ab'],
    bootstrap: 100,
    seed: 1,
    clock: { nowIso: () => '2026-01-02T00:00:00.000Z', monotonicMs: () => 0 },
  });
}

describe.skipIf(chromiumPath === undefined)('the evaluation page in a browser', () => {
  let browser: Browser;
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'veracity-page-'));
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each([
    { width: 360, colorScheme: 'light', collections: 2 },
    { width: 360, colorScheme: 'dark', collections: 1 },
    { width: 1280, colorScheme: 'light', collections: 2 },
    { width: 1280, colorScheme: 'dark', collections: 1 },
  ] as const)(
    'fits $width px in $colorScheme with $collections collection(s)',
    async ({ width, colorScheme, collections }) => {
      const classNames = collections === 2 ? ['FAKE', 'REAL'] : ['FAKE', 'REAL', 'SATIRE'];
      const reports = [
        drawReport(classNames, false),
        ...(collections === 2 ? [drawReport(classNames, true)] : []),
      ];
      const file = join(folder, 'page.html');
      writeFileSync(file, formatEvaluationHtml({ model: 'compact@1', reports }));
      const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme });
      const requests: string[] = [];
      const problems: string[] = [];
      page.on('request', (request) => requests.push(request.url()));
      page.on('console', (message) => problems.push(message.text()));
      await page.goto(`file://${file}`);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
      expect(requests).toEqual([`file://${file}`]);
      expect(problems).toEqual([]);
      // Own and other source stand side by side, not below each other.
      const tops = await page
        .locator('.panel')
        .evaluateAll((panels) => panels.map((panel) => panel.getBoundingClientRect().top));
      expect(new Set(tops).size).toBe(1);
      const [r, g, b] = (await page.evaluate(
        'getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)',
      )) as number[];
      expect((r! + g! + b!) / 3 > 128).toBe(colorScheme === 'light');
      await page.close();
    },
  );
});
