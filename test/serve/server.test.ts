// The server on a real socket with a real model in its worker thread.
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startServer } from '../../src/public/serve.ts';
import { createRealModel } from './real-model.ts';

/** Longer than anything here takes on a busy machine; shorter than the waits that must not happen. */
const LONG_MS = 30_000;

let root = '';
let small = '';
let slow = '';
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'veracity-server-'));
  small = join(root, 'small');
  slow = join(root, 'slow');
  createRealModel(small);
  createRealModel(slow, { layers: 2, width: 128, maxTokens: 128 }); // some hundred milliseconds for the batch below
});
afterAll(() => rmSync(root, { recursive: true }));

const batch = JSON.stringify({
  articles: Array.from({ length: 96 }, (_, id) => ({
    id: `${id}`,
    title: 'Council',
    text: `${id} ${'water and road '.repeat(150)}`,
  })),
});
const post = (url: string, body: string): Promise<Response> =>
  fetch(`${url}/v1/predict`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
const postBatch = (url: string): Promise<Response> => post(url, batch);

async function untilUnderWay(url: string): Promise<void> {
  for (;;) {
    const text = await (await fetch(`${url}/metrics`)).text();
    if (/^veracity_predictions_in_flight [1-9]$/m.test(text)) return;
  }
}

describe('startServer', () => {
  test('listens on this machine only and responds', async () => {
    const server = await startServer({ modelFolder: small, modelVersion: 'compact@2', port: 0, threads: 1 });
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const model = await (await fetch(`${server.url}/model`)).json();
    expect(model).toMatchObject({ version: 'compact@2' });
    await server.close();
    await server.close();
    await expect(fetch(`${server.url}/healthz`)).rejects.toThrow();
  });

  test('responds to /healthz at once while a long prediction runs', async () => {
    const server = await startServer({ modelFolder: slow, port: 0, threads: 1 });
    let running = true;
    // one word of 400,000 characters keeps a tokenizer busy for long
    const word = JSON.stringify({ title: 'a', text: 'e\u0301'.repeat(200_000) });
    const answers = Promise.all([postBatch(server.url), post(server.url, word)]).finally(() => {
      running = false;
    });
    await untilUnderWay(server.url);
    let answeredMeanwhile = 0;
    while (running) {
      expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
      if (running) answeredMeanwhile++;
    }
    expect((await answers).map((response) => response.status)).toEqual([200, 200]);
    await server.close();
    // one after the other: each took less than a tenth of the prediction, however slow the machine
    expect(answeredMeanwhile).toBeGreaterThan(10);
  });

  test('predicts a single article between the batches of a large request', async () => {
    const server = await startServer({ modelFolder: slow, port: 0, threads: 1 });
    let batchDone = false;
    const long = postBatch(server.url).then((response) => {
      batchDone = true;
      return response.status;
    });
    await untilUnderWay(server.url);
    const single = await fetch(`${server.url}/news/`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"title":"a","text":"b"}',
    });
    expect([single.status, batchDone]).toEqual([200, false]);
    expect(await long).toBe(200);
    await server.close();
  });

  test('finishes requests in progress when it is closed, and refuses new ones', async () => {
    const server = await startServer({ modelFolder: slow, port: 0, threads: 1, stopLimitMs: 600_000 });
    const prediction = postBatch(server.url);
    await untilUnderWay(server.url);
    const closed = server.close();
    await expect(fetch(`${server.url}/healthz`)).rejects.toThrow();
    const response = await prediction;
    expect(response.status).toBe(200);
    expect(((await response.json()) as { predictions: unknown[] }).predictions).toHaveLength(96);
    const answeredMs = performance.now();
    await closed;
    // close() waits for the response, not for the kept connection, nor for its limit
    expect(performance.now() - answeredMs).toBeLessThan(LONG_MS);
  });

  test('cuts off requests in progress after the limit', async () => {
    const server = await startServer({ modelFolder: slow, port: 0, threads: 1, stopLimitMs: 1 });
    const prediction = postBatch(server.url);
    prediction.catch(() => {});
    await untilUnderWay(server.url);
    await server.close();
    await expect(prediction).rejects.toThrow();
  });

  test('closes at once although a client keeps an idle connection', async () => {
    const server = await startServer({ modelFolder: small, port: 0, threads: 1, stopLimitMs: 600_000 });
    await (await fetch(`${server.url}/healthz`)).text(); // fetch keeps the connection
    const startMs = performance.now();
    await server.close();
    expect(performance.now() - startMs).toBeLessThan(LONG_MS);
  });

  test('fails with PORT_IN_USE when the port is taken', async () => {
    const other = await new Promise<Server>((resolve) => {
      const listening = createServer().listen(0, '127.0.0.1', () => resolve(listening));
    });
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const failure = startServer({ modelFolder: small, port, threads: 1 });
    await expect(failure).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      message: expect.stringContaining(String(port)),
    });
    await new Promise((resolve) => other.close(resolve));
  });

  test('says that an address is not this machine’s', async () => {
    const failure = startServer({
      modelFolder: small,
      host: '203.0.113.7',
      insecure: true,
      port: 0,
      threads: 1,
    });
    await expect(failure).rejects.toMatchObject({ code: 'ADDRESS_UNUSABLE' });
  });

  test('admits other machines with keys only, or with insecure', async () => {
    const open = { modelFolder: small, host: '0.0.0.0', port: 0, threads: 1 };
    await expect(startServer(open)).rejects.toMatchObject({ code: 'KEYS_MISSING', exitCode: 1 });
    const server = await startServer({ ...open, access: { keys: { find: () => undefined } } });
    expect((await fetch(server.url.replace('0.0.0.0', '127.0.0.1'))).status).toBe(200);
    expect((await fetch(`${server.url.replace('0.0.0.0', '127.0.0.1')}/v1/model`)).status).toBe(401);
    await server.close();
  });

  test('refuses to start without a model', async () => {
    const failure = startServer({ modelFolder: join(root, 'none'), port: 0 });
    await expect(failure).rejects.toMatchObject({
      code: 'MODEL_INCOMPLETE',
      hint: expect.stringContaining('veracity train'),
    });
  });
});
