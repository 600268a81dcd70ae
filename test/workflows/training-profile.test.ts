// The profile of a short training; training-profile.slow.test.ts tries every profiler.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { locateHome } from '../../src/foundation/records/home.ts';
import { profileSummaryRecord } from '../../src/foundation/records/profile-summary.ts';
import { loadRecord } from '../../src/foundation/records/record.ts';
import { runTraining } from '../../src/workflows/train/training.ts';
import { loadTrainingRequest } from '../../src/workflows/train/training-request.ts';
import { createQuietContext } from '../fixtures/quiet-context.ts';

const SETTINGS = [
  ...['model=linear', 'model.dim=4', 'model.buckets=4096', 'data=sample', 'evaluate=standard'],
  ...['threads=1', 'train.batch_size=8', 'train.max_steps=6', 'profiler=simple'],
];
const folder = mkdtempSync(join(tmpdir(), 'veracity-profile-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('tells the phases of a training and what to try', async () => {
  const said: string[] = [];
  const context = createQuietContext(locateHome(join(folder, 'home')), folder, {
    say: (line) => said.push(line),
  });
  const outcome = await runTraining(loadTrainingRequest(SETTINGS, context), context);
  const id = outcome.status === 'finished' ? outcome.result.runId : '';
  const { folder: runFolder } = await context.stores.runs.files(id);
  const { phases, padding } = loadRecord(profileSummaryRecord, join(runFolder, 'profile/summary.json'));
  expect(phases.find(({ name }) => name === 'forward and backward')?.count).toBe(6);
  expect(padding).toBeNull();
  expect(said.join('\n')).toMatch(/Most of the time went to: .*To try: /);
});
