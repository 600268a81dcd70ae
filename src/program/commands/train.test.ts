import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createQuietContext } from '../../../test/fixtures/quiet-context.ts';
import { locateHome } from '../../foundation/records/home.ts';
import type { WorkflowContext } from '../../workflows/context/workflow-context.ts';
import { trainCommand } from './train.ts';

describe('train', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'veracity-train-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const context = (): WorkflowContext => createQuietContext(locateHome(join(folder, 'home')), folder);
  const run = (...args: string[]) => trainCommand.run({ args, options: {} }, context());

  it('refuses to resume with other settings and names them', async () => {
    await expect(run('resume=run-20260101-000000-abcd', 'seed=1', 'train.epochs=2')).rejects.toMatchObject({
      code: 'RESUME_OVERRIDE',
      details: { keys: 'seed, train.epochs' },
    });
  });

  it('reports that there is no run to resume', async () => {
    await expect(run('resume=run-20260101-000000-abcd')).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' });
  });
});
