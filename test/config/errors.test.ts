// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${…} is what is tested here
// Provokes each error of the configuration, and checks its message and the place that it names.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type AppError, isAppError } from '../../src/foundation/core/errors.ts';
import { loadTrainConfig } from '../../src/workflows/configuration/index.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'veracity-config-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string): void {
  const path = join(folder, 'configs', name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

function refusal(...overrides: string[]): AppError {
  try {
    loadTrainConfig(overrides, { workingDirectory: folder, environment: {} });
  } catch (error) {
    if (isAppError(error)) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

it('names the column of a syntax error in an override (OVERRIDE_SYNTAX)', () => {
  expect(refusal('seed=[1, 2')).toMatchObject({
    code: 'OVERRIDE_SYNTAX',
    details: { column: 11, got: 'the end' },
  });
  expect(refusal('data.path="a')).toMatchObject({
    code: 'OVERRIDE_SYNTAX',
    details: { expected: 'a closing "' },
  });
});

it.each([
  ['letters.csv', 'data.path=letters.csv'],
  ['folder/rows.JSONL', 'data.path=folder/rows.JSONL'],
  ['data=letters.tsv', 'data=csv data.path=letters.tsv'],
  ['data=rows.ndjson', 'data=jsonl data.path=rows.ndjson'],
])('says how a file of data is named where only its name is typed: %s', (typed, hint) => {
  expect(refusal(typed).hint).toContain(hint);
});

it('refuses a sweep without --multirun and says how to write a list or a string (OVERRIDE_SWEEP)', () => {
  const error = refusal('data.name=a,b');
  expect(error.code).toBe('OVERRIDE_SWEEP');
  expect(error.hint).toContain("data.name=[a,b], for a string data.name='a,b'");
  for (const sweep of ['choice(1,2)', 'range(1,3)', 'interval(0,1)', 'glob(*)'])
    expect(refusal(`seed=${sweep}`).code).toBe('OVERRIDE_SWEEP');
});

it('names file and line of broken YAML (CONFIG_FILE_INVALID)', () => {
  write('data/mine.yaml', 'name: a\n  kind: b\n');
  expect(refusal('data=mine')).toMatchObject({
    code: 'CONFIG_FILE_INVALID',
    details: { file: 'configs/data/mine.yaml' },
  });
  write('data/mine.yaml', 'name: a\nname: b\n');
  expect(refusal('data=mine').message).toMatch(/^configs\/data\/mine\.yaml:2: expected well-formed YAML/);
  write('data/mine.yaml', '- a\n');
  expect(refusal('data=mine').message).toContain('expected a map of keys and values, got a list');
});

it('names the line of a wrong defaults list (CONFIG_DEFAULTS)', () => {
  write(
    'experiment/mine.yaml',
    '# @package _global_\ndefaults:\n  - override /model: linear\n  - /data: csv\n',
  );
  expect(refusal('experiment=mine')).toMatchObject({
    code: 'CONFIG_DEFAULTS',
    details: { where: 'configs/experiment/mine.yaml:4' },
  });
  write('data/a.yaml', 'defaults: [b]\n');
  write('data/b.yaml', 'defaults: [a]\n');
  expect(refusal('data=a').message).toContain('data/a → data/b → data/a');
});

it('lists the choices of a group and names the closest (CONFIG_CHOICE_UNKNOWN)', () => {
  const error = refusal('model=liner');
  expect(error).toMatchObject({ code: 'CONFIG_CHOICE_UNKNOWN', hint: 'Did you mean model=linear?' });
  expect(error.message).toContain('expected for model one of bert, compact, distilbert, linear');
  expect(refusal('data=nothing-like-it').message).not.toContain('_base');
});

it('names the closest known key of an unknown one (CONFIG_KEY_UNKNOWN)', () => {
  expect(refusal('optimizer.lrr=1')).toMatchObject({
    code: 'CONFIG_KEY_UNKNOWN',
    hint: expect.stringContaining('Did you mean optimizer.lr?'),
  });
  expect(refusal('lr=1').hint).toContain('Did you mean optimizer.lr?');
  expect(refusal('train.batchsize=1').hint).toContain('Did you mean train.batch_size?');
  expect(refusal('optimiser.lr=1').hint).toContain('Did you mean optimizer.lr?');
  expect(refusal('model.dim=3').hint).toContain('model.dim belongs to model=linear.');
  expect(refusal('~sede').hint).toContain('Did you mean seed?');
  expect(refusal('model.zzzzzz=3').hint).toContain('Known below model: kind, layers');
});

it('refuses + for existing keys and ~ for missing ones (CONFIG_OVERRIDE)', () => {
  expect(refusal('+seed=1')).toMatchObject({ code: 'CONFIG_OVERRIDE', hint: 'Change it with seed=1' });
  expect(refusal('~seed=1').message).toContain('expected seed to be 1, got 42');
  expect(refusal('model@x=linear').hint).toContain('Did you mean model?');
  expect(refusal('modle@x=linear').hint).toContain('Did you mean model@x?');
  write('experiment/mine.yaml', '# @package _global_\ndefaults:\n  - override /modell: linear\n');
  expect(refusal('experiment=mine').hint).toBe('Did you mean model?');
});

it('names a value that must be set (CONFIG_VALUE_MISSING)', () => {
  expect(refusal('data=isot')).toMatchObject({
    code: 'CONFIG_VALUE_MISSING',
    details: { key: 'data.path' },
    hint: expect.stringContaining('data.path=…'),
  });
  const others = ['optimizer: adamw', 'schedule: linear', 'train: standard', 'evaluate: standard'];
  const groups = [...others, 'tracking: local', 'data: sample', 'model: ???'];
  write('train.yaml', `defaults:\n${groups.map((group) => `  - ${group}\n`).join('')}`);
  expect(refusal()).toMatchObject({
    code: 'CONFIG_VALUE_MISSING',
    hint: 'Choose one: model=… (bert, compact, distilbert, linear, modernbert, roberta)',
  });
});

it('names an interpolation that cannot be resolved (CONFIG_INTERPOLATION)', () => {
  expect(refusal('data.name=${nope}')).toMatchObject({
    code: 'CONFIG_INTERPOLATION',
    details: { got: '"nope"' },
  });
  expect(refusal('data.name=${env:NOT_SET_ANYWHERE}').hint).toContain(
    'Set NOT_SET_ANYWHERE, or give a default',
  );
  expect(refusal('data.name=${data.path}', 'data.path=${data.name}').message).toContain(
    'data.name → data.path → data.name',
  );
});

it('lists every wrong value with its origin (CONFIG_INVALID)', () => {
  write(
    'optimizer/adamw.yaml',
    'kind: adamw\nlr: fast\nweight_decay: 0.01\nbeta1: 0.9\nbeta2: 2\nepsilon: 1e-8\nmomentun: 0\n',
  );
  const { code, issues, message } = refusal('train.epochs=-1', 'model.truncation=tail', '+sede=1');
  expect(code).toBe('CONFIG_INVALID');
  expect(message).toContain('got 6 that do not');
  expect(Object.fromEntries(issues.map(({ path, message: text }) => [path, text]))).toEqual({
    'optimizer.lr': 'configs/optimizer/adamw.yaml:2: expected optimizer.lr to be a number, got "fast"',
    'optimizer.beta2': 'configs/optimizer/adamw.yaml:5: expected optimizer.beta2 to be at most 1, got 2',
    'optimizer.momentun': expect.stringMatching(
      /^configs\/optimizer\/adamw\.yaml:7: expected a known key, got optimizer\.momentun/,
    ),
    'train.epochs': 'command line: train.epochs=-1: expected train.epochs to be more than 0, got -1',
    'model.truncation':
      'command line: model.truncation=tail: expected model.truncation to be one of "head", "head+tail", got "tail"',
    sede: 'command line: +sede=1: expected a known key, got sede. Did you mean seed?',
  });
});

it('puts a single wrong value into the message itself', () => {
  expect(refusal('seed=abc').message).toBe('command line: seed=abc: expected seed to be a number, got "abc"');
  expect(refusal('train.class_weights=heavy').message).toContain('"balanced"');
});

it('refuses splits that leave no articles for training', () => {
  expect(refusal('data.split={validation: 0.5, test: 0.5}').message).toContain('leave some for training');
});

it.each([
  [
    ['data.split.validation=0.9', 'data.split.test=0.2'],
    'data.split.validation=0.9 data.split.test=0.2',
    '0.9 + 0.2 = 1.1',
  ],
  [['data.split.test=0.95'], 'data.split.test=0.95', '0.1 + 0.95 = 1.05'],
  [['data.split={validation: 1, test: 0}'], 'data.split={validation: 1, test: 0}', '1 + 0 = 1'],
])('names the shares of splits that were typed, and their sum: %j', (overrides, where, sum) => {
  expect(refusal(...overrides).message).toBe(
    `command line: ${where}: expected data.split to be shares that leave some for training, got ${sum}`,
  );
});

it('refuses classes of one name, also as numbers', () => {
  expect(refusal('data.classes=[1,1.0]').message).toContain('names that differ from one another');
  expect(refusal('data.labels={0: [1]}').message).toContain(
    'expected data.labels.0 to be a text or a number or true or false',
  );
});

it('says what to do about an environment variable that is empty or cannot be read', () => {
  for (const value of ['', '[1', '{']) {
    expect(() =>
      loadTrainConfig([], { workingDirectory: folder, environment: { VERACITY_THREADS: value } }),
    ).toThrow(
      expect.objectContaining({
        message: expect.stringMatching(/^environment VERACITY_THREADS: expected /),
        hint: 'Correct the variable VERACITY_THREADS, or unset it.',
      }),
    );
  }
});

it('never proposes an item of a list as the key that was meant', () => {
  write('data/mine.yaml', 'defaults: [csv]\npath: x\nlabels: {frage: A, lob: B}\n');
  expect(refusal('data=mine', 'data.labels={0: A}').hint).toBe(
    'Known below data.labels: frage, lob. To add a new key: +data.labels={0: A}',
  );
});

it('names the environment variable of a wrong value', () => {
  expect(() =>
    loadTrainConfig([], { workingDirectory: folder, environment: { VERACITY_THREADS: 'many' } }),
  ).toThrow('environment VERACITY_THREADS: expected threads to be a number, got "many"');
});
