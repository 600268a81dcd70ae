import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readDatasetFolder } from './dataset-folder.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dataset-folder-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}
const empty = (names: readonly string[]): void => write(Object.fromEntries(names.map((name) => [name, ''])));
const list = (subset: string | null = null): string[] =>
  readDatasetFolder(folder, subset).files.map(({ name, split }) => `${split}: ${name}`);
const card = (yaml: string): void => write({ 'README.md': `---\n${yaml}\n---\n# A dataset\n` });

describe('the files of a dataset folder', () => {
  it.each([
    [
      ['train.csv', 'test.csv'],
      ['test: test.csv', 'train: train.csv'],
    ],
    [
      [
        'data/train-00000-of-00002.parquet',
        'data/train-00001-of-00002.parquet',
        'data/validation-00000-of-00001.parquet',
      ],
      [
        'train: data/train-00000-of-00002.parquet',
        'train: data/train-00001-of-00002.parquet',
        'validation: data/validation-00000-of-00001.parquet',
      ],
    ],
    [
      ['dev/a.jsonl', 'training/b.jsonl', 'eval/c.jsonl.gz'],
      ['validation: dev/a.jsonl', 'test: eval/c.jsonl.gz', 'train: training/b.jsonl'],
    ],
    [
      ['latest.csv', 'trainer.csv'],
      ['null: latest.csv', 'null: trainer.csv'],
    ],
    [
      ['train-1-of-2.csv', 'train-2-of-2.csv'],
      ['train: train-1-of-2.csv', 'train: train-2-of-2.csv'],
    ],
    [['train/test_reports.csv'], ['test: train/test_reports.csv']],
    [['train.csv', 'dataset_infos.json', '.git/config.json', 'notes.md'], ['train: train.csv']],
  ])('are found by their names: %j', (names, expected) => {
    empty(names);
    expect(list().sort()).toEqual([...expected].sort());
  });

  it.each([
    [
      'a list',
      'configs:\n- config_name: default\n  data_files:\n  - split: train\n    path: data/tr*.csv\n  - split: test\n    path: [data/te.csv]',
      ['train: data/tr1.csv', 'train: data/tr2.csv', 'test: data/te.csv'],
    ],
    [
      'a map',
      'configs:\n- config_name: x\n  data_files: {validation: "**/te.csv"}',
      ['validation: data/te.csv'],
    ],
    [
      'one pattern',
      'configs:\n- config_name: x\n  data_files: data/{te,tr1}.csv',
      ['train: data/te.csv', 'train: data/tr1.csv'],
    ],
    ['a folder', 'configs:\n- config_name: x\n  data_dir: other', ['null: other/z.csv']],
    [
      'no configurations',
      'license: mit',
      ['null: data/te.csv', 'null: data/tr1.csv', 'null: data/tr2.csv', 'null: other/z.csv'],
    ],
  ])('are those of the card: %s', (_, yaml, expected) => {
    empty(['data/tr1.csv', 'data/tr2.csv', 'data/te.csv', 'other/z.csv']);
    card(yaml);
    expect(list()).toEqual(expected);
  });

  it('are those of the configuration that is asked for', () => {
    empty(['a.csv', 'b.csv']);
    card('configs:\n- {config_name: one, data_files: a.csv}\n- {config_name: two, data_files: b.csv}');
    expect(list('two')).toEqual(['train: b.csv']);
    expect(() => list()).toThrow(
      expect.objectContaining({
        code: 'DATA_FOLDER_INVALID',
        message: expect.stringContaining('expected a configuration (data.subset), got 2: one, two'),
        hint: expect.stringContaining('data.subset=one'),
      }),
    );
    expect(() => list('three')).toThrow(/expected a configuration three in its card .* got one, two/);
    card(
      'configs:\n- {config_name: one, data_files: a.csv}\n- {config_name: two, data_files: b.csv, default: true}',
    );
    expect(list()).toEqual(['train: b.csv']);
  });

  it('leave out splits of other names and copies in another format, and say so', () => {
    empty(['train-1.parquet', 'train-2.parquet', 'train.csv', 'unsupervised.parquet']);
    card(
      'configs:\n- config_name: x\n  data_files:\n  - {split: train, path: "train*"}\n  - {split: unsupervised, path: "unsupervised*"}',
    );
    expect(readDatasetFolder(folder, null)).toMatchObject({
      files: [{ name: 'train-1.parquet' }, { name: 'train-2.parquet' }],
      leftOut: ['unsupervised (a split of another name)', 'train.csv'],
    });
  });

  it('have the names of classes from the card', () => {
    empty(['train.csv']);
    card(
      "dataset_info:\n  features:\n  - {name: text, dtype: string}\n  - name: label\n    dtype:\n      class_label:\n        names:\n          '0': real\n          '1': fake",
    );
    expect(readDatasetFolder(folder, null).labelNames).toEqual(new Map([['label', ['real', 'fake']]]));
  });

  it.each<[string, () => void, RegExp]>([
    ['nothing', () => {}, /got an empty folder/],
    ['only other files', () => empty(['a.png', 'b.txt']), /got only \.png, \.txt/],
    [
      'a folder of save_to_disk',
      () => empty(['data-00000-of-00001.arrow', 'state.json']),
      /got only \.arrow/,
    ],
    [
      'as many files of two formats',
      () => empty(['train.csv', 'train.parquet']),
      /1 of (Parquet|CSV) and as many of (CSV|Parquet)/,
    ],
    [
      'a missing shard in the middle',
      () => empty(['data/train-00000-of-00003.parquet', 'data/train-00002-of-00003.parquet']),
      /all 3 shards of data\/train, got 2: the shard data\/train-00001-of-00003\.parquet is missing/,
    ],
    [
      'missing first and last shards, beside a whole split',
      () => empty(['train-00000-of-00001.csv', 'test-1-of-4.csv', 'test-2-of-4.csv']),
      /the shards test-0-of-4\.csv, test-3-of-4\.csv are missing/,
    ],
    [
      'a missing shard with a hash in its name',
      () => empty(['train-00000-of-00002-0123456789abcdef.parquet']),
      /the shard train-00001-of-00002-\*\.parquet is missing/,
    ],
    [
      'a missing shard that a pattern of the card means',
      () => {
        empty(['train-00001-of-00002.jsonl']);
        card('configs:\n- {config_name: x, data_files: "train-*"}');
      },
      /the shard train-00000-of-00002\.jsonl is missing/,
    ],
    ['a card that is no YAML', () => card('configs: ['), /expected YAML/],
    [
      'a card that names a missing file',
      () => card('configs:\n- {config_name: x, data_files: gone.csv}'),
      /files gone\.csv .* got none/,
    ],
    [
      'a card that names a file outside',
      () => card('configs:\n- {config_name: x, data_files: ../../etc/passwd}'),
      /got none/,
    ],
  ])('are refused: %s', (_, prepare, message) => {
    prepare();
    expect(() => list()).toThrow(
      expect.objectContaining({
        code: 'DATA_FOLDER_INVALID',
        exitCode: 2,
        message: expect.stringMatching(message),
      }),
    );
  });

  it('may be links to files, as in the cache of the Hub, and no loops', () => {
    empty(['blob']);
    mkdirSync(join(folder, 'data'));
    symlinkSync(join(folder, 'blob'), join(folder, 'data/train.csv'));
    symlinkSync(folder, join(folder, 'data/loop'));
    expect(list()).toEqual(['train: data/train.csv']);
  });
});
