// `veracity serve` as a process: its logs, its start-up time, and a SIGTERM that loses no response.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createRealModel } from './real-model.ts';

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const children: ChildProcess[] = [];
let root = '';
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'veracity-process-'));
  createRealModel(join(root, 'compact'), { layers: 4, width: 256, maxTokens: 256 }); // the size of `compact`
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});
afterAll(() => rmSync(root, { recursive: true }));

function serve(...args: string[]) {
  const startMs = performance.now();
  const child = spawn(process.execPath, [CLI, 'serve', '--port', '0', ...args], {
    cwd: root,
    env: { ...process.env, VERACITY_HOME: join(root, 'home') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  let output = '';
  const exit = new Promise<number | null>((resolve) => child.on('exit', (code) => resolve(code)));
  const url = new Promise<string>((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      output += chunk;
      const found = /serving .* at (http:\S+)/.exec(output)?.[1];
      if (found !== undefined) resolve(found);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    void exit.then((code) => reject(new Error(`exit ${code}: ${output}`)));
  });
  url.catch(() => {});
  return {
    child,
    exit,
    url,
    output: () => output,
    upMs: async () => {
      await url;
      return performance.now() - startMs;
    },
  };
}

const post = (url: string, body: string): Promise<Response> =>
  fetch(`${url}/v1/predict`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });

describe('veracity serve, as a process', () => {
  test('is up in seconds, and stops with 0', async () => {
    const times: number[] = [];
    for (let attempt = 0; attempt < 3; attempt++) {
      const server = serve('--model', 'compact');
      times.push(Math.round(await server.upMs()));
      expect((await fetch(`${await server.url}/readyz`)).status).toBe(200);
      server.child.kill('SIGTERM');
      expect(await server.exit).toBe(0);
    }
    console.log(`up after ${times.join(', ')} ms (goal: under 3000 on an idle machine)`);
    expect(Math.min(...times)).toBeLessThan(15_000); // for a machine that does other things
  });

  test('finishes requests in progress after SIGTERM, then exits with 0', async () => {
    const server = serve('--model', 'compact');
    const url = await server.url;
    const articles = Array.from({ length: 64 }, () => ({
      title: 'Council',
      text: 'water and road '.repeat(200),
    }));
    let isAnswered = false;
    const answer = post(url, JSON.stringify({ articles })).finally(() => {
      isAnswered = true;
    });
    while (!/veracity_predictions_in_flight 1/.test(await (await fetch(`${url}/metrics`)).text()))
      expect(isAnswered, 'answered before it was seen in progress').toBe(false);
    server.child.kill('SIGTERM');
    const response = await answer;
    expect(response.status).toBe(200);
    expect(((await response.json()) as { predictions: unknown[] }).predictions).toHaveLength(64);
    expect(await server.exit).toBe(0);
  });

  test('logs one JSON line a request, without a word of the articles', async () => {
    const server = serve('--model', 'compact');
    const url = await server.url;
    const canary = 'kanarienvogel';
    await post(url, JSON.stringify({ title: canary, text: canary }));
    await post(url, `{"title":"${canary}`);
    await post(url, JSON.stringify({ title: [canary], [canary]: 1 }));
    await fetch(`${url}/${canary}`);
    server.child.kill('SIGTERM');
    expect(await server.exit).toBe(0);
    const requests = server
      .output()
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line))
      .filter((line) => line.msg === 'request');
    expect(requests.map((line) => [line.route, line.status])).toEqual([
      ['/v1/predict', 200],
      ['/v1/predict', 400],
      ['/v1/predict', 422],
      ['unmatched', 404],
    ]);
    expect(server.output()).not.toContain(canary);
  });

  test('exits with 1 and says what to do without a model, and when the port is in use', async () => {
    const without = serve();
    expect(await without.exit).toBe(1);
    expect(without.output()).toMatch(/veracity train/);
    const first = serve('--model', 'compact');
    const { port } = new URL(await first.url);
    const second = serve('--model', 'compact', '--port', port);
    expect(await second.exit).toBe(1);
    expect(second.output()).toMatch(new RegExp(`port ${port}.*another program`));
    expect(second.output()).not.toMatch(/^\s+at /m);
  });
});
