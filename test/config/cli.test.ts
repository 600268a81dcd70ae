// Tests the built program as a process: exit codes, streams, closed pipes, signals.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const cli = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'veracity-cli-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, VERACITY_HOME: join(folder, 'store') },
  });
  return { status, stdout, stderr };
};

describe('veracity as a process', () => {
  it('shows help on standard output with exit 0', () => {
    const { status, stdout, stderr } = run('--help');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('Usage: veracity');
  });

  it('prints only one JSON document on standard output with --json', () => {
    const { status, stdout } = run('runs', 'list', '--json');
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toEqual([]);
  });

  it('exits with 2 after a user’s mistake, with an error on standard error, without a stack, and as JSON on demand', () => {
    const { status, stdout, stderr } = run('runs', 'show', 'nope', '--json');
    expect(status).toBe(2);
    expect(stderr).toMatch(/^error RUN_NOT_FOUND: .+\n {2}hint: .+\n$/);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'RUN_NOT_FOUND' } });
  });

  it('prints all of a long output into a slow pipe', () => {
    const output = execFileSync(
      'sh',
      ['-c', `"${process.execPath}" "${cli}" serve --cfg | (sleep 0.2; cat)`],
      { cwd: folder, encoding: 'utf8' },
    );
    expect(output).toContain('max_articles: 256');
    expect(output.endsWith('\n')).toBe(true);
  });

  it('ends silently when the reader of its output has gone', () => {
    const script = `("${process.execPath}" "${cli}" --help; echo "exit $?" >&2) | true`;
    const { stderr } = spawnSync('sh', ['-c', script], { cwd: folder, encoding: 'utf8' });
    expect(stderr).toBe('exit 0\n');
  });
});

describe('signals', () => {
  // Stands in for a long command: the real process with a table of one command that waits for the signal.
  const script = (onAbort: string, args: readonly string[]): string => `
    import { runProcess } from ${JSON.stringify(new URL('./program/cli/run-process.js', `file://${cli}`).href)};
    process.argv.splice(1, process.argv.length, 'cli', 'wait', ...${JSON.stringify(args)});
    await runProcess([{ name: 'wait', summary: 'waits', load: async () => ({
      name: 'wait', summary: 'waits', argumentsUsage: '', options: [], examples: [],
      run: (_input, { signal, say, tellResume }) => new Promise((resolve) => {
        const alive = setInterval(() => {}, 1000);
        signal.addEventListener('abort', () => { ${onAbort} });
        tellResume('veracity wait again');
        say('ready');
      }),
    }) }]);`;

  async function interrupt(
    onAbort: string,
    signals: readonly NodeJS.Signals[],
    args: readonly string[] = [],
  ): Promise<{ code: number | null; stdout: string; stderr: string }> {
    const child = spawn(process.execPath, ['--input-type=module', '--eval', script(onAbort, args)], {
      cwd: folder,
    });
    let [stdout, stderr, sent] = ['', '', 0];
    child.stdout.on('data', (data) => {
      stdout += data;
    });
    child.stderr.on('data', (data) => {
      stderr += data;
      // Each output of the program triggers the next signal.
      if (stderr.includes(sent === 0 ? 'ready' : 'stopping') && sent < signals.length)
        child.kill(signals[sent++]);
    });
    const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
    return { code, stdout, stderr };
  }

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'lets the command finish its step on the first %s',
    async (signal) => {
      const onAbort = `clearInterval(alive); resolve({ json: null, text: 'saved', exitCode: 0 });`;
      expect(await interrupt(onAbort, [signal])).toMatchObject({
        code: 0,
        stdout: 'saved\n',
        stderr: expect.stringContaining('Ctrl-C again'),
      });
    },
  );

  it('exits at once with 130 after the second signal, and says how to go on', async () => {
    const { code, stdout, stderr } = await interrupt('', ['SIGINT', 'SIGTERM']);
    expect([code, stdout]).toEqual([130, '']);
    expect(stderr.split('\n').at(-2)).toBe('stopped at once; resume with: veracity wait again');
  });

  it('prints one JSON document with --json, also when it is stopped at once', async () => {
    const stopped = await interrupt('', ['SIGINT', 'SIGINT'], ['--json']);
    expect(stopped.code).toBe(130);
    expect(JSON.parse(stopped.stdout)).toMatchObject({
      error: { code: 'STOPPED' },
      resume: 'veracity wait again',
    });
    const crashed = await interrupt(`throw new Error('a plain mistake')`, ['SIGINT'], ['--json']);
    expect(crashed.code).toBe(70);
    expect(JSON.parse(crashed.stdout)).toMatchObject({ error: { code: 'INTERNAL_BUG' } });
  });
});
