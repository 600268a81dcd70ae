// Checks versions of a real registry with real models.
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createQuietContext } from '../../../test/fixtures/quiet-context.ts';
import { createRealModel } from '../../../test/serve/real-model.ts';
import { type EvaluationReport, evaluationReportRecord } from '../../foundation/records/evaluation.ts';
import { locateHome } from '../../foundation/records/home.ts';
import type { ModelFolder } from '../../foundation/records/model-folder.ts';
import type { WorkflowContext } from '../../workflows/context/workflow-context.ts';
import { ciModelCommand } from './ci-model.ts';

const DATASET = 'ds-0123456789ab';
let folder: string;
let context: WorkflowContext;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'veracity-ci-model-'));
  context = createQuietContext(locateHome(join(folder, 'home')), folder);
  vi.stubEnv('GITHUB_STEP_SUMMARY', '');
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

/** Registers a version with this accuracy on one test split. */
async function register(
  accuracy: number,
  info: Partial<ModelFolder> = {},
): Promise<{ readonly reference: string; readonly location: string }> {
  const model = mkdtempSync(join(folder, 'model-'));
  createRealModel(model, { layers: 1, info: { datasetVersion: DATASET, ...info } });
  const { example } = evaluationReportRecord;
  const report: EvaluationReport = {
    ...example,
    testSet: `${DATASET}/test`,
    collection: 'news (test split)',
    outOfSource: false,
    metrics: { ...example.metrics, accuracy, macroF1: accuracy },
    intervals: {
      ...example.intervals,
      accuracy: [accuracy - 0.02, accuracy + 0.02],
      macroF1: [accuracy - 0.02, accuracy + 0.02],
    },
  };
  return context.stores.registry.register({ name: 'news', folder: model, evaluations: [report] });
}

const check = (args: string[], options: Record<string, string | boolean> = {}) =>
  ciModelCommand.run({ args, options: { predictions: '5', ...options } }, context);
const inProduction = async (): Promise<string> =>
  (await context.stores.registry.resolve('news@production')).reference;

describe('ci model', () => {
  it('passes and promotes the first version, then a better one, and reports latency, figures and promotion', async () => {
    const first = await register(0.9);
    expect(await check([first.reference], { promote: true })).toMatchObject({
      exitCode: 0,
      json: { ok: true, promoted: true, production: null },
    });
    const better = await register(0.93);
    const summary = join(folder, 'summary.md');
    writeFileSync(summary, 'before\n');
    vi.stubEnv('GITHUB_STEP_SUMMARY', summary);
    const { json, exitCode } = await check([better.reference], {
      promote: true,
      out: 'report.md',
      predictions: '100',
    });
    expect(exitCode).toBe(0);
    expect(json).toMatchObject({
      ...{ ok: true, promoted: true, production: 'news@1', model: 'news@2' },
      gate: { outcome: 'passed' },
      latency: { predictions: 100, p50Ms: expect.any(Number), p95Ms: expect.any(Number) },
    });
    expect(await inProduction()).toBe('news@2');
    const report = readFileSync(join(folder, 'report.md'), 'utf8');
    expect(report).toMatch(/^<!-- veracity ci model -->\n\n## Model news@2: passed/);
    expect(report).toMatch(/\| latency \| ok \| 100 predictions.*p50 .* ms, p95 .* ms/);
    expect(readFileSync(summary, 'utf8')).toBe(`before\n${report}`);
  });

  it('names the leaks that were accepted, and the reason', async () => {
    const leak = {
      ...{
        name: 'part-first',
        summary: '“(Nordwire)” at the beginning',
        className: 'REAL',
        separation: 0.99,
      },
      ...{ setting: 'data.leak_limits.mark', limit: 0.95, advice: 'Take it out.' },
    };
    const { reference } = await register(0.9, {
      acceptedLeaks: { reason: 'a study of datelines', leaks: [leak] },
    });
    const { json, text, exitCode } = await check([reference]);
    expect(exitCode).toBe(0);
    expect(text).toMatch(/leaks .*1 leak of its data accepted, because: a study of datelines/);
    expect(json).toMatchObject({ steps: [{ name: 'leaks', status: 'ok' }, { name: 'files' }, {}, {}, {}] });
  });

  it('fails a version that is worse than production, and does not promote it', async () => {
    await check([(await register(0.9)).reference], { promote: true });
    const worse = await register(0.8);
    const { json, exitCode, text } = await check([worse.reference], { promote: true });
    expect(exitCode).toBe(1);
    expect(json).toMatchObject({ ok: false, promoted: false, gate: { outcome: 'worse' } });
    expect(text).toContain('accuracy 0.800 against 0.900');
    expect(await inProduction()).toBe('news@1');
  });

  it('fails a version that is too slow, and one whose files were changed', async () => {
    const { reference, location } = await register(0.9);
    const slow = await check([reference], { maxP95: '0.0001', promote: true });
    expect(slow).toMatchObject({ exitCode: 1, json: { promoted: false } });
    expect(slow.text).toMatch(/failed +latency/);
    appendFileSync(join(location, 'model.safetensors'), 'x');
    const changed = await check([reference], { promote: true });
    expect(changed).toMatchObject({ exitCode: 1, json: { promoted: false, latency: null } });
    expect(changed.text).toMatch(/failed +files +MODEL_DIGEST_MISMATCH/);
  });

  it('promotes nothing unless it is asked for', async () => {
    const { reference } = await register(0.9);
    expect(await check([reference])).toMatchObject({ exitCode: 0, json: { ok: true, promoted: false } });
    await expect(inProduction()).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' });
  });

  it('takes the version from an event of the registry, alone or as the payload of a repository_dispatch', async () => {
    await register(0.9);
    await register(0.91);
    mkdirSync(join(folder, 'events'));
    const event = async (content: unknown) => {
      writeFileSync(
        join(folder, 'events', 'event.json'),
        typeof content === 'string' ? content : JSON.stringify(content),
      );
      return check([], { event: 'events/event.json' });
    };
    expect((await event({ model: 'news', version: 2 })).json).toMatchObject({ model: 'news@2' });
    expect(
      (await event({ action: 'veracity-registry', client_payload: { model: 'news', version: '1' } })).json,
    ).toMatchObject({ model: 'news@1' });
    for (const wrong of ['{', {}, { model: 'news' }, { model: '../x', version: 1 }])
      await expect(event(wrong)).rejects.toMatchObject({ code: 'CI_EVENT_INVALID' });
  });

  it('refuses a version that is not registered, both ways to name one, and numbers that are none', async () => {
    await register(0.9);
    await expect(check(['news@7'])).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' });
    await expect(check(['news@1'], { event: 'x' })).rejects.toMatchObject({ code: 'USAGE' });
    await expect(check([])).rejects.toMatchObject({ code: 'USAGE' });
    await expect(check(['news@1'], { maxP95: 'fast' })).rejects.toMatchObject({ code: 'USAGE' });
  });
});
