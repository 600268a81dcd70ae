// A real browser against a running server: the page loads, an article is checked, the prediction is seen.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const url = process.argv[2];
const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
if (!existsSync(executablePath)) {
  console.log(`skipped: no Chromium at ${executablePath}`);
  process.exit(0);
}
const profile = mkdtempSync(join(tmpdir(), 'veracity-chromium-'));
const browser = await chromium.launchPersistentContext(profile, {
  executablePath,
  headless: true,
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
});
try {
  const page = await browser.newPage();
  await page.goto(url);
  await page.getByLabel(/title/i).first().fill('Ferry to Port Aldane resumes');
  await page
    .getByLabel(/text/i)
    .first()
    .fill('The ferry resumed on Tuesday after repairs to its engine, the harbour office said.');
  await page.getByRole('button', { name: /check/i }).click();
  await page
    .getByText(/REAL|FAKE|not sure/i)
    .first()
    .waitFor({ timeout: 60_000 });
  console.log('the page checked an article');
} finally {
  await browser.close();
  rmSync(profile, { recursive: true, force: true });
}
