// The documentation page in a real browser: it works offline, and under our content security policy.
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createApp } from '../../src/serving/app/app.ts';
import { chromiumPath, launchChromium } from '../browser/chromium.ts';
import { createRuleClassifier } from './rule-classifier.ts';

let browser: Browser;
let url = '';
const app = createApp({ classifier: createRuleClassifier() });
beforeAll(async () => {
  url = await app.listen({ host: '127.0.0.1', port: 0 });
  if (chromiumPath !== undefined) browser = await launchChromium();
});
afterAll(async () => {
  await browser?.close();
  await app.close();
});

test.skipIf(chromiumPath === undefined)(
  '/docs lists the routes and asks no other host, nor trips over the policy',
  async () => {
    const page = await browser.newPage();
    const complaints: string[] = [];
    const foreign: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => {
      if (!request.url().startsWith(url) && !request.url().startsWith('data:')) foreign.push(request.url());
    });
    await page.goto(`${url}/docs`);
    await page.getByText('Predict one article or a batch').first().waitFor();
    await page.getByText('Predict one article or a batch').first().click();
    await page.getByText('Request body').first().waitFor();
    expect(foreign).toEqual([]);
    expect(complaints).toEqual([]);
  },
);
