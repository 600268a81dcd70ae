// Tests in a real browser that the page follows a model of own data: its noun, language and examples; and that it claims no
// more than the test of the model shows.
import { describe, expect, test } from 'vitest';
import type { Warning } from '../../src/foundation/records/warning.ts';
import { chromiumPath } from './chromium.ts';
import { stubExplanation } from './explanation-stub.ts';
import { measureOverflow } from './page-probe.ts';
import { otherFigures, ownFigures, type PageServerOptions, sampleExamples } from './page-server.ts';
import { createVisits } from './visits.ts';

const { visit, serve, open } = createVisits();

const COMPLAINTS: PageServerOptions = {
  info: {
    synthetic: false,
    datasetName: 'complaints',
    noun: 'complaint',
    language: 'de',
    classNames: ['Lieferung', 'Rechnung', 'Service'],
    columns: { title: null, text: 'Beschwerde', label: 'Thema', source: null, date: null, id: null },
  },
  rule: () => [0.03, 0.95, 0.02],
  examples: [],
  sampleExamples,
  evaluations: [{ ...ownFigures, collection: 'complaints (test split)', synthetic: false }, otherFigures],
};
const LABEL_LINES = `(() => {
  const label = document.querySelector('.headline .label > span');
  return Math.round(label.getBoundingClientRect().height / parseFloat(getComputedStyle(label).lineHeight));
})()`;
const TRUNCATED: Warning = {
  code: 'ARTICLE_TRUNCATED',
  articleTokens: 90_000,
  maxTokens: 256,
  kept: 'head',
  unit: 'tokens',
};

describe.skipIf(chromiumPath === undefined)('the page of a model of own data', () => {
  test('speaks of complaints in their language, offers no invented news, and asks for no title', async () => {
    const { page, complaints } = await visit(COMPLAINTS);
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('Check a complaint');
    expect(await page.locator('#title').count()).toBe(0);
    expect(await page.getByLabel('Text').getAttribute('lang')).toBe('de');
    await page.getByLabel('Text').fill('Die Rechnung wurde zweimal abgebucht.');
    await page.getByRole('button', { name: 'Check' }).click();
    await page.locator('.headline').waitFor();
    const words = await page.locator('body').innerText();
    expect(words).toContain(
      'In its test on 412 complaints, 200 had a probability between 93% and 100%, like this one',
    );
    expect(words).not.toMatch(/article|news|FAKE|REAL|Examples/i);
    expect(complaints).toEqual([]);
  });

  test('offers the texts that the model keeps, labelled with its classes', async () => {
    const text = 'Das Paket kam drei Wochen zu spät.';
    const { page } = await visit({
      ...COMPLAINTS,
      keptExamples: () => [{ title: '', text, label: 'Lieferung', source: null }],
    });
    const examples = page.getByRole('region', { name: 'Examples' });
    await examples.getByText('Labelled Lieferung').waitFor();
    expect(await examples.innerText()).toContain('not from those that it learned from');
    await examples.getByRole('button', { name: text }).click();
    await page.locator('.headline').waitFor();
    expect(await page.getByLabel('Text').inputValue()).toBe(text);
  });

  test('claims no frequency for an article unlike those of the test', async () => {
    const { page } = await visit({
      rule: () => [0.03, 0.97],
      warnings: [{ code: 'OUT_OF_DISTRIBUTION_LETTERS', score: -9, lowest: -8 }],
    });
    await page.getByLabel('Text').fill('Ganz andere Wörter stehen hier.');
    await page.getByRole('button', { name: 'Check' }).click();
    await page.locator('.headline').waitFor();
    const card = await page.getByRole('region', { name: 'Prediction', exact: true }).innerText();
    expect(card).toContain('is not known');
    expect(card).not.toMatch(/of 100|had a probability between/);
  });

  test('says that a bin of the test is too small', async () => {
    const { page } = await visit({ rule: () => [0.1, 0.9] });
    await page.getByLabel('Text').fill('It rains in the harbour.');
    await page.getByRole('button', { name: 'Check' }).click();
    await page.getByText('In its test on 412 articles, only 12 had a probability').waitFor();
  });

  test.each([
    [0.8962, 0.9, '89.6%', '90.0%'],
    [0.8999, 0.9, '89.99%', '90.00%'],
  ])('never shows %d as reaching the threshold %d', async (probability, abstainBelow, shown, needed) => {
    const { page } = await visit({
      rule: () => [probability, 1 - probability],
      info: { calibration: { temperature: 1.2, abstainBelow } },
    });
    await page.getByLabel('Text').fill('It rains in the harbour.');
    await page.getByRole('button', { name: 'Check' }).click();
    await page.getByText(`leans towards FAKE with ${shown}; it needs ${needed}`).first().waitFor();
    const bars = page.locator('.bars, .threshold');
    expect((await bars.allInnerTexts()).join(' ')).toMatch(
      new RegExp(`FAKE\\s+${shown}.*Below ${needed}`, 's'),
    );
  });

  test('never shows a probability as reaching the threshold in the history, in a file, or without a part', async () => {
    const { page, server, complaints } = await visit({
      rule: () => [0.8996, 0.1004],
      info: { calibration: { temperature: 1.2, abstainBelow: 0.9 } },
    });
    await page.getByLabel('Title').fill('Rain');
    await page.getByLabel('Text').fill('It rains in the harbour.');
    await page.getByRole('button', { name: 'Check' }).click();
    await page.getByRole('button', { name: 'Text only' }).click();
    await page.locator('.alternative').getByText('FAKE 89.96%, about the same').waitFor();
    await page.goto(`${server.url}/#/history`);
    await page.locator('.entries').getByText('89.96%').waitFor();
    expect(await page.locator('.entry-article .fine').innerText()).toMatch(/, compact@3$/); // no receipt, no comma
    await page.goto(`${server.url}/#/batch`);
    await page.locator('#file').setInputFiles({
      name: 'two.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from('title,text\nRain,It rains.\nSun,It shines.\n'),
    });
    await page.getByText('Done: 2 rows').waitFor();
    expect(await page.locator('td.col-probability').allInnerTexts()).toEqual(['89.96%', '89.96%']);
    expect(complaints).toEqual([]);
  });

  test('speaks of no title where the model was trained without: alternatives, API, columns of a file', async () => {
    const { page, server } = await visit(COMPLAINTS);
    await page.getByLabel('Text').fill('Die Rechnung wurde zweimal abgebucht.');
    await page.getByRole('button', { name: 'Check' }).click();
    await page.locator('.headline').waitFor();
    expect(await page.locator('.alternatives').count()).toBe(0); // there is no part to leave out
    await page.goto(`${server.url}/#/api`);
    await page.getByText('On the command line').waitFor();
    expect(await page.locator('main').innerText()).toContain('Die Rechnung wurde zweimal abgebucht.');
    expect(await page.locator('main').innerText()).not.toMatch(/title/i);
    await page.goto(`${server.url}/#/batch`);
    await page.locator('#file').setInputFiles({
      name: 'other.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from('Nummer,Anliegen,Ort\n1,Zu teuer.,Ulm\n'),
    });
    await page.getByText('Choose the column that holds the text.').waitFor();
    expect(await page.locator('main').innerText()).not.toMatch(/title/i);
    await page.getByLabel('Text').selectOption({ label: 'Anliegen' });
    await page.getByRole('button', { name: 'Check the file' }).click();
    await page.getByText('Done: 1 row in').waitFor();
  });

  test.each(['Beschwerde', 'Rückfrage zum Vertrag', 'Kündigungsbestätigung', 'Lob'])(
    'keeps the class %s and its mark on their lines at 390 pixels',
    async (name) => {
      const server = await serve({ info: { classNames: [name, 'X'] }, rule: () => [0.97, 0.03] });
      const { page } = await open(server.url, { viewport: { width: 390, height: 800 } });
      await page.getByLabel('Text').fill('Es regnet.');
      await page.getByRole('button', { name: 'Check' }).click();
      const label = page.locator('.headline .label');
      await label.waitFor();
      const [mark, words] = await Promise.all([
        label.locator('svg').boundingBox(),
        label.locator('span').boundingBox(),
      ]);
      expect(words!.x).toBeGreaterThan(mark!.x + mark!.width);
      expect(Math.abs(words!.y - mark!.y)).toBeLessThan(30);
      const lines = await page.evaluate<number>(LABEL_LINES);
      expect(lines).toBeLessThanOrEqual(name.split(' ').length);
    },
  );

  test('shows an interval with a width for a test without an error', async () => {
    const perfect = { metrics: { ...ownFigures.metrics, accuracy: 1 }, n: 72 };
    const { page } = await visit({
      evaluations: [{ ...ownFigures, ...perfect, intervals: { ...ownFigures.intervals, accuracy: [1, 1] } }],
    });
    await page.getByText('of 72 articles; likely between 94.9% and 100.0%').waitFor();
  });

  test('says how little of a long article was read, and folds up the rest', async () => {
    const { page } = await visit({ warnings: [TRUNCATED] });
    const text = `It sailed on Tuesday. ${'Nobody read this sentence. '.repeat(400)}`;
    await stubExplanation(page, { unread: [{ field: 'text', start: 22, end: text.length }] });
    await page.getByLabel('Text').fill(text);
    await page.getByRole('button', { name: 'Check' }).click();
    await page.getByText('(1%: 256 of 90,000 tokens)').waitFor();
    await page.getByRole('button', { name: 'Show the evidence' }).click();
    await page.getByText('The model read 1% of it').waitFor();
    const marked = page.locator('.marked');
    expect((await marked.innerText()).length).toBeLessThan(400);
    const more = page.getByRole('button', { name: 'more characters that were not read' });
    expect(await more.getAttribute('aria-expanded')).toBe('false');
    await more.click();
    expect((await marked.innerText()).length).toBeGreaterThan(10_000);
    expect(await measureOverflow(page)).toBeLessThanOrEqual(0);
  });

  test('marks nothing that hardly changes the probability, and names the strongest with its number', async () => {
    const { page } = await visit();
    await stubExplanation(page, { scale: 0.005 });
    await page.getByLabel('Text').fill('It sailed on Tuesday. Nobody objected. It rained.');
    await page.getByRole('button', { name: 'Check' }).click();
    await page.getByRole('button', { name: 'Show the evidence' }).click();
    await page.getByText('No single passage changes the probability by 2 points').waitFor();
    expect(await page.getByText('changes it by 0.1 points').count()).toBe(1);
    expect(await page.locator('.marked mark').count()).toBe(0);
  });

  test('replaces a receipt by what is said of one that does not exist', async () => {
    const { page, server } = await visit();
    const receipt = { id: 'a'.repeat(25) };
    await page.route('**/v1/predictions/*', (route) =>
      route.request().url().includes(receipt.id) ? route.fulfill({ json: RECEIPT }) : route.continue(),
    );
    await page.goto(`${server.url}/#/receipt/${receipt.id}`);
    await page.locator('.receipt').waitFor();
    await page.goto(`${server.url}/#/receipt/${'b'.repeat(25)}`);
    await page.getByText('There is no receipt here').waitFor();
    expect(await page.locator('.receipt').count()).toBe(0);
  });

  test.each([1280, 390])('says at a width of %d that the server is slow where people look', async (width) => {
    const server = await serve({ rule: () => new Promise(() => {}) });
    const { page } = await open(server.url, { viewport: { width, height: 700 } });
    const note = page.getByRole('alert').filter({ hasText: 'The server is slow' });
    const isVisible = async (): Promise<boolean> => {
      const { y, height } = (await note.boundingBox())!;
      return y >= 0 && y + height <= 700;
    };
    await page.getByLabel('Text').fill('It rains in the harbour.');
    await page.getByRole('button', { name: 'Check' }).click();
    await note.waitFor();
    expect(await isVisible()).toBe(true);
    await page.evaluate('scrollTo(0, 0)'); // as after Ctrl+Enter, with the button out of sight
    await page.waitForTimeout(300);
    expect(await isVisible()).toBe(true);
    await page.getByRole('button', { name: 'Stop waiting' }).click();
    await page.getByRole('button', { name: 'Check' }).waitFor();
  });

  test('prints prediction, evidence and limits on one page', async () => {
    const { page } = await visit({ evaluations: [ownFigures, otherFigures] });
    await stubExplanation(page);
    await page.getByLabel('Title').fill('Ferry resumes');
    await page
      .getByLabel('Text')
      .fill('It sailed on Tuesday. Nobody objected. It rained. It stopped. '.repeat(20));
    await page.getByRole('button', { name: 'Check' }).click();
    await page.getByRole('button', { name: 'Show the evidence' }).click();
    await page.locator('.marked').waitFor();
    const pdf = (await page.pdf({ preferCSSPageSize: true })).toString('latin1');
    expect(pdf.match(/\/Type\s*\/Page\b/g)).toHaveLength(1);
    await page.emulateMedia({ media: 'print' });
    for (const part of ['.headline', '.marked', '.ranked', '.limits', '.meaning'])
      expect([part, await page.locator(part).first().isVisible()]).toEqual([part, true]);
    for (const part of ['form.article', '.examples', '.feedback', '.views'])
      expect([part, await page.locator(part).first().isVisible()]).toEqual([part, false]);
  });
});

const RECEIPT = {
  schemaVersion: 1,
  id: 'a'.repeat(25),
  createdAt: '2026-01-01T00:00:00.000Z',
  parents: [],
  requestId: 'r',
  route: '/v1/predict',
  modelVersion: 'compact@3',
  runId: 'run-1',
  datasetVersion: 'ds-1',
  configurationDigest: null,
  contentSha256: '0'.repeat(64),
  tokens: 10,
  truncated: false,
  label: 'REAL',
  probability: 0.9,
  probabilities: { FAKE: 0.1, REAL: 0.9 },
  abstained: false,
  measures: { tokens: 10, articleTokens: 10, truncated: false, letterScore: null, distance: null },
  warnings: [],
  warningFacts: [],
};
