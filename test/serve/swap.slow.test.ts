// 10,000 requests while five versions take over, one of them by a rollback: none fails, and each prediction is the one
// that the version it names gives. Through the commands that operators use; then a damaged version, a shadow and a canary.
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/foundation/core/clock.ts';
import { silentLogger } from '../../src/foundation/core/logger.ts';
import { silentProgress } from '../../src/foundation/core/progress.ts';
import { locateHome } from '../../src/foundation/records/home.ts';
import { modelFolderRecord } from '../../src/foundation/records/model-folder.ts';
import { stageEventRecord } from '../../src/foundation/records/model-version.ts';
import { loadRecord, saveRecord } from '../../src/foundation/records/record.ts';
import { loadClassifier } from '../../src/judging/predict/load-classifier.ts';
import { saveReferencePredictions } from '../../src/judging/predict/reference-check.ts';
import { createFileModelRegistry } from '../../src/keeping/registry/file-model-registry.ts';
import { appendStageEvent } from '../../src/keeping/registry/stage-log.ts';
import type { Command } from '../../src/program/commands/command.ts';
import { modelsPromoteCommand } from '../../src/program/commands/models-promote.ts';
import { modelsRetryCommand } from '../../src/program/commands/models-retry.ts';
import { modelsRollbackCommand } from '../../src/program/commands/models-rollback.ts';
import { serveCommand } from '../../src/program/commands/serve.ts';
import { createStores } from '../../src/workflows/context/stores.ts';
import type { WorkflowContext } from '../../src/workflows/context/workflow-context.ts';
import { createRealLinearModel, createRealModel } from './real-model.ts';

const REQUESTS = 10_000;
const USERS = 16;
const VERSIONS = 5;

let root = '';
/** The probability of REAL by version and article. */
const expected = new Map<string, number[]>();
const articles = Array.from({ length: 20 }, (_, i) => ({
  title: `Council ${i}`,
  text: `The ferry and the road, ${'water price season '.repeat(i)} on day ${i}.`,
}));
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'veracity-swap-'));
  const registry = createFileModelRegistry(locateHome(join(root, 'home')), systemClock);
  for (let version = 1; version <= VERSIONS; version++) {
    const folder = join(root, `model-${version}`);
    if (version === 3) createRealModel(folder);
    else createRealLinearModel(folder);
    const info = loadRecord(modelFolderRecord, join(folder, 'veracity.json'));
    const calibration = { ...info.calibration, temperature: version };
    saveRecord(modelFolderRecord, join(folder, 'veracity.json'), { ...info, calibration });
    const classifier = await loadClassifier(folder, { threads: 1, inline: true });
    await saveReferencePredictions(folder, classifier);
    const answers = await classifier.predict(articles);
    expected.set(
      `compact@${version}`,
      answers.map(({ probabilities }) => probabilities.REAL!),
    );
    await classifier.dispose();
    await registry.register({ name: 'compact', folder, evaluations: [] });
  }
  await registry.promote('compact@1', { stage: 'production', force: true });
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

function createContext(signal: AbortSignal, say: (line: string) => void = () => {}): WorkflowContext {
  return {
    home: locateHome(join(root, 'home')),
    stores: createStores(locateHome(join(root, 'home')), systemClock),
    workingDirectory: root,
    logger: silentLogger,
    clock: systemClock,
    progress: silentProgress,
    say,
    warn: () => {},
    signal,
  };
}

async function startServing(...overrides: string[]) {
  const stop = new AbortController();
  let announce: (url: string) => void = () => {};
  const announced = new Promise<string>((resolve) => {
    announce = resolve;
  });
  const context = createContext(stop.signal, (line) => {
    const found = /http:\/\/[^\s;]+/.exec(line);
    if (found) announce(found[0]);
  });
  const args = ['serve.log_level=silent', 'threads=2', 'serve.watch.seconds=0.05', ...overrides];
  const result = serveCommand.run({ args, options: { port: '0' } }, context);
  const url = await Promise.race([announced, result.then(() => '')]);
  return {
    url,
    ask: async (row: number, headers: Record<string, string> = {}) => {
      const response = await fetch(`${url}/v1/predict`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(articles[row]),
      });
      const answer = (await response.json()) as {
        modelVersion: string;
        predictionId: string;
        probabilities: { REAL: number };
      };
      return { status: response.status, ...answer, named: response.headers.get('x-model-version') };
    },
    get: async (path: string): Promise<string> => (await fetch(`${url}${path}`)).text(),
    stop: async () => {
      stop.abort();
      await result;
    },
  };
}

type Server = Awaited<ReturnType<typeof startServing>>;
interface Loaded {
  readonly version: string;
  readonly rollout: Record<
    'change' | 'canary' | 'shadow',
    { version: string; state: string; outcome: string } | null
  >;
}
const readModel = async (server: Server): Promise<Loaded> =>
  JSON.parse(await server.get('/model/')) as Loaded;

/** Polls the model until it is as expected; the test's own time limit ends it. */
async function until(server: Server, isWanted: (model: Loaded) => boolean): Promise<Loaded> {
  for (;;) {
    const model = await readModel(server);
    if (isWanted(model)) return model;
  }
}

const command = (which: Command, argument: string): Promise<unknown> =>
  which.run(
    { args: [argument], options: { force: which === modelsPromoteCommand } },
    createContext(new AbortController().signal),
  );

describe('a server whose model changes', () => {
  test('serves 10,000 requests across five swaps without a failure, each by the version that it names', async () => {
    // a long queue, because a slow machine must not refuse requests here
    const server = await startServing('serve.cache.max_entries=0', 'serve.queue.max_wait_ms=60000');
    const counts = new Map<string, number>();
    const problems: string[] = [];
    const receipts: { id: string; version: string }[] = [];
    let sent = 0;
    let done = 0;
    let hasSwapped = false; // the last requests are sent after the last swap, however long loading takes
    const user = async (): Promise<void> => {
      while (sent < REQUESTS || !hasSwapped) {
        const row = sent++ % articles.length;
        const { status, modelVersion, named, probabilities, predictionId } = await server
          .ask(row)
          .catch((error: unknown) => ({
            status: String(error),
            modelVersion: '',
            named: '',
            predictionId: '',
            probabilities: { REAL: Number.NaN },
          }));
        const difference = Math.abs(
          (probabilities?.REAL ?? Number.NaN) - (expected.get(modelVersion)?.[row] ?? Number.NaN),
        );
        if (status !== 200 || named !== modelVersion || !(difference < 1e-4))
          problems.push(`${status} ${modelVersion} ${named} ${difference}`);
        counts.set(modelVersion, (counts.get(modelVersion) ?? 0) + 1);
        if (done++ % 500 === 0) receipts.push({ id: predictionId, version: modelVersion });
      }
    };
    const reached = async (requests: number): Promise<void> => {
      while (done < requests) await new Promise((resolve) => setTimeout(resolve, 1));
    };
    const users = Array.from({ length: USERS }, user);
    const steps: [Command, string, string][] = [
      [modelsPromoteCommand, 'compact@2', 'compact@2'],
      [modelsPromoteCommand, 'compact@3', 'compact@3'],
      [modelsRollbackCommand, 'compact', 'compact@2'],
      [modelsPromoteCommand, 'compact@4', 'compact@4'],
      [modelsPromoteCommand, 'compact@5', 'compact@5'],
    ];
    for (const [index, [which, argument, version]] of steps.entries()) {
      await reached((REQUESTS / (steps.length + 1)) * (index + 1));
      await command(which, argument);
      await until(server, (model) => model.version === version);
      expect(await server.get('/readyz')).toContain(version);
    }
    await reached(done + USERS * 10);
    hasSwapped = true;
    await Promise.all(users);
    expect(problems).toEqual([]);
    expect([...counts.keys()].sort()).toEqual([1, 2, 3, 4, 5].map((version) => `compact@${version}`));
    for (const { id, version } of receipts) {
      const receipt: unknown = JSON.parse(await server.get(`/v1/predictions/${id}`));
      expect(receipt).toMatchObject({
        modelVersion: version,
        parents: [version, expect.any(String), expect.any(String)],
      });
    }
    // the old versions are freed once no request waits for them
    await expect.poll(() => server.get('/metrics')).toMatch(/veracity_model_versions_loaded 1\n/);
    const metrics = await server.get('/metrics');
    expect(metrics).toMatch(/veracity_model_changes_total\{outcome="switched"\} 5/);
    expect(metrics).toMatch(/veracity_model_info\{version="compact@5"/);
    expect(metrics).not.toMatch(/veracity_model_info\{version="compact@1"/);
    await server.stop();
  });

  test('keeps its version when the promoted one is damaged', async () => {
    await command(modelsPromoteCommand, 'compact@1');
    const server = await startServing();
    await until(server, ({ version }) => version === 'compact@1');
    const folder = join(root, 'home', 'models', 'compact');
    const file = join(folder, '4', 'onnx', 'model.onnx');
    const bytes = readFileSync(file);
    bytes[bytes.length - 1]! ^= 1;
    chmodSync(file, 0o644);
    writeFileSync(file, bytes);
    await expect(command(modelsPromoteCommand, 'compact@4')).rejects.toMatchObject({
      code: 'MODEL_DIGEST_MISMATCH',
    });
    // as if it had been damaged just after it was promoted
    appendStageEvent(join(folder, 'events.jsonl'), {
      ...stageEventRecord.example,
      model: 'compact',
      version: 4,
    });
    const { version, rollout } = await until(server, (model) => model.rollout.change?.outcome === 'failed');
    expect(rollout.change).toMatchObject({ version: 'compact@4', code: 'MODEL_DIGEST_MISMATCH' });
    expect(version).toBe('compact@1');
    expect(await server.get('/readyz')).toContain('compact@1');
    expect(await server.get('/metrics')).toMatch(/veracity_model_changes_total\{outcome="failed"\} 1/);
    expect((await server.ask(0)).status).toBe(200);
    await command(modelsPromoteCommand, 'compact@2');
    await until(server, (model) => model.version === 'compact@2');
    await server.stop();
  });

  test('runs a shadow for all requests, and a canary for a share of the clients', async () => {
    const server = await startServing(
      'serve.shadow=compact@3',
      'serve.canary={share: 50%, model: compact@5}',
      'serve.proxies=1',
      'serve.cache.max_entries=0',
    );
    const { version } = await until(
      server,
      ({ rollout }) => rollout.canary?.state === 'running' && rollout.shadow?.state === 'running',
    );
    const versions = new Map<string, Set<string>>();
    for (let i = 0; i < 120; i++) {
      const client = `203.0.113.${i % 12}`;
      const answer = await server.ask(i % articles.length, { 'x-forwarded-for': client });
      expect(answer.status).toBe(200);
      versions.set(client, (versions.get(client) ?? new Set()).add(answer.modelVersion));
    }
    expect([...versions.values()].every((seen) => seen.size === 1)).toBe(true);
    expect(new Set([...versions.values()].flatMap((seen) => [...seen]))).toEqual(
      new Set([version, 'compact@5']),
    );
    await expect
      .poll(() => server.get('/metrics')) // a shadow predicts after the response
      .toMatch(/veracity_shadow_articles_total\{result="(agreed|disagreed)"\} [1-9]/);
    await server.stop();
  });

  test('remembers over a restart that a canary was withdrawn, until an operator retries it', async () => {
    const settings = [
      'serve.canary={share: 50%, model: compact@3}', // an encoder: slower than the linear model in production
      'serve.canary_limits.min_requests=5',
      'serve.canary_limits.p99_ratio=1',
      'serve.canary_limits.p99_ms=0',
      'serve.cache.max_entries=0',
      'serve.proxies=1',
    ];
    await command(modelsPromoteCommand, 'compact@1');
    const first = await startServing(...settings);
    await until(first, ({ rollout }) => rollout.canary?.state === 'running');
    const asked: Promise<unknown>[] = [];
    const { rollout } = await until(first, (model) => {
      const client = `203.0.113.${asked.length % 200}`;
      asked.push(first.ask(asked.length % articles.length, { 'x-forwarded-for': client }));
      return model.rollout.canary?.state === 'returned';
    });
    await Promise.all(asked);
    expect(rollout.canary).toMatchObject({ version: 'compact@3', reason: 'latency' });
    await first.stop();

    const second = await startServing(...settings);
    const remembered = await until(second, (model) => model.rollout.canary !== null);
    expect(remembered.rollout.canary).toEqual(rollout.canary);
    for (let client = 0; client < 20; client++) {
      const { modelVersion } = await second.ask(0, { 'x-forwarded-for': `203.0.113.${client}` });
      expect(modelVersion).toBe('compact@1');
    }
    const metrics = await second.get('/metrics');
    expect(metrics).toMatch(/veracity_canary_returned\{version="compact@3",reason="latency"\} 1/);
    expect(metrics).toMatch(/veracity_canary_share 0\n/);
    await expect(command(modelsRetryCommand, 'compact@2')).rejects.toMatchObject({ code: 'USAGE' });
    await command(modelsRetryCommand, 'compact@3');
    await until(second, (model) => model.rollout.canary?.state === 'running');
    expect(await second.get('/metrics')).not.toMatch(/veracity_canary_returned\{/);
    await second.stop();
  });
});
