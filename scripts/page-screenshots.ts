// Takes the pictures of the docs from a running server: `npm start`, then
// npx tsx scripts/page-screenshots.ts http://127.0.0.1:8000
// It shows the views at desktop and phone width, in light and dark, with the bundled examples. From a server with the
// studio (`veracity studio`) it takes the pictures of the studio as well, of the newest runs and the newest sweep; a
// server without a model gives only these.
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium, type Page } from 'playwright-core';

const FOLDER = fileURLToPath(new URL('../docs/images/', import.meta.url));
const url = (process.argv[2] ?? 'http://127.0.0.1:8000').replace(/\/+$/, '');

async function checkArticle(page: Page): Promise<void> {
  await page.goto(`${url}/`);
  await page.locator('.groups button').nth(1).click();
  await page.locator('.headline').waitFor();
}

interface Picture {
  readonly name: string;
  readonly width: number;
  readonly scheme: 'light' | 'dark';
  /** Selector of a part of the page; default: the visible part. */
  readonly part?: string;
  readonly prepare: (page: Page) => Promise<void>;
}

const PICTURES: readonly Picture[] = [
  { name: 'page', width: 1280, scheme: 'light', prepare: checkArticle },
  {
    name: 'page-evidence',
    width: 1280,
    scheme: 'light',
    part: '.inquiry',
    prepare: async (page) => {
      await checkArticle(page);
      await page.getByRole('button', { name: 'Title only' }).click();
      await page.getByRole('button', { name: 'Text only' }).click();
      await page.getByRole('button', { name: 'Show the evidence' }).click();
      await page.locator('.marked').waitFor({ timeout: 60_000 });
      await page.locator('.alternative-answer').nth(2).waitFor();
    },
  },
  {
    name: 'page-batch',
    width: 1280,
    scheme: 'light',
    prepare: async (page) => {
      await page.goto(`${url}/#/batch`);
      await page.getByRole('button', { name: /examples/ }).click();
      await page.getByText('Done:').waitFor();
    },
  },
  {
    name: 'page-history',
    width: 390,
    scheme: 'light',
    prepare: async (page) => {
      await checkArticle(page);
      await page.goto(`${url}/#/history`);
      await page.locator('.entries').waitFor();
    },
  },
  {
    name: 'page-model',
    width: 1280,
    scheme: 'dark',
    part: 'section[aria-labelledby="reliability-heading"]',
    prepare: async (page) => {
      await page.goto(`${url}/#/model`);
      await page.locator('.reliability').first().waitFor();
    },
  },
  {
    name: 'page-api',
    width: 1280,
    scheme: 'dark',
    prepare: async (page) => {
      await page.goto(`${url}/#/api`);
      await page.locator('.snippet').first().waitFor();
    },
  },
  { name: 'page-phone', width: 390, scheme: 'dark', part: 'section.prediction', prepare: checkArticle },
];

/** Opens a place of the studio and waits for `shown`, a selector. */
function openStudio(place: string, shown: string): Picture['prepare'] {
  return async (page) => {
    await page.goto(`${url}/#/studio/${place}`);
    await page.locator(shown).first().waitFor();
  };
}

/** Opens the newest sweep with its plots. */
async function openSweep(page: Page): Promise<void> {
  await openStudio('sweeps', 'tbody a')(page);
  await page.locator('tbody a').first().click();
  await page.locator('.importance li').first().waitFor();
}

const SELECTED = 6;

const STUDIO_PICTURES: readonly Picture[] = [
  {
    name: 'studio-runs',
    width: 1280,
    scheme: 'light',
    prepare: async (page) => {
      await openStudio('runs', '.run-table tbody .cell-run')(page);
      const boxes = page.locator('.run-table tbody input[type=checkbox]');
      const count = Math.min(SELECTED, await boxes.count());
      for (let i = 0; i < count; i++) await boxes.nth(i).check();
      await page
        .locator('.chart')
        .first()
        .locator('.chart-legend li')
        .nth(count - 1)
        .waitFor();
    },
  },
  { name: 'studio-phone', width: 390, scheme: 'dark', prepare: openStudio('runs', '.chart-legend li') },
  {
    name: 'studio-run',
    width: 1280,
    scheme: 'dark',
    prepare: async (page) => {
      await openStudio('runs', '.run-table .cell-run a')(page);
      await page.locator('.run-table .cell-run a').first().click();
      await page.locator('.chart-legend li').first().waitFor();
    },
  },
  {
    name: 'studio-lineage',
    width: 1280,
    scheme: 'light',
    part: '.lineage-frame',
    prepare: openStudio('lineage', '.node.chosen'),
  },
  { name: 'studio-registry', width: 1280, scheme: 'light', prepare: openStudio('registry', '.versions') },
];

/** Taken only where there is a sweep. */
const SWEEP_PICTURES: readonly Picture[] = [
  {
    name: 'studio-parallel-coordinates',
    width: 1280,
    scheme: 'light',
    part: '.card-part:has(.parallel)',
    prepare: openSweep,
  },
  {
    name: 'studio-importance',
    width: 1280,
    scheme: 'light',
    part: '.plot-part:has(.importance)',
    prepare: openSweep,
  },
  { name: 'studio-sweep', width: 1280, scheme: 'dark', part: '.plot-grid', prepare: openSweep },
];

async function listPictures(): Promise<readonly Picture[]> {
  const answers = async (path: string): Promise<boolean> => (await fetch(`${url}/${path}`)).ok;
  const sweeps = await fetch(`${url}/v1/sweeps`);
  const hasSweep = sweeps.ok && ((await sweeps.json()) as { sweeps: unknown[] }).sweeps.length > 0;
  return [
    ...((await answers('v1/model')) ? PICTURES : []),
    ...((await answers('v1/runs')) ? STUDIO_PICTURES : []),
    ...(hasSweep ? SWEEP_PICTURES : []),
  ];
}

mkdirSync(FOLDER, { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu'],
});
try {
  for (const { name, width, scheme, part, prepare } of await listPictures()) {
    const context = await browser.newContext({
      viewport: { width, height: width < 500 ? 844 : 1200 },
      colorScheme: scheme,
      reducedMotion: 'reduce',
    });
    const page = await context.newPage();
    await prepare(page);
    await page.mouse.move(0, 0);
    const path = `${FOLDER}${name}.png`;
    if (part === undefined) {
      await page.evaluate('scrollTo(0, 0)');
      await page.screenshot({ path });
    } else await page.locator(part).screenshot({ path });
    console.log(`docs/images/${name}.png`);
    await context.close();
  }
} finally {
  await browser.close();
}
