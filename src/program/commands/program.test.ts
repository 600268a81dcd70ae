import { describe, expect, it } from 'vitest';
import { appError, invariant } from '../../foundation/core/errors.ts';
import type { Command, CommandInput } from './command.ts';
import { commandTable, type TableEntry } from './command-table.ts';
import { runProgram } from './program.ts';

function entryOf(command: Partial<Command> & { name: string }, extra: Partial<TableEntry> = {}): TableEntry {
  const full: Command = {
    summary: `does ${command.name}`,
    argumentsUsage: '',
    options: [],
    examples: [`veracity ${command.name}`],
    run: async () => ({ json: { ran: command.name }, text: `ran ${command.name}` }),
    ...command,
  };
  return { name: full.name, summary: full.summary, load: async () => full, ...extra };
}

async function run(argv: string[], table: readonly TableEntry[], environment: Record<string, string> = {}) {
  let [stdout, stderr] = ['', ''];
  const exitCode = await runProgram(
    argv,
    {
      stdout: (text) => {
        stdout += text;
      },
      stderr: (text) => {
        stderr += text;
      },
      environment,
      workingDirectory: '/nowhere/at-all',
      signal: new AbortController().signal,
      version: '1.2.3',
    },
    table,
  );
  return { stdout, stderr, exitCode };
}

describe('runProgram', () => {
  it('prints text without --json and one document with it, wherever --json stands', async () => {
    const table = [entryOf({ name: 'go' })];
    expect(await run(['go'], table)).toEqual({ stdout: 'ran go\n', stderr: '', exitCode: 0 });
    for (const argv of [
      ['go', '--json'],
      ['--json', 'go'],
    ]) {
      expect(JSON.parse((await run(argv, table)).stdout)).toEqual({ ran: 'go' });
    }
  });

  it('prints nothing for a streamed command, and returns its exit code', async () => {
    const table = [entryOf({ name: 'go', run: async () => ({ json: undefined, text: '', exitCode: 5 }) })];
    expect(await run(['go', '--json'], table)).toEqual({ stdout: '', stderr: '', exitCode: 5 });
  });

  it('passes overrides of every form to the command as they were typed', async () => {
    let seen: CommandInput | undefined;
    const command = entryOf({
      name: 'data prepare',
      argumentsUsage: '[overrides...]',
      options: [{ flags: '--out-file <file>', description: 'x' }],
      run: async (input) => {
        seen = input;
        return { json: null, text: '' };
      },
    });
    const overrides = ['a=1', '+b.c=2', '~d', '++e={f: [1, 2]}', "g='x y'"];
    await run(['data', 'prepare', ...overrides, '--out-file', 'x.txt'], [command]);
    expect(seen?.args).toEqual(overrides);
    expect(seen?.options).toMatchObject({ outFile: 'x.txt' });
  });

  it('names the closest command for an unknown one', async () => {
    const table = [
      entryOf({ name: 'train' }),
      entryOf({ name: 'runs list' }),
      entryOf({ name: 'runs show' }),
    ];
    expect(await run(['trian'], table)).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('Did you mean: veracity train?'),
    });
    const { stderr, exitCode } = await run(['runs', 'lst'], table);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('Did you mean: veracity runs list?')]);
    expect((await run(['runs'], table)).stderr).toContain('expected one of the commands list, show');
  });

  it('refuses unknown options and missing arguments with exit 2 and USAGE', async () => {
    const table = [entryOf({ name: 'show', argumentsUsage: '<id>' })];
    for (const argv of [['show', 'a', '--bogus'], ['show'], ['show', 'a', 'b'], ['--bogus']]) {
      expect(await run(argv, table)).toMatchObject({
        exitCode: 2,
        stderr: expect.stringMatching(/^error USAGE: /),
      });
    }
  });

  it('shows help without loading a command, and a command’s own help with its example', async () => {
    const unloadable: TableEntry = {
      name: 'heavy',
      summary: 'weighs',
      load: async () => Promise.reject(new Error('loaded')),
    };
    const general = await run(['--help'], [unloadable]);
    expect(general).toMatchObject({ exitCode: 0, stderr: '', stdout: expect.stringContaining('weighs') });
    expect((await run([], [unloadable])).stdout).toBe(general.stdout);
    const own = await run(['help', 'go'], [entryOf({ name: 'go', examples: ['veracity go --fast'] })]);
    expect(own.stdout).toContain('Examples:\n  veracity go --fast');
    expect((await run(['--version'], [])).stdout).toBe('1.2.3\n');
  });

  it('prints a user’s mistake without a stack, with its hint and issues, and as JSON too', async () => {
    const issues = [
      { path: 'a', code: 'X', message: 'first' },
      { path: 'b', code: 'Y', message: 'second' },
    ];
    const failing = entryOf({
      name: 'go',
      run: async () => {
        const cause = new Error('what the system said');
        throw appError('FILE_NOT_FOUND', { path: 'x', kind: 'file' }, { issues, cause });
      },
    });
    const plain = await run(['go'], [failing]);
    expect(plain.exitCode).toBe(2);
    expect(plain.stdout).toBe('');
    expect(plain.stderr.split('\n')).toEqual([
      'error FILE_NOT_FOUND: x: expected a readable file, found none',
      expect.stringMatching(/^ {2}hint: /),
      '  - a (X): first',
      '  - b (Y): second',
      '',
    ]);
    const json = await run(['go', '--json'], [failing]);
    expect(JSON.parse(json.stdout)).toEqual({
      error: { code: 'FILE_NOT_FOUND', message: expect.any(String), hint: expect.any(String), issues },
    });
    // The user's mistake has no stack of its own, but its cause has one.
    expect((await run(['go', '--verbose'], [failing])).stderr).toMatch(
      /caused by:\n.*what the system said\n {4}at /,
    );
  });

  it('exits with 70 and a stack for a bug', async () => {
    const broken = entryOf({ name: 'go', run: async () => invariant(false, 'never') as never });
    const { exitCode, stderr } = await run(['go'], [broken]);
    expect(exitCode).toBe(70);
    expect(stderr).toMatch(/error INTERNAL_BUG: internal: never[\s\S]+ at /);
    const thrown = entryOf({
      name: 'go',
      run: async () => Promise.reject(new TypeError('x is not a function')),
    });
    expect(await run(['go'], [thrown])).toMatchObject({
      exitCode: 70,
      stderr: expect.stringContaining('x is not a function'),
    });
  });

  it('distinguishes a refusal of the operating system (SYSTEM_REFUSED) from a bug', async () => {
    const { mkdirSync } = await import('node:fs');
    const refused = entryOf({ name: 'go', run: async () => mkdirSync('/dev/null/x') as never });
    const { exitCode, stderr } = await run(['go'], [refused]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(
      'error SYSTEM_REFUSED: /dev/null/x: expected to create it, but a file is in the way',
    );
  });

  it('prints the configuration with --cfg and runs nothing', async () => {
    const table = [
      entryOf(
        { name: 'go', argumentsUsage: '[overrides...]', run: async () => Promise.reject(new Error('ran')) },
        { config: 'train' },
      ),
    ];
    const { stdout, exitCode } = await run(['go', '--cfg', 'model=linear', 'seed=7'], table);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^seed: 7 +# command line: seed=7$/m);
    const json = JSON.parse((await run(['go', '--cfg', '--json', 'seed=7'], table)).stdout);
    expect(json).toMatchObject({ config: { seed: 7 }, origins: { seed: 'command line: seed=7' } });
    const wrong = await run(['go', '--cfg', 'seed=x'], table);
    expect(wrong).toMatchObject({
      exitCode: 2,
      stdout: expect.stringContaining('seed: x'),
      stderr: expect.stringContaining('error CONFIG_INVALID'),
    });
    expect((await run(['go', '--cfg', 'serve.port=1'], table)).stderr).toContain('CONFIG_KEY_UNKNOWN');
  });

  it('shows the values that options change under --cfg', async () => {
    const listOverrides = ({ options }: CommandInput) => [`serve.port=${options.port}`];
    const options = [{ flags: '--port <port>', description: 'x' }];
    const table = [
      entryOf({ name: 'go', options, listOverrides, argumentsUsage: '[overrides...]' }, { config: 'serve' }),
    ];
    expect((await run(['go', '--cfg', '--port', '9'], table)).stdout).toContain('command line: serve.port=9');
  });

  it('offers --multirun where a command has it, and nowhere else', async () => {
    const multirun = async ({ args }: CommandInput) => ({ json: {}, text: `several: ${args.join(' ')}` });
    const several = [
      entryOf({ name: 'go', argumentsUsage: '[overrides...]', multirun }, { config: 'train' }),
    ];
    expect((await run(['go', '-m', 'seed=1,2'], several)).stdout).toBe('several: seed=1,2\n');
    const single = [entryOf({ name: 'go', argumentsUsage: '[overrides...]' }, { config: 'train' })];
    expect((await run(['go', '-m', 'seed=1,2'], single)).stderr).toContain("unknown option '-m'");
  });
});

describe('commandTable', () => {
  it.each(commandTable.map((entry) => [entry.name, entry] as const))(
    'has the summary and an example of %s',
    async (_, entry) => {
      const command = await entry.load();
      expect(command.name).toBe(entry.name);
      expect(command.summary).toBe(entry.summary);
      expect(command.examples.length).toBeGreaterThan(0);
      for (const example of command.examples) expect(example).toContain(`veracity ${entry.name}`);
      expect(command.argumentsUsage.includes('[overrides...]') || entry.config === undefined).toBe(true);
    },
  );

  it.each(commandTable.map((entry) => [entry.name, entry] as const))(
    'shows the help of %s and takes its examples as they stand',
    async (_, entry) => {
      const command = await entry.load();
      const result = async () => ({ json: null, text: 'parsed' });
      const parsed = { ...command, run: result, ...(command.multirun && { multirun: result }) };
      const table = [{ ...entry, load: async () => parsed }];
      expect(await run([...entry.name.split(' '), '--help'], table)).toMatchObject({
        exitCode: 0,
        stderr: '',
      });
      for (const example of command.examples) {
        const [line = ''] = example.replace(/^(.*[ (])?veracity /, '').split(/ [>|] |\)/);
        const words = line.match(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g) ?? [];
        const argv = words.map((word) => word.replace(/(["'])(.*?)\1/g, '$2'));
        expect([example, await run(argv, table)]).toMatchObject([example, { exitCode: 0, stderr: '' }]);
      }
    },
  );

  it('names environment variables that are misspelt, and no others', async () => {
    const table = [entryOf({ name: 'go' })];
    const misspelt = { VERACITY_HOMEE: '/x', veracity_threads: '2', VERACITY_MODEL: 'm' };
    const { stderr, exitCode } = await run(['go'], table, misspelt);
    expect([exitCode, stderr]).toEqual([
      0,
      [
        'warning: the variable VERACITY_HOMEE is not read. Did you mean VERACITY_HOME?',
        'warning: the variable veracity_threads is not read. Did you mean VERACITY_THREADS?',
        'warning: the variable VERACITY_MODEL is not read. Did you mean VERACITY_MODELS?',
        '',
      ].join('\n'),
    ]);
    const others = {
      VERACITY_HOME: '/nowhere/home',
      VERACITY_SERVICE_PORT: '1',
      VERACITY_MY_DATA: 'x',
      HOMEE: 'y',
    };
    expect((await run(['go'], table, others)).stderr).toBe('');
  });
});
