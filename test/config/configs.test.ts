// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${…} is what is tested here
// Tests the bundled configurations: every choice composes, stays short, and has the documented keys and defaults.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { formatConfig, parseOverride, quoteText, toPlain } from '../../src/foundation/config/index.ts';
import {
  loadServeConfig,
  loadSourceConfig,
  loadTrainConfig,
} from '../../src/workflows/configuration/index.ts';

const root = fileURLToPath(new URL('../../configs', import.meta.url));
const files = readdirSync(root, { recursive: true })
  .map(String)
  .filter((name) => name.endsWith('.yaml'));
const load = (...overrides: string[]) => loadTrainConfig(overrides, { environment: {} });

describe('configs', () => {
  it.each(files)('%s is short', (name) => {
    const most = name === '_predecessor.yaml' ? 60 : 40; // a table
    expect(readFileSync(join(root, name), 'utf8').trimEnd().split('\n').length).toBeLessThanOrEqual(most);
  });

  const choices = files
    // Tests of src/workflows/sweep, src/workflows/versioning and test/workflows read those of sweep/, remote/ and source/.
    .filter((name) => name.includes('/') && !name.includes('/_') && !/^(sweep|remote|source)\//.test(name))
    .map((name) => name.slice(0, -'.yaml'.length).split('/'));
  it.each(choices.map(([group, choice]) => `${group}=${choice}`))('composes %s', (override) => {
    const teacher = override === 'experiment=distil' ? ['teacher=somewhere'] : [];
    if (/^(judging|live|guard)=/.test(override)) {
      expect(loadServeConfig([override], { environment: {} }).config.serve.port).toBe(8000);
      return;
    }
    expect(load(override, 'data.path=somewhere', ...teacher).config.seed).toBeGreaterThanOrEqual(0);
  });

  it('have the source isot with the login of the environment', () => {
    const environment = { KAGGLE_USERNAME: 'ann', KAGGLE_KEY: 'k' };
    expect(loadSourceConfig('isot', [], { environment }).config.source).toMatchObject({
      files: [{ size_bytes: 53_582_940 }, { size_bytes: 62_789_876 }],
      login: { user: 'ann', key: 'k' },
    });
    expect(loadSourceConfig('isot', [], { environment: {} }).config.source.login).toMatchObject({
      user: null,
    });
  });

  it.each(files.filter((name) => /^(experiment|debug)\//.test(name)))(
    '%s starts with its package, as hydra-core wants it, and the command that runs it',
    (name) => {
      const group = name.slice(0, name.indexOf('/'));
      const choice = name.slice(group.length + 1, -'.yaml'.length);
      const [header, command] = readFileSync(join(root, name), 'utf8').split('\n');
      expect(header).toBe('# @package _global_');
      expect(command).toMatch(new RegExp(`^# veracity train ${group}=${choice}( |$)`));
    },
  );

  it('takes numbers and truth values as names of labels and classes, and null for a label that is left out', () => {
    const { labels, classes } = load(
      'data.labels={0: 0, 1.0: true, true: REAL, nan: null}',
      'data.classes=[0,true,REAL]',
    ).config.data;
    expect(labels).toEqual({ 0: '0', '1.0': 'true', true: 'REAL', nan: null });
    expect(classes).toEqual(['0', 'true', 'REAL']);
  });

  it('have one seed for the split and another for training', () => {
    expect(load('seed=7').config).toMatchObject({ seed: 7, data: { split: { seed: 42 } } });
    expect(load('data.split.seed=7').config).toMatchObject({ seed: 42, data: { split: { seed: 7 } } });
  });

  it('passes the teacher of experiment=distil to the training, and requires one', () => {
    expect(load('experiment=distil', 'teacher=bert@1').config.train.distillation).toEqual({
      teacher: 'bert@1',
      temperature: 2,
      alpha: 0.5,
    });
    expect(() => load('experiment=distil')).toThrow(/expected teacher to be given/);
    expect(load().config.train.distillation).toBeNull();
  });

  it('evaluates models of the sample, and only those, also on the other invented collection', () => {
    const names = (...overrides: string[]) =>
      load(...overrides).config.evaluate.collections.map(({ name, path }) => [name, path]);
    const other = [['other-outlets', 'package:sample/other-outlets.jsonl']];
    expect(names()).toEqual(other);
    expect(names('experiment=demo')).toEqual(other);
    expect(names('data=sample', 'model=linear')).toEqual(other);
    for (const data of ['isot', 'csv', 'jsonl'])
      expect(names(`data=${data}`, 'data.path=somewhere')).toEqual([]);
    expect(names('experiment=titles-linear', 'data.path=somewhere')).toEqual([]);
    expect(names('evaluate=standard')).toEqual([]);
    expect(names('evaluate.collections=[]')).toEqual([]);
  });

  it('chooses a suitable optimizer, schedule and loop for each model', () => {
    expect(load().config).toMatchObject({
      model: {
        kind: 'compact',
        layers: 4,
        width: 256,
        heads: 4,
        feed_forward: 384,
        vocabulary: 8192,
        max_length: 256,
      },
      optimizer: { kind: 'adamw', lr: 1e-3, weight_decay: 0.01 },
      schedule: { warmup: 0.06 },
      train: { batch_size: 32, max_tokens: 8192, clip_norm: 1 },
    });
    for (const kind of ['bert', 'distilbert']) {
      expect(load(`model=${kind}`).config).toMatchObject({
        model: { kind, path: `${kind}-base-uncased`, revision: 'main', max_length: 256, dropout: null },
        optimizer: { kind: 'adamw', lr: 3e-5 },
        schedule: { kind: 'linear', warmup: 0.06, final: 0 },
        train: { epochs: 3, batch_size: 16 },
      });
    }
    expect(load('model=linear').config).toMatchObject({
      model: { kind: 'linear', dim: 16, word_ngrams: 2 },
      optimizer: { kind: 'sgd', lr: 0.5 },
      schedule: { kind: 'linear', warmup: 0, final: 0 },
      train: { epochs: 10, clip_norm: null },
    });
  });

  it('lets the command line overrule a model or an experiment', () => {
    const { config, origins } = load(
      'model=linear',
      'optimizer=adamw',
      'optimizer.lr=5e-4',
      'train.epochs=2',
    );
    expect(config.optimizer).toMatchObject({ kind: 'adamw', lr: 5e-4 });
    expect(config.train.epochs).toBe(2);
    expect(origins['optimizer.lr']).toBe('command line: optimizer.lr=5e-4');
    expect(load('experiment=titles-linear', 'model=compact', 'data.path=x').config.model.kind).toBe(
      'compact',
    );
  });

  it('accepts the documented keys', () => {
    const { config } = load(
      'data=csv',
      'data.path=some where/x.csv',
      'data.columns.title=null',
      'data.columns.text=body',
      'data.columns.label=verdict',
      'data.columns.source=outlet',
      'data.columns.date=day',
      'data.columns.id=key',
      'data.labels={0: REAL, 1.0: FAKE, not so: FAKE}',
      'data.strip=false',
      'seed=7',
      'train.epochs=3',
      'train.batch_size=16',
      'train.max_steps=100',
      'optimizer.lr=1e-4',
      'optimizer.weight_decay=0.1',
      'model.max_length=128',
      'threads=1',
    );
    expect(config.data).toMatchObject({
      kind: 'csv',
      path: 'some where/x.csv',
      columns: { title: null, text: 'body', label: 'verdict', source: 'outlet', date: 'day', id: 'key' },
      labels: { '0': 'REAL', '1.0': 'FAKE', 'not so': 'FAKE' },
      strip: false,
    });
    expect(config).toMatchObject({
      seed: 7,
      threads: 1,
      train: { epochs: 3, batch_size: 16, max_steps: 100 },
      model: { max_length: 128 },
    });
  });

  it('reads environment variables, and names them as origins', () => {
    const { config, origins } = loadServeConfig([], {
      environment: { VERACITY_PORT: '9000', VERACITY_HOST: '0.0.0.0' },
    });
    expect(config.serve).toMatchObject({ port: 9000, host: '0.0.0.0' });
    expect(origins['serve.port']).toBe('environment VERACITY_PORT');
    expect(loadServeConfig([], { environment: {} }).origins['serve.port']).toMatch(
      /^configs\/serve\.yaml:\d+$/,
    );
  });

  it('searches the working directory before the package', () => {
    const folder = mkdtempSync(join(tmpdir(), 'veracity-own-'));
    mkdirSync(join(folder, 'configs', 'optimizer'), { recursive: true });
    writeFileSync(
      join(folder, 'configs', 'optimizer', 'mine.yaml'),
      'kind: sgd\nlr: 0.25\nweight_decay: 0\nmomentum: ${.weight_decay}\n',
    );
    const { config, origins } = loadTrainConfig(['optimizer=mine'], {
      workingDirectory: folder,
      environment: {},
    });
    rmSync(folder, { recursive: true });
    expect(config.optimizer).toEqual({ kind: 'sgd', lr: 0.25, weight_decay: 0, momentum: 0 });
    expect(origins['optimizer.lr']).toBe('configs/optimizer/mine.yaml:2');
    expect(origins.seed).toMatch(/^veracity\/configs\/train\.yaml:\d+$/);
  });
});

describe('formatConfigWithOrigins', () => {
  it('writes YAML that parses to the same configuration, with an origin behind every value', () => {
    const loaded = load(
      'data=csv',
      'data.path="a: b # c"',
      'data.labels={true: x, "1": y}'.replaceAll('"', ''),
      "data.name='12'",
      'data.classes=[a,"b, c"]',
    );
    const yaml = loaded.toYaml();
    expect(parse(yaml)).toEqual(loaded.config);
    expect(parse(formatConfig(loaded.composed.root))).toEqual(toPlain(loaded.composed.root));
    expect(yaml).toMatch(/^# data=csv +command line: data=csv$/m);
    const values = yaml
      .split('\n')
      .filter((line) => /^\s*[^#\s].*: \S/.test(line) && !/^\s*\S+:$/.test(line));
    expect(values.every((line) => line.includes(' # '))).toBe(true);
  });
});

describe('quoteText', () => {
  it.each(['plain', "it's", 'a\\b', 'ends\\', "\\'", "\\\\'x\\\\", 'a, b', '', '新聞 é', '"', '${x}'])(
    'parses back to %j',
    (text) => {
      expect(parseOverride(`a=${quoteText(text)}`).value).toEqual({
        kind: 'quoted',
        value: text,
        quote: "'",
      });
    },
  );
});
