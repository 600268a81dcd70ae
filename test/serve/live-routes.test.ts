// Routes during a rollout: facts, figures, receipts and metrics are those of the right version.
import { afterEach, describe, expect, test } from 'vitest';
import { appError } from '../../src/foundation/core/errors.ts';
import { silentLogger } from '../../src/foundation/core/logger.ts';
import { evaluationReportRecord } from '../../src/foundation/records/evaluation.ts';
import { createApp } from '../../src/serving/app/app.ts';
import { createCanaryMemory } from '../../src/serving/live/canary-memory.ts';
import { isCanaryClient } from '../../src/serving/live/canary-rules.ts';
import { LiveModel } from '../../src/serving/live/live-model.ts';
import type { LoadedVersion } from '../../src/serving/live/version-loading.ts';
import { createRequestMetrics } from '../../src/serving/metrics/request-metrics.ts';
import { createExampleJournal } from './example-journal.ts';
import { createTestPool, type TestPool } from './live-pool.ts';

const LIMITS = { windowSeconds: 60, minRequests: 10, maxErrors: 0.1, maxLatencyRatio: 2, minLatencyMs: 100 };
const body = { title: 'Ferry', text: 'Secret words of an article.' };

let close = async (): Promise<void> => {};
afterEach(() => close());

function start() {
  const wanted = {
    live: null as string | null,
    canary: null as string | null,
    shadow: null,
    changes: 1,
    canaryChanges: 1,
  };
  const broken = new Set<string>();
  const loadedOf = (reference: string): LoadedVersion & { pool: TestPool } => ({
    reference,
    pool: createTestPool(reference),
    evaluations: [{ ...evaluationReportRecord.example, outOfSource: false, collection: `of ${reference}` }],
  });
  const first = loadedOf('compact@1');
  const metrics = createRequestMetrics(first.pool);
  const model = new LiveModel({
    first,
    rollout: {
      load: async (reference) => {
        if (broken.has(reference))
          throw appError('MODEL_CHECK_FAILED', { model: reference, expected: 'a', got: 'b' });
        return loadedOf(reference);
      },
      decide: async () => ({ ...wanted }),
      everySeconds: 0,
      canary: { share: 0.5, limits: LIMITS, memory: createCanaryMemory() },
      onSwitch: (pool) => metrics.setModel(pool),
    },
    queue: { cacheEntries: 0 },
  });
  const journal = createExampleJournal();
  const app = createApp({
    classifier: model.classifier,
    evaluations: () => model.evaluations(),
    live: model,
    journal,
    metrics,
    logger: silentLogger,
    access: { proxies: 1 },
  });
  close = async () => {
    await app.close();
    await model.close();
  };
  const get = async (url: string) => (await app.inject({ method: 'GET', url })).json<never>();
  const ask = async (url: string, payload: object, client = '203.0.113.1') =>
    app.inject({ method: 'POST', url, payload, headers: { 'x-forwarded-for': client } });
  return { app, model, wanted, broken, get, ask };
}

describe('routes of a server whose model changes', () => {
  test('describe the live version and its figures', async () => {
    const { app, model, wanted, get } = start();
    wanted.live = 'compact@2';
    await model.look();
    expect(await get('/v1/model')).toMatchObject({
      modelVersion: 'compact@2',
      runId: 'run of compact@2',
      inSource: { collection: 'of compact@2' },
      rollout: { change: { version: 'compact@2', outcome: 'switched' }, canary: null },
    });
    expect(await get('/model')).toMatchObject({
      version: 'compact@2',
      rollout: { change: { version: 'compact@2', outcome: 'switched', code: null } },
    });
    expect(await get('/readyz')).toEqual({ status: 'ready', modelVersion: 'compact@2', incidents: [] });
    const text = (await app.inject({ method: 'GET', url: '/metrics' })).body;
    expect(text.match(/^veracity_model_info\{.*$/gm)).toEqual([
      expect.stringContaining('version="compact@2",run="run of compact@2"'),
    ]);
  });

  test('report that a version was refused, and stay ready with the one before', async () => {
    const { model, wanted, broken, get } = start();
    broken.add('compact@2');
    wanted.live = 'compact@2';
    await model.look();
    expect(await get('/model')).toMatchObject({
      version: 'compact@1',
      rollout: { change: { version: 'compact@2', outcome: 'failed', code: 'MODEL_CHECK_FAILED' } },
    });
    expect(await get('/readyz')).toEqual({ status: 'ready', modelVersion: 'compact@1', incidents: [] });
  });

  test('give receipts of the version that predicted, also of a canary', async () => {
    const { model, wanted, ask, get } = start();
    wanted.canary = 'compact@2';
    await model.look();
    const addresses = Array.from({ length: 50 }, (_, i) => `203.0.113.${i}`);
    for (const chosen of [true, false]) {
      const client = addresses.find((address) => isCanaryClient(address, 'compact@2', 0.5) === chosen)!;
      const version = chosen ? 'compact@2' : 'compact@1';
      for (const url of ['/v1/predict', '/news/']) {
        const response = await ask(url, body, client);
        expect(response.headers['x-model-version']).toBe(version);
        const id =
          response.json<{ predictionId?: string }>().predictionId ?? response.headers['x-prediction-id'];
        expect(await get(`/v1/predictions/${String(id)}`)).toMatchObject({
          modelVersion: version,
          runId: `run of ${version}`,
        });
      }
    }
  });

  test('use no canary for a request that names a version in its path', async () => {
    const { model, wanted, ask } = start();
    wanted.canary = 'compact@2';
    await model.look();
    const inputs = [{ name: 'text', shape: [1], datatype: 'BYTES', data: ['It sailed.'] }];
    const client = Array.from({ length: 50 }, (_, i) => `203.0.113.${i}`).find((address) =>
      isCanaryClient(address, 'compact@2', 0.5),
    )!;
    const versions = await Promise.all(
      ['/v2/models/compact/infer', '/v2/models/compact/versions/1/infer'].map(
        async (url) => (await ask(url, { inputs }, client)).json<{ model_version: string }>().model_version,
      ),
    );
    expect(versions).toEqual(['2', '1']);
  });
});
