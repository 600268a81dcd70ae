import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createQuietContext } from '../../../test/fixtures/quiet-context.ts';
import { evaluationReportRecord } from '../../foundation/records/evaluation.ts';
import { locateHome } from '../../foundation/records/home.ts';
import { modelFolderRecord } from '../../foundation/records/model-folder.ts';
import { saveRecord } from '../../foundation/records/record.ts';
import { createFileModelRegistry } from '../../keeping/registry/file-model-registry.ts';
import { findRegistryLeftovers } from '../../keeping/registry/registry-leftovers.ts';
import type { WorkflowContext } from '../../workflows/context/workflow-context.ts';
import { locateModel } from '../../workflows/locate-model/locate-model.ts';
import type { Command } from './command.ts';
import { modelsListCommand } from './models-list.ts';
import { modelsPromoteCommand } from './models-promote.ts';
import { modelsRollbackCommand } from './models-rollback.ts';
import { modelsShowCommand } from './models-show.ts';

let folder: string;
let context: WorkflowContext;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'veracity-models-'));
  context = createQuietContext(locateHome(join(folder, 'home')), folder);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function register(
  accuracy: number,
  name = 'compact',
  { classNames }: { classNames: string[] } = modelFolderRecord.example,
): Promise<void> {
  const model = join(folder, 'model');
  mkdirSync(model, { recursive: true });
  saveRecord(modelFolderRecord, join(model, 'veracity.json'), { ...modelFolderRecord.example, classNames });
  const { example } = evaluationReportRecord;
  const report = {
    ...example,
    metrics: { ...example.metrics, accuracy, macroF1: accuracy },
    intervals: {
      ...example.intervals,
      accuracy: [accuracy - 0.02, 1] as [number, number],
      macroF1: [accuracy - 0.02, 1] as [number, number],
    },
  };
  await createFileModelRegistry(context.home, context.clock).register({
    name,
    folder: model,
    evaluations: [report],
  });
}

const run = (command: Command, args: string[] = [], options: Record<string, string | boolean> = {}) =>
  command.run({ args, options }, context);

describe('models', () => {
  it('says how to get a model if there is none', async () => {
    expect(await run(modelsListCommand)).toMatchObject({
      json: [],
      text: expect.stringContaining('veracity train'),
    });
  });

  it('lists versions with their stage and both figures', async () => {
    await register(0.9);
    await run(modelsPromoteCommand, ['compact@1']);
    const { json, text } = await run(modelsListCommand);
    expect(json).toMatchObject([
      { reference: 'compact@1', stages: ['production'], evaluations: [{ metrics: { accuracy: 0.9 } }] },
    ]);
    expect(text).toMatch(/compact@1 +production +sample \(synthetic\) +0\.900 +not measured/);
  });

  it('lists a damaged version as such, and all others as usual', async () => {
    await register(0.9);
    await register(0.8);
    writeFileSync(join(context.home.models, 'compact', '1', 'version.json'), '{');
    const { json, text } = await run(modelsListCommand);
    expect(json).toMatchObject([
      { reference: 'compact@2' },
      { reference: 'compact@1', stages: [], damaged: { code: 'RECORD_INVALID' } },
    ]);
    expect(text).toMatch(/compact@1 +- +damaged \(RECORD_INVALID\): models show compact@1/);
    expect(await locateModel(null, context)).toMatchObject({ modelVersion: 'compact@2' });
    await register(0.7);
    expect(await locateModel(null, context)).toMatchObject({ modelVersion: 'compact@3' });
  });

  it('never replaces a damaged version in production silently by another', async () => {
    await register(0.9);
    await register(0.8);
    await run(modelsPromoteCommand, ['compact@1']);
    writeFileSync(join(context.home.models, 'compact', '1', 'version.json'), '{');
    await expect(locateModel(null, context)).rejects.toMatchObject({ code: 'RECORD_INVALID' });
  });

  it('shows the card, the files and the history of a version', async () => {
    await register(0.9);
    await run(modelsPromoteCommand, ['compact@1']);
    const { text } = await run(modelsShowCommand, ['compact']);
    expect(text).toMatch(/^# compact@1/);
    expect(text).toContain('promote compact@1 to production');
    expect(text).toContain('files as registered');
  });

  it('promotes, refuses what is worse, forces, and rolls back', async () => {
    await register(0.9);
    await register(0.8);
    expect((await run(modelsPromoteCommand, ['compact@1'])).text).toBe(
      'compact@1 is in production\ndefault: serve, predict and loadClassifier use compact@1 when no model is named',
    );
    await expect(run(modelsPromoteCommand, ['compact@2'])).rejects.toMatchObject({ code: 'PROMOTION_WORSE' });
    const forced = await run(modelsPromoteCommand, ['compact@2'], { force: true });
    expect(forced.text).toMatch(
      /^compact@2 is in production \(before: compact@1\)\nforced although: accuracy 0\.800 against 0\.900/,
    );
    expect((await run(modelsRollbackCommand, ['compact'])).text).toBe(
      'compact@1 is in production (before: compact@2)\ndefault: serve, predict and loadClassifier use compact@1 when no model is named',
    );
    await expect(run(modelsRollbackCommand, ['compact'])).rejects.toMatchObject({
      code: 'ROLLBACK_IMPOSSIBLE',
    });
  });

  it('says that running servers keep the version before whose classes have another order', async () => {
    await register(0.9);
    await register(0.9, 'compact', { classNames: modelFolderRecord.example.classNames.toReversed() });
    await run(modelsPromoteCommand, ['compact@1']);
    const { text, json } = await run(modelsPromoteCommand, ['compact@2']);
    expect(text).toContain('a running server keeps compact@1 until it is restarted');
    expect(json).toMatchObject({ needsRestart: true });
    expect((await run(modelsRollbackCommand, ['compact'])).text).toContain('keeps compact@2 until');
  });

  it('puts a worse version into staging without refusing', async () => {
    await register(0.9);
    await register(0.5);
    await run(modelsPromoteCommand, ['compact@1']);
    expect((await run(modelsPromoteCommand, ['compact@2'], { stage: 'staging' })).text).toBe(
      'compact@2 is in staging\ndefault: serve, predict and loadClassifier use compact@1 when no model is named\nto use compact@2, name it: compact@staging',
    );
  });

  describe('of two names', () => {
    const used = async (): Promise<string | undefined> => (await locateModel(null, context)).modelVersion;
    beforeEach(async () => {
      await register(0.9, 'complaints');
      await register(0.8, 'reviews');
      await run(modelsPromoteCommand, ['complaints@1']);
    });

    it('asks which one is used without a name before the second goes into production', async () => {
      await expect(run(modelsPromoteCommand, ['reviews@1'])).rejects.toMatchObject({
        code: 'PROMOTION_NEEDS_DEFAULT',
        message: expect.stringMatching(/^reviews@1: .*complaints@1 is in production too/),
        hint: expect.stringMatching(/--default to make it reviews@1\. .*--no-default to keep complaints@1/),
      });
      expect(await used()).toBe('complaints@1');
      expect((await run(modelsListCommand)).text).toContain('loadClassifier use complaints@1');
    });

    it('uses the new name from now on with --default, and says so', async () => {
      const { text, json } = await run(modelsPromoteCommand, ['reviews@1'], { default: true });
      expect(text).toContain('default: serve, predict and loadClassifier use reviews@1');
      expect(json).toMatchObject({ served: { reference: 'reviews@1', copy: null } });
      expect(await used()).toBe('reviews@1');
      expect(findRegistryLeftovers(context.home, Date.now())).toEqual([]);
      // What is decided needs no new answer.
      await register(0.91, 'complaints');
      expect((await run(modelsPromoteCommand, ['complaints@2'])).text).toContain('use reviews@1');
      await register(0.85, 'reviews');
      expect((await run(modelsPromoteCommand, ['reviews@2'])).text).toContain('use reviews@2');
    });

    it('goes on using the first name with --no-default, and says how the second is used', async () => {
      const { text } = await run(modelsPromoteCommand, ['reviews@1'], { default: false });
      expect(text).toContain(
        'loadClassifier use complaints@1 when no model is named\nto use reviews@1, name it: reviews',
      );
      expect(await used()).toBe('complaints@1');
    });

    it('refuses to guess where a home of an earlier version has two names in production', async () => {
      await run(modelsPromoteCommand, ['reviews@1'], { default: true });
      rmSync(join(context.home.models, 'default.jsonl'));
      await expect(locateModel(null, context)).rejects.toMatchObject({
        code: 'MODEL_UNDECIDED',
        message: expect.stringContaining('complaints@1 and reviews@1'),
        hint: expect.stringContaining('models promote complaints@1 --default'),
      });
      expect((await run(modelsListCommand)).text).toContain('complaints@1 and reviews@1 are in production');
      await run(modelsPromoteCommand, ['complaints@1'], { default: true });
      expect(await used()).toBe('complaints@1');
    });
  });

  it.each([
    ['no model', modelsShowCommand, [], {}],
    ['two models', modelsShowCommand, ['a', 'b'], {}],
    ['promoting without a version', modelsPromoteCommand, ['compact'], {}],
    ['going back to a version instead of from a name', modelsRollbackCommand, ['compact@1'], {}],
    ['an unknown stage', modelsPromoteCommand, ['compact@1'], { stage: 'live' }],
    ['a default in staging', modelsPromoteCommand, ['compact@1'], { stage: 'staging', default: true }],
    ['no default in staging', modelsPromoteCommand, ['compact@1'], { stage: 'staging', default: false }],
  ])('refuses %s', async (_, command, args, options) => {
    await expect(run(command, args, options)).rejects.toMatchObject({ code: 'USAGE' });
  });
});
