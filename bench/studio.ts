// Bench of the studio in real Chromium: 500 invented runs, 20 of them drawn with 20,000 points a curve. Frame times are
// the time between two frames while one scrolls, points, smooths and zooms, and while runs record.
// npx tsx bench/studio.ts [--allow-busy]     (needs dist: npm run build)
import type { Page } from 'playwright-core';
import { launchChromium } from '../test/browser/chromium.ts';
import { startStudioFixture } from '../test/browser/studio-fixtures.ts';
import { saveDetails } from './details.ts';
import { runSuite } from './harness.ts';

const SUITE = 'studio';
const RUNS = 500;
const DRAWN = 20;
const POINTS = 20_000;
/** 30 frames a second: below that a movement is seen to stutter. */
const FRAME_LIMIT_MS = 33.3;
const MOVES = 120;

const fixture = await startStudioFixture({ runs: RUNS, points: POINTS });
const browser = await launchChromium();
try {
  await runSuite(SUITE, async (suite) => {
    const context = await browser.newContext({ viewport: { width: 1440, height: 1000 } });
    const page = await context.newPage();
    const opened = performance.now();
    await page.goto(`${fixture.url}/#/studio/runs?runs=${fixture.runIds.slice(0, DRAWN).join(',')}`);
    await page
      .locator('.chart-legend li')
      .nth(2 * DRAWN - 1)
      .waitFor();
    suite.record({
      name: `open with ${RUNS} runs and ${2 * DRAWN} curves of ${POINTS} points`,
      unit: 'ms',
      better: 'lower',
      values: [performance.now() - opened],
      note: 'until all curves have values; includes the invented server',
    });
    const record = (name: string, frames: readonly number[]) => {
      const sorted = [...frames].sort((a, b) => a - b);
      suite.record({
        name: `${name}, frame at the 95th percentile`,
        unit: 'ms',
        better: 'lower',
        values: [sorted[Math.floor(sorted.length * 0.95)]!],
        limit: FRAME_LIMIT_MS,
        note: `median ${sorted[sorted.length >> 1]!.toFixed(1)} ms, longest ${sorted.at(-1)!.toFixed(1)} ms of ${frames.length}`,
      });
    };
    record('nothing happens', await measureFrames(page, () => page.waitForTimeout(1500)));
    record(
      'scrolling the table',
      await measureFrames(page, () => moveOver(page, '.run-table', () => page.mouse.wheel(0, 160))),
    );
    record(
      'pointing along 20 curves',
      await measureFrames(page, () => moveOver(page, '.u-over', () => Promise.resolve())),
    );
    record(
      'pulling the smoothing',
      await measureFrames(page, async () => {
        await page.getByRole('slider').focus();
        for (let i = 0; i < 120; i++) await page.keyboard.press(i % 20 < 10 ? 'ArrowRight' : 'ArrowLeft');
      }),
    );
    record(
      'zooming',
      await measureFrames(page, async () => {
        await page.locator('.chart-canvas').first().focus();
        for (const key of ['+', '+', 'ArrowRight', 'ArrowRight', '-', '+', '0']) {
          await page.keyboard.press(key);
          await page.waitForTimeout(250);
        }
      }),
    );
    record(
      'twenty runs record every second',
      await measureFrames(page, async () => {
        for (let second = 0; second < 4; second++) {
          fixture.grow(fixture.runIds.slice(0, DRAWN), 20);
          await page.waitForTimeout(1000);
        }
      }),
    );
    await context.close();
    saveDetails(SUITE, {
      tables: [],
      notes: [
        'Headless Chromium without a graphics processor draws with the same cores as the page and the invented server; it shows at most 60 frames a second (16.7 ms).',
        'A curve has at most 800 points in the page: the least and the greatest value of each part of the axis. A zoomed range is fetched finer.',
      ],
    });
  });
} finally {
  await browser.close();
  await fixture.close();
}

/** Times between frames, in milliseconds, while `act` runs. */
async function measureFrames(page: Page, act: () => Promise<void>): Promise<readonly number[]> {
  await page.evaluate(
    `window.frames_ = []; window.stop_ = false; (() => { let last; const step = (now) => {
      if (last !== undefined) window.frames_.push(now - last);
      last = now; if (!window.stop_) requestAnimationFrame(step); }; requestAnimationFrame(step); })()`,
  );
  await act();
  return page.evaluate<number[]>('window.stop_ = true, window.frames_');
}

/** Moves the mouse across an element and calls `act` at each place. */
async function moveOver(page: Page, selector: string, act: () => Promise<void>): Promise<void> {
  const box = (await page.locator(selector).first().boundingBox())!;
  for (let i = 0; i < MOVES; i++) {
    await page.mouse.move(box.x + (box.width * (i + 0.5)) / MOVES, box.y + box.height / 2);
    await act();
  }
}
