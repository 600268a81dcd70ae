// Tests the page in real Chromium with a real server: what people do with it.
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { Warning } from '../../src/foundation/records/warning.ts';
import { chromiumPath } from './chromium.ts';
import { readFocus } from './page-probe.ts';
import { otherFigures, ownFigures, sampleExamples } from './page-server.ts';
import { createVisits } from './visits.ts';

const { serve, visit, visitReal } = createVisits();

describe.skipIf(chromiumPath === undefined)('the page', () => {
  test('asks for no title if the model was trained without one', async () => {
    const columns = { title: null, text: 'Nachricht', label: null, source: null, date: null, id: null };
    const { page } = await visit({ info: { columns } });
    await page
      .getByLabel('Text', { exact: true })
      .fill('The ferry sailed again on Tuesday, the office said.');
    expect(await page.getByLabel('Title', { exact: true }).count()).toBe(0);
    await page.getByRole('button', { name: 'Check', exact: true }).click();
    await page.locator('.headline').waitFor();
  });

  test('shows what the API says about a typed article, with a real model', async () => {
    const { page, server, complaints } = await visitReal();
    const article = {
      title: 'Council votes',
      text: 'The council voted on the road and the water. '.repeat(4),
    };
    await page.getByLabel('Title').fill(article.title);
    await page.getByLabel('Text').fill(article.text);
    await page.getByRole('button', { name: 'Check' }).click();
    const response = await fetch(`${server.url}/v1/predict`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(article),
    });
    const answer = (await response.json()) as { label: string; probability: number };
    const headline = page.locator('.headline');
    await headline.waitFor();
    expect(await headline.innerText()).toContain(answer.label);
    const shown = answer.probability > 0.99 ? '>99%' : `${Math.round(answer.probability * 100)}%`;
    expect(await headline.innerText()).toContain(shown);
    const card = page.getByRole('region', { name: 'Prediction', exact: true });
    expect(await card.innerText()).toContain('compact@7');
    expect(complaints).toEqual([]);
  });

  test('shows the prediction in words, with each class, both figures and what the number means', async () => {
    const { page } = await visit({ rule: () => [0.968, 0.032], evaluations: [ownFigures, otherFigures] });
    await page.getByLabel('Text').fill('It all happened at night.');
    await page.getByRole('button', { name: 'Check' }).click();
    await page.locator('.headline').waitFor();
    const words = await page.getByRole('region', { name: 'Prediction', exact: true }).innerText();
    for (const part of [
      /Very likely\s+FAKE\s+97%/,
      /FAKE\s+97%\s+REAL\s+3%/,
      /In its test on 412 articles, 200 had a probability between 93% and 100%, like this one\. It was right on 192 of them \(96%; likely between 92% and 98%\)/,
      /On its own test articles\s+93\.4% right/,
      /On other sources\s+57\.8% right\s+elsewhere2016/,
      /Model\s+compact@3/,
      /Trained on\s+sample ds-0123456789ab \(invented articles\)/,
      /Request\s+[\d.]+ ms, [0-9a-f-]{36}/,
    ])
      expect(words).toMatch(part);
    await expect.poll(() => page.getByRole('status').innerText()).toBe('Prediction: Very likely FAKE, 97%.');
  });

  test('says that it is not sure when the model abstains', async () => {
    const { page } = await visit({ rule: () => [0.56, 0.44] });
    await page.getByLabel('Title').fill('Perhaps');
    await page.getByLabel('Title').press('Enter');
    await page.locator('.headline').waitFor();
    expect(await page.locator('.headline').innerText()).toBe('Not sure');
    await expect
      .poll(() => page.getByRole('status').innerText())
      .toBe('Prediction: not sure. It leans towards FAKE with 56%; it needs 70% to count as sure.');
  });

  test('says plainly what was not measured, and that the model is synthetic', async () => {
    const { page } = await visit();
    expect(await page.getByRole('note').innerText()).toContain('Synthetic model.');
    const model = await page.getByRole('region', { name: 'The model and its limits' }).innerText();
    expect(model).toMatch(/On its own test articles\s+93\.4% right/);
    expect(model).toMatch(/On other sources\s+Not measured/);
    expect(model).toContain('It recognises how an article is written, not whether what it says is true.');
  });

  test('does not call a model synthetic that is not', async () => {
    const { page } = await visit({ info: { synthetic: false, datasetName: 'isot' } });
    expect(await page.getByRole('note').count()).toBe(0);
  });

  test('offers five examples of each class, predicts the chosen one and moves to the prediction', async () => {
    const { page, complaints } = await visit({ rule: () => [0.9, 0.1] });
    for (const label of ['FAKE', 'REAL']) {
      const group = page.locator('.groups > div', { hasText: `Labelled ${label}` });
      await group.waitFor(); // the examples are fetched on their own
      expect(await group.getByRole('button').count()).toBe(5);
    }
    const example = sampleExamples.find(({ label }) => label === 'REAL')!;
    await page.getByRole('button', { name: example.title }).click();
    await page.getByText('the model is wrong here').waitFor();
    expect(await page.getByLabel('Title').inputValue()).toBe(example.title);
    expect(await page.getByLabel('Text').inputValue()).toBe(example.text);
    await expect.poll(() => readFocus(page)).toContain('prediction');
    expect(await page.getByRole('button', { name: example.title }).getAttribute('aria-pressed')).toBe('true');
    expect(complaints).toEqual([]);
  });

  test.each([
    '  <https://example.com/ferry?utm_source=mail>\n',
    'https://example.com/a https://example.org/b',
    'desk@example.com',
  ])('asks for the text of an article when only an address was pasted: %j', async (paste) => {
    const { page } = await visit();
    await page.getByLabel('Text').fill(paste);
    await page.getByRole('button', { name: 'Check' }).click();
    const card = page.getByRole('region', { name: 'Prediction', exact: true });
    await card.getByText('Paste the article’s text').waitFor();
    expect(await card.innerText()).toContain('only an address');
    expect(await page.locator('.headline, .bars').count()).toBe(0);
    expect(await card.getByRole('button', { name: 'Try again' }).count()).toBe(0);
    await page.getByLabel('Text').fill('SEATTLE (Reuters) - ');
    await page.getByRole('button', { name: 'Check' }).click();
    await card.getByText('too few words').waitFor();
    await page.getByLabel('Text').fill('The ferry sails again on Tuesday.');
    await page.getByRole('button', { name: 'Check' }).click();
    await page.locator('.headline').waitFor();
  });

  test('shows markup in an article as text', async () => {
    const markup = `<img src="x" onerror="alert('title')"><b>bold</b>`;
    const { page, complaints } = await visit({
      examples: [
        {
          id: 'a',
          title: markup,
          text: `<script>alert('text')</script>`,
          label: '<i>FAKE</i>',
          source: '<u>u</u>',
        },
      ],
      // No current warning contains text of an article, but the page must not rely on that.
      warnings: [{ code: 'UNCODED', message: '<em>careful</em>' } as unknown as Warning],
      info: { classNames: ['<i>FAKE</i>', 'REAL'], datasetName: '<s>data</s>' },
      rule: () => [0.9, 0.1],
    });
    await page.getByRole('button', { name: 'bold' }).click();
    await page.locator('.headline').waitFor();
    expect(await page.getByLabel('Title').inputValue()).toBe(markup);
    expect(await page.locator('.headline').innerText()).toContain('<i>FAKE</i>');
    expect(await page.getByText('<em>careful</em>').count()).toBe(1);
    expect(await page.locator('img, #page script, i, u, em, s, b').count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  test('says that it is checking while the model runs, and sends one article at a time', async () => {
    let asked = 0;
    let answer = (): void => {};
    const { page } = await visit({
      rule: () => {
        asked++;
        return new Promise((resolve) => {
          answer = () => resolve([0.1, 0.9]);
        });
      },
    });
    await page.getByLabel('Text').fill('It rains.');
    await page.keyboard.press('Control+Enter');
    await page.getByRole('button', { name: 'Checking…' }).waitFor();
    await page.keyboard.press('Control+Enter');
    expect(await page.locator('section.prediction').getAttribute('aria-busy')).toBe('true');
    await expect.poll(() => asked).toBe(1);
    answer();
    await page.locator('.headline').waitFor();
    expect(asked).toBe(1);
    expect(await page.getByRole('button', { name: 'Check' }).getAttribute('aria-disabled')).toBe('false');
  });

  test('marks a prediction as stale when the article is changed', async () => {
    const { page } = await visit();
    await page.getByLabel('Text').fill('It rains.');
    await page.keyboard.press('Control+Enter');
    await page.locator('.headline').waitFor();
    expect(await page.getByText('You have changed the article').count()).toBe(0);
    await page.getByLabel('Text').press('End');
    await page.keyboard.type(' Still.');
    await page.getByText('You have changed the article').waitFor();
  });

  test('clears the article and the prediction', async () => {
    const { page } = await visit();
    await page.getByLabel('Text').fill('It rains.');
    await page.keyboard.press('Meta+Enter');
    await page.locator('.headline').waitFor();
    await page.getByRole('button', { name: 'Clear' }).click();
    expect(await page.getByLabel('Text').inputValue()).toBe('');
    await page.getByText('No prediction yet').waitFor();
    await expect.poll(() => readFocus(page)).toBe('title');
  });

  test('does not depend on the names of classes, and supports more than two', async () => {
    const { page } = await visit({
      info: { classNames: ['satire', 'news', 'opinion'], calibration: { temperature: 1, abstainBelow: 0 } },
      rule: () => [0.2, 0.1, 0.7],
      evaluations: [],
      examples: [],
    });
    expect(await page.locator('.lead').innerText()).toContain('It tells satire, news and opinion apart');
    await page.getByLabel('Text').fill('I think so.');
    await page.keyboard.press('Control+Enter');
    await page.locator('.headline').waitFor();
    expect(await page.locator('.headline').innerText()).toMatch(/Leans towards\s+opinion\s+70%/);
    expect(await page.locator('.bars').innerText()).toMatch(/satire\s+20%\s+news\s+10%\s+opinion\s+70%/);
    expect(await page.getByText('This model was not tested').count()).toBe(1);
    expect(await page.locator('body').innerText()).not.toMatch(/FAKE|REAL/);
    expect(await page.getByRole('region', { name: 'Examples' }).count()).toBe(0);
  });

  test('shows the first prediction for an example soon after the click, with a real compact model', async () => {
    // The width and the length of the model of `npm start`.
    const { page } = await visitReal({ layers: 2, width: 128, maxTokens: 128 }, { examples: sampleExamples });
    await page.locator('.groups button').first().waitFor();
    const ms = await page.evaluate<number>(`new Promise((resolve) => {
      const startMs = performance.now();
      new MutationObserver((_, observer) => {
        if (document.querySelector('.headline') === null) return;
        observer.disconnect();
        requestAnimationFrame(() => resolve(performance.now() - startMs));
      }).observe(document.body, { childList: true, subtree: true });
      document.querySelector('.groups button').click();
    })`);
    console.log(`first prediction ${Math.round(ms)} ms after the click (goal: under 300 on an idle machine)`);
    expect(ms).toBeLessThan(10_000); // generous, because the machine may be busy
  });

  test('transfers less than 60 kB, all from the same server', async () => {
    const server = await serve();
    const html = await (await fetch(`${server.url}/`)).text();
    const files = [...html.matchAll(/(?:src|href)="\.\/([^"]+)"/g)].map((match) => match[1]!);
    expect(files.length).toBeGreaterThanOrEqual(3);
    const parts = await Promise.all(files.map(async (file) => (await fetch(`${server.url}/${file}`)).text()));
    const bytes = [html, ...parts].reduce((sum, part) => sum + gzipSync(part).length, 0);
    console.log(`first view: ${bytes} bytes, gzip`);
    expect(bytes).toBeLessThan(60_000);
    expect(html).not.toMatch(/<style|style=|<script>|https?:/);
  });
});
