// Tests the questions about a prediction in a real browser: evidence, shortened articles, feedback, the receipt.
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { chromiumPath } from './chromium.ts';
import { stubExplanation } from './explanation-stub.ts';
import { createVisits } from './visits.ts';

const { visit, visitReal, visitWithReceipts } = createVisits();

async function checkArticle(page: Page, article = ARTICLE): Promise<void> {
  await page.getByLabel('Title').fill(article.title);
  await page.getByLabel('Text').fill(article.text);
  await page.getByRole('button', { name: 'Check' }).click();
  await page.locator('.headline').waitFor();
}

const ARTICLE = {
  title: 'Ferry <b>resumes</b>',
  text: 'ALDANE (Harbour) - It sailed on Tuesday.\n\nNobody 🚢 objected. It rained. It stopped.',
};
const MARKS = `[...document.querySelectorAll('.marked mark')].map((mark) => {
  const style = getComputedStyle(mark);
  return [mark.textContent, style.textDecorationStyle, parseFloat(style.textDecorationThickness) > 2].join('|');
})`;

describe.skipIf(chromiumPath === undefined)('the page', () => {
  test('marks influential passages in the pasted article, each kind with its own line style and sign', async () => {
    const { page, complaints } = await visit();
    await stubExplanation(page);
    await checkArticle(page);
    await page.getByRole('button', { name: 'Show the evidence' }).click();
    await page.locator('.marked').waitFor();
    expect(await page.evaluate(MARKS)).toEqual([
      `++${ARTICLE.title}|solid|true`,
      '−−ALDANE (Harbour) - It sailed on Tuesday.|wavy|false',
      '+Nobody 🚢 objected.|solid|false',
      '−It rained.|dashed|false',
      '++It stopped.|solid|true',
    ]);
    expect(await page.locator('.marked').innerText()).toContain('Nobody 🚢 objected.');
    const legend = await page.getByRole('list', { name: 'What the marks mean' }).innerText();
    for (const words of [
      'strongly for REAL',
      'somewhat for REAL',
      'strongly against REAL',
      'somewhat against',
    ])
      expect(legend).toContain(words);
    const ranked = page.locator('.ranked li');
    expect(await ranked.count()).toBe(5);
    expect(await ranked.first().textContent()).toContain('strongly for REAL:');
    expect(await ranked.first().innerText()).toContain('without it, REAL has 64%');
    expect(await page.locator('.marked b').count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  test('shows the evidence that the server finds, with a real model', async () => {
    const { page, complaints } = await visitReal();
    await checkArticle(page, {
      title: 'Council votes on the road',
      text: 'The council voted on the road. '.repeat(12),
    });
    await page.getByRole('button', { name: 'Show the evidence' }).click();
    await page.locator('.marked').waitFor();
    expect(await page.locator('.marked').innerText()).toContain('The council voted on the road.');
    expect(await page.locator('.marked .unread').count()).toBeGreaterThan(0); // it reads 64 tokens
    expect(complaints).toEqual([]);
  });

  test('marks words instead of sentences when chosen with the keyboard', async () => {
    const { page } = await visit();
    await stubExplanation(page);
    await checkArticle(page);
    await page.getByRole('button', { name: 'Show the evidence' }).press('Enter');
    await page.getByLabel('Sentences').focus();
    await page.keyboard.press('ArrowRight');
    expect(await page.getByLabel('Words', { exact: true }).isChecked()).toBe(true);
    await expect.poll(async () => (await page.evaluate<string[]>(MARKS))[0]).toBe('++Ferry|solid|true');
  });

  test('shows what the model did not read, and similar training articles', async () => {
    const { page } = await visit();
    await stubExplanation(page, {
      unread: [{ field: 'text', start: 0, end: 19 }],
      similar: [{ title: 'Ferry <i>stops</i>', source: 'Harbour Daily', label: 'REAL', similarity: 0.873 }],
    });
    await checkArticle(page);
    await page.getByRole('button', { name: 'Show the evidence' }).click();
    await page.locator('.marked').waitFor();
    expect(await page.locator('.marked .unread').innerText()).toBe('ALDANE (Harbour) - ');
    expect(await page.locator('.similar').innerText()).toBe(
      'Ferry <i>stops</i>\nHarbour Daily, labelled REAL, 87% alike',
    );
  });

  test('says that evidence is unavailable, and requests it again', async () => {
    const { page } = await visit();
    let broken = true;
    await stubExplanation(page);
    await page.route('**/v1/predict', (route) =>
      broken && (route.request().postData() ?? '').includes('explain') ? route.abort() : route.fallback(),
    );
    await checkArticle(page);
    await page.getByRole('button', { name: 'Show the evidence' }).click();
    await page.getByText('The server does not respond').waitFor();
    expect(await page.locator('.headline').innerText()).toContain('REAL');
    broken = false;
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.locator('.marked').waitFor();
  });

  test('predicts the article without its parts, beside the first prediction', async () => {
    const asked: { title: string; text: string }[] = [];
    const { page } = await visit({
      rule: ({ title, text }) => {
        asked.push({ title, text });
        return text === '' ? [0.8, 0.2] : text.startsWith('ALDANE') ? [0.06, 0.94] : [0.36, 0.64];
      },
    });
    await checkArticle(page);
    asked.length = 0;
    const row = (name: string) => page.locator('.alternative', { hasText: name });
    await page.getByRole('button', { name: 'Without the dateline' }).click();
    await row('Without the dateline').getByText('REAL 64%, −30 points').waitFor();
    expect(await row('Without the dateline').innerText()).toContain('“ALDANE (Harbour) -”');
    expect(await row('Without the dateline').innerText()).toContain('Not sure');
    await page.getByRole('button', { name: 'Title only' }).click();
    await row('Title only').getByText('REAL 20%, −74 points').waitFor();
    await page.getByRole('button', { name: 'Text only' }).click();
    await row('Text only').getByText('REAL 94%, about the same').waitFor();
    expect(asked).toEqual([
      { title: ARTICLE.title, text: ARTICLE.text.slice('ALDANE (Harbour) - '.length) },
      { title: ARTICLE.title, text: '' },
      { title: '', text: ARTICLE.text },
    ]);
    const title = page.getByRole('button', { name: 'Title only' });
    expect(await title.getAttribute('aria-pressed')).toBe('true');
    await title.click();
    await expect.poll(() => row('Title only').innerText()).not.toContain('20%');
  });

  test('disables the parts that the article does not have, and offers no dateline where there is none', async () => {
    const { page } = await visit();
    await checkArticle(page, { title: '', text: 'It rained all night.' });
    for (const name of ['Title only', 'Text only'])
      expect(await page.getByRole('button', { name }).getAttribute('aria-disabled')).toBe('true');
    expect(await page.getByRole('button', { name: 'Without the dateline' }).count()).toBe(0);
  });

  test('sends feedback at the press of a button, and then a class and a comment', async () => {
    const { page, feedback } = await visitWithReceipts();
    await checkArticle(page);
    await page.getByRole('button', { name: 'It is wrong' }).click();
    await page.getByText('Thank you. Your feedback').waitFor();
    expect(await feedback.load()).toMatchObject([{ agrees: false, prediction: { label: 'REAL' } }]);
    await page.getByLabel('What is the right class?').selectOption('FAKE');
    await page.getByLabel('Comment').fill('The harbour has no ferry.');
    await page.getByRole('button', { name: 'Send' }).click();
    await expect.poll(() => feedback.load().then((all) => all.length)).toBe(2);
    expect((await feedback.load())[1]).toMatchObject({ label: 'FAKE', comment: 'The harbour has no ferry.' });

    const id = await page.locator('.origin a code').innerText();
    expect((await feedback.load())[1]!.prediction.id).toBe(id);
    await page.locator('.origin a').click();
    await page.getByRole('heading', { name: 'Receipt of a prediction' }).waitFor();
    await page.getByText('stores only the hash of the article').waitFor();
    expect(page.url()).toContain(`#/receipt/${id}`);
    const receipt = await page.locator('.receipt').innerText();
    for (const part of [id, 'compact@3', 'REAL', '94%']) expect(receipt).toContain(part);
  });

  test('says, in place of the buttons, that feedback needs a receipt', async () => {
    const { page, complaints } = await visit();
    await checkArticle(page);
    const card = page.getByRole('region', { name: 'Prediction', exact: true });
    await card.getByText('The server kept no receipt of this prediction').waitFor();
    expect(await card.innerText()).toContain('Feedback needs a receipt');
    expect(await card.getByRole('button').count()).toBe(0); // neither feedback nor a link to copy
    expect(complaints).toEqual([]);
  });

  test('copies the link of a receipt', async () => {
    const { page, server } = await visitWithReceipts();
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin: server.url });
    await checkArticle(page);
    await page.getByRole('button', { name: 'Copy link' }).click();
    await page.getByRole('button', { name: 'Copied' }).waitFor();
    const id = await page.locator('.origin a code').innerText();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(`${server.url}/#/receipt/${id}`);
  });
});
