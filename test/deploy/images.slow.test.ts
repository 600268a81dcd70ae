// Builds the recipes of deploy/docker with buildah from a Debian root and runs them with chroot, because Docker is rarely
// available in tests: the same instructions, another base. The tests are skipped, with the reason, if that is impossible.
import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/foundation/core/clock.ts';
import { locateHome } from '../../src/foundation/records/home.ts';
import { createFileModelRegistry } from '../../src/keeping/registry/file-model-registry.ts';
import { createKeyRing } from '../../src/serving/access/key-ring.ts';
import { createRealModel } from '../serve/real-model.ts';
import { type Container, type ContainerOptions, startContainer } from './container.ts';
import { createImageWorkshop, findObstacle, type ImageConfig, type ImageWorkshop } from './image-workshop.ts';

const obstacle = findObstacle();
if (obstacle !== '') console.log(`skipped: images are built by buildah from a Debian root: ${obstacle}`);

const BUILD_MS = 1_200_000;

describe.skipIf(obstacle !== '')('images', () => {
  let folder = '';
  let workshop: ImageWorkshop;
  let models = '';
  const containers: Container[] = [];

  const createData = (): string => mkdtempSync(join(folder, 'data-'));
  const start = (options: ContainerOptions): Container => {
    const container = startContainer(options);
    containers.push(container);
    return container;
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'veracity-images-'));
    chmodSync(folder, 0o755);
    workshop = await createImageWorkshop(join(folder, 'workshop-folder'));
    const home = join(folder, 'home');
    createRealModel(join(folder, 'compact'), { layers: 4, width: 256, maxTokens: 256 }); // the size of `compact`
    // Trained models have their weights twice: for serving and for further training.
    copyFileSync(join(folder, 'compact/onnx/model.onnx'), join(folder, 'compact/model.safetensors'));
    await createFileModelRegistry(locateHome(home), systemClock).register({
      name: 'compact',
      folder: join(folder, 'compact'),
      evaluations: [],
    });
    models = join(home, 'models');
  }, BUILD_MS);
  afterEach(async () => {
    for (const container of containers.splice(0)) {
      container.signal('SIGKILL');
      await container.exit;
    }
  });
  afterAll(async () => {
    await workshop?.close();
    rmSync(folder, { recursive: true, force: true });
  }, BUILD_MS);

  describe('the serving image', () => {
    let root = '';
    let config: ImageConfig;
    let port = 0;
    const serve = (
      data: string,
      args?: readonly string[],
      environment: Record<string, string> = {},
    ): Container =>
      start({
        root,
        config,
        data,
        environment: { VERACITY_PORT: String(port), ...environment },
        ...(args === undefined ? {} : { args }),
      });
    const post = (body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
      fetch(`http://127.0.0.1:${port}/v1/predict`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      });

    beforeAll(async () => {
      const { status, output } = await workshop.build([
        'serve',
        '--model',
        'compact@1',
        '--registry',
        models,
        '--tag',
        'serve:1',
      ]);
      expect(output.slice(-3000), output.slice(-3000)).toMatch(/serve:1: \d+ MB, at most 350 MB/);
      console.log(/serve:1: .*/.exec(output)?.[0]);
      expect(status).toBe(0);
      config = await workshop.inspect('serve:1');
      root = await workshop.unpack('serve:1');
      port = await findFreePort();
    }, BUILD_MS);

    test(
      'is not built without a model',
      async () => {
        const without = await workshop.buildRaw([
          '--build-arg',
          'MODEL_VERSION=1',
          '--build-arg',
          `MODEL_DIGEST=${'0'.repeat(64)}`,
        ]);
        expect(without.status).not.toBe(0);
        expect(without.output).toMatch(/no such file|not found/);
        expect((await workshop.buildRaw(['--build-context', `models=${models}`])).output).toMatch(
          /MODEL_VERSION: expected/,
        );
      },
      BUILD_MS,
    );

    test(
      'is not built with another digest or a changed file',
      async () => {
        const other = await workshop.build([
          'serve',
          '--model',
          'compact@1',
          '--registry',
          models,
          '--digest',
          'cd'.repeat(32),
        ]);
        expect(other.status).toBe(2);
        expect(other.output).toMatch(/compact@1: expected digest cdcd/);
        const changed = join(folder, 'changed');
        cpSync(models, changed, { recursive: true });
        const vocabulary = join(changed, 'compact', '1', 'vocab.txt');
        chmodSync(vocabulary, 0o644);
        writeFileSync(vocabulary, 'x');
        const damaged = await workshop.build(['serve', '--model', 'compact@1', '--registry', changed]);
        expect(damaged.status).toBe(2);
        expect(damaged.output).toMatch(/MODEL_DIGEST_MISMATCH.*vocab\.txt/);
      },
      BUILD_MS,
    );

    test(
      'is not built above its size limit',
      async () => {
        const { status, output } = await workshop.build([
          'serve',
          '--model',
          'compact@1',
          '--registry',
          models,
          '--budget',
          '100',
        ]);
        expect(status).toBe(1);
        expect(output).toMatch(/expected at most 100 MB, got \d{3} MB/);
      },
      BUILD_MS,
    );

    test('contains one runtime, one model, and no files for developers', () => {
      const names = readdirSync(`${root}/app/node_modules`);
      expect(names).not.toContain('typescript');
      expect(names).not.toContain('vitest');
      expect(readdirSync(`${root}/app/node_modules/onnxruntime-node/bin/napi-v6`)).toEqual(['linux']);
      expect(readdirSync(`${root}/opt/veracity/models/compact`)).toEqual(['1']);
      expect(readdirSync(`${root}/app`).sort()).toEqual(
        ['LICENSE', 'configs', 'deploy', 'dist', 'node_modules', 'package.json', 'sample'].sort(),
      );
      expect(config.Labels['veracity.model']).toBe('compact@1');
    });

    test('does not start without a key, and says how to create one', async () => {
      const container = serve(createData());
      expect(await container.exit).toBe(2);
      expect(container.output()).toMatch(/KEYS_MISSING[\s\S]*veracity keys create/);
    });

    test('serves with a key: ready, healthy, without privileges, on a read-only root', async () => {
      const data = createData();
      const made = serve(data, ['keys', 'create', 'newsroom', '--json']);
      expect(await made.exit).toBe(0);
      const { secret } = JSON.parse(made.output()) as { secret: string };

      const container = serve(data);
      await waitUntilReady(container, port);
      expect(await (await fetch(`http://127.0.0.1:${port}/readyz`)).json()).toEqual({
        status: 'ready',
        modelVersion: 'compact@1',
      });
      expect((await post({ title: 'Ferry', text: 'The ferry leaves at nine.' })).status).toBe(401);
      const answer = await post(
        { title: 'Ferry', text: 'The ferry leaves at nine.' },
        { authorization: `Bearer ${secret}` },
      );
      expect(answer.status).toBe(200);
      expect(await answer.json()).toMatchObject({ modelVersion: 'compact@1' });
      expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(200);

      expect(config.Healthcheck?.Test[0]).toBe('CMD');
      expect(container.execute(config.Healthcheck!.Test.slice(1))).toMatchObject({ status: 0 });
      expect(container.readProcess()).toEqual({ uid: 1000, pidInside: 1 });
      expect(container.execute(['touch', '/tmp/yes', '/data/yes']).status).toBe(0);
      expect(container.execute(['touch', '/home/no']).output).toMatch(/Read-only file system/);
      container.signal('SIGTERM');
      expect(await container.exit).toBe(0);
      expect(readdirSync(data)).toEqual(expect.arrayContaining(['keys.jsonl', 'predictions']));
    });

    test('reads its keys from a read-only file', async () => {
      const data = createData();
      const { secret } = createKeyRing(join(data, 'keys.jsonl'), systemClock).create({
        name: 'newsroom',
        scopes: ['predict'],
      });
      const container = serve(data);
      chmodSync(join(data, 'keys.jsonl'), 0o400);
      await waitUntilReady(container, port);
      const answer = await post({ title: 'a', text: 'b' }, { authorization: `Bearer ${secret}` });
      expect(answer.status).toBe(200);
    });

    test('finishes the requests in progress after SIGTERM, then exits with 0', async () => {
      const container = serve(createData(), ['serve', '--insecure']);
      await waitUntilReady(container, port);
      const articles = Array.from({ length: 64 }, () => ({
        title: 'Council',
        text: 'water and road '.repeat(200),
      }));
      const answer = post({ articles });
      while (
        !/veracity_predictions_in_flight 1/.test(
          await (await fetch(`http://127.0.0.1:${port}/metrics`)).text(),
        )
      );
      container.signal('SIGTERM');
      const response = await answer;
      expect(response.status).toBe(200);
      expect(((await response.json()) as { predictions: unknown[] }).predictions).toHaveLength(64);
      expect(await container.exit).toBe(0);
    });
  });

  test(
    'a server image without a model serves a mounted registry',
    async () => {
      const { status, output } = await workshop.build(['server', '--tag', 'server:1']);
      expect(output.slice(-3000), output.slice(-3000)).toMatch(/server:1: \d+ MB/);
      expect(status).toBe(0);
      const config = await workshop.inspect('server:1');
      const root = await workshop.unpack('server:1');
      const port = await findFreePort();
      const environment = { VERACITY_PORT: String(port) };
      const none = start({ root, config, data: createData(), args: ['serve', '--insecure'], environment });
      expect(await none.exit).toBe(2);
      expect(none.output()).toMatch(/MODEL_NONE/);
      const data = createData();
      mkdirSync(join(data, 'models'));
      cpSync(models, join(data, 'models'), { recursive: true });
      const container = start({
        root,
        config,
        data,
        args: ['serve', '--insecure'],
        environment: { ...environment, VERACITY_MODELS: '/data/models' },
      });
      await waitUntilReady(container, port);
      expect(await (await fetch(`http://127.0.0.1:${port}/readyz`)).json()).toMatchObject({
        modelVersion: 'compact@1',
      });
    },
    BUILD_MS,
  );

  test(
    'the training image trains and registers a model in its volume, and stops on SIGTERM',
    async () => {
      const { status, output } = await workshop.build(['train', '--tag', 'train:1']);
      expect(output.slice(-3000), output.slice(-3000)).toMatch(/train:1: \d+ MB/);
      console.log(/train:1: .*/.exec(output)?.[0]);
      expect(status).toBe(0);
      const config = await workshop.inspect('train:1');
      expect(config.Healthcheck?.Test).toEqual(['NONE']);
      const root = await workshop.unpack('train:1');
      const data = createData();
      const trained = start({ root, config, data, args: ['train', 'model=linear', 'threads=1', '--json'] });
      expect(await trained.exit, trained.output()).toBe(0);
      expect(readdirSync(join(data, 'models', 'linear'))).toContain('1');
      const stopped = start({ root, config, data, args: ['train', 'model=compact', 'threads=1'] });
      while (!/step|epoch/i.test(stopped.output()) && stopped.process.exitCode === null) await pause(50);
      stopped.signal('SIGTERM');
      expect(await stopped.exit).not.toBe(0);
      expect(stopped.output()).toMatch(/stopping/);
    },
    BUILD_MS,
  );
});

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Requests /readyz until it returns 200, the container has ended, or two minutes have passed. */
async function waitUntilReady(container: Container, port: number): Promise<void> {
  const endMs = Date.now() + 120_000;
  while (Date.now() < endMs) {
    if (container.process.exitCode !== null) break;
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => null);
    if (answer?.status === 200) return;
    await pause(50);
  }
  throw new Error(`not ready: ${container.output()}`);
}
