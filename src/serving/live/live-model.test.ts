// A version takes over, is refused, is tried out on some clients and is withdrawn; none of it costs a prediction.
import { Registry } from 'prom-client';
import { describe, expect, test } from 'vitest';
import { createTestPool, type TestPool } from '../../../test/serve/live-pool.ts';
import type { Clock } from '../../foundation/core/clock.ts';
import { appError } from '../../foundation/core/errors.ts';
import type { Logger } from '../../foundation/core/logger.ts';
import { createLiveMetrics } from '../metrics/live-metrics.ts';
import { createCanaryMemory } from './canary-memory.ts';
import { isCanaryClient } from './canary-rules.ts';
import { LiveModel } from './live-model.ts';
import type { WantedVersions } from './registry-follower.ts';
import type { RolloutOptions } from './rollout.ts';
import type { LoadedVersion } from './version-loading.ts';

const LIMITS = { windowSeconds: 60, minRequests: 10, maxErrors: 0.1, maxLatencyRatio: 2, minLatencyMs: 100 };
const ARTICLE = { title: 'Ferry', text: 'Secret words of an article.' };

function createRig(options: Partial<RolloutOptions> = {}) {
  const pools = new Map<string, TestPool>();
  const wanted: { -readonly [Key in keyof WantedVersions]: WantedVersions[Key] } = {
    live: null,
    canary: null,
    shadow: null,
    changes: 1,
    canaryChanges: 1,
  };
  const failing = new Set<string>();
  const loads: string[] = [];
  let nowMs = 0;
  const clock: Clock = { nowIso: () => '2026-01-01T00:00:00.000Z', monotonicMs: () => nowMs };
  const poolOf = (version: string): TestPool => {
    const pool = pools.get(version) ?? createTestPool(version);
    pools.set(version, pool);
    return pool;
  };
  const loadedOf = (version: string): LoadedVersion => {
    if (loads.filter((load) => load === version).length > 1) pools.delete(version); // a new pool of the same version
    return { reference: version, pool: poolOf(version), evaluations: [] };
  };
  const lines: string[] = [];
  const write = (fields: object, message: string): void =>
    void lines.push(`${message} ${JSON.stringify(fields)}`);
  const logger: Logger = { debug: write, info: write, warn: write, error: write };
  const registry = new Registry();
  const model = new LiveModel({
    first: loadedOf('compact@1'),
    rollout: {
      load: async (reference) => {
        loads.push(reference);
        if (failing.has(reference))
          throw appError('MODEL_DIGEST_MISMATCH', { model: reference, file: 'f', expected: 'a', got: 'b' });
        return loadedOf(reference);
      },
      decide: async () => ({ ...wanted }),
      everySeconds: 0,
      canary: null,
      onSwitch: () => {},
      ...options,
    },
    queue: { cacheEntries: 0, clock },
    metrics: createLiveMetrics(registry),
    logger,
    clock,
  });
  const ask = async (client?: string): Promise<string> => {
    const [detailed] = await model.classifier.predictDetailed(
      [ARTICLE],
      client === undefined ? {} : { client },
    );
    return detailed!.prediction.modelVersion;
  };
  const metric = async (line: RegExp): Promise<boolean> => line.test(await registry.metrics());
  return { model, wanted, failing, loads, poolOf, ask, lines, metric, pass: (ms: number) => (nowMs += ms) };
}

/** A client that a canary of `version` predicts for, or does not. */
function findClient(version: string, share: number, chosen: boolean): string {
  for (let i = 0; ; i++) if (isCanaryClient(`key-${i}`, version, share) === chosen) return `key-${i}`;
}

describe('a version that takes over', () => {
  test('predicts waiting articles, while running ones end on the version before, which is then freed', async () => {
    const { model, wanted, poolOf, ask, metric } = createRig();
    const release = poolOf('compact@1').hold();
    const begun = ask();
    const waiting = ask();
    wanted.live = 'compact@2';
    await model.look();
    expect(model.classifier.modelVersion).toBe('compact@2');
    expect(await waiting).toBe('compact@2');
    release();
    expect(await begun).toBe('compact@1');
    await model.close();
    expect(poolOf('compact@1').isDisposed()).toBe(true);
    expect(poolOf('compact@1').seen).toHaveLength(1);
    expect(model.rollout().change).toMatchObject({ version: 'compact@2', outcome: 'switched', code: null });
    expect(await metric(/veracity_model_changes_total\{outcome="switched"\} 1/)).toBe(true);
  });

  test('predicts all articles of a request that was in progress', async () => {
    const { model, wanted, poolOf } = createRig();
    const release = poolOf('compact@1').hold();
    const long = { title: 'a', text: 'word '.repeat(2000) }; // more than one batch
    const answers = model.classifier.predictDetailed([long, long, long]);
    wanted.live = 'compact@2';
    await model.look();
    release();
    const versions = (await answers).map(({ prediction }) => prediction.modelVersion);
    expect(versions).toEqual(['compact@2', 'compact@2', 'compact@2']);
  });

  test('is refused when it fails its checks: the version before stays, and it is tried again only after a new promotion', async () => {
    const { model, wanted, failing, loads, ask, metric, lines } = createRig();
    failing.add('compact@2');
    wanted.live = 'compact@2';
    await model.look();
    await model.look();
    expect(loads).toEqual(['compact@2']);
    expect(await ask()).toBe('compact@1');
    expect(model.rollout().change).toMatchObject({ outcome: 'failed', code: 'MODEL_DIGEST_MISMATCH' });
    expect(await metric(/veracity_model_changes_total\{outcome="failed"\} 1/)).toBe(true);
    expect(lines.join('\n')).toMatch(/failed its checks.*MODEL_DIGEST_MISMATCH/);
    failing.clear();
    wanted.changes++;
    await model.look();
    expect(await ask()).toBe('compact@2');
  });

  test('gives way to one that was promoted while it was loaded', async () => {
    const { model, wanted, loads, ask } = createRig();
    wanted.live = 'compact@2';
    const looking = model.look();
    wanted.live = 'compact@3';
    await looking;
    expect(loads).toEqual(['compact@2', 'compact@3']);
    expect(await ask()).toBe('compact@3');
  });

  test('keeps the facts of the version before for predictions that still name it', async () => {
    const { model, wanted } = createRig();
    wanted.live = 'compact@2';
    await model.look();
    expect(model.classifier.findInfo?.('compact@1')?.runId).toBe('run of compact@1');
    expect(model.classifier.info.runId).toBe('run of compact@2');
  });

  test('changes nothing while the registry cannot be read, which is logged once', async () => {
    const { model, ask, lines } = createRig({
      decide: () => {
        throw appError('RECORD_INVALID', { path: 'events.jsonl:1', record: 'r', version: 1, problem: 'p' });
      },
    });
    await model.look();
    await model.look();
    expect(lines.filter((line) => line.includes('could not be read'))).toHaveLength(1);
    expect(await ask()).toBe('compact@1');
  });

  test('that is loaded while the server stops is freed', async () => {
    const { model, wanted, poolOf, loads } = createRig();
    wanted.live = 'compact@2';
    const looking = model.look();
    while (loads.length === 0) await Promise.resolve();
    await model.close();
    await looking;
    expect([poolOf('compact@1').isDisposed(), poolOf('compact@2').isDisposed()]).toEqual([true, true]);
  });
});

describe('a canary', () => {
  async function createTrial(memory = createCanaryMemory()) {
    const rig = createRig({ canary: { share: 0.5, limits: LIMITS, memory } });
    rig.wanted.canary = 'compact@2';
    await rig.model.look();
    const [inside, outside] = [true, false].map((chosen) => findClient('compact@2', 0.5, chosen));
    return { ...rig, inside: inside!, outside: outside! };
  }

  test('predicts for the same clients always, and for no unknown client', async () => {
    const { ask, inside, outside, model, metric } = await createTrial();
    for (let i = 0; i < 3; i++) {
      expect([await ask(inside), await ask(outside), await ask()]).toEqual([
        'compact@2',
        'compact@1',
        'compact@1',
      ]);
    }
    expect(model.rollout().canary).toMatchObject({ version: 'compact@2', state: 'running', share: 0.5 });
    expect(model.classifier.modelVersion).toBe('compact@1');
    expect(await metric(/veracity_canary_share 0.5/)).toBe(true);
  });

  test('that fails costs no prediction, and is withdrawn when it fails too often', async () => {
    const { ask, inside, poolOf, pass, model, metric, wanted, loads } = await createTrial();
    poolOf('compact@2').fails = true;
    for (let i = 0; i < LIMITS.minRequests; i++) {
      pass(300);
      expect(await ask(inside)).toBe('compact@1');
    }
    expect(model.rollout().canary).toMatchObject({ state: 'returned', reason: 'errors' });
    expect(await metric(/veracity_canary_returns_total\{reason="errors"\} 1/)).toBe(true);
    expect(await metric(/veracity_canary_share 0\n/)).toBe(true);
    await model.look();
    expect(loads).toEqual(['compact@2']);
    wanted.changes++; // promoted again
    wanted.canaryChanges++;
    poolOf('compact@2').fails = false;
    await model.look();
    expect(loads).toEqual(['compact@2', 'compact@2']);
    expect(model.rollout().canary).toMatchObject({ state: 'running' });
  });

  test('that was withdrawn is not tried by the next server, until its stages change', async () => {
    const memory = createCanaryMemory();
    const { ask, inside, poolOf, pass, model } = await createTrial(memory);
    poolOf('compact@2').fails = true;
    for (let i = 0; i < LIMITS.minRequests; i++) {
      pass(300);
      await ask(inside);
    }
    const before = model.rollout().canary;
    const next = await createTrial(memory);
    expect(next.loads).toEqual([]);
    expect(next.model.rollout().canary).toEqual(before);
    expect(await next.ask(next.inside)).toBe('compact@1');
    expect(await next.metric(/veracity_canary_returned\{version="compact@2",reason="errors"\} 1/)).toBe(true);
    await next.model.look();
    expect(next.lines.filter((line) => line.includes('was withdrawn before'))).toHaveLength(1);
    next.wanted.canaryChanges++; // promoted again
    await next.model.look();
    expect(next.model.rollout().canary).toMatchObject({ version: 'compact@2', state: 'running' });
    expect(await next.metric(/veracity_canary_returned\{/)).toBe(false);
  });

  test('is withdrawn when it is far slower than the live version', async () => {
    const { ask, inside, outside, poolOf, pass, model, lines } = await createTrial();
    poolOf('compact@1').during = () => pass(60);
    poolOf('compact@2').during = () => pass(300);
    for (let i = 0; i < LIMITS.minRequests; i++) await ask(outside);
    for (let i = 0; i < LIMITS.minRequests - 1; i++) await ask(inside);
    expect(model.rollout().canary).toMatchObject({ state: 'running' });
    expect(await ask(inside)).toBe('compact@2');
    expect(model.rollout().canary).toMatchObject({ state: 'returned', reason: 'latency' });
    expect(await ask(inside)).toBe('compact@1');
    expect(lines.join('\n')).toMatch(/withdrawn.*"reason":"latency".*"p99Ms":300/);
  });

  test('stays when both versions are slow', async () => {
    const { ask, inside, outside, poolOf, pass, model } = await createTrial();
    for (const version of ['compact@1', 'compact@2']) poolOf(version).during = () => pass(900);
    for (let i = 0; i < 2 * LIMITS.minRequests; i++) await Promise.all([ask(outside), ask(inside)]);
    expect(model.rollout().canary).toMatchObject({ state: 'running' });
  });

  test('gives its waiting articles to the live version when it ends', async () => {
    const { ask, inside, poolOf, wanted, model } = await createTrial();
    const release = poolOf('compact@2').hold();
    const begun = ask(inside);
    const waiting = ask(inside);
    wanted.canary = null;
    await model.look();
    expect(await waiting).toBe('compact@1');
    release();
    expect(await begun).toBe('compact@2');
  });

  test('becomes the live version when it is promoted', async () => {
    const { ask, inside, outside, wanted, model } = await createTrial();
    Object.assign(wanted, { live: 'compact@2', canary: null, changes: 2 });
    await model.look();
    expect([await ask(inside), await ask(outside)]).toEqual(['compact@2', 'compact@2']);
    expect(model.rollout().canary).toBeNull();
  });
});

describe('a shadow', () => {
  const answer = (version: string, id: string, label = 'REAL') => ({
    prediction: {
      label,
      probability: 0.75,
      probabilities: { FAKE: 0.25, REAL: 0.75 },
      abstained: false,
      modelVersion: version,
    },
    measures: { tokens: 4, articleTokens: 4, truncated: false, letterScore: null, distance: null },
    warnings: [],
    predictionId: id,
  });
  const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  async function createShadowed() {
    const rig = createRig();
    rig.wanted.shadow = 'compact@2';
    await rig.model.look();
    return { ...rig, shadowPool: rig.poolOf('compact@2') };
  }

  test('predicts after the response, and logs only the ids of disagreements', async () => {
    const { model, shadowPool, lines, metric } = await createShadowed();
    model.onAnswers([ARTICLE], [answer('compact@1', 'id-1')]);
    await settled();
    shadowPool.label = 'FAKE';
    model.onAnswers([ARTICLE], [answer('compact@1', 'id-2')]);
    await settled();
    expect(model.rollout().shadow).toMatchObject({ state: 'running', compared: 2, disagreed: 1 });
    const log = lines.join('\n');
    expect(log).toMatch(
      /disagrees \{"predictionId":"id-2","modelVersion":"compact@1","shadowVersion":"compact@2"/,
    );
    expect(log).not.toMatch(/id-1|Secret|Ferry/);
    expect(await metric(/veracity_shadow_articles_total\{result="disagreed"\} 1/)).toBe(true);
  });

  test('drops articles under load, delays no request, and its failures are counted', async () => {
    const { model, shadowPool, poolOf, ask, metric } = await createShadowed();
    const release = poolOf('compact@1').hold();
    const busy = ask();
    model.onAnswers([ARTICLE], [answer('compact@1', 'id-1')]);
    expect(shadowPool.seen).toHaveLength(0);
    release();
    await busy;
    const releaseShadow = shadowPool.hold();
    for (let i = 0; i < 40; i++) model.onAnswers([ARTICLE], [answer('compact@1', `id-${i}`)]);
    expect(shadowPool.seen).toHaveLength(32);
    expect(await ask()).toBe('compact@1');
    shadowPool.fails = true;
    releaseShadow();
    await settled();
    expect(await metric(/veracity_shadow_articles_total\{result="dropped"\} 9/)).toBe(true);
    expect(await metric(/veracity_shadow_articles_total\{result="failed"\} 32/)).toBe(true);
  });

  test('is not compared with a canary', async () => {
    const { model, shadowPool } = await createShadowed();
    model.onAnswers([ARTICLE], [answer('compact@9', 'id-1')]);
    expect(shadowPool.seen).toHaveLength(0);
  });
});
