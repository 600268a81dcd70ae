// Finds and starts Chromium, and opens pages that record their errors.
import { existsSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const USUAL_PATHS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
/** CHROMIUM_PATH, or the usual path of distributions; undefined without Chromium, and then the tests are skipped. */
export const chromiumPath = (
  process.env.CHROMIUM_PATH === undefined ? USUAL_PATHS : [process.env.CHROMIUM_PATH]
).find(existsSync);
if (chromiumPath === undefined) console.log('skipped: no Chromium here; install it or set CHROMIUM_PATH');

const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Starts Chromium, headless, with a new profile. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: chromiumPath!, args: ARGUMENTS });
}

/** A generous timeout, because the machine may be busy. */
const PATIENCE_MS = 60_000;

export interface WatchedPage {
  readonly page: Page;
  /** Errors of the console (including violations of the policy) and of scripts, dialogs, and requests to other hosts. */
  readonly complaints: string[];
  close(): Promise<void>;
}

/** Opens the page of a server and waits until it shows the facts about the model. */
export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  const watched = await openBarePage(browser, `${url}/`, options);
  await watched.page.getByText('Where it comes from').waitFor();
  return watched;
}

/** Opens an address, and waits for nothing. */
export async function openBarePage(
  browser: Browser,
  address: string,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  const { origin } = new URL(address);
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(origin)) complaints.push(`another host: ${request.url()}`);
  });
  await page.goto(address);
  return { page, complaints, close: () => context.close() };
}
