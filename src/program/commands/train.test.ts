import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { formatJsonl, inventRows } from '../../../test/fixtures/audited-articles.ts';
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

  it('stops on raw articles whose publisher has a dateline, and trains with a reason, which the run and the model card have', async () => {
    const rows = inventRows({
      rows: 160,
      words: 40,
      change: (row) => (row.label === 'REAL' ? { ...row, text: `OSTREY (Nordwire) - ${row.text}` } : row),
    });
    writeFileSync(join(folder, 'raw.jsonl'), formatJsonl(rows));
    const settings = [
      'data=jsonl',
      'data.path=raw.jsonl',
      'data.strip=false',
      'model=linear',
      'train.epochs=1',
    ];
    const stopped = await run(...settings).catch((cause) => cause);
    expect(stopped).toMatchObject({ code: 'DATA_LEAKS' });
    expect(stopped.message).toContain('“(Nordwire)” at the beginning of the text');
    expect(await context().stores.runs.list()).toMatchObject({ runs: [] });

    const { json } = await run(...settings, "data.accept_leaks='a study of datelines'");
    const { runId, datasetVersion, path } = json as Record<'runId' | 'datasetVersion' | 'path', string>;
    const { stores } = context();
    expect(await stores.datasets.load(datasetVersion)).toMatchObject({
      config: { accept_leaks: 'a study of datelines' },
    });
    const accepted = { reason: 'a study of datelines', leaks: [{ className: 'REAL' }] };
    expect((await stores.runs.load(runId)).acceptedLeaks).toMatchObject({
      ...accepted,
      leaks: expect.arrayContaining([expect.objectContaining(accepted.leaks[0])]),
    });
    const card = readFileSync(join(path, 'README.md'), 'utf8');
    expect(card).toContain('a study of datelines');
    expect(card).toContain('(Nordwire');
  });
});
