import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createQuietContext } from '../../../test/fixtures/quiet-context.ts';
import { createRealModel } from '../../../test/serve/real-model.ts';
import { systemClock } from '../../foundation/core/clock.ts';
import { locateHome } from '../../foundation/records/home.ts';
import { createFileModelRegistry } from '../../keeping/registry/file-model-registry.ts';
import { createKeyRing } from '../../serving/access/key-ring.ts';
import type { WorkflowContext } from '../../workflows/context/workflow-context.ts';
import { serveCommand } from './serve.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'veracity-serve-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function start(options: Record<string, string | boolean>) {
  const stop = new AbortController();
  let said = '';
  let announce: (url: string) => void = () => {};
  const url = new Promise<string>((resolve) => {
    announce = resolve;
  });
  const context: WorkflowContext = createQuietContext(locateHome(join(folder, 'home')), folder, {
    say: (line) => {
      said += `${line}\n`;
      const found = /http:\/\/\S+/.exec(line);
      if (found) announce(found[0]);
    },
    signal: stop.signal,
  });
  const result = serveCommand.run(
    { args: ['serve.log_level=silent', 'threads=1'], options: { port: '0', ...options } },
    context,
  );
  return { result, url, stop: () => stop.abort(), said: () => said, context };
}

describe('veracity serve', () => {
  test('serves a folder, prints the address, and stops when aborted', async () => {
    createRealModel(join(folder, "o'model"));
    const server = start({ model: "o'model" });
    const health = await fetch(`${await Promise.race([server.url, server.result.then(() => '')])}/healthz`);
    expect(health.status).toBe(200);
    expect(server.said()).toMatch(/ready in \d+\.\d s/);
    server.stop();
    expect(await server.result).toMatchObject({ json: { stopped: true } });
    expect(server.said()).toContain('finishing the requests');
  });

  test('serves the newest registered version, then the one in production', async () => {
    createRealModel(join(folder, 'model'));
    const registry = createFileModelRegistry(locateHome(join(folder, 'home')), systemClock);
    for (let version = 1; version <= 2; version++) {
      await registry.register({ name: 'compact', folder: join(folder, 'model'), evaluations: [] });
    }
    const ask = async (): Promise<string> => {
      const server = start({});
      const response = await fetch(
        `${await Promise.race([server.url, server.result.then(() => '')])}/model/`,
      );
      server.stop();
      await server.result;
      return ((await response.json()) as { version: string }).version;
    };
    expect(await ask()).toBe('compact@2');
    await registry.promote('compact@1', { stage: 'production', force: true });
    expect(await ask()).toBe('compact@1');
  });

  test('refuses to start without a model and says how to get one', async () => {
    await expect(start({}).result).rejects.toMatchObject({
      code: 'MODEL_NONE',
      exitCode: 1,
      hint: expect.stringMatching(/veracity train.*veracity demo/),
    });
  });

  test('requires keys if other machines reach it, unless started with --insecure', async () => {
    createRealModel(join(folder, 'model'));
    const options = { model: 'model', host: '0.0.0.0' };
    await expect(start(options).result).rejects.toMatchObject({
      code: 'KEYS_MISSING',
      hint: expect.stringMatching(/veracity keys create.*--insecure/),
    });
    const status = async (server: ReturnType<typeof start>, key = ''): Promise<number> => {
      const url = await Promise.race([server.url, server.result.then(() => '')]);
      const headers = key === '' ? {} : { authorization: `Bearer ${key}` };
      return (await fetch(`${url.replace('0.0.0.0', '127.0.0.1')}/v1/model`, { headers })).status;
    };
    const open = start({ ...options, insecure: true });
    expect(await status(open)).toBe(200);
    expect(open.said()).toMatch(/warning: everybody who reaches this machine/);
    open.stop();
    await open.result;

    const { secret } = createKeyRing(locateHome(join(folder, 'home')).keys).create({
      name: 'desk',
      scopes: ['predict'],
    });
    const guarded = start(options);
    expect([await status(guarded), await status(guarded, secret)]).toEqual([401, 200]);
    expect(guarded.said()).not.toContain(secret);
    guarded.stop();
    await guarded.result;
  });

  test('refuses a port that is not a number', async () => {
    await expect(start({ port: 'http' }).result).rejects.toMatchObject({ code: 'USAGE' });
    await expect(start({ port: '70000' }).result).rejects.toMatchObject({ exitCode: 2 });
  });
});
