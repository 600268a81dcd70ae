// Tests the view "Batch" in a real browser: dropping a file, progress, sorting, saving, and failures of the server.
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { chromiumPath } from './chromium.ts';
import { runAxe } from './page-probe.ts';
import type { PageServerOptions, Rule } from './page-server.ts';
import { createVisits, type Visit } from './visits.ts';

const visits = createVisits();

const GERMAN = { title: 'Betreff', text: 'Nachricht', label: 'label', source: null, date: null, id: null };

/** Predicts FAKE with the probability that the title names, else REAL. */
const rule: Rule = ({ title }) => {
  const share = Number(/0\.\d+/.exec(title)?.[0] ?? 0.1);
  return [share, 1 - share];
};

async function visit(options: PageServerOptions = {}): Promise<Visit> {
  const visited = await visits.visit({ rule, ...options });
  await visited.page.getByRole('link', { name: 'Batch' }).click();
  await visited.page.getByText('Drop a file here').waitFor();
  return visited;
}

function choose(page: Page, text: string, name = 'articles.csv'): Promise<void> {
  return page
    .getByLabel(/Drop a file here|Another file/)
    .setInputFiles({ name, mimeType: '', buffer: Buffer.from(text) });
}

const CSV = 'id;title;text\nb;"Two; 0.95";"x\ny"\na;One 0.80;x\n;=3 0.55;x\nd;;\ne;Five;x\n';

const titles = (page: Page): Promise<string[]> => page.locator('.row-title').allInnerTexts();

describe.skipIf(chromiumPath === undefined)('the page', () => {
  test('predicts a file, sorts and filters the results and saves them', async () => {
    const { page, complaints } = await visit();
    await choose(page, CSV);
    await page.getByText('Done: 5 rows').waitFor();
    expect(await titles(page)).toEqual(['Two; 0.95', 'One 0.80', '=3 0.55', '(no title)', 'Five']);
    expect(await page.locator('td.col-line').allInnerTexts()).toEqual(['2', '4', '5', '6', '7']);
    expect(await page.locator('tr.rejected').innerText()).toContain('Rejected: expected a title or a text');

    await page.getByRole('button', { name: 'Probability' }).click();
    expect(await titles(page)).toEqual(['Two; 0.95', 'Five', 'One 0.80', '=3 0.55', '(no title)']);
    expect(await page.locator('th.col-probability').getAttribute('aria-sort')).toBe('descending');
    await page.getByRole('button', { name: 'Article' }).click();
    expect((await titles(page))[0]).toBe('(no title)');
    await page.getByRole('button', { name: /^FAKE/ }).click();
    expect(await titles(page)).toEqual(['One 0.80', 'Two; 0.95']);
    await page.getByRole('button', { name: /^Not sure/ }).click();
    expect(await page.locator('td.col-prediction').innerText()).toBe('Not sure (FAKE)');

    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save as CSV' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('articles-predictions.csv');
    const lines = readFileSync(await download.path(), 'utf8').split('\r\n');
    expect(lines).toHaveLength(7);
    expect(lines[0]).toContain('line,id,title,label,probability,abstained,probability_FAKE,probability_REAL');
    expect(lines[1]).toMatch(/^2,b,Two; 0\.95,FAKE,0\.950000,false,0\.950000,0\.050000,compact@3,\w*,,$/);
    expect(lines[3]).toMatch(/^5,,'=3 0\.55,FAKE/);
    expect(complaints).toEqual([]);
  });

  test("reads the columns of the model's training file and saves the others beside the predictions", async () => {
    const { page, complaints } = await visit({ info: { columns: GERMAN } });
    await page.getByText('Expected columns: Betreff and Nachricht').waitFor();
    await choose(page, 'Betreff;Nachricht;label;Eingang\n0.95 Anruf;"Bitte\nheute";Frage;2024-05-01\n');
    await page.getByText('Done: 1 row in').waitFor();
    await page.getByText('Reads the title from “Betreff” and the text from “Nachricht”.').waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save as CSV' }).click(),
    ]);
    const [header, row] = readFileSync(await download.path(), 'utf8').split('\r\n');
    expect(header).toMatch(/,error,row\.label,Eingang$/);
    expect(row).toMatch(/^2,,0\.95 Anruf,FAKE,.*,Frage,2024-05-01$/);
    expect(complaints).toEqual([]);
  });

  test('lets a person choose the columns of a file with other names, by keyboard too', async () => {
    const { page, complaints } = await visit({ info: { columns: GERMAN } });
    await choose(page, 'ref,"Titel, kurz",Inhalt\nx1,One 0.95,It sailed.\nx2,Two,It did not.\n');
    await page.getByRole('heading', { name: 'Which columns hold the articles?' }).waitFor();
    await expect.poll(() => page.evaluate('document.activeElement.id')).toBe('picker-heading');
    await page.getByText('“Betreff” (title) and “Nachricht” (text)').waitFor();
    await page.getByText('This file has: ref, Titel, kurz, Inhalt.').waitFor();
    expect(await page.getByRole('button', { name: 'Check the file' }).isDisabled()).toBe(true);
    await page.getByLabel('Title', { exact: true }).selectOption('Titel, kurz');
    await page.getByText('One 0.95').waitFor();
    await page.getByLabel('Text', { exact: true }).selectOption('Inhalt');
    expect(await runAxe(page)).toEqual([]);
    await page.getByLabel('Text', { exact: true }).press('Enter');
    await page.getByRole('button', { name: 'Check the file' }).click();
    await page.getByText('Done: 2 rows').waitFor();
    expect(await titles(page)).toEqual(['One 0.95', 'Two']);
    await page.getByRole('button', { name: 'Change columns' }).click();
    await page.getByLabel('Title', { exact: true }).selectOption('none');
    await page.getByLabel('Id, if there is one').selectOption('ref');
    await page.getByRole('button', { name: 'Check the file' }).click();
    await page.getByText('Done: 2 rows').waitFor();
    expect(await page.locator('.row-id').allInnerTexts()).toEqual(['x1', 'x2']);
    expect(complaints).toEqual([]);
  });

  test('finds the columns of JSON Lines, and counts the lines of all parts from the start of the file', async () => {
    const { page } = await visit({ info: { columns: { ...GERMAN, title: 'headline', text: 'body' } } });
    const rows = Array.from({ length: 1500 }, (_, row) =>
      row === 1400
        ? '{"headline":""}'
        : `{"headline":"n${row}","body":"${'word '.repeat(9)}","mark":${row}}\n`,
    );
    await choose(page, `${rows.join('\n')}\n`, 'a.jsonl'); // every second line is empty
    await page.getByText('Done: 1,500 rows').waitFor();
    await page.getByRole('button', { name: /^Rejected/ }).click();
    expect(await page.locator('td.col-line').allInnerTexts()).toEqual(['2801']);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save as CSV' }).click(),
    ]);
    const lines = readFileSync(await download.path(), 'utf8').split('\r\n');
    expect(lines[1401]).toContain('upload:2801: expected a title or a text');
    expect(lines[1500]).toMatch(/^2998,,n1499,.*,1499$/);
  });

  test('shows each row of a file with lone quotes once, with its own line and title', async () => {
    const { page } = await visit();
    const rows = Array.from({ length: 40 }, (_, row) => {
      if (row === 5) return `"Lone ${row},It sailed on day ${row}.`;
      return row === 30 ? `Inch ${row},"5"" of rain"` : `Title ${row},It sailed on day ${row}.`;
    });
    await choose(page, `title,text\n${rows.join('\n')}\n`);
    await page.getByText(/^Done: \d+ rows/).waitFor();
    expect(await page.locator('td.col-line').allInnerTexts()).toEqual(rows.map((_, row) => String(row + 2)));
    const shown = await titles(page);
    expect([shown[4], shown[6], shown[29], shown[30]]).toEqual(['Title 4', 'Title 6', 'Title 29', 'Inch 30']);
    expect(await page.locator('tr.rejected').count()).toBe(1);
  });

  test('accepts a dropped file', async () => {
    const { page } = await visit();
    await page.evaluate(`(() => {
      const data = new DataTransfer();
      data.items.add(new File(['{"title":"Dropped","text":"x"}\\n'], 'a.jsonl'));
      document.querySelector('.drop').dispatchEvent(new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer: data }));
    })()`);
    await page.getByText('Done: 1 row in').waitFor();
    expect(await titles(page)).toEqual(['Dropped']);
  });

  test('sends a long file in chunks, shows its progress, and continues while another view is shown', async () => {
    let answer = (): void => {};
    const held = new Promise<void>((resolve) => {
      answer = resolve;
    });
    let parts = 0;
    const { page } = await visit({
      rule: async ({ title }) => {
        if (title === 'Article 1500') await held;
        return [0.1, 0.9];
      },
    });
    page.on('request', (request) => {
      if (request.url().includes('/v1/batch')) parts++;
    });
    const rows = Array.from({ length: 2000 }, (_, row) => `Article ${row},${'word '.repeat(8)}`);
    await choose(page, `title,text\n${rows.join('\n')}\n`);
    await page.getByRole('progressbar').waitFor();
    await expect
      .poll(async () => Number(await page.getByRole('progressbar').getAttribute('value')))
      .toBeGreaterThan(0.1);
    expect(await page.locator('tbody tr').count()).toBe(50);
    await page.getByRole('link', { name: 'History' }).click();
    answer();
    await page.goBack();
    await page.getByText('Done: 2,000 rows').waitFor();
    expect(parts).toBeGreaterThan(2);
    expect(parts).toBeLessThan(8);
    for (let on = 0; on < 39; on++) await page.getByRole('button', { name: 'Next', exact: true }).click();
    await page.getByText('Page 40 of 40').waitFor();
    expect((await titles(page)).at(-1)).toBe('Article 1999');
    expect((await page.locator('td.col-line').allInnerTexts()).at(-1)).toBe('2001');
  });

  test('waits for a busy server, as long as retry-after says', async () => {
    const { page } = await visit();
    let busy = 2;
    await page.route('**/v1/batch*', (route) =>
      busy-- > 0
        ? route.fulfill({ status: 503, headers: { 'retry-after': '1' }, json: { code: 'QUEUE_FULL' } })
        : route.continue(),
    );
    await choose(page, 'title\nOne\n');
    await page.getByText('The server is busy. Next attempt in a second.').waitFor();
    await page.getByText('Done: 1 row in').waitFor();
  });

  test('stops on request, and keeps the predictions so far', async () => {
    const { page } = await visit({
      rule: ({ title }) => (title === 'Last' ? new Promise(() => {}) : [0.9, 0.1]),
    });
    const rows = Array.from({ length: 400 }, (_, row) => `${row},${'word '.repeat(20)}`);
    await choose(page, `title,text\n${rows.join('\n')}\nLast,x\n`);
    await page.locator('tbody tr').first().waitFor();
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByText(/^Stopped after \d+ rows?\.$/).waitFor();
    expect(await page.getByRole('button', { name: 'Save as CSV' }).count()).toBe(1);
    await page.getByRole('button', { name: 'Clear' }).click();
    await page.getByText('Drop a file here').waitFor();
  });

  test('says what is wrong with a file', async () => {
    const { page } = await visit();
    await choose(page, 'title,text\n');
    await page.getByRole('alert').getByText('It has only one line, with the columns title, text.').waitFor();
    await page
      .getByLabel('Another file')
      .setInputFiles({ name: 'a.json', mimeType: '', buffer: Buffer.from('[{"title":"a"}]') });
    await page.getByRole('alert').getByText('This file is one JSON list').waitFor();
    await choose(page, 'title,text\n,\na\n');
    await page.getByRole('alert').getByText('No row of this file holds an article').waitFor();
    expect(await page.locator('tr.rejected').count()).toBe(2);
    await page
      .getByLabel('Another file')
      .setInputFiles({ name: 'b.csv', mimeType: '', buffer: Buffer.from([0x74, 0x0a, 0xff, 0xfe, 0x0a]) });
    await page.getByRole('alert').getByText('This file is not UTF-8').waitFor();
  });

  test('says that the connection was lost, and keeps the predictions so far', async () => {
    const { page } = await visit();
    let answered = 0;
    await page.route('**/v1/batch*', (route) => (answered++ === 0 ? route.continue() : route.abort()));
    const rows = Array.from({ length: 800 }, (_, row) => `${row},${'word '.repeat(10)}`);
    await choose(page, `title,text\n${rows.join('\n')}\n`);
    await page.getByRole('alert').getByText('The server does not respond').waitFor();
    expect(await page.locator('tbody tr').count()).toBeGreaterThan(0);
    await page.unroute('**/v1/batch*');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('Done: 800 rows').waitFor();
  });
});
