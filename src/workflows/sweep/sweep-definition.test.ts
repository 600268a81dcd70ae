import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createQuietContext } from '../../../test/fixtures/quiet-context.ts';
import { locateHome } from '../../foundation/records/home.ts';
import { createSampler } from '../../learning/search/index.ts';
import { listCombinations } from './multirun.ts';
import { loadSweepRequest, type SweepRequest } from './sweep-definition.ts';
import { listOverrides } from './trial-overrides.ts';

/** As Weights & Biases has it; the parameters are those of the predecessor's sweep. */
const PREDECESSOR = `
program: src/train.py
method: bayes
project: fake-news
metric: {goal: minimize, name: val_loss}
parameters:
  learning_rate: {distribution: log_uniform_values, min: 0.00001, max: 0.00005}
  batch_size: {values: [16, 32, 64]}
  weight_decay: {values: [0.001, 0.01, 0.1]}
  optimizer: {values: [AdamW, Adam]}
  max_length: {values: [128, 256]}
  epochs: {value: 10}
early_terminate: {type: hyperband, min_iter: 3, eta: 3}
command:
  - \${env}
  - \${interpreter}
  - \${program}
  - \${args}
`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'veracity-sweep-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function load(args: string[], isMultirun = false): SweepRequest {
  return loadSweepRequest(args, { isMultirun }, createQuietContext(locateHome(join(folder, 'home')), folder));
}
function loadFile(text: string, args: string[] = []): SweepRequest {
  writeFileSync(join(folder, 'theirs.yaml'), text);
  return load(['theirs.yaml', ...args]);
}
/** The overrides of the trials of a grid, in order. */
function listJobs({ definition }: SweepRequest): string[] {
  const { space, spelling, method, seed } = definition;
  const sampler = createSampler({ method, space, seed });
  const history: Parameters<typeof sampler.propose>[0][number][] = [];
  for (;;) {
    const parameters = sampler.propose(history);
    if (parameters === null) break;
    history.push({ parameters, state: 'running', value: null, reports: [] });
  }
  return history.map(({ parameters }) => listOverrides(space, spelling, parameters).join(' '));
}
const withParameters = (parameters: string, more = ''): string =>
  `method: random\nmetric: {name: val_loss}\nrun_cap: 5\nparameters:\n${parameters}\n${more}`;

describe("the predecessor's sweep file", () => {
  it('runs as it stands, in our names', () => {
    const { definition, notes, base } = loadFile(PREDECESSOR);
    expect(definition).toMatchObject({
      name: 'theirs.yaml',
      method: 'gp',
      metric: { name: 'val_loss', goal: 'minimize' },
      earlyStopping: { kind: 'hyperband', minEvaluations: 3, eta: 3, maxEvaluations: 10, brackets: null },
      budget: { trials: 30 },
      overrides: ['train.epochs=10'],
    });
    expect(definition.space).toEqual({
      'optimizer.lr': { kind: 'float', low: 1e-5, high: 5e-5, log: true },
      'train.batch_size': { kind: 'categorical', choices: [16, 32, 64] },
      'optimizer.weight_decay': { kind: 'categorical', choices: [0.001, 0.01, 0.1] },
      optimizer: { kind: 'categorical', choices: ['adamw', 'adam'] },
      'model.max_length': { kind: 'categorical', choices: [128, 256] },
    });
    expect(base.train.epochs).toBe(10);
    expect(notes.join('\n')).toMatch(/command is not used/);
    expect(notes.join('\n')).toMatch(/at most 30 trials/);
  });

  it('is our sweep=predecessor', () => {
    const ours = load(['sweep=predecessor']).definition;
    const theirs = loadFile(PREDECESSOR).definition;
    expect(ours.space).toEqual(theirs.space);
    expect(ours).toMatchObject({
      method: 'gp',
      earlyStopping: theirs.earlyStopping,
      overrides: theirs.overrides,
    });
  });

  it('takes settings from the command line, which wins', () => {
    const { definition, notes } = loadFile(PREDECESSOR, [
      'train.epochs=2',
      'train.batch_size=16',
      'sweep.budget.trials=4',
      'sweep.method=random',
    ]);
    expect(definition).toMatchObject({
      method: 'random',
      budget: { trials: 4 },
      overrides: ['train.epochs=2', 'train.batch_size=16'],
    });
    expect(definition.space).not.toHaveProperty('train.batch_size');
    expect(notes.join('\n')).toMatch(/train.batch_size is not searched/);
    expect(notes.join('\n')).toMatch(/no trial is stopped early/);
    const replaced = loadFile(PREDECESSOR, ['train.batch_size=8,16']).definition;
    expect(replaced.space['train.batch_size']).toEqual({ kind: 'categorical', choices: [8, 16] });
  });
});

describe('a sweep file', () => {
  it.each([
    ['lr: {distribution: uniform, min: 0.1, max: 1}', { kind: 'float', low: 0.1, high: 1 }],
    ['lr: {min: 0.1, max: 1.0}', { kind: 'float', low: 0.1, high: 1 }],
    [
      'lr: {distribution: log_uniform, min: -3, max: 0}',
      { kind: 'float', low: Math.exp(-3), high: 1, log: true },
    ],
    [
      'lr: {distribution: inv_log_uniform, min: 0, max: 3}',
      { kind: 'float', low: Math.exp(-3), high: 1, log: true },
    ],
    [
      'lr: {distribution: inv_log_uniform_values, min: 0.1, max: 1}',
      { kind: 'float', low: 0.1, high: 1, log: true },
    ],
    [
      'lr: {distribution: q_uniform, min: 0.1, max: 1, q: 0.1}',
      { kind: 'float', low: 0.1, high: 1, step: 0.1 },
    ],
    ['batch_size: {min: 8, max: 64}', { kind: 'int', low: 8, high: 64 }],
    ['batch_size: {distribution: int_uniform, min: 8, max: 64}', { kind: 'int', low: 8, high: 64 }],
    [
      'batch_size: {distribution: q_uniform, min: 7, max: 64, q: 8}',
      { kind: 'int', low: 8, high: 64, step: 8 },
    ],
    [
      'batch_size: {distribution: q_log_uniform_values, min: 8, max: 256, q: 8}',
      { kind: 'int', low: 8, high: 256, log: true, step: 8 },
    ],
    [
      'lr: {distribution: log_normal, mu: 0, sigma: 1}',
      { kind: 'float', low: Math.exp(-3), high: Math.exp(3), log: true },
    ],
    ['lr: {distribution: categorical, values: [1, 2]}', { kind: 'categorical', choices: [1, 2] }],
    ['optimizer: {parameters: {lr: {values: [1, 2]}}}', { kind: 'categorical', choices: [1, 2] }],
  ])('reads %s', (text, parameter) => {
    const { definition } = loadFile(withParameters(`  ${text}`));
    expect(Object.values(definition.space)).toEqual([parameter]);
  });

  it('keeps a value of its own words that needs several settings here', () => {
    const request = loadFile(
      withParameters('  freeze: {values: [true, false]}\n  lr: {values: [0.001]}', ''),
      ['sweep.method=grid', 'model=distilbert', 'model.path=somewhere'],
    );
    expect(listJobs(request)).toEqual(['train.scope=head', '']);
    expect(request.definition.overrides).toContain('optimizer.lr=0.001');
  });

  it('leaves out what has no use here, and says so', () => {
    const { definition, notes } = loadFile(
      withParameters('  num_workers: {values: [1, 2]}\n  lr: {values: [1, 2]}'),
    );
    expect(Object.keys(definition.space)).toEqual(['optimizer.lr']);
    expect(notes).toContainEqual(expect.stringMatching(/num_workers is not used: a loader of its own/));
  });

  it('translates the metric, and refuses one that no training has', () => {
    const text = (name: string) => withParameters('  lr: {values: [1, 2]}').replace('val_loss', name);
    expect(loadFile(text('val/acc, goal: maximize')).definition.metric).toEqual({
      name: 'val_accuracy',
      goal: 'maximize',
    });
    expect(() => loadFile(text('val_los'))).toThrow(
      expect.objectContaining({
        code: 'SWEEP_INVALID',
        hint: expect.stringMatching(/^Did you mean val_loss\? Known: val_loss, /),
      }),
    );
  });

  it.each([
    [
      '  learnin_rate: {values: [1, 2]}',
      /learnin_rate: expected a setting/,
      /Did you mean optimizer\.lr|learning_rate/,
    ],
    ['  lr: {min: 1}', /parameter lr: expected value, values, or min and max/, /./],
    ['  lr: {distribution: log_uniform_values, min: 0, max: 1}', /min above 0/, /./],
    ['  lr: {min: 2, max: 1}', /a min that is at most max/, /./],
    ['  lr: {value: 1}', /at least one setting with several values/, /./],
  ])('refuses %s', (parameters, problem, hint) => {
    expect(() => loadFile(withParameters(parameters))).toThrow(
      expect.objectContaining({
        code: 'SWEEP_INVALID',
        message: expect.stringMatching(problem),
        hint: expect.stringMatching(hint),
      }),
    );
  });

  it('names the file and the line of a wrong key, and a value that no training takes', () => {
    expect(() => loadFile(withParameters('  lr: {valuse: [1, 2]}'))).toThrow(
      expect.objectContaining({
        code: 'CONFIG_INVALID',
        message: expect.stringMatching(/theirs\.yaml:5: .*valuse.*Did you mean.*lr\.value\?/),
      }),
    );
    expect(() => loadFile(withParameters('  lr: {values: [1, -2]}'))).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID' }),
    );
    expect(() => load(['nosuch.yaml'])).toThrow(expect.objectContaining({ code: 'FILE_NOT_FOUND' }));
    expect(() => load([])).toThrow(expect.objectContaining({ code: 'SWEEP_INVALID' }));
  });
});

describe('the sweeps of configs/', () => {
  it.each(['predecessor', 'learning-rate', 'compact', 'model'])('has %s, which can be searched', (name) => {
    const { definition, sharesData } = load([`sweep=${name}`]);
    expect(definition.name).toBe(name);
    expect(sharesData).toBe(true);
  });
});

describe('--multirun', () => {
  const jobs = (...args: string[]): string[] => listJobs(load(args, true));

  it("tries every combination in Hydra's order", () => {
    expect(jobs('model=linear,compact', 'seed=1,2')).toEqual([
      'model=linear seed=1',
      'model=linear seed=2',
      'model=compact seed=1',
      'model=compact seed=2',
    ]);
  });

  it('takes ranges, choices and globs', () => {
    expect(jobs('seed=range(1,4)')).toEqual(['seed=1', 'seed=2', 'seed=3']);
    expect(jobs('seed=range(5,0,-2)')).toEqual(['seed=5', 'seed=3', 'seed=1']);
    expect(jobs('model=linear', 'optimizer.lr=range(0.1,0.4,0.1)')).toEqual([
      'optimizer.lr=0.1',
      'optimizer.lr=0.2',
      'optimizer.lr=0.3',
    ]);
    expect(jobs('schedule=choice(linear,cosine)')).toEqual(['schedule=linear', 'schedule=cosine']);
    expect(jobs('optimizer=glob(adam*)')).toEqual(['optimizer=adam', 'optimizer=adamw']);
    expect(jobs('schedule=glob(*,exclude=c*)')).toEqual(['schedule=linear']);
    expect(new Set(jobs('seed=shuffle(range(0,9))'))).toEqual(
      new Set(Array.from({ length: 9 }, (_, i) => `seed=${i}`)),
    );
  });

  it('keeps lists, quoted texts, null and signs as they are typed', () => {
    expect(jobs("data.name='a, b','1'")).toEqual(["data.name='a, b'", "data.name='1'"]);
    expect(jobs('train.class_weights=[1,2],balanced,null')).toEqual([
      'train.class_weights=[1,2]',
      'train.class_weights=balanced',
      'train.class_weights=null',
    ]);
    expect(jobs('++train.patience=1,2')).toEqual(['++train.patience=1', '++train.patience=2']);
  });

  it('needs a method for an interval', () => {
    expect(() => load(['optimizer.lr=interval(0.1,1)'], true)).toThrow(
      expect.objectContaining({ code: 'SWEEP_INVALID', hint: expect.stringContaining('sweep.method=tpe') }),
    );
    const args = [
      'optimizer.lr=interval(0.1,1)',
      'train.batch_size=16,32',
      'sweep.method=random',
      'sweep.budget.trials=3',
    ];
    expect(load(args, true).definition).toMatchObject({ method: 'random', budget: { trials: 3 } });
  });

  it('refuses a wrong value before the first run, and a command without several values', () => {
    expect(() => load(['model=linear,nosuch'], true)).toThrow(
      expect.objectContaining({ code: 'CONFIG_CHOICE_UNKNOWN' }),
    );
    expect(() => load(['model=linear,compact', 'model.layers=2,3'], true)).toThrow(
      expect.objectContaining({ code: 'CONFIG_KEY_UNKNOWN' }),
    );
    expect(() => load(['seed=1'], true)).toThrow(expect.objectContaining({ code: 'SWEEP_INVALID' }));
    expect(() => load(['seed=[1'], true)).toThrow(expect.objectContaining({ code: 'OVERRIDE_SYNTAX' }));
    expect(() => load(['model=glob(x*)'], true)).toThrow(expect.objectContaining({ code: 'SWEEP_INVALID' }));
  });

  it('lists the combinations of a command that is no training', () => {
    const context = createQuietContext(locateHome(join(folder, 'home')), folder);
    expect(listCombinations(['model=a@1,b@2', 'split=test', 'seed=range(0,2)'], context)).toEqual([
      ['split=test', 'model=a@1', 'seed=0'],
      ['split=test', 'model=a@1', 'seed=1'],
      ['split=test', 'model=b@2', 'seed=0'],
      ['split=test', 'model=b@2', 'seed=1'],
    ]);
    expect(() => listCombinations(['seed=interval(0,1)'], context)).toThrow(
      expect.objectContaining({ code: 'SWEEP_INVALID' }),
    );
  });

  it('knows that trials differ in their data', () => {
    expect(load(['data.strip=true,false'], true).sharesData).toBe(false);
    expect(load(['seed=1,2'], true).sharesData).toBe(true);
  });
});
