// `runs reproduce` of a short training; reproduction-differences.slow.test.ts tries what differs, stops and resumes.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { locateHome } from '../../src/foundation/records/home.ts';
import { reproduceRun } from '../../src/workflows/reproduce/reproduced-run.ts';
import { runTraining } from '../../src/workflows/train/training.ts';
import { loadTrainingRequest } from '../../src/workflows/train/training-request.ts';
import { createQuietContext } from '../fixtures/quiet-context.ts';

const SETTINGS = [
  ...['model=linear', 'model.dim=4', 'model.buckets=4096', 'data=sample', 'evaluate=standard'],
  ...['threads=1', 'train.batch_size=8', 'train.max_steps=10', 'tracking.log_every=1'],
];
const folder = mkdtempSync(join(tmpdir(), 'veracity-reproduction-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('has a run again bit for bit', async () => {
  const context = createQuietContext(locateHome(join(folder, 'home')), folder);
  const outcome = await runTraining(loadTrainingRequest(SETTINGS, context), context);
  const id = outcome.status === 'finished' ? outcome.result.runId : outcome.runId;
  const reproduction = await reproduceRun(id, { checkOnly: false }, context);
  expect(reproduction).toMatchObject({ outcome: 'identical', isAsItWas: true, likelyCauses: [] });
  const { weights } = reproduction.comparison!;
  expect(weights?.after).toBe(weights?.before);
});
