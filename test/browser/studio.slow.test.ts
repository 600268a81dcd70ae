// Tests the studio in real Chromium with invented runs: what one sees and does in its views.
import type { BrowserContextOptions, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { chromiumPath } from './chromium.ts';
import { measureOverflow, readFocus, runAxe } from './page-probe.ts';
import { type StudioFixture, type StudioFixtureOptions, startStudioFixture } from './studio-fixtures.ts';
import { createVisits } from './visits.ts';

const { openBare, closeLater } = createVisits();

interface StudioVisit {
  readonly fixture: StudioFixture;
  readonly page: Page;
  /** Errors and warnings of the page. */
  readonly complaints: readonly string[];
}

async function visitStudio(
  place: (fixture: StudioFixture) => string,
  options: StudioFixtureOptions = {},
  context: BrowserContextOptions = {},
): Promise<StudioVisit> {
  const fixture = await startStudioFixture(options);
  closeLater(fixture);
  const { page, complaints } = await openBare(`${fixture.url}/#/studio/${place(fixture)}`, context);
  return { fixture, page, complaints };
}

const legendValue = (page: Page, metric: string): Promise<string> =>
  page.locator('.chart', { hasText: metric }).locator('.legend-value').first().innerText();

/** Reads the number of a request's body. */
function readNumber(fixture: StudioFixture, path: string, field: string): number | undefined {
  return (fixture.bodies.get(path) as Record<string, number | undefined> | undefined)?.[field];
}

describe.skipIf(chromiumPath === undefined)('the studio', () => {
  test('draws more of a curve while its run records, and fetches only what is new', async () => {
    const { fixture, page, complaints } = await visitStudio(() => 'runs');
    await page.getByText('Live', { exact: true }).waitFor();
    const before = await legendValue(page, 'train_loss');
    fixture.grow(fixture.runIds.slice(0, 1), 500);
    await expect.poll(() => legendValue(page, 'train_loss')).not.toBe(before);
    expect(readNumber(fixture, '/v1/runs/curves', 'from')).toBeGreaterThan(1000);
    expect(await page.locator('.run-table tbody').innerText()).toContain('2,500');
    expect(fixture.requests.filter((request) => request === 'GET /v1/runs').length).toBe(1);
    expect(complaints).toEqual([]);
  });

  test('draws the selected runs, says what differs, and keeps both in the address', async () => {
    const { fixture, page } = await visitStudio(() => 'runs');
    await page.getByText('The 5 newest runs are drawn').waitFor();
    const boxes = page.locator('.run-table input[type=checkbox]');
    await boxes.nth(1).check();
    await boxes.nth(3).check();
    await page.getByText('2 runs selected.').waitFor();
    await expect.poll(() => page.locator('.chart').first().locator('.chart-legend li').count()).toBe(2);
    const differences = page.getByRole('table').nth(1);
    await differences.waitFor();
    expect(await differences.innerText()).toContain('optimizer.learningRate');
    expect(page.url()).toContain(`runs=${fixture.runIds[1]},${fixture.runIds[3]}`);
    await page.reload();
    await page.getByText('2 runs selected.').waitFor();
  });

  test('fetches a zoomed range finer and shows everything again', async () => {
    const { fixture, page } = await visitStudio(() => 'runs', { points: 20_000 });
    const over = page.locator('.u-over').first();
    const box = (await over.boundingBox())!;
    await page.mouse.move(box.x + box.width * 0.4, box.y + 60);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.5, box.y + 60, { steps: 4 });
    await page.mouse.up();
    await expect.poll(() => readNumber(fixture, '/v1/runs/curves', 'to')).toBeLessThan(11_000);
    expect(readNumber(fixture, '/v1/runs/curves', 'from')).toBeGreaterThan(7000);
    await page.getByRole('button', { name: 'Show all' }).click();
    await expect.poll(() => page.getByRole('button', { name: 'Show all' }).isDisabled()).toBe(true);
  });

  test('counts the x axis by time, and shows the values under the cursor', async () => {
    const { page } = await visitStudio(() => 'runs?x=time');
    const box = (await page.locator('.u-over').first().boundingBox())!;
    await page.mouse.move(box.x + box.width / 2, box.y + 50);
    await page.getByText(/^After \d+ min/).waitFor();
  });

  test('says what is wrong with a filter, and filters by a right one', async () => {
    const { page } = await visitStudio(() => 'runs');
    await page.locator('.run-table tbody tr').first().waitFor();
    await page.keyboard.press('/');
    expect(await readFocus(page)).toBe('filter');
    await page.keyboard.type('val_loss near 0.2');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('expected a comparison').waitFor();
    await page.getByLabel('Filter', { exact: true }).fill('model=linear');
    await page.keyboard.press('Enter');
    await page.getByText('10 runs, newest first.').waitFor();
    expect(await page.locator('.run-table tbody').innerText()).not.toContain('compact');
  });

  test('keeps few of 500 rows in the document, and sorts all of them', async () => {
    const { page } = await visitStudio(() => 'runs', { runs: 500, points: 40 });
    await page.locator('.run-table tbody tr').first().waitFor();
    expect(await page.locator('.run-table tbody tr').count()).toBeLessThan(50);
    await page.getByRole('button', { name: 'Duration' }).click();
    await expect.poll(() => page.locator('.run-table tbody .cell-number').nth(3).innerText()).toMatch(/^2 h/);
    await page.evaluate(`document.querySelector('.run-table').scrollTo(0, 1e6)`);
    await page
      .getByRole('row', { name: /44 s/ })
      .or(page.getByRole('row', { name: /40 s/ }))
      .first()
      .waitFor();
  });

  test('adds a column of the configuration', async () => {
    const { page } = await visitStudio(() => 'runs');
    await page.getByText('Columns', { exact: true }).click();
    await page.getByLabel('A setting by its dotted path').fill('train.batchSize');
    await page.getByRole('button', { name: 'Add' }).click();
    await page.getByRole('columnheader', { name: 'train.batchSize' }).waitFor();
    await expect.poll(() => page.locator('.run-table tbody tr').nth(1).innerText()).toMatch(/\b32\b/);
  });

  test('stops a run after asking, and resumes it', async () => {
    const { fixture, page, complaints } = await visitStudio(({ runIds }) => `runs/${runIds[0]}`);
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    expect(fixture.requests.some((request) => request.endsWith('/stop'))).toBe(false);
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByRole('button', { name: 'Stop the run' }).click();
    await page.locator('.run-actions .status-stopped').waitFor();
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.getByRole('button', { name: 'Resume the run' }).click();
    await page.locator('.run-actions .status-running').waitFor();
    expect(await page.locator('.run-actions [role=status]').innerText()).toContain('process 4711');
    expect(complaints).toEqual([]);
  });

  test('changes the tags and the note of a run', async () => {
    const { fixture, page } = await visitStudio(({ runIds }) => `runs/${runIds[0]}`);
    await page.getByRole('button', { name: 'Edit tags and note' }).click();
    await page.getByLabel('Tags, separated by commas').fill('für die Prüfung, länger');
    await page.getByLabel('Note').fill('Ein <b>Vermerk</b>');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('für die Prüfung').waitFor();
    await page.getByText('Ein <b>Vermerk</b>').waitFor();
    expect(fixture.bodies.get(`/v1/runs/${fixture.runIds[0]}/tags`)).toEqual({
      add: ['für die Prüfung', 'länger'],
      remove: ['baseline'],
    });
  });

  test('shows the parts of a run', async () => {
    const { page } = await visitStudio(({ runIds }) => `runs/${runIds[1]}`);
    const parts = page.getByRole('navigation', { name: 'Parts of the run' });
    for (const [name, text] of [
      ['Configuration', 'configs/train/default.yaml'],
      ['Log', '3 rows were left out'],
      ['Artifacts', 'checkpoints/400'],
      ['Histograms', 'article_tokens'],
      ['Texts', 'Then it stayed.'],
      ['Environment', 'Invented 2000'],
    ] as const) {
      await parts.getByRole('link', { name }).click();
      await page.getByText(text).first().waitFor();
    }
  });

  test('promotes a version only with a reason, and rolls back', async () => {
    const { fixture, page, complaints } = await visitStudio(() => 'registry');
    await page.getByRole('button', { name: 'Promote compact@4' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('It replaces compact@3 in production').waitFor();
    await dialog.getByLabel('Reason').fill('   ');
    await dialog.getByRole('button', { name: 'Promote' }).click();
    expect(fixture.bodies.has('/v1/registry/compact/promote')).toBe(false);
    await dialog.getByLabel('Reason').fill('better on elsewhere2016');
    await dialog.getByRole('button', { name: 'Promote' }).click();
    await page.getByText('compact@4 is in production now.').waitFor();
    expect(fixture.bodies.get('/v1/registry/compact/promote')).toEqual({
      version: 4,
      stage: 'production',
      reason: 'better on elsewhere2016',
    });
    await page.getByText(/Changes of stages/).click();
    await page.getByText('better on elsewhere2016').waitFor();
    await page.getByRole('button', { name: 'Roll back' }).click();
    await dialog.getByLabel('Reason').fill('too many complaints');
    await dialog.getByRole('button', { name: 'Roll back' }).click();
    await page.getByText('too many complaints').waitFor();
    expect(fixture.bodies.get('/v1/registry/compact/rollback')).toEqual({ reason: 'too many complaints' });
    expect(complaints).toEqual([]);
  });

  test('keeps the trials that pass a drawn range of the parallel coordinates', async () => {
    const { page } = await visitStudio(() => 'sweeps/sweep-20261129-080000');
    await page.locator('.trial-told', { hasText: /^55 trials/ }).waitFor();
    const grip = page.locator('.axis-grip').last();
    const box = (await grip.boundingBox())!;
    await page.mouse.move(box.x + box.width / 2, box.y + box.height * 0.7);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width / 2, box.y + box.height - 5, { steps: 5 });
    await page.mouse.up();
    await page.locator('.trial-told', { hasText: /^\d+ of 55 trials/ }).waitFor();
    expect(await page.locator('.trial-line.left-out').count()).toBeGreaterThan(10);
    await page.getByRole('button', { name: 'Show all lines' }).click();
    expect(await page.locator('.trial-line.left-out').count()).toBe(0);
    await page.getByText('Ranges as numbers').click();
    await page.getByRole('combobox', { name: /^optimizer.name/ }).selectOption('adamw');
    await page.locator('.trial-told', { hasText: /^\d+ of 55 trials/ }).waitFor();
  });

  test('says whether the best lead by more than the noise, and how sure an importance is', async () => {
    const { page } = await visitStudio(() => 'sweeps/sweep-20261129-080000');
    const noise = page.getByRole('region', { name: 'Noise of the seed' });
    await noise.getByText('The lead is within the noise of the seed.').waitFor();
    expect(await noise.locator('.noise-list li').count()).toBe(3);
    const first = page.locator('.importance li').first();
    expect(await first.textContent()).toContain('43% to 79% in 80% of the trees');
    expect(await page.locator('.importance .interval').count()).toBe(6);
    await page.getByText('optimizer.learningRate with model.layers 4%').waitFor();
    expect(await page.locator('.trial-table').textContent()).toMatch(/trial 11 again, seed \d+/);
  });

  test('moves along a lineage with the arrow keys and follows a link', async () => {
    const { page } = await visitStudio(() => 'lineage/run-2');
    await page.locator('[data-node="run-2"]').focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    expect(await page.evaluate('document.activeElement.dataset.node')).toBe('compact@production');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'compact in production' }).waitFor();
    expect(page.url()).toContain('#/studio/lineage/compact%40production');
  });

  test('goes to each part by two keys', async () => {
    const { page } = await visitStudio(() => 'runs');
    await page.locator('.run-table').waitFor();
    for (const [key, heading] of [
      ['s', 'Sweeps'],
      ['l', 'Lineage'],
      ['m', 'Registry'],
      ['r', 'Runs'],
    ] as const) {
      await page.keyboard.press('g');
      await page.keyboard.press(key);
      await page.getByRole('heading', { level: 1, name: heading }).waitFor();
    }
  });

  test.each([
    ['light', 1280],
    ['light', 390],
    ['dark', 1280],
    ['dark', 390],
  ] as const)(
    'has no violation that axe finds, and fits the window: %s, %i pixels',
    async (colorScheme, width) => {
      const { fixture, page, complaints } = await visitStudio(
        () => 'runs',
        {},
        { colorScheme, viewport: { width, height: 900 }, reducedMotion: 'reduce' },
      );
      const run = fixture.runIds[1]!;
      for (const [place, shown] of [
        [`runs?runs=${fixture.runIds[2]},${fixture.runIds[3]}`, '.differences'],
        [`runs/${run}`, '.u-over'],
        [`runs/${run}?part=configuration`, '.part table'],
        [`runs/${run}?part=log`, '.log'],
        [`runs/${run}?part=artifacts`, '.part table'],
        [`runs/${run}?part=histograms`, '.chart .plot'],
        ['sweeps', 'tbody tr'],
        ['sweeps/sweep-20261129-080000', '.importance li'],
        ['lineage/run-2', '.node'],
        ['registry', '.versions'],
      ] as const) {
        await page.evaluate(`location.hash = '#/studio/${place}'`);
        await page.locator(shown).first().waitFor();
        expect([place, await runAxe(page)]).toEqual([place, []]);
        expect([place, await measureOverflow(page)]).toEqual([place, 0]);
      }
      await page.evaluate(`location.hash = '#/studio/registry'`);
      await page.getByRole('button', { name: 'Promote linear@1' }).click();
      expect(await runAxe(page)).toEqual([]);
      expect(complaints).toEqual([]);
    },
  );
});
