// Tests what may stand at the cursor of a command line, in-process; test/completion does it in real shells.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runProgram } from './program.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'veracity-completion-'));
  write('configs/data/letters.yaml', 'defaults: [csv]\n');
  write('team/model/house.yaml', '# @package _global_\ndefaults: [linear]\n');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string): void {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), text);
}

async function run(...argv: string[]) {
  let [stdout, stderr] = ['', ''];
  const exitCode = await runProgram(argv, {
    stdout: (text) => {
      stdout += text;
    },
    stderr: (text) => {
      stderr += text;
    },
    environment: {},
    workingDirectory: folder,
    signal: new AbortController().signal,
    version: '1.2.3',
  });
  return { exitCode, stdout, stderr };
}

/** The candidates for the words, of which the last is the one at the cursor. */
async function complete(...words: string[]): Promise<string[]> {
  const { stdout } = await run('completion', 'bash', '--', ...words);
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('\t')[0]!);
}

describe('veracity completion', () => {
  it.each(['bash', 'zsh', 'fish'])('prints the script for %s', async (shell) => {
    const { exitCode, stdout } = await run('completion', shell);
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining(`completion ${shell} -- `)]);
    const json = JSON.parse((await run('completion', shell, '--json')).stdout);
    expect(json).toMatchObject({ shell, script: expect.stringContaining('veracity') });
  });

  it('refuses another shell and names those it knows', async () => {
    expect(await run('completion', 'tcsh')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('bash, zsh, fish, got tcsh'),
    });
  });

  it('completes commands and groups, with --json among options', async () => {
    expect(await complete('')).toEqual(expect.arrayContaining(['train', 'models', 'completion']));
    expect(await complete('mo')).toEqual(['models']);
    expect(await complete('models', 'ro')).toEqual(['rollback']);
    expect(await complete('help', 'trai')).toEqual(['train']);
    expect(await complete('train', '--j')).toEqual(['--json']);
    expect(await complete('train', '--no')).toEqual(['--no-configs']);
    expect(await complete('runs', 'list', '--cf')).toEqual([]);
  });

  it('completes keys: groups and sections first, then the keys of a section', async () => {
    expect(await complete('train', 'dat')).toEqual(['data=', 'data.']);
    expect(await complete('train', 'see')).toEqual(['seed=']);
    expect(await complete('train', 'data.columns.t')).toEqual(['data.columns.title=', 'data.columns.text=']);
    expect(await complete('train', '~exp')).toEqual(['~experiment']);
    expect(await complete('serve', 'serve.lo')).toEqual(expect.arrayContaining(['serve.log_level=']));
  });

  it('completes the keys of what is chosen before', async () => {
    expect(await complete('train', 'model.di')).toEqual([]);
    expect(await complete('train', 'model=linear', 'model.di')).toEqual(['model.dim=']);
    expect(await complete('train', 'model=nonsense', 'seed=[', 'optimizer.l')).toEqual(['optimizer.lr=']);
  });

  it('completes choices of all folders and the few values of a key', async () => {
    expect(await complete('train', 'data=')).toContain('data=letters');
    expect(await complete('train', 'model=h')).toEqual([]);
    expect(await complete('train', '--config-dir', 'team', 'model=h')).toEqual(['model=house']);
    expect(await complete('train', '--no-configs', 'data=l')).toEqual([]);
    expect(await complete('train', 'data.strip=')).toEqual(['data.strip=true', 'data.strip=false']);
    expect(await complete('serve', 'serve.access=')).toEqual([
      'serve.access=auto',
      'serve.access=keys',
      'serve.access=open',
    ]);
    expect(await complete('evaluate', 'split=')).toEqual(['split=test', 'split=all']);
    expect(await complete('models', 'export', '--precision', '')).toEqual(expect.arrayContaining(['int8']));
  });

  it('leaves paths to the shell', async () => {
    expect(await complete('train', 'data.path=x')).toEqual([':files']);
    expect(await complete('predict', '--file', '')).toEqual([':files']);
    expect(await complete('train', '--config-dir', '')).toEqual([':folders']);
  });

  it('still completes where a file of another program stands in configs', async () => {
    write('configs/train.yaml', 'trainer: {}\n');
    expect(await complete('train', 'optimizer.l')).toEqual(['optimizer.lr=']);
    rmSync(join(folder, 'configs', 'train.yaml'));
  });
});
