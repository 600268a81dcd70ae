// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${…} is what is tested here
// Tests the translation of another trainer's settings: files with invented content, in the styles that are usual.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadTrainConfig } from '../../workflows/configuration/index.ts';
import { runProgram } from './program.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'veracity-translate-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);

async function run(...argv: string[]) {
  let [stdout, stderr] = ['', ''];
  const exitCode = await runProgram(['translate', ...argv], {
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

interface Document {
  command: string;
  overrides: { from: string; theirs: string; ours: string }[];
  unused: { theirs: string; why: string }[];
  unknown: { theirs: string; closest: string | null }[];
}
const translate = async (...argv: string[]): Promise<Document> =>
  JSON.parse((await run('--json', ...argv)).stdout) as Document;
const oursOf = ({ overrides }: Document): string[] => overrides.map(({ ours }) => ours);

describe('veracity translate', () => {
  it('translates a nested Hydra file, and names the line of each setting', async () => {
    write(
      'config.yaml',
      `defaults:
  - _self_
seed: 7
model:
  name: distilbert-base-uncased
  freeze: true
  max_length: 128
optimizer:
  _target_: torch.optim.AdamW
  lr: 2.0e-5
  weight_decay: \${decay}
decay: 0.01
trainer:
  max-epochs: 4
  accelerator: gpu
wandb:
  project: x
  colour: red
`,
    );
    const document = await translate('config.yaml');
    expect(oursOf(document)).toEqual([
      'seed=7',
      'model=distilbert',
      'model.path=distilbert-base-uncased',
      'train.scope=head',
      'model.max_length=128',
      'optimizer=adamw',
      'optimizer.lr=0.00002',
      'optimizer.weight_decay=0.01',
      'train.epochs=4',
    ]);
    expect(document.overrides.find(({ ours }) => ours.startsWith('train.epochs'))).toMatchObject({
      from: 'config.yaml:14',
      theirs: 'trainer.max-epochs',
    });
    expect(document.unused.map(({ theirs }) => theirs)).toEqual([
      'trainer.accelerator',
      'wandb.project',
      'wandb.colour',
    ]);
    expect(document.unknown).toEqual([{ from: 'config.yaml:12', theirs: 'decay', closest: null }]);
  });

  it('lets a later file win over an earlier one, and arguments over files', async () => {
    write('config.yaml', 'lr: 0.001\nbatch_size: 64\nepochs: 35\nfast_dev_run: false\n');
    write('fast_dev.yaml', 'batch_size: 4\nfast_dev_run: true\n');
    const document = await translate(
      'config.yaml',
      'fast_dev.yaml',
      '--',
      '--lr',
      '3e-5',
      '--epochs=2',
      '--freeze',
    );
    expect(oursOf(document)).toEqual([
      'optimizer.lr=0.00003',
      'train.batch_size=4',
      'train.epochs=2',
      'debug=ten-steps',
      'train.scope=head',
    ]);
    expect(document.unused.map(({ why }) => why)).toEqual(['it is false, as here by default']);
  });

  it('prints a command that is accepted as it stands', async () => {
    write(
      'config.yaml',
      "data_path: my news/it's.csv\nlearning_rate: 1e-4\nval_size: 0.25\noptimizer: Adam\n",
    );
    const { command, overrides } = await translate('config.yaml');
    expect(command).toBe(
      String.raw`veracity train experiment=predecessor 'data.path='\''my news/it\'\''s.csv'\''' optimizer.lr=0.0001 data.split.validation=0.25 optimizer=adam`,
    );
    const { config } = loadTrainConfig(['experiment=predecessor', ...overrides.map(({ ours }) => ours)], {
      environment: {},
    });
    expect(config.data.path).toBe("my news/it's.csv");
    expect(config.optimizer).toMatchObject({ kind: 'adam', lr: 1e-4 });
  });

  it('names keys that it does not know, with the closest one', async () => {
    write('config.yaml', 'learning_rat: 0.1\nzebra: 3\n');
    const { exitCode, stdout } = await run('config.yaml');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/learning_rat +learning_rate +config\.yaml:1/);
    expect(stdout).toMatch(/zebra +- +config\.yaml:2/);
  });

  it('refuses a value that does not fit, a missing file, and nothing', async () => {
    write('config.yaml', 'epochs: many\n');
    expect((await run('config.yaml')).stderr).toContain('expected train.epochs to be a number, got "many"');
    expect((await run('none.yaml')).stderr).toContain('error FILE_NOT_FOUND: none.yaml');
    expect((await run()).exitCode).toBe(2);
  });

  it('knows only keys and choices that exist', async () => {
    const args = [
      '--seed',
      '1',
      '--lr',
      '1',
      '--wd',
      '0',
      '--epochs',
      '1',
      '--max_steps',
      '1',
      '--batch_size',
      '1',
    ];
    args.push('--accumulate_grad_batches', '1', '--gradient_clip_val', '1', '--limit_train_batches', '1');
    args.push('--patience', '1', '--label_smoothing', '0.1', '--save_top_k', '1', '--warmup_ratio', '0.1');
    args.push('--model_name', 'org/roberta-x', '--max_length', '64', '--dropout', '0.1', '--data_dir', 'x');
    args.push(
      '--val_size',
      '0.1',
      '--num_threads',
      '1',
      '--optimizer',
      'adam',
      '--scheduler',
      'cosine',
      '--freeze',
    );
    const { exitCode, stderr } = await run('--', ...args, '--fast_dev_run');
    expect([exitCode, stderr]).toEqual([0, '']);
  });
});
