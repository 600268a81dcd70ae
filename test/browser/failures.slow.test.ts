// Tests what the page says when something fails, and that the typed article is never lost.
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { chromiumPath } from './chromium.ts';
import { createVisits } from './visits.ts';

const { serve, visit, createPage } = createVisits();

async function checkArticle(page: Page, text = 'The ferry sails again.'): Promise<void> {
  await page.getByLabel('Text').fill(text);
  await page.getByRole('button', { name: 'Check' }).click();
}

describe.skipIf(chromiumPath === undefined)('the page', () => {
  test('says that the server is down, keeps the article, and continues when the server is back', async () => {
    const { page, server } = await visit();
    await server.close();
    await checkArticle(page);
    const alert = page.getByRole('alert').filter({ hasText: 'The server does not respond' });
    await alert.waitFor();
    expect(await page.getByLabel('Text').inputValue()).toBe('The ferry sails again.');
    await serve({ port: Number(new URL(server.url).port) });
    await alert.getByRole('button', { name: 'Try again' }).click();
    await page.locator('.headline').waitFor();
    expect(await page.getByText('The server does not respond').count()).toBe(0);
  });

  test('shows the new model after the server was restarted with another one', async () => {
    const { page, server } = await visit();
    await server.close();
    // The page does not load the facts of the same version again, so this server has another dataset and version.
    await serve({
      port: Number(new URL(server.url).port),
      modelVersion: 'compact@4',
      info: { datasetName: 'second' },
    });
    await checkArticle(page);
    await page.locator('.headline').waitFor();
    await page.getByRole('region', { name: 'The model and its limits' }).getByText('second').waitFor();
  });

  test('says that an article is too long', async () => {
    const { page } = await visit();
    await checkArticle(page, 'far too long '.repeat(100_000));
    await page.getByText('This article is too long').waitFor();
    expect((await page.getByLabel('Text').inputValue()).length).toBe(1_300_000);
  });

  test('says that the server is busy, and when to try again', async () => {
    const { page } = await visit({ limits: { maxInFlight: 0 } });
    await checkArticle(page);
    await page.getByText('The server is busy').waitFor();
    await page.getByText('Try again in a second.').waitFor();
  });

  test('says when to try again after a full queue, and tries again', async () => {
    const { page } = await visit();
    let full = true;
    await page.route('**/v1/predict', (route) =>
      full
        ? route.fulfill({ status: 503, headers: { 'retry-after': '7' }, json: { code: 'QUEUE_FULL' } })
        : route.continue(),
    );
    await checkArticle(page);
    const alert = page.getByRole('alert').filter({ hasText: 'The server is busy' });
    expect(await alert.innerText()).toContain('Try again in 7 seconds.');
    full = false;
    await alert.getByRole('button', { name: 'Try again' }).click();
    await page.locator('.headline').waitFor();
  });

  test('says that it is still waiting for a slow server, and stops waiting on request', async () => {
    let gone = false;
    const { page } = await visit({ rule: () => new Promise(() => {}) });
    page.on('requestfailed', () => {
      gone = true;
    });
    await page.clock.install();
    await checkArticle(page);
    await page.getByRole('button', { name: 'Checking…' }).waitFor();
    expect(await page.getByText('still waiting').count()).toBe(0);
    await page.clock.runFor(3100);
    await page.getByRole('alert').getByText('still waiting').waitFor();
    await page.getByRole('button', { name: 'Stop waiting' }).click();
    await page.getByRole('button', { name: 'Check', exact: true }).waitFor();
    await expect.poll(() => gone).toBe(true);
    expect(await page.getByLabel('Text').inputValue()).toBe('The ferry sails again.');
    await page.getByText('No prediction yet').waitFor();
  });

  test('asks for an API key if the server requires one, and sends it with every request', async () => {
    const secret = 'vk_secret';
    const server = await serve({
      access: {
        keys: {
          find: (presented) =>
            presented === secret
              ? { id: 'k1', name: 'desk', scopes: ['predict', 'feedback'], createdAt: '', revokedAt: null }
              : undefined,
        },
      },
    });
    const page = await createPage();
    await page.goto(`${server.url}/`);
    await page.getByLabel('This server requires an API key').fill(secret);
    await page.getByRole('button', { name: 'Use key' }).click();
    await page.getByText('Where it comes from').waitFor();
    expect(await page.getByLabel('This server requires an API key').count()).toBe(0);
    await checkArticle(page);
    await page.locator('.headline').waitFor();
    await page.getByRole('link', { name: 'API', exact: true }).click();
    const curl = await page.locator('.snippet pre').first().innerText();
    expect(curl).toContain('$VERACITY_KEY');
    expect(await page.content()).not.toContain(secret);
  });

  test('says that the model is not ready when it fails, with the id of the failed request', async () => {
    const { page } = await visit({ rule: () => Promise.reject(new Error('tensor')) });
    const [response] = await Promise.all([page.waitForResponse('**/v1/predict'), checkArticle(page)]);
    await page.getByText('The model is not ready').waitFor();
    await page.getByText(`Request ${response.headers()['x-request-id']}`).waitFor();
  });

  test('reports an internal error of the server if the model itself is ready', async () => {
    const { page } = await visit({
      rule: ({ title }) => (title === 'probe' ? [0.5, 0.5] : Promise.reject(new Error('tensor'))),
    });
    await checkArticle(page);
    await page.getByText('Internal error of the server').waitFor();
  });

  test('says that there is nothing to check, without a request', async () => {
    const { page } = await visit();
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.getByLabel('Text').fill('  \n ');
    await page.getByRole('button', { name: 'Check' }).click();
    await page.getByRole('alert').filter({ hasText: 'Paste the text of the article first.' }).waitFor();
    expect(await page.getByLabel('Text').getAttribute('aria-invalid')).toBe('true');
    expect(asked).toEqual([]);
    await page.getByLabel('Title').fill('Rain');
    expect(await page.getByText('Paste the text of the article first.').count()).toBe(0);
  });

  test('reports an unexpected response if it is not JSON', async () => {
    const { page } = await visit();
    await page.route('**/v1/predict', (route) =>
      route.fulfill({ status: 502, body: '<h1>Bad gateway</h1>' }),
    );
    await checkArticle(page);
    await page.getByText('Unexpected response').waitFor();
  });

  test('offers to load again what failed to load when it opened', async () => {
    const server = await serve();
    const page = await createPage();
    let broken = true;
    await page.route(/\/v1\/(model|examples)/, (route) => (broken ? route.abort() : route.continue()));
    await page.goto(`${server.url}/`);
    await page.getByText('The server does not respond').first().waitFor();
    expect(await page.getByText('The server does not respond').count()).toBe(2);
    broken = false;
    await page.getByRole('region', { name: 'The model and its limits' }).getByRole('button').click();
    await page.getByText('Where it comes from').waitFor();
    await page.getByText('Labelled FAKE').waitFor();
  });
});
