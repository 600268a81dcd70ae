import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createQuietContext } from '../../../test/fixtures/quiet-context.ts';
import { createRealLinearModel, createRealModel } from '../../../test/serve/real-model.ts';
import { locateHome } from '../../foundation/records/home.ts';
import { REFERENCE_FILE } from '../../foundation/records/reference-predictions.ts';
import { loadClassifier } from '../../judging/predict/load-classifier.ts';
import { createFileModelRegistry } from '../../keeping/registry/file-model-registry.ts';
import type { WorkflowContext } from '../../workflows/context/workflow-context.ts';
import { modelsExportCommand } from './models-export.ts';

let folder: string;
let context: WorkflowContext;
const said: string[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'veracity-export-test-'));
  said.length = 0;
  context = createQuietContext(locateHome(join(folder, 'home')), folder, {
    say: (line) => said.push(line),
  });
  createRealModel(join(folder, 'trained'), { width: 64 });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const run = (args: string[], options: Record<string, string | boolean> = {}) =>
  modelsExportCommand.run({ args, options }, context);
const usage = (problem: RegExp) =>
  expect.objectContaining({ code: 'USAGE', message: expect.stringMatching(problem) });

describe('models export', () => {
  it('writes a folder that predicts and names its origin', async () => {
    const { json } = await run(['trained'], { precision: 'int8' });
    const path = join(folder, 'trained-int8');
    expect(json).toMatchObject({ path, precision: 'int8', modelVersion: null, test: null });
    const classifier = await loadClassifier(path, { threads: 1, inline: true });
    const [answer] = await classifier.predict([{ title: 'Ferry resumes', text: 'It resumed on Tuesday.' }]);
    expect(['FAKE', 'REAL']).toContain(answer!.label);
    expect(classifier.info).toMatchObject({ precision: 'int8', exportCheck: { articles: 10 } });
    expect(classifier.info.parents).toContain(classifier.info.runId);
    await classifier.dispose();
    expect(said.join('\n')).toContain('compared on the bundled examples only');
  });

  it('registers a version whose parent is the original, and keeps the original', async () => {
    const registry = createFileModelRegistry(context.home, context.clock);
    await registry.register({ name: 'small', folder: join(folder, 'trained'), evaluations: [] });
    const { json } = await run(['small@1'], { precision: 'int8', register: true });
    expect(json).toMatchObject({ modelVersion: 'small@2', path: join(context.home.models, 'small', '2') });
    const made = await registry.materialize('small@2');
    expect(made.info.parents[0]).toBe('small@1');
    expect(made.record.files.map(({ path }) => path)).toContain(REFERENCE_FILE);
    expect((await registry.materialize('small@1')).info.precision).toBeUndefined();
    expect(readdirSync(folder).sort()).toEqual(['home', 'trained']);
  });

  it('refuses options and models that it cannot export', async () => {
    await expect(run(['trained'], { precision: 'int4' })).rejects.toEqual(
      usage(/--precision fp32, fp16, int8/),
    );
    await expect(run(['trained'], { prune: 'layers=1' })).rejects.toEqual(usage(/heads=SHARE/));
    await expect(run(['trained'], { prune: 'heads=1.0' })).rejects.toEqual(usage(/heads=SHARE/));
    await expect(run(['run-20260101-000000-abcd'], { register: true })).rejects.toEqual(usage(/NAME/));
    await expect(run(['trained'], { out: 'trained' })).rejects.toEqual(usage(/not there yet/));
    createRealLinearModel(join(folder, 'linear'));
    const refusal = expect.objectContaining({ code: 'COMPRESSION_UNSUPPORTED' });
    await expect(run(['linear'], { precision: 'int8' })).rejects.toEqual(refusal);
    const name = expect.objectContaining({ code: 'MODEL_NAME_INVALID' });
    await expect(run(['trained'], { precision: 'int8', register: 'run-copy' })).rejects.toEqual(name);
    expect(existsSync(context.home.cache)).toBe(false);
    await run(['trained'], { precision: 'int8' });
    await expect(run(['trained-int8'], { precision: 'int8' })).rejects.toEqual(refusal);
  });

  it('measures heads on the dataset, and leaves nothing behind if it is missing', async () => {
    const missing = expect.objectContaining({ code: 'DATASET_NOT_FOUND' });
    await expect(run(['trained'], { prune: 'heads=0.5' })).rejects.toEqual(missing);
    expect(existsSync(join(folder, 'trained-fp32'))).toBe(false);
  });
});
