import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type SlowServer, startSlowServer } from '../../../test/loadtest/slow-server.ts';
import { runProgram } from './program.ts';

let folder: string;
let server: SlowServer;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'veracity-loadtest-'));
});
afterEach(async () => {
  rmSync(folder, { recursive: true });
  await server?.close();
});

const run = (...args: string[]) => runUntil(new AbortController().signal, args);

async function runUntil(signal: AbortSignal, args: readonly string[]) {
  let [stdout, stderr] = ['', ''];
  const exitCode = await runProgram(['loadtest', ...args], {
    stdout: (text) => {
      stdout += text;
    },
    stderr: (text) => {
      stderr += text;
    },
    environment: {},
    workingDirectory: folder,
    signal,
    version: '1.2.3',
  });
  return { stdout, stderr, exitCode };
}

describe('veracity loadtest', () => {
  it('reports as text, JSON, CSV and one self-contained page, and prints no header', async () => {
    server = await startSlowServer();
    const given = ['--rate', '40', '--duration', '1s', '--threshold', 'p99=60s', '--threshold', 'errors=1%'];
    const written = ['--csv', 'load.csv', '--html', 'load.html', '--header', 'authorization: Bearer sesame'];
    const { stdout, stderr, exitCode } = await run(server.url, ...given, ...written, '--json');
    expect(stderr).toContain('load.html');
    expect(exitCode).toBe(0);
    const report = JSON.parse(stdout) as unknown;
    expect(report).toMatchObject({
      target: `${server.url}/v1/predict`,
      passed: true,
      complete: true,
      thresholds: [
        { measure: 'p99', met: true },
        { measure: 'errors', value: 0 },
      ],
      result: { counts: { due: 40, answered: 40 } },
    });
    const csv = readFileSync(join(folder, 'load.csv'), 'utf8');
    expect(csv.split('\n')[0]).toBe(
      'second,level,sent,answered,rejected,failed,in_flight,p50_ms,p95_ms,p99_ms,max_ms',
    );
    expect(csv.split('\n')[1]).toMatch(/^0,40,\d+,/);
    const html = readFileSync(join(folder, 'load.html'), 'utf8');
    expect(html).toContain('all thresholds met');
    expect(html).not.toMatch(/<script|<link|src=|@import|url\(/);
    expect(server.requests[0]?.headers.authorization).toBe('Bearer sesame');
    expect(stdout + stderr + html + csv).not.toContain('sesame');
  });

  it('gives each warning as a sentence, and in JSON as a fact beside it', async () => {
    server = await startSlowServer();
    const few = 'p99 of 20 requests depends on a few of the slowest: test longer';
    const repeated =
      "articles were sent unchanged, again and again: some answers may come from the server's cache";
    writeFileSync(join(folder, 'a.csv'), 'title,text\nMoon sold,"A council, sold it."\n');
    const given = [server.url, '--rate', '40', '--duration', '0.5s', '--repeats', '--articles', 'a.csv'];
    const { stdout } = await run(...given, '--html', 'load.html', '--json');
    const { warnings, warningFacts, search } = JSON.parse(stdout) as Record<string, unknown>;
    expect(warnings).toEqual(expect.arrayContaining([few, repeated]));
    expect(warningFacts).toEqual(
      expect.arrayContaining([
        { code: 'REQUESTS_FEW', due: 20, enough: 200, message: few },
        { code: 'ARTICLES_REPEATED', articles: 1, message: repeated },
      ]),
    );
    expect((warningFacts as { message: string }[]).map(({ message }) => message)).toEqual(warnings);
    expect(search).toBeNull();
    expect(readFileSync(join(folder, 'load.html'), 'utf8')).toContain(`<li>${few}</li>`);
    expect((await run(...given)).stdout).toContain(`warning: ${few}`);
  });

  it('says how sure a found rate is as a sentence, and in JSON as a fact beside it', async () => {
    server = await startSlowServer();
    const given = [server.url, '--find-rate', 'p99=500', '--html', 'load.html', '--json'];
    const { stdout, exitCode } = await runUntil(AbortSignal.abort(), given);
    expect(exitCode).toBe(130);
    const message = 'stopped before a rate was met';
    expect(JSON.parse(stdout)).toMatchObject({
      search: { sureness: message, surenessFact: { code: 'RATE_SEARCH_STOPPED', message } },
      warningFacts: [],
    });
    expect(readFileSync(join(folder, 'load.html'), 'utf8')).toContain('Stopped before a rate was met.');
  });

  it('exits with 1 if a threshold is missed', async () => {
    server = await startSlowServer({ serviceMs: 40 });
    const { stdout, exitCode } = await run(
      server.url,
      '--users',
      '2',
      '--duration',
      '0.5s',
      '--threshold',
      'p50=10',
    );
    expect(exitCode).toBe(1);
    expect(stdout).toContain('MISSED p50 <= 10 ms');
  });

  it('sends a file’s articles to the given route', async () => {
    server = await startSlowServer({ answer: '"This is FAKE NEWS"' });
    writeFileSync(join(folder, 'a.csv'), 'title,text\nMoon sold,"A council, sold it."\n');
    const { exitCode } = await run(
      server.url,
      '--articles',
      'a.csv',
      '--route',
      'news',
      '--repeats',
      '--rate',
      '5',
      '--duration',
      '0.5s',
    );
    expect(exitCode).toBe(0);
    const sent = server.requests.find(({ body }) => body !== ''); // the first one asks for the model's columns
    expect(JSON.parse(sent!.body)).toEqual({ title: 'Moon sold', text: 'A council, sold it.' });
  });

  it('refuses a target that is not this machine, unless --i-own-this-host is given', async () => {
    const { stderr, exitCode } = await run('http://192.0.2.7:8000');
    expect(stderr).toContain('LOADTEST_NOT_LOOPBACK');
    expect(stderr).toContain('--i-own-this-host');
    expect(exitCode).toBe(1);
    server = await startSlowServer();
    const port = new URL(server.url).port;
    const own = await run(`0.0.0.0:${port}`, '--i-own-this-host', '--rate', '5', '--duration', '0.5s');
    expect(own.exitCode).toBe(0);
  });

  it('says what the server responds if it is not a prediction', async () => {
    server = await startSlowServer({ status: 401 });
    const refused = await run(server.url, '--header', 'authorization: Bearer sesame');
    expect(refused.stderr).toContain('LOADTEST_NO_ANSWER');
    expect(refused.stderr).toContain('HTTP 401');
    expect(refused.stderr).not.toContain('sesame');
    expect((await run('http://127.0.0.1:1')).stderr).toContain('ECONNREFUSED');
  });

  it('refuses options that it does not understand', async () => {
    const wrong = [
      ['--users', '5', '--rate', '5'],
      ['--users', '1.5'],
      ['--rate', '0'],
      ['--rate', '10@30s', '--ramp', '5s'],
      ['--stages', '10@fast'],
      ['--rate', '5', '--think-time', '1s'],
      ['--think-time', '5s-1s'],
      ['--duration', '10 parsecs'],
      ['--warm-up', '60s', '--duration', '10s'],
      ['--find-rate', 'rate=5'],
      ['--find-rate', 'p99=500', '--duration', '5s'],
      ['--header', 'no colon'],
      ['--route', 'classify'],
      ['ftp://127.0.0.1'],
      ['http://user:pass@127.0.0.1'],
      ['a', 'b'],
    ];
    for (const args of wrong) {
      const { stderr, exitCode } = await run(...args);
      expect([args, exitCode, stderr.includes('USAGE')]).toEqual([args, 2, true]);
      expect(stderr).not.toContain('user:pass');
    }
  });
});
