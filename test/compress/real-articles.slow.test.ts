// Tests a small model of real articles, compressed in every way: the promises of the compression table, on every machine
// that has the articles.
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/foundation/core/clock.ts';
import { silentLogger } from '../../src/foundation/core/logger.ts';
import { silentProgress } from '../../src/foundation/core/progress.ts';
import { locateHome } from '../../src/foundation/records/home.ts';
import { createFileModelRegistry } from '../../src/keeping/registry/file-model-registry.ts';
import { loadTrainConfig } from '../../src/workflows/configuration/index.ts';
import { createStores } from '../../src/workflows/context/stores.ts';
import { type ExportRequest, exportModel } from '../../src/workflows/export/model-export.ts';
import { train } from '../../src/workflows/train/library.ts';

const articles = fileURLToPath(new URL('../../../shared/data/isot-sample', import.meta.url));
const isThere = existsSync(articles);
if (!isThere) console.warn(`skipped: no articles in ${articles}`);

describe.skipIf(!isThere)('a model of real articles', () => {
  const home = mkdtempSync(join(tmpdir(), 'veracity-compress-slow-'));
  const said: string[] = [];
  const context = {
    home: locateHome(home),
    stores: createStores(locateHome(home), systemClock),
    workingDirectory: home,
    logger: silentLogger,
    clock: systemClock,
    progress: silentProgress,
    warn: () => {},
    say: (line: string) => said.push(line),
    signal: new AbortController().signal,
  };
  const settings = [
    'experiment=demo',
    'data=isot',
    `data.path=${articles}`,
    'model.max_length=128',
    'train.epochs=4',
    'evaluate.abstain=null',
    'register=compact',
  ];
  const request: ExportRequest = {
    model: 'compact@1',
    precision: 'int8',
    pruneHeads: 0,
    out: null,
    register: 'compact',
    config: loadTrainConfig([]).config,
  };
  let accuracy = 0;

  beforeAll(async () => {
    const outcome = await train(settings, { home, workingDirectory: home });
    accuracy = outcome.status === 'finished' ? outcome.result.test.accuracy : 0;
  });
  afterAll(() => rmSync(home, { recursive: true, force: true }));

  it('has its own distance limit, measured on its own vectors', async () => {
    const registry = createFileModelRegistry(context.home, context.clock);
    const { distance } = (await registry.materialize('compact@1')).info.outOfDistribution!;
    const limits: number[] = [];
    for (const changes of [{}, { precision: 'fp16' as const }, { pruneHeads: 0.25 }]) {
      const { info } = await exportModel({ ...request, register: 'limits', ...changes }, context);
      expect(info.outOfDistribution!.distance).toMatchObject({
        kind: 'embedding',
        articles: distance!.articles,
      });
      limits.push(info.outOfDistribution!.distance!.highest);
    }
    console.log(
      `limits of distance: fp32 ${distance!.highest}; int8, fp16, pruned int8 ${limits.join(', ')}`,
    );
    for (const limit of limits) expect(limit).not.toBe(distance!.highest);
    expect(Math.abs(limits[0]! - distance!.highest)).toBeLessThan(0.05 * distance!.highest);
  });

  it('loses at most half a point of accuracy in 8 bits, and passes the gate before production', async () => {
    const made = await exportModel(request, context);
    expect(accuracy).toBeGreaterThan(0.85);
    expect(made.evaluations[0]!.metrics.accuracy).toBeGreaterThanOrEqual(accuracy - 0.005);
    expect(made.info.exportCheck.agreement).toBeGreaterThan(0.98);
    const registry = createFileModelRegistry(context.home, context.clock);
    await registry.promote('compact@1', { stage: 'production', force: false });
    const promotion = await registry.promote(made.modelVersion!, { stage: 'production', force: false });
    expect(promotion.gate?.outcome).toBe('passed');
  });

  it('predicts the same in half precision', async () => {
    const made = await exportModel(
      { ...request, precision: 'fp16', register: null, out: join(home, 'half') },
      context,
    );
    expect(made.info.exportCheck).toMatchObject({ agreement: 1 });
    expect(made.evaluations[0]!.metrics.accuracy).toBeCloseTo(accuracy, 6);
  });

  it('still classifies without a quarter of its heads', async () => {
    const pruned = { ...request, pruneHeads: 0.25, register: null, out: join(home, 'pruned') };
    const made = await exportModel(pruned, context);
    expect(made.info.prunedHeads?.flat()).toHaveLength(1);
    expect(made.evaluations[0]!.metrics.accuracy).toBeGreaterThan(accuracy - 0.05);
  });

  it('teaches a student and predicts each article once', async () => {
    const taught = [
      'experiment=distil',
      'teacher=compact@1',
      ...settings.slice(1),
      'register=distilled',
      'model.layers=1',
      'model.width=32',
      'model.heads=1',
      'model.vocabulary=2048',
      'train.epochs=1',
      'evaluate=standard',
    ];
    const kept = new Set<number>();
    for (let round = 0; round < 2; round++) {
      const outcome = await train(taught, { home, workingDirectory: home, say: context.say });
      expect(outcome.status).toBe('finished');
      const folder = join(context.home.cache, 'teacher-logits');
      for (const file of readdirSync(folder)) kept.add(statSync(join(folder, file)).mtimeMs);
    }
    expect(kept.size).toBe(1);
    const registry = createFileModelRegistry(context.home, context.clock);
    expect((await registry.resolve('distilled@2')).info.parents).toContain('compact@1');
  });
});
