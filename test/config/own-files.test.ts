// Tests the user's own configuration files: where they are searched, what they replace, and that files of other programs
// are refused by name instead of being merged.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AppError, isAppError } from '../../src/foundation/core/errors.ts';
import { runProgram } from '../../src/program/commands/index.ts';
import { loadServeConfig, loadTrainConfig } from '../../src/workflows/configuration/index.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'veracity-own-files-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string): void {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

interface Search {
  configDirs?: string[];
  searchesConfigs?: boolean;
}
const load = (overrides: string[], search: Search = {}) =>
  loadTrainConfig(overrides, { workingDirectory: folder, environment: {}, ...search });

function refusal(overrides: string[] = [], search: Search = {}): AppError {
  try {
    load(overrides, search);
  } catch (error) {
    if (isAppError(error)) return error;
    throw error;
  }
  throw new Error('nothing was refused');
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

const MINE =
  'defaults: [csv]\n\nname: letters\npath: letters.csv\ncolumns: {title: betreff, label: art}\nlabels: {frage: QUESTION, lob: PRAISE}\n';

describe('own files', () => {
  it('builds on a choice of the package, and names the own file as the origin', () => {
    write('configs/data/mine.yaml', MINE);
    const { config, origins } = load(['data=mine']);
    expect(config.data).toMatchObject({
      kind: 'csv',
      path: 'letters.csv',
      columns: { title: 'betreff', text: 'text', label: 'art' },
      labels: { frage: 'QUESTION', lob: 'PRAISE' },
    });
    expect(origins['data.columns.title']).toBe('configs/data/mine.yaml:5');
    expect(origins['data.kind']).toMatch(/^veracity\/configs\/data\/csv\.yaml:\d+$/);
  });

  it('runs an own experiment that chooses own data', () => {
    write('configs/data/mine.yaml', MINE);
    write(
      'configs/experiment/short.yaml',
      '# @package _global_\ndefaults:\n  - override /data: mine\n  - override /model: linear\ntrain: {epochs: 2}\n',
    );
    const { config, origins } = load(['experiment=short']);
    expect([config.data.path, config.model.kind, config.train.epochs]).toEqual(['letters.csv', 'linear', 2]);
    expect(origins['train.epochs']).toBe('configs/experiment/short.yaml:5');
  });

  it('prefers the first --config-dir, then the next, then configs, then the package', () => {
    write('a/optimizer/adamw.yaml', 'kind: sgd\nlr: 0.1\nweight_decay: 0\nmomentum: 0\n');
    write('b/optimizer/adamw.yaml', 'kind: sgd\nlr: 0.2\nweight_decay: 0\nmomentum: 0\n');
    write('b/optimizer/other.yaml', 'kind: sgd\nlr: 0.3\nweight_decay: 0\nmomentum: 0\n');
    write('configs/optimizer/other.yaml', 'kind: sgd\nlr: 0.4\nweight_decay: 0\nmomentum: 0\n');
    write('configs/data/mine.yaml', MINE);
    const search = { configDirs: ['a', 'b/'] };
    expect(load(['data=mine'], search).origins['optimizer.lr']).toBe('a/optimizer/adamw.yaml:2');
    expect(load(['optimizer=other'], search).origins['optimizer.lr']).toBe('b/optimizer/other.yaml:2');
    expect(load(['optimizer=other']).config.optimizer.lr).toBe(0.4);
    expect(load(['optimizer=sgd'], search).config.optimizer.lr).toBe(0.5);
  });

  it('leaves configs out with searchesConfigs false, but not --config-dir', () => {
    write('configs/data/mine.yaml', MINE);
    write('team/data/theirs.yaml', MINE);
    const search = { searchesConfigs: false, configDirs: [join(folder, 'team')] };
    expect(load(['data=theirs'], search).config.data.path).toBe('letters.csv');
    expect(refusal(['data=mine'], search).code).toBe('CONFIG_CHOICE_UNKNOWN');
  });

  it('lists the choices of all folders for an unknown one, and the folders', () => {
    write('configs/data/letters.yaml', MINE);
    write('team/data/reviews.yaml', MINE);
    const error = refusal(['data=zzzzzz'], { configDirs: ['team'] });
    expect(error.message).toContain(
      'one of csv, file, huggingface, isot, jsonl, letters, reviews, sample, got zzzzzz',
    );
    expect(error.hint).toContain('team/data/zzzzzz.yaml');
    expect(error.hint).toContain('Searched: team, configs, veracity/configs');
  });

  it('says that a file named .yml must be renamed', () => {
    write('configs/data/mine.yml', MINE);
    write('configs/data/other.yaml', MINE);
    expect(refusal(['data=mine']).hint).toBe(
      'Rename configs/data/mine.yml: the names of configuration files end in .yaml',
    );
  });

  it('refuses a --config-dir that does not exist', () => {
    expect(refusal([], { configDirs: ['nowhere'] })).toMatchObject({
      code: 'FILE_NOT_FOUND',
      details: { path: 'nowhere' },
    });
  });

  it('accepts an own train.yaml with groups of the package and an own group that says where it goes', () => {
    write('configs/customer/north.yaml', '# @package _global_\nseed: 9\n');
    write('configs/train.yaml', trainWith('  - customer: north\n'));
    const { config, origins } = load([]);
    expect(config.seed).toBe(9);
    expect(origins.threads).toMatch(/^configs\/train\.yaml:\d+$/);
    const inlined = trainWith('').replace('  - tracking: local\n', '');
    write('configs/train.yaml', `${inlined}tracking: {log_every: 7}\n`);
    expect(load([]).config.tracking).toMatchObject({ log_every: 7, exporters: [] });
    write('configs/train.yaml', `${trainWith('')}sede: 3\n`);
    expect(refusal().message).toMatch(/^configs\/train\.yaml:\d+: .*Did you mean seed\?/);
  });
});

const trainWith = (extra: string): string => `defaults:
  - _self_
  - optimizer: adamw
  - schedule: linear
  - train: standard
  - evaluate: standard
  - tracking: local
  - data: sample
  - model: linear
${extra}seed: 42
threads: 1
device: cpu
resume: null
register: null
`;

describe('files of other programs in configs', () => {
  it.each([
    [
      'a Hydra project',
      'train.yaml',
      'defaults:\n  - _self_\n  - data: sample\n  - model: linear\n  - trainer: default\n  - callbacks: default\ntags: [dev]\nseed: 1\n',
      'configs/train.yaml:5',
      'trainer, callbacks',
    ],
    [
      'a settings file of Lightning',
      'train.yaml',
      'seed_everything: 7\ntrainer:\n  max_epochs: 3\ndata:\n  batch_size: 8\n',
      'configs/train.yaml:1',
      'seed_everything, trainer, data',
    ],
    [
      'a trainer with flat settings',
      'train.yaml',
      'model_name_or_path: some/model\nstage: sft\nlearning_rate: 1.0e-4\n',
      'configs/train.yaml:1',
      'model_name_or_path, stage, learning_rate',
    ],
    [
      'a file with keys of ours but no defaults list',
      'train.yaml',
      'seed: 7\nmodel:\n  dim: 3\n',
      'configs/train.yaml:1',
      'no defaults list',
    ],
    [
      'a Hydra project with a few groups of the same names',
      'train.yaml',
      'defaults:\n  - model: linear\n  - optimizer: adam\n  - data: sample\nseed: 1\n',
      'configs/train.yaml:1',
      'without schedule, train, evaluate, tracking',
    ],
    ['an empty file', 'train.yaml', '# nothing yet\n', 'configs/train.yaml:1', 'no defaults list'],
    [
      'an optimizer that is a class',
      'optimizer/adamw.yaml',
      '_target_: torch.optim.AdamW\nlr: 0.1\n',
      'configs/optimizer/adamw.yaml:1',
      '_target_',
    ],
    [
      'a model that names its class',
      'model/compact.yaml',
      'net:\n  class_path: shop.Net\n  init_args: {width: 3}\n',
      'configs/model/compact.yaml:2',
      'net.class_path',
    ],
  ])('refuses %s by name and line', (_, name, text, place, got) => {
    write(`configs/${name}`, text);
    const error = refusal();
    expect(error.code).toBe('CONFIG_FOREIGN');
    expect(error.message.startsWith(`${place}: expected a configuration of Veracity, got `)).toBe(true);
    expect(error.message).toContain(got);
    expect(error.hint).toContain('--no-configs');
    expect(error.hint).not.toContain('…');
    expect(load([], { searchesConfigs: false }).config.seed).toBe(42);
  });

  it('accepts an own serve.yaml that sets the keys itself', () => {
    const { config } = loadServeConfig(['serve.port=9'], { workingDirectory: folder, environment: {} });
    write('configs/serve.yaml', JSON.stringify({ threads: 1, device: 'cpu', serve: config.serve }));
    const own = loadServeConfig([], { workingDirectory: folder, environment: {} });
    expect(own.config.serve.port).toBe(9);
  });

  it('refuses another program’s serve.yaml for the server only', () => {
    write('configs/serve.yaml', 'workers: 4\nbind: 0.0.0.0\n');
    expect(() => loadServeConfig([], { workingDirectory: folder, environment: {} })).toThrow(
      expect.objectContaining({ code: 'CONFIG_FOREIGN' }),
    );
    expect(load([]).config.seed).toBe(42);
  });

  it('leaves files alone that no entry includes', () => {
    write('configs/trainer/default.yaml', '_target_: x.Trainer\n');
    write('configs/model/mnist.yaml', '_target_: x.Mnist\n');
    expect(load([]).config.model.kind).toBe('compact');
    expect(refusal(['model=mnist'])).toMatchObject({
      code: 'CONFIG_FOREIGN',
      details: { file: 'configs/model/mnist.yaml' },
    });
    expect(refusal(['model.zzz=1']).code).toBe('CONFIG_KEY_UNKNOWN');
  });
});

describe('own files on the command line', () => {
  it('are found with --config-dir and shown by --cfg', async () => {
    write('team/data/mine.yaml', MINE);
    const { exitCode, stdout } = await run('train', 'data=mine', '--config-dir', 'team', '--cfg');
    expect(exitCode).toBe(0);
    expect(stdout).toContain('# files searched in: team, veracity/configs\n');
    expect(stdout).toMatch(/title: betreff +# team\/data\/mine\.yaml:5/);
  });

  it('are left out with --no-configs', async () => {
    write('configs/train.yaml', 'trainer: {max_epochs: 3}\n');
    const refused = await run('train', '--cfg');
    expect([refused.exitCode, refused.stderr]).toEqual([
      2,
      expect.stringContaining('error CONFIG_FOREIGN: configs/train.yaml:1'),
    ]);
    expect((await run('train', '--cfg', '--no-configs')).exitCode).toBe(0);
  });

  it('say how several values are run, where one is expected', async () => {
    const { exitCode, stderr } = await run('train', 'seed=1,2');
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('add --multirun')]);
    const none = await run('train', 'seed=1', '--multirun');
    expect([none.exitCode, none.stderr]).toEqual([2, expect.stringContaining('SWEEP_INVALID')]);
  });
});
